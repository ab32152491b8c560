import { call, OPERATIONS } from '../../miro/index.js';
import type { Call, OperationId, ScimCall } from '../../miro/index.js';
import { readSpecification, type Parameter, type Schema, type Specified } from './repairs.js';

const { paths, components } = readSpecification();

const METHODS = ['get', 'post', 'put', 'patch', 'delete'] as const;
const specified = new Map(
  Object.values(paths).flatMap((path) =>
    METHODS.flatMap((method) => path[method] ?? []).map((operation) => {
      const parameters = [...(path.parameters ?? []), ...(operation.parameters ?? [])];
      return [operation.operationId, { ...operation, parameters }] as const;
    }),
  ),
);

const named = <T>(ref: string, all: Record<string, T>): T => all[ref.split('/').at(-1) ?? '']!;

const FORMATS: Record<string, string> = {
  'date-time': '2026-03-01T10:00:00Z',
  date: '2026-03-01',
  uuid: '92343229-c532-446d-b8cb-2f155bedb807',
};

/** Some value that a schema describes: what it gives as an example, else the least that fits. */
export function sampleOf(schema: Schema | undefined, depth = 0): unknown {
  if (!schema || depth > 12) return undefined;
  if (schema.$ref) return sampleOf(named(schema.$ref, components.schemas), depth + 1);
  if (schema.allOf) return Object.assign({}, ...schema.allOf.map((part) => sampleOf(part, depth + 1))) as unknown;
  const choice = (schema.oneOf ?? schema.anyOf)?.[0];
  if (choice) return sampleOf(choice, depth + 1);
  if (schema.enum) return schema.enum[0];
  if (schema.properties) return objectOf(schema, depth);
  if (schema.type === 'array') return [sampleOf(schema.items, depth + 1)];
  if (schema.type === 'string') return FORMATS[schema.format ?? ''] ?? '1'.repeat(schema.minLength ?? 1);
  const plain: Record<string, unknown> = { integer: schema.minimum ?? 7, number: schema.minimum ?? 7, boolean: true };
  return plain[schema.type ?? ''] ?? {};
}

function objectOf({ properties = {}, required = [] }: Schema, depth: number): unknown {
  const known = required.filter((name) => properties[name]);
  const names = known.length > 0 ? known : Object.keys(properties).slice(0, 1);
  return Object.fromEntries(names.map((name) => [name, sampleOf(properties[name], depth + 1)]));
}

function formOf(schema: Schema): FormData {
  const form = new FormData();
  const { properties = {} } = schema.$ref ? named(schema.$ref, components.schemas) : schema;
  for (const [name, property] of Object.entries(properties))
    if (name === 'data') form.append('data', property.format === 'binary' ? '[]' : JSON.stringify({ title: 'x' }));
    else form.append(name, new File(['bytes'], 'a.png', { type: 'image/png' }));
  return form;
}

function bodyOf({ requestBody }: Specified): unknown {
  const [type, content] = Object.entries(requestBody?.content ?? {})[0] ?? [];
  if (!content) return undefined;
  return type === 'multipart/form-data' ? formOf(content.schema) : sampleOf(content.schema);
}

const resolved = (parameter: Parameter): Parameter =>
  parameter.$ref ? named(parameter.$ref, components.parameters) : parameter;

/** A call of each operation through the general door, filled in from the specification. */
export const generalCalls = (Object.keys(OPERATIONS) as OperationId[]).map((id) => [id, generalCall(id)] as const);

function generalCall(id: OperationId): Call<unknown> | ScimCall<unknown> {
  const operation = specified.get(id)!;
  const parameters = operation.parameters.map(resolved);
  const given = (place: string) =>
    parameters.filter((p) => p.in === place).map((p) => [p.name.replace(/_Platform\w+$/, ''), valueOf(p)] as const);
  const input = { path: Object.fromEntries(given('path')), query: Object.fromEntries(given('query')) };
  return (call as (id: string, input: object) => Call<unknown>)(id, { ...input, body: bodyOf(operation) });
}

function valueOf({ schema }: Parameter): string {
  const value = sampleOf(schema);
  return Array.isArray(value) ? value.join(',') : String(value);
}
