import { z } from 'zod';
import type { Call } from './call.js';
import { MiroError } from './errors.js';
import type { FieldProblem, MiroErrorKind, Written } from './errors.js';
import type { Body } from './json.js';
import type { Surface } from './operation.js';
import { parseRateLimit, waitMs } from './rate-limit.js';
import type { Headers, RateLimit } from './rate-limit.js';

export interface Refusal {
  status: number;
  headers: Headers;
  body: Body;
  /** Texts to remove from what Miro says. */
  secrets: string[];
}

/** What an error body of Miro says, whichever of its three shapes it has. */
interface Said {
  code?: string;
  detail?: string;
  fields: FieldProblem[];
}

const text = z.union([z.string(), z.number()]).transform(String).optional().catch(undefined);
const fieldSchema = z.object({ field: text, message: text });
/** REST https://developers.miro.com/reference/errors, SCIM https://developers.miro.com/docs/errors, OAuth RFC 6749 §5.2. */
const errorBodySchema = z.object({
  type: text,
  status: text,
  code: text,
  message: text,
  context: z
    .object({ fields: z.array(fieldSchema.catch({})).catch([]) })
    .optional()
    .catch(undefined),
  schemas: z.array(z.string()).catch([]),
  scimType: text,
  detail: text,
  error: z
    .string()
    .regex(/^[a-z_]+$/)
    .optional()
    .catch(undefined),
  error_description: text,
});

const KINDS: Partial<Record<number, MiroErrorKind>> = {
  401: 'unauthorized',
  403: 'forbidden',
  404: 'not_found',
  408: 'timeout',
  409: 'conflict',
  413: 'too_large',
  425: 'unavailable',
  429: 'rate_limited',
};

/** The error for an answer other than 2xx. */
export function readRefusal(call: Call<unknown, Surface>, { status, headers, body, secrets }: Refusal): MiroError {
  const said = body.kind === 'json' ? readErrorBody(body.value, withoutSecrets(call, secrets)) : undefined;
  const nowMs = Date.now();
  const rateLimit = parseRateLimit(headers, nowMs);
  const kind = kindOf(call, status, body, said);
  const requestId = readRequestId(headers);
  return new MiroError(describe(call, status, said, requestId), {
    kind,
    written: writtenBy(call, status, said, rateLimit),
    operation: call.operation,
    status,
    code: said?.code,
    detail: said?.detail,
    fields: said?.fields.length ? said.fields : undefined,
    requestId,
    retryAfterMs: kind === 'rate_limited' ? waitMs(rateLimit, nowMs) : rateLimit?.retryAfterMs,
  });
}

function kindOf(call: Call<unknown, Surface>, status: number, body: Body, said: Said | undefined): MiroErrorKind {
  if (status >= 500) return 'unavailable';
  if (status === 429 || status === 408) return KINDS[status] ?? 'unavailable';
  // A page of HTML or a redirect comes from something before Miro: its status says nothing about the object.
  if (status < 400 || body.kind === 'other') return 'malformed';
  // An unknown route must not be taken for an item that is gone.
  if (status === 404 && said?.detail?.startsWith('No endpoint')) return 'invalid';
  return call.refusals?.[status] ?? KINDS[status] ?? 'invalid';
}

/** Only Miro's own refusal proves that nothing was written; an answer from the edge proves nothing. */
function writtenBy(
  { write, credits }: Call<unknown, Surface>,
  status: number,
  said: Said | undefined,
  rateLimit: RateLimit | undefined,
): Written {
  if (!write) return 'no';
  if (status < 400 || status >= 500 || status === 408 || !said) return 'unknown';
  if (status !== 429) return 'no';
  const spent = rateLimit?.remaining !== undefined && rateLimit.remaining < Math.max(1, credits);
  return said.code === 'tooManyRequests' && spent ? 'no' : 'unknown';
}

function readErrorBody(value: unknown, safe: (said: string) => string): Said | undefined {
  const body = errorBodySchema.safeParse(value).data;
  if (!body) return undefined;
  const isRest = body.message !== undefined && (body.type === 'error' || (body.code ?? body.status) !== undefined);
  const isScim = body.schemas.some((schema) => schema.endsWith(':Error'));
  if (!isRest && !isScim && body.error === undefined) return undefined;
  const clean = (said: string | undefined): string | undefined => said && shorten(safe(said), 200);
  return {
    code: clean(body.code ?? body.scimType ?? body.error),
    detail: clean(body.message ?? body.detail ?? body.error_description),
    fields: (body.context?.fields ?? [])
      .slice(0, 20)
      .map(({ field, message }) => ({ field: clean(field) ?? '', message: clean(message) ?? '' })),
  };
}

/** What Miro says may quote the request: a function that takes secrets and ids out of it. */
function withoutSecrets({ path, template }: Call<unknown, Surface>, secrets: string[]): (said: string) => string {
  const known = secrets.filter((secret) => secret !== '');
  return (said) =>
    known
      .reduce((result, secret) => result.replaceAll(secret, '[removed]'), said)
      .replaceAll(path, template)
      .replaceAll(decodeURIComponent(path), template)
      .replace(/\bBearer\s+\S+/gi, 'Bearer [removed]')
      .replace(/\b(access_token|refresh_token|client_secret|code)=[^\s&]+/gi, '$1=[removed]');
}

function shorten(said: string, length: number): string {
  const characters = [...said.replace(/[\s\x00-\x1f\x7f]+/g, ' ').trim()];
  return characters.length > length ? `${characters.slice(0, length - 1).join('')}…` : characters.join('');
}

function describe(
  { method, template }: Call<unknown, Surface>,
  status: number,
  said: Said | undefined,
  requestId: string | undefined,
): string {
  const code = said?.code ? ` (${said.code})` : '';
  const detail = said?.detail ? `: ${said.detail}` : '';
  const fields = said?.fields.slice(0, 5).map(({ field, message }) => `${field}: ${message}`) ?? [];
  const problems = fields.length > 0 ? ` [${fields.join('; ')}]` : '';
  return `${method} ${template} answered ${status}${code}${detail}${problems}${requestId ? ` (request ${requestId})` : ''}`;
}

function readRequestId(headers: Headers): string | undefined {
  const id = headers['x-request-id'] ?? headers['x-miro-request-id'];
  return typeof id === 'string' && /^[\w.:-]{1,100}$/.test(id) ? id : undefined;
}
