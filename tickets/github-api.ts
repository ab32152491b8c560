/** GitHub's REST API through octokit: one request a call, its refusals as TicketError. https://docs.github.com/en/rest */
import { Octokit } from '@octokit/core';
import { z } from 'zod';
import { heededMs, kindOfStatus, retryAfterMs, TicketError, writtenAfter } from './errors.js';
import { sendOnce, writtenBy } from './request.js';
import type { TrackerLine } from './settings.js';
import type { HowToAsk } from './tracker.js';

/** A page of 100 issues whose bodies are as long as GitHub lets them be has about 26 MB. */
const MAX_ANSWER = 32 * 1024 * 1024;
/** https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api: "wait for at least one minute" where nothing is told. */
const SECONDARY_LIMIT_MS = 60_000;
const WORDS_MAX = 500;

export interface GithubCall<T> {
  method: 'GET' | 'POST' | 'PATCH';
  /** Of the documentation, such as `/repos/{owner}/{repo}/issues`. */
  route: string;
  /** By name, for route, query and body. */
  parameters?: Record<string, unknown>;
  answer: z.ZodType<T>;
}

export interface GithubAnswer<T> {
  data: T;
  headers: Record<string, string>;
}

export type GithubApi = <T>(call: GithubCall<T>, how: HowToAsk) => Promise<GithubAnswer<T>>;

/** @param token of a person or of a GitHub App's installation */
export function createGithubApi(apiUrl: string, token: string, line: TrackerLine): GithubApi {
  const octokit = new Octokit({ auth: token, baseUrl: apiUrl, userAgent: 'temporal-miro', log: silent });
  return async ({ method, route, parameters, answer }, how) => {
    const name = `GitHub: ${method} ${route}`;
    const fetch = boundFetch(name, line, how);
    const response = await octokit
      .request(`${method} ${route}`, { ...parameters, request: { fetch } })
      .catch((error: unknown) => {
        throw refused(name, method, error, token);
      });
    const read = answer.safeParse(response.data);
    if (read.success) return { data: read.data, headers: response.headers as Record<string, string> };
    const place = read.error.issues[0]?.path.join('.') || 'the answer';
    throw new TicketError(`${name} answered ${response.status}, but ${place} is missing or not as expected`, {
      kind: 'malformed',
      written: writtenBy(method),
      status: response.status,
    });
  };
}

/** Octokit would warn of deprecated routes on the console. */
const ignore = (): void => undefined;
const silent = { debug: ignore, info: ignore, warn: ignore, error: ignore };

/** What octokit sends through: our dispatcher, deadline and bounds. */
function boundFetch(name: string, line: TrackerLine, how: HowToAsk): typeof fetch {
  return async (url, init) => {
    const address = url instanceof Request ? url.url : url.toString();
    await line.requirePublic(address);
    const { status, headers, text } = await sendOnce(
      line.dispatcher,
      {
        name,
        method: init?.method as GithubCall<unknown>['method'],
        url: address,
        headers: init?.headers as Record<string, string>,
        ...(typeof init?.body === 'string' && { body: init.body }),
        maxBytes: MAX_ANSWER,
      },
      how,
    );
    return new Response(status === 204 ? null : text, { status, headers });
  };
}

const refusalSchema = z.object({
  status: z.number(),
  response: z.object({ headers: z.record(z.string(), z.string().optional()), data: z.unknown() }),
});
const wordsSchema = z.object({
  message: z.string(),
  errors: z
    .array(
      z.union([
        z.string(),
        z.object({
          message: z.string().optional(),
          resource: z.string().optional(),
          field: z.string().optional(),
          code: z.string().optional(),
        }),
      ]),
    )
    .optional()
    .catch(undefined),
});

/** What octokit threw, as ours. */
function refused(name: string, method: string, error: unknown, token: string): unknown {
  if (error instanceof Error && error.cause instanceof TicketError) return error.cause;
  const refusal = refusalSchema.safeParse(error);
  if (!refusal.success) return error;
  const { status, response } = refusal.data;
  const said = wordsOf(response.data).replaceAll(token, '[token]').slice(0, WORDS_MAX);
  const waits = waitOf(status, response.headers, said);
  const kind = waits === undefined ? kindOfStatus(status) : 'rate_limited';
  return new TicketError(`${name} answered ${status}${said === '' ? '' : `: ${said}`}`, {
    kind,
    written: method === 'GET' ? 'no' : writtenAfter(status),
    status,
    retryAfterMs: waits ?? retryAfterMs(response.headers['retry-after']),
    requestId: response.headers['x-github-request-id'],
    remedy: REMEDIES[status],
  });
}

/** GitHub's own words, field by field where it names fields. */
function wordsOf(data: unknown): string {
  const read = wordsSchema.safeParse(data);
  if (!read.success) return '';
  const fields = (read.data.errors ?? []).map((error) =>
    typeof error === 'string'
      ? error
      : (error.message ?? [error.resource, error.field, error.code].filter(Boolean).join(' ')),
  );
  return [read.data.message, ...fields].join('; ');
}

/** Limits come as 429 or as 403. @returns ms to wait; undefined where it is no limit. */
function waitOf(status: number, headers: Record<string, string | undefined>, said: string): number | undefined {
  if (status !== 429 && status !== 403) return undefined;
  const told = retryAfterMs(headers['retry-after']);
  if (told !== undefined) return told;
  const reset = Number(headers['x-ratelimit-reset']) * 1_000;
  if (headers['x-ratelimit-remaining'] === '0' && !Number.isNaN(reset))
    return Math.max(1_000, heededMs(reset - Date.now()));
  return status === 429 || /rate limit/i.test(said) ? SECONDARY_LIMIT_MS : undefined;
}

const REMEDIES: Record<number, string> = {
  401: 'make a new token and replace the secret of the tracker',
  403: 'let the token read and write issues of the repository; an archived repository takes none',
  404: 'look whether the repository is called so, and whether the token may see it',
  410: 'turn issues on in the settings of the repository; an issue that was deleted stays gone',
  422: 'change what GitHub names: an assignee must have access to the repository, a title at most 256 characters',
};
