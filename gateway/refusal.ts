/** What the gateway says when it does not do what it was asked. */
import type { ContentfulStatusCode } from 'hono/utils/http-status';

/** Answered as `{ error: { code, message, remedy } }`. All three are for the caller: no secret, no stack. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly status: ContentfulStatusCode;
  readonly code: string;
  readonly remedy: string;
  readonly retryAfterMs?: number;

  constructor(
    status: ContentfulStatusCode,
    { code, message, remedy, retryAfterMs }: { code: string; message: string; remedy: string; retryAfterMs?: number },
  ) {
    super(message);
    this.status = status;
    this.code = code;
    this.remedy = remedy;
    if (retryAfterMs !== undefined) this.retryAfterMs = retryAfterMs;
  }
}

export const badRequest = (message: string, remedy: string): Refusal =>
  new Refusal(400, { code: 'bad_request', message, remedy });

export const notFound = (what: string, remedy: string): Refusal =>
  new Refusal(404, { code: 'not_found', message: `There is no ${what}.`, remedy });
