import type { FieldError } from '../spec/check.js';
import type { Answer } from './answer.js';

/** A refusal in Miro's shape: `{type, code, message, status, context?}`. */
export class ApiError extends Error {
  readonly status: number;
  readonly code: string;
  readonly context: unknown;

  constructor(status: number, code: string, message: string, context?: unknown) {
    super(message);
    this.name = 'ApiError';
    this.status = status;
    this.code = code;
    this.context = context;
  }

  toAnswer(): Answer {
    const { status, code, message, context } = this;
    const body = { type: 'error', code, ...(context !== undefined && { context }), message, status };
    return { status, body };
  }
}

export const tokenNotProvided = (): ApiError =>
  new ApiError(401, 'tokenNotProvided', 'No authorization data was found on the request');
export const oauthError = (message: string): ApiError => new ApiError(401, 'oauthError', message);
export const invalid = (fields: FieldError[], message = 'Invalid parameters'): ApiError =>
  new ApiError(400, '2.0703', message, { fields });
export const invalidField = (field: string, message: string): ApiError => invalid([{ field, message }]);
export const boardNotFound = (): ApiError => new ApiError(404, '3.0201', 'Board not found');
export const itemNotFound = (boardId: string): ApiError =>
  new ApiError(404, '3.0201', 'Item not found', { boardId: { value: boardId } });
export const notFound = (message: string): ApiError => new ApiError(404, 'notFound', message);
export const noEndpoint = (method: string, path: string): ApiError =>
  new ApiError(404, 'notFound', `No endpoint ${method} ${path}.`);
export const methodNotSupported = (method: string): ApiError =>
  new ApiError(405, 'methodNotSupported', `Request method '${method}' is not supported`);
export const forbidden = (message: string): ApiError => new ApiError(403, 'insufficientPermissions', message);
export const conflict = (message: string): ApiError => new ApiError(409, 'conflict', message);
export const tooManyRequests = (): ApiError =>
  new ApiError(429, 'tooManyRequests', 'Request rate limit exceeded', null);
