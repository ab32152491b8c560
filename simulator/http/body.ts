import type { Operation } from '../spec/operations.js';
import { ApiError } from './api-error.js';
import type { Incoming } from './call.js';

/** Reads the body as the operation wants it; none at all stands for an empty object. */
export async function parseBody(op: Operation, incoming: Incoming): Promise<unknown> {
  if (!op.body) return undefined;
  if (op.multipart) return readForm(incoming);
  if (incoming.body.length === 0) return {};
  try {
    return JSON.parse(keepDigits(incoming.body.toString('utf8'))) as unknown;
  } catch {
    throw new ApiError(400, '2.0700', 'Malformed JSON in the request body');
  }
}

/** Ids come as JSON numbers in places: whole numbers beyond 2^53 become texts, which keep their last digits. */
const keepDigits = (text: string): string =>
  text.replace(/"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g, (token) =>
    /^-?\d{16,}$/.test(token) && !Number.isSafeInteger(Number(token)) ? `"${token}"` : token,
  );

/** How often an operation's credits are due: bulk operations pay per entry. */
export function timesCharged(op: Operation, body: unknown): number {
  const entries = op.perEntry?.(body);
  return entries === undefined ? 1 : Math.max(1, entries);
}

async function readForm(incoming: Incoming): Promise<FormData> {
  try {
    const headers = { 'content-type': String(incoming.headers['content-type']) };
    return await new Response(new Uint8Array(incoming.body), { headers }).formData();
  } catch {
    throw new ApiError(400, '2.0700', 'Malformed multipart body');
  }
}

/** A null stands for an absent field, except in `parent`, where it takes an item out of its frame. */
export function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (typeof value !== 'object' || value === null || value instanceof FormData) return value;
  const kept = Object.entries(value).filter(([, entry]) => entry !== null);
  const result = Object.fromEntries(kept.map(([name, entry]) => [name, withoutNulls(entry)]));
  if ('parent' in value) result['parent'] = value.parent;
  return result;
}
