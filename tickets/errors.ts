/** The one error of trackers: a closed family, decided where the request was sent. */

export type RequestKind =
  | 'unauthorized'
  | 'forbidden'
  | 'not_found'
  | 'conflict'
  | 'invalid'
  | 'too_large'
  | 'rate_limited'
  | 'timeout'
  | 'unavailable'
  | 'malformed';

export interface TicketErrorFacts {
  kind: RequestKind;
  /** no: a clean refusal; this attempt has written nothing. */
  written: 'no' | 'unknown';
  status?: number | undefined;
  retryAfterMs?: number | undefined;
  /** The tracker's id of the request. */
  requestId?: string | undefined;
  /** What a person can do about it. */
  remedy?: string | undefined;
}

/** Its message names tracker, request and the tracker's own words, never a token, a header or a body of ours. */
export class TicketError extends Error {
  override readonly name = 'TicketError';
  readonly kind: RequestKind;
  readonly written: 'no' | 'unknown';
  readonly status: number | undefined;
  readonly retryAfterMs: number | undefined;
  readonly requestId: string | undefined;
  readonly remedy: string | undefined;

  constructor(message: string, facts: TicketErrorFacts) {
    super(message);
    this.kind = facts.kind;
    this.written = facts.written;
    this.status = facts.status;
    this.retryAfterMs = facts.retryAfterMs;
    this.requestId = facts.requestId;
    this.remedy = facts.remedy;
  }
}

/** What an HTTP status says. */
export function kindOfStatus(status: number): RequestKind {
  switch (status) {
    case 401:
      return 'unauthorized';
    case 402:
    case 403:
    case 451:
      return 'forbidden';
    case 404:
    case 410:
      return 'not_found';
    case 409:
      return 'conflict';
    case 408:
      return 'timeout';
    case 413:
      return 'too_large';
    case 429:
      return 'rate_limited';
    default:
      return status >= 500 ? 'unavailable' : status >= 400 ? 'invalid' : 'malformed';
  }
}

/** A clean 4xx proves that nothing was written; 408, 5xx and what cannot be read do not. */
export const writtenAfter = (status: number): 'no' | 'unknown' =>
  status >= 400 && status < 500 && status !== 408 ? 'no' : 'unknown';

/** Longer than any limit of a tracker's lasts; what asks for more is asked again after this. */
const LONGEST_WAIT_MS = 15 * 60_000;

/** A wait that a tracker asked for, as long as we heed it. */
export const heededMs = (ms: number): number => Math.min(Math.max(0, ms), LONGEST_WAIT_MS);

/** `Retry-After` as ms: seconds, or a date. @param now for the date. @returns undefined for neither; 15 minutes at most. */
export function retryAfterMs(header: string | null | undefined, now = Date.now()): number | undefined {
  if (header === null || header === undefined || header.trim() === '') return undefined;
  const seconds = Number(header);
  if (!Number.isNaN(seconds)) return heededMs(seconds * 1_000);
  const date = Date.parse(header);
  return Number.isNaN(date) ? undefined : heededMs(date - now);
}
