/** What an answer's headers say about the budget. Credits belong to (app, Miro user) and a window of time. */
export interface RateLimit {
  /** Credits per window. */
  limit?: number;
  /** Credits left in this window; may be less than one call costs. */
  remaining?: number;
  /** When the window ends, in epoch ms by our clock. */
  resetAtMs?: number;
  /** The same end as Miro wrote it, in epoch ms by Miro's clock: equal for all answers of one window. */
  window?: number;
  /** From the answer until that end, in ms, by Miro's own Date: no other clock has a part in it. Up to a second too long. */
  endsInMs?: number;
  /** How long Miro asks to wait, in ms. */
  retryAfterMs?: number;
}

export type Headers = Record<string, string | string[] | undefined>;

/** Above this a reset time counts milliseconds: as seconds it would lie after the year 5000. */
const FIRST_EPOCH_MS = 1e11;
/** The Date header has whole seconds and is a moment old: clocks nearer than this count as equal. */
const CLOCK_TOLERANCE_MS = 2000;

/**
 * Reads `X-RateLimit-*` (epoch seconds or milliseconds) and `Retry-After` (seconds or HTTP date) of an answer
 * received at `nowMs`. Server times are moved to our clock by the answer's Date header where the clocks differ.
 * @returns undefined where the answer has none of these headers.
 * @see https://developers.miro.com/reference/rate-limiting
 */
export function parseRateLimit(headers: Headers, nowMs: number): RateLimit | undefined {
  const ahead = clockDifference(headers, nowMs);
  const reset = count(headers['x-ratelimit-reset']);
  const window = reset === undefined ? undefined : reset < FIRST_EPOCH_MS ? reset * 1000 : reset;
  const serverMs = parseHttpDate(first(headers['date']) ?? '');
  const rateLimit: RateLimit = {
    limit: count(headers['x-ratelimit-limit']),
    remaining: count(headers['x-ratelimit-remaining']),
    resetAtMs: window === undefined ? undefined : window + ahead,
    window,
    endsInMs: window === undefined ? undefined : window - (Number.isNaN(serverMs) ? nowMs : serverMs),
    retryAfterMs: parseRetryAfter(first(headers['retry-after']), nowMs - ahead),
  };
  return Object.values(rateLimit).some((value) => value !== undefined) ? rateLimit : undefined;
}

/** How long to wait after a refusal: `Retry-After`, else until the window ends; undefined where neither helps. */
export function waitMs(rateLimit: RateLimit | undefined, nowMs: number): number | undefined {
  if (rateLimit?.retryAfterMs !== undefined) return rateLimit.retryAfterMs;
  if (rateLimit?.resetAtMs === undefined || rateLimit.resetAtMs <= nowMs) return undefined;
  return rateLimit.resetAtMs - nowMs;
}

/** How far our clock is ahead of the server's, in ms; 0 where the Date header can't tell. */
function clockDifference(headers: Headers, nowMs: number): number {
  const serverMs = parseHttpDate(first(headers['date']) ?? '');
  return Math.abs(nowMs - serverMs) > CLOCK_TOLERANCE_MS ? nowMs - serverMs : 0;
}

function parseRetryAfter(value: string | undefined, serverNowMs: number): number | undefined {
  if (value === undefined) return undefined;
  const seconds = count(value);
  if (seconds !== undefined) return Math.ceil(seconds * 1000);
  const dateMs = parseHttpDate(value);
  return Number.isNaN(dateMs) ? undefined : Math.max(0, dateMs - serverNowMs);
}

/** NaN where it is none; Date.parse alone takes '-5' for a date. */
function parseHttpDate(value: string): number {
  return /\d{2}:\d{2}:\d{2}/.test(value) ? Date.parse(value) : NaN;
}

function count(value: string | string[] | undefined): number | undefined {
  const text = first(value)?.trim() ?? '';
  return /^\d{1,15}(\.\d+)?$/.test(text) ? Number(text) : undefined;
}

function first(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value;
}
