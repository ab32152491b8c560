export type MiroErrorKind =
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

/** 'no': this attempt certainly changed nothing in Miro. 'unknown': look before writing again. */
export type Written = 'no' | 'unknown';

export interface MiroErrorFacts {
  kind: MiroErrorKind;
  written: Written;
  /** Operation id of the specification. */
  operation: string;
  status?: number;
  /** False if there was no connection to send the request on; absent where there was an answer. */
  sent?: boolean;
  /** Miro's own code, e.g. '2.0703'; with SCIM its scimType, with OAuth the RFC 6749 error. */
  code?: string;
  /** How long Miro asks to wait; only with 'rate_limited' and 'unavailable'. */
  retryAfterMs?: number;
  requestId?: string;
  /** What Miro finds wrong, field by field, shortened. */
  fields?: FieldProblem[];
  /** Miro's own sentence, shortened, secrets removed. */
  detail?: string;
}

export interface FieldProblem {
  field: string;
  message: string;
}

/**
 * The one error of miro/. Safe to log and to keep in a history: it holds no token, no body, no address
 * with ids, and no `cause`, because what undici and zod throw may quote any of these.
 */
export class MiroError extends Error {
  override readonly name = 'MiroError';
  readonly kind: MiroErrorKind;
  readonly written: Written;
  readonly operation: string;
  readonly status?: number;
  readonly sent?: boolean;
  readonly code?: string;
  readonly retryAfterMs?: number;
  readonly requestId?: string;
  readonly fields?: FieldProblem[];
  readonly detail?: string;

  constructor(message: string, facts: MiroErrorFacts) {
    super(message);
    this.kind = facts.kind;
    this.written = facts.written;
    this.operation = facts.operation;
    this.status = facts.status;
    this.sent = facts.sent;
    this.code = facts.code;
    this.retryAfterMs = facts.retryAfterMs;
    this.requestId = facts.requestId;
    this.fields = facts.fields;
    this.detail = facts.detail;
  }
}
