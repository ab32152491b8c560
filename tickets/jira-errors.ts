/** What Jira's refusals mean, in its own words. */
import { z } from 'zod';
import { heededMs, kindOfStatus, retryAfterMs, TicketError, writtenAfter } from './errors.js';
import type { RequestKind } from './errors.js';
import type { TrackerAnswer, TrackerRequest } from './request.js';

const refusalSchema = z.object({
  errorMessages: z.array(z.string()).catch([]),
  errors: z.record(z.string(), z.unknown()).catch({}),
  message: z.string().optional().catch(undefined),
});

/** Enough for a sentence on each of several fields. */
const MAX_WORDS = 600;

const REMEDIES: Partial<Record<RequestKind, string>> = {
  unauthorized: 'replace the secret of the tracker by a token that is valid, of the account whose e-mail it has',
  forbidden: 'give the account of the token the permission in that project',
  not_found: 'look whether project and keys are right, and whether the account of the token may see them',
  too_large: 'make the text shorter',
};

/** The error for an answer other than 2xx. @param secrets what must not come up in it */
export function refusal(
  { name, method }: TrackerRequest,
  answer: TrackerAnswer,
  secrets: readonly string[],
): TicketError {
  const { status, headers } = answer;
  const kind = kindOfStatus(status);
  const { words, fields } = wordsOf(answer.text);
  const said = secrets.reduce((text, secret) => text.replaceAll(secret, '[token]'), words);
  return new TicketError(`${name} answered ${status}${said === '' ? '' : `: ${said}`}`, {
    kind,
    written: method === 'GET' ? 'no' : writtenAfter(status),
    status,
    retryAfterMs: kind === 'rate_limited' || kind === 'unavailable' ? waitOf(headers) : undefined,
    requestId: headers['x-arequestid'] ?? headers['atl-traceid'],
    remedy:
      fields.length > 0 ? `change how the mapping fills ${fields.join(', ')}, or the field in Jira` : REMEDIES[kind],
  });
}

function wordsOf(text: string): { words: string; fields: string[] } {
  const parsed = refusalSchema.safeParse(parseJson(text));
  if (!parsed.success) return { words: '', fields: [] };
  const { errorMessages, errors, message } = parsed.data;
  const said = [
    ...errorMessages,
    ...Object.entries(errors).map(([field, problem]) => `${field}: ${String(problem)}`),
    ...(message === undefined ? [] : [message]),
  ].join(' ');
  return { words: said.length > MAX_WORDS ? `${said.slice(0, MAX_WORDS)}…` : said, fields: Object.keys(errors) };
}

/** `Retry-After`, else the time of reset. https://developer.atlassian.com/cloud/jira/platform/rate-limiting/ (read 2026-11) */
function waitOf(headers: TrackerAnswer['headers']): number | undefined {
  const asked = retryAfterMs(headers['retry-after']);
  if (asked !== undefined) return asked;
  const reset = Date.parse(headers['x-ratelimit-reset'] ?? '');
  return Number.isNaN(reset) ? undefined : heededMs(reset - Date.now());
}

/** @returns undefined for what is no JSON */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
