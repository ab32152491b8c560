import type { Answer } from '../http/answer.js';
import { ApiError } from '../http/api-error.js';

export const SCIM_BASE = '/api/v1/scim';

/** A refusal with SCIM's `scimType`; the status is a string in the body. */
export class ScimError extends ApiError {
  readonly scimType: string | undefined;

  constructor(status: number, detail: string, scimType?: string) {
    super(status, scimType ?? 'scim', detail);
    this.name = 'ScimError';
    this.scimType = scimType;
  }
}

/** Any refusal under the SCIM base, in the shape of RFC 7644, section 3.12. */
export function scimErrorAnswer(err: ApiError): Answer {
  const scimType = err instanceof ScimError ? err.scimType : err.status === 429 ? 'tooManyRequests' : undefined;
  const body = {
    schemas: ['urn:ietf:params:scim:api:messages:2.0:Error'],
    status: String(err.status),
    ...(scimType && { scimType }),
    detail: err.message,
  };
  return { status: err.status, body, headers: { 'content-type': 'application/scim+json; charset=utf-8' } };
}

export const noResource = (id: string): ScimError => new ScimError(404, `No valid resources: [{memberId=${id}}]`);
export const invalidValue = (detail: string): ScimError => new ScimError(400, detail, 'invalidValue');
export const businessConflict = (detail: string): ScimError => new ScimError(409, detail);
