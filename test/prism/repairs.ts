import { readFileSync } from 'node:fs';

export interface Schema {
  $ref?: string;
  allOf?: Schema[];
  oneOf?: Schema[];
  anyOf?: Schema[];
  enum?: unknown[];
  type?: string;
  format?: string;
  example?: unknown;
  minimum?: number;
  minLength?: number;
  items?: Schema;
  properties?: Record<string, Schema>;
  required?: string[];
}
export interface Parameter {
  $ref?: string;
  name: string;
  in: string;
  required?: boolean;
  schema: Schema;
}
export interface Specified {
  operationId: string;
  parameters?: Parameter[];
  requestBody?: { content: Record<string, { schema: Schema }> };
}
export interface Specification {
  paths: Record<
    string,
    Partial<Record<'get' | 'post' | 'put' | 'patch' | 'delete', Specified>> & Pick<Specified, 'parameters'>
  >;
  components: {
    schemas: Record<string, Schema>;
    parameters: Record<string, Parameter>;
    responses?: Record<string, { description: string }>;
  };
}

/** The specification points at these answers to errors, which it lost between two versions. */
const LOST_RESPONSES = (
  '400 401 403 404 409 413 425 429 500 createUser400 createUser409 deleteUser404 deleteUser409 getUser404 ' +
  'updateGroup400 updateGroup409 updateUser400 updateUser404 updateUser409'
).split(' ');

/** Miro's specification as it is. */
export const readSpecification = (): Specification =>
  JSON.parse(readFileSync(new URL('../../miro/spec/openapi.json', import.meta.url), 'utf8')) as Specification;

/**
 * Miro's specification with what keeps it from being served repaired: answers that are missing, and operations that are
 * told apart by the names of their path's parameters only, while on the wire it is the type of their body or their query.
 */
export function repairedSpecification(): Specification {
  const specification = readSpecification();
  const lost = LOST_RESPONSES.map((name) => [name, { description: 'An error' }] as const);
  specification.components.responses = { ...specification.components.responses, ...Object.fromEntries(lost) };
  for (const path of Object.keys(specification.paths)) joinTwin(specification.paths, path);
  return specification;
}

function joinTwin(paths: Specification['paths'], path: string): void {
  const plain = path.replace(/_Platform\w+\}/g, '}');
  const [own, twin] = [paths[path], paths[plain]];
  if (own === twin || !own || !twin) return;
  for (const method of ['get', 'post', 'patch', 'delete'] as const) {
    const [from, to] = [own[method], twin[method]];
    if (!from || !to) continue;
    if (to.requestBody) Object.assign(to.requestBody.content, from.requestBody?.content);
    const query = (from.parameters ?? []).filter((parameter) => parameter.in === 'query');
    to.parameters = [...(to.parameters ?? []), ...query.map((parameter) => ({ ...parameter, required: false }))];
    delete own[method];
  }
}
