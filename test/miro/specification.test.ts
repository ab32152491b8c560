import { readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import * as miro from '../../miro/index.js';
import { calls } from './sample-calls.js';

/** Where the specification is wrong and we follow what Miro does. */
const WRONG_REQUESTS: Record<string, string> = {
  'itemGroups.create': 'the body of a user group; Miro takes {data: {items}}',
  'itemGroups.replace': 'the body of a user group; Miro takes {data: {items}}',
  'items.createBulk': 'data is one of schemas that overlap: {content, shape} is a shape and a sticky note',
  'scimUsers.create': 'knows one schema; RFC 7643 §3.3 asks to name the extension that the body uses',
  'scimGroups.patch': 'a list must equal a text',
};
const WRONG_ANSWERS = new Set(['itemGroups.list', 'itemGroups.get', 'itemGroups.create', 'itemGroups.replace']);

interface Schema {
  $ref?: string;
  allOf?: Schema[];
  oneOf?: Schema[];
  enum?: unknown[];
  type?: string;
  items?: Schema;
  properties?: Record<string, Schema>;
}
interface Specified {
  operationId?: string;
  requestBody?: { content: Record<string, { schema: Schema }>; required?: boolean };
  responses: Record<string, { content?: Record<string, { schema?: Schema }> }>;
}
const specification = JSON.parse(readFileSync(new URL('../../miro/spec/openapi.json', import.meta.url), 'utf8')) as {
  paths: Record<string, Record<string, Specified>>;
  components: { schemas: Record<string, Schema> };
};
const specified = new Map(
  Object.values(specification.paths).flatMap((path) =>
    Object.values(path).map((operation) => [operation.operationId, operation] as const),
  ),
);
const ajv = new Ajv({ strict: false, validateFormats: false });
ajv.addSchema(specification, 'spec');

/** Some value that a schema of the specification describes: every property, the first of every choice. */
function sampleOf(schema: Schema | undefined, depth = 0): unknown {
  if (!schema || depth > 12) return undefined;
  if (schema.$ref) return sampleOf(specification.components.schemas[schema.$ref.split('/').at(-1) ?? ''], depth + 1);
  if (schema.allOf) return Object.assign({}, ...schema.allOf.map((part) => sampleOf(part, depth + 1))) as unknown;
  if (schema.oneOf) return sampleOf(schema.oneOf[0], depth + 1);
  if (schema.enum) return schema.enum[0];
  if (schema.type === 'array') return [sampleOf(schema.items, depth + 1)];
  if (schema.properties) {
    const entries = Object.entries(schema.properties);
    return Object.fromEntries(entries.map(([name, property]) => [name, sampleOf(property, depth + 1)]));
  }
  const plain: Record<string, unknown> = { string: 'text', integer: 7, number: 7.5, boolean: true, object: {} };
  return plain[schema.type ?? ''];
}

describe('the calls that miro/ makes', () => {
  it('are all looked at here', () => {
    const groups = Object.entries(miro).filter(([name, group]) => typeof group === 'object' && name !== 'OPERATIONS');
    const exported = groups.flatMap(([group, functions]) => Object.keys(functions).map((name) => `${group}.${name}`));
    expect(new Set(calls.map(([name]) => name))).toEqual(new Set(exported));
  });

  it.each(calls)('send a body that the specification describes: %s', (name, { operation, body }) => {
    const content = specified.get(operation)?.requestBody?.content;
    const schema = Object.values(content ?? {})[0]?.schema;
    if (!schema) return expect(body).toBeUndefined();
    const json: unknown = JSON.parse(
      JSON.stringify(body, (_, value: unknown) => (typeof value === 'bigint' ? Number(value) : value)),
    );
    const local = JSON.parse(JSON.stringify(schema).replaceAll('"#/', '"spec#/')) as Schema;
    const valid = ajv.validate(local, json);
    const problem = valid ? 'none' : (WRONG_REQUESTS[name] ?? ajv.errorsText());
    expect(problem).toBe(WRONG_REQUESTS[name] ?? 'none');
  });

  it.each(calls)('read the answer that the specification describes: %s', (name, { operation, schema }) => {
    const responses = Object.entries(specified.get(operation)?.responses ?? {});
    const good = responses.find(([status]) => status.startsWith('2'))?.[1];
    const answer = sampleOf(Object.values(good?.content ?? {})[0]?.schema);
    const { success, error } = schema.safeParse(answer);
    expect({ success, issues: error?.issues }).toMatchObject({ success: !WRONG_ANSWERS.has(name) });
  });
});
