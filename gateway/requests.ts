/** How requests are read: strictly, with every problem named. */
import { z } from 'zod';
import type { GatewayContext } from './deps.js';
import { badRequest, Refusal } from './refusal.js';

export const tenantName = z
  .string()
  .regex(/^[a-z0-9][a-z0-9_-]{0,62}$/, 'must be 1 to 63 small letters, digits, dashes and underscores');
export const connectionName = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/, 'must be 1 to 63 letters, digits, dots, dashes and underscores');

/** The JSON body. @throws Refusal 400 | 415 */
export async function readJson<S extends z.ZodType>(c: GatewayContext, schema: S): Promise<z.output<S>> {
  if (!/^application\/json\s*(;|$)/i.test(c.req.header('content-type') ?? '')) {
    throw new Refusal(415, {
      code: 'not_json',
      message: 'The body is not said to be JSON.',
      remedy: 'Send JSON with the header "Content-Type: application/json".',
    });
  }
  const body: unknown = await c.req.json().catch((error: unknown) => {
    if (error instanceof SyntaxError) throw badRequest('The body is no JSON.', 'Send one JSON object.');
    throw error;
  });
  return parse(schema, body, 'body');
}

/** The query of the address. @throws Refusal 400 */
export function readQuery<S extends z.ZodType>(c: GatewayContext, schema: S): z.output<S> {
  return parse(schema, c.req.query(), 'query');
}

/** @throws Refusal 400 that names every problem */
export function parse<S extends z.ZodType>(schema: S, given: unknown, where: string): z.output<S> {
  const { success, data, error } = schema.safeParse(given);
  if (success) return data;
  const problems = error.issues.map(({ path, message }) => [path.join('.'), message].filter(Boolean).join(' '));
  throw badRequest(`The ${where} is not right: ${problems.join('; ')}.`, 'docs/gateway.md shows each request.');
}
