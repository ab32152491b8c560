import { readFileSync } from 'node:fs';
import { correct } from './corrections.js';

/** The parts of a JSON schema that the specification uses. */
export interface Schema {
  type?: string;
  format?: string;
  properties?: Record<string, Schema>;
  required?: string[];
  items?: Schema;
  enum?: unknown[];
  minimum?: number;
  maximum?: number;
  minLength?: number;
  maxLength?: number;
  minItems?: number;
  maxItems?: number;
  pattern?: string;
  default?: unknown;
  additionalProperties?: boolean | Schema;
  oneOf?: Schema[];
  anyOf?: Schema[];
  allOf?: Schema[];
  $ref?: string;
}

export interface Parameter {
  name: string;
  in: 'path' | 'query' | 'header';
  required?: boolean;
  schema: Schema;
}

/** One operation of the specification, with what its description says in prose: level, scopes, plan. */
export interface Operation {
  id: string;
  method: string;
  /** Template with `{name}` parts; parameters renamed by the specification have their plain names again. */
  path: string;
  query: Parameter[];
  body?: Schema;
  multipart: boolean;
  credits: number;
  scopes: string[];
  /** Enterprise plan and a company admin are needed. */
  enterprise: boolean;
  /** Entries of a body that pays its credits per entry. */
  perEntry?: (body: unknown) => number;
  /** The handler checks the body itself, since its errors are numbered by entry. */
  ownChecks?: boolean;
  /** Schema of the JSON answer by status. */
  answers: Record<string, Schema | undefined>;
}

interface RawOperation {
  operationId: string;
  description?: string;
  parameters?: (Parameter & { $ref?: string })[];
  requestBody?: { content: Record<string, { schema: Schema }> };
  responses: Record<string, { content?: Record<string, { schema?: Schema }> }>;
}
interface RawPath extends Record<string, unknown> {
  parameters?: (Parameter & { $ref?: string })[];
}
export interface Specification {
  paths: Record<string, RawPath>;
  components: { schemas: Record<string, Schema>; parameters: Record<string, Parameter> };
}

const METHODS = ['get', 'post', 'put', 'patch', 'delete'] as const;
// https://developers.miro.com/reference/rate-limiting (read 2026-11-22)
const CREDITS: Record<string, number> = { '1': 50, '2': 100, '3': 500, '4': 2000 };

export const specification = JSON.parse(
  readFileSync(new URL('./openapi.json', import.meta.url), 'utf8'),
) as Specification;

function parameters(raw: (Parameter & { $ref?: string })[] = []): Parameter[] {
  return raw.map((p) => (p.$ref ? (specification.components.parameters[p.$ref.split('/').at(-1)!] as Parameter) : p));
}

function answers(raw: RawOperation): Operation['answers'] {
  return Object.fromEntries(
    Object.entries(raw.responses).map(([status, r]) => [status, Object.values(r.content ?? {})[0]?.schema]),
  );
}

function operation(path: string, method: string, raw: RawOperation, shared: RawPath['parameters']): Operation {
  const text = raw.description ?? '';
  const content = Object.entries(raw.requestBody?.content ?? {})[0];
  return correct({
    id: raw.operationId,
    method: method.toUpperCase(),
    // three operations share a path under renamed parameters, one ends in a question mark
    path: path.replace(/_Platform\w+\}/g, '}').replace(/\?$/, ''),
    query: parameters([...(shared ?? []), ...(raw.parameters ?? [])]).filter((p) => p.in === 'query'),
    body: content?.[1].schema,
    multipart: content?.[0] === 'multipart/form-data',
    credits: CREDITS[/Level (\d)/.exec(text)?.[1] ?? ''] ?? 0,
    scopes: [...new Set([...text.matchAll(/>\s*([a-z]+(?::[a-z]+)+)\s*</g)].map((m) => m[1]!))],
    enterprise: /Enterprise plan/i.test(text),
    answers: answers(raw),
  });
}

/** All 197 operations, corrected. */
export const operations: Operation[] = Object.entries(specification.paths).flatMap(([path, item]) =>
  METHODS.filter((m) => item[m]).map((m) => operation(path, m, item[m] as RawOperation, item.parameters)),
);

export function resolve(schema: Schema): Schema {
  if (!schema.$ref) return schema;
  return resolve(specification.components.schemas[schema.$ref.split('/').at(-1)!] ?? {});
}
