/** GitHub's own description of the operations that we use: what a request may be, and what an answer must be. */
import { readFileSync } from 'node:fs';
import { Ajv, type ValidateFunction } from 'ajv';
import addFormats from 'ajv-formats';

interface Described {
  operationId: string;
  parameters?: { name: string; in: string; required?: boolean; schema: object }[];
  requestBody?: { content: { 'application/json': { schema: object } } };
  responses: Record<string, { content?: { 'application/json': { schema: object } } }>;
}

interface Specification {
  paths: Record<string, Record<string, Described>>;
  components: { schemas: object };
}

export interface Operation {
  id: string;
  /** By name, as the path has them. */
  params: Record<string, string>;
  /** @returns what is wrong with the query; it becomes numbers where it should be. */
  checkQuery(query: Record<string, unknown>): string | undefined;
  checkBody(body: unknown): string | undefined;
  /** @throws Error for an answer that GitHub would not give */
  requireAnswer(status: number, body: unknown): void;
}

const specification = withNulls(
  JSON.parse(readFileSync(new URL('github-issues.openapi.json', import.meta.url), 'utf8')) as object,
) as Specification;
const ajv = new Ajv({ strict: false, coerceTypes: false, allErrors: true });
const queryAjv = new Ajv({ strict: false, coerceTypes: true });
for (const one of [ajv, queryAjv]) addFormats.default(one);

const compiled = new Map<string, ValidateFunction>();
const routes = Object.entries(specification.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, described]) => ({
    method: method.toUpperCase(),
    pattern: new RegExp(`^${path.replace(/\{(\w+)\}/g, '(?<$1>[^/]+)')}$`),
    described,
  })),
);

/** @returns undefined for what we have no description of */
export function findOperation(method: string, path: string): Operation | undefined {
  const route = routes.find((one) => one.method === method && one.pattern.test(path));
  if (!route) return undefined;
  const { described } = route;
  const id = described.operationId;
  const query = Object.fromEntries((described.parameters ?? []).map(({ name, schema }) => [name, schema]));
  const body = described.requestBody?.content['application/json'].schema;
  return {
    id,
    params: { ...route.pattern.exec(path)?.groups },
    checkQuery: (value) => problemOf(`${id} query`, closed({ type: 'object', properties: query }), value, queryAjv),
    checkBody: (value) => (body === undefined ? undefined : problemOf(`${id} body`, closed(body), value)),
    requireAnswer(status, value) {
      const told = described.responses[status];
      const schema = told?.content?.['application/json'].schema;
      const problem = told === undefined ? 'no such status' : schema && problemOf(`${id} ${status}`, schema, value);
      if (problem !== undefined) throw new Error(`the stand-in may not answer ${id} with ${status}: ${problem}`);
    },
  };
}

/** GitHub passes over what it does not know; a request of ours has nothing of the kind. */
const closed = (schema: object): object => ({ ...schema, additionalProperties: false });

function problemOf(name: string, schema: object, value: unknown, by = ajv): string | undefined {
  const validate = compiled.get(name) ?? by.compile({ ...schema, components: specification.components });
  compiled.set(name, validate);
  return validate(value) ? undefined : by.errorsText(validate.errors);
}

/** OpenAPI 3.0 says `nullable`, and means it for `enum` and `$ref` too. */
function withNulls(schema: object): object {
  if (Array.isArray(schema)) return schema.map((one: unknown) => (isObject(one) ? withNulls(one) : one));
  const parts = Object.entries(schema).map(([name, part]: [string, unknown]) => [
    name,
    isObject(part) ? withNulls(part) : part,
  ]);
  const { nullable, ...rest } = Object.fromEntries(parts) as Record<string, unknown>;
  return nullable === true ? { anyOf: [rest, { type: 'null' }] } : rest;
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
