/**
 * Writes operations.ts from Miro's specification (spec/openapi.json) and corrections.ts:
 * `npx tsx miro/generate-operations.ts`.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { z } from 'zod';
import { CORRECTIONS } from './corrections.js';
import { LEVEL_CREDITS } from './operation.js';
import type { Level, Method, Operation } from './operation.js';

const METHODS = ['get', 'post', 'put', 'patch', 'delete'] as const;
const SCIM_PATH = /^\/(Users|Groups|ServiceProviderConfig|ResourceTypes|Schemas)\b/;

const parameterSchema = z.union([
  z.object({ $ref: z.string() }),
  z.object({ $ref: z.undefined().optional(), name: z.string(), in: z.string(), required: z.boolean().default(false) }),
]);
const operationSchema = z.object({
  operationId: z.string(),
  description: z.string().default(''),
  parameters: z.array(parameterSchema).default([]),
  requestBody: z.object({ content: z.record(z.string(), z.unknown()) }).optional(),
});
const pathSchema = z.looseObject({ parameters: z.array(parameterSchema).default([]) });
const specificationSchema = z.object({
  paths: z.record(z.string(), pathSchema),
  components: z.object({ parameters: z.record(z.string(), parameterSchema) }),
});
type Specification = z.infer<typeof specificationSchema>;
type Parameter = z.infer<typeof parameterSchema>;
type SpecifiedOperation = z.infer<typeof operationSchema>;

/** The text of operations.ts for a specification. @throws if a correction names an operation that is not specified. */
export function renderOperations(specification: unknown): string {
  const table = readOperations(specificationSchema.parse(specification));
  for (const id of Object.keys(CORRECTIONS)) {
    if (!table.has(id)) throw new Error(`corrections.ts names ${id}, which the specification does not have`);
  }
  const rows = [...table].map(([id, operation]) => `  ${literal(id)}: ${literal(operation)},`);
  return `// Made by generate-operations.ts from spec/openapi.json and corrections.ts; edit those.
import type { Operation } from './operation.js';

/** All operations of Miro's specification by operation id. */
// prettier-ignore
export const OPERATIONS = {
${rows.join('\n')}
} as const satisfies Record<string, Operation>;

export type OperationId = keyof typeof OPERATIONS;
`;
}

function readOperations(specification: Specification): Map<string, Operation> {
  const table = new Map<string, Operation>();
  for (const [path, item] of Object.entries(specification.paths)) {
    for (const method of METHODS) {
      if (item[method] === undefined) continue;
      const operation = operationSchema.parse(item[method]);
      const parameters = [...item.parameters, ...operation.parameters].map((parameter) =>
        resolved(parameter, specification),
      );
      table.set(operation.operationId, describe(path, method, operation, parameters));
    }
  }
  return table;
}

function describe(
  path: string,
  method: (typeof METHODS)[number],
  { operationId, description, requestBody }: SpecifiedOperation,
  parameters: { name: string; in: string; required: boolean }[],
): Operation {
  const surface = SCIM_PATH.test(path) ? 'scim' : 'rest';
  const query = parameters.filter((parameter) => parameter.in === 'query');
  const required = query.filter((parameter) => parameter.required).map((parameter) => parameter.name);
  const { source: _, ...correction } = CORRECTIONS[operationId] ?? { source: '' };
  const paging = pagingOf(query.map((parameter) => parameter.name));
  const body = bodyOf(Object.keys(requestBody?.content ?? {}));
  const operation = {
    method: method.toUpperCase() as Method,
    // The specification tells operations on one path apart by renamed parameters: {board_id_PlatformTags}.
    template: path.replace(/_Platform\w+(?=})/g, ''),
    surface,
    credits: correction.credits ?? creditsOf(operationId, description),
    scopes: [...description.matchAll(/reference\/scopes>([\w:]+)</g)].map((match) => match[1] ?? ''),
    plan: planOf(surface, description),
    ...(paging && { paging }),
    query: query.map((parameter) => parameter.name),
    ...(required.length > 0 && { required }),
    ...(body && { body }),
  } satisfies Operation;
  return { ...operation, ...correction };
}

function creditsOf(operationId: string, description: string): number {
  const level = /Rate limiting<\/h3>\s*<a[^>]*>Level ([1-4])<\/a>/.exec(description)?.[1];
  if (level === undefined) throw new Error(`${operationId} states no level; give its credits in corrections.ts`);
  return LEVEL_CREDITS[Number(level) as Level];
}

function planOf(surface: Operation['surface'], description: string): Operation['plan'] {
  if (description.includes('<h3>Enterprise Guard only</h3>')) return 'enterprise_guard';
  return surface === 'scim' || description.includes('<h3>Enterprise only</h3>') ? 'enterprise' : 'any';
}

function pagingOf(query: string[]): Operation['paging'] {
  return (['cursor', 'offset', 'startIndex'] as const).find((name) => query.includes(name));
}

function bodyOf(mediaTypes: string[]): Operation['body'] {
  if (mediaTypes.includes('application/scim+json')) return 'scim';
  if (mediaTypes.includes('multipart/form-data')) return 'multipart';
  return mediaTypes.includes('application/json') ? 'json' : undefined;
}

function resolved(parameter: Parameter, { components }: Specification) {
  if (parameter.$ref === undefined) return parameter;
  const found = components.parameters[parameter.$ref.replace('#/components/parameters/', '')];
  if (found?.$ref !== undefined || found === undefined) throw new Error(`${parameter.$ref} leads nowhere`);
  return found;
}

/** TypeScript source of a plain value, on one line. */
function literal(value: unknown): string {
  if (typeof value === 'string') return `'${value.replaceAll("'", "\\'")}'`;
  if (Array.isArray(value)) return `[${value.map(literal).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return String(value);
  const fields = Object.entries(value).filter(([, field]) => field !== undefined);
  return `{ ${fields.map(([name, field]) => `${name}: ${literal(field)}`).join(', ')} }`;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const specification: unknown = JSON.parse(readFileSync(new URL('spec/openapi.json', import.meta.url), 'utf8'));
  writeFileSync(new URL('operations.ts', import.meta.url), renderOperations(specification));
}
