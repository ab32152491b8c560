import { Ajv, type ValidateFunction } from 'ajv';
import formats from 'ajv-formats';
import type { Exchange, Json } from './exchange.js';
import {
  ERROR,
  list,
  listOf,
  metaOf,
  object,
  RESOURCE_TYPE,
  SCHEMA,
  SERVICE_PROVIDER_CONFIG,
  text,
} from './message-schemas.js';

/** Says what is wrong with an answer, or nothing. */
export type AnswerChecker = (exchange: Exchange) => string[];

interface Attribute {
  name: string;
  type: string;
  multiValued: boolean;
  required: boolean;
  subAttributes?: Attribute[];
}
interface Schema {
  id: string;
  name: string;
  attributes: Attribute[];
}

const TYPES: Record<string, Json> = {
  string: { type: 'string' },
  boolean: { type: 'boolean' },
  reference: { type: 'string', format: 'uri' },
};

function valueOf({ type, multiValued, subAttributes = [] }: Attribute): Json {
  const one = type === 'complex' ? object([], propertiesOf(subAttributes)) : TYPES[type];
  if (!one) throw new Error(`The simulator's schemas have an attribute of type ${type}.`);
  return multiValued ? list(one) : one;
}

const propertiesOf = (attributes: Attribute[]): Json =>
  Object.fromEntries(attributes.map((attribute) => [attribute.name, valueOf(attribute)]));

/** A resource as its schema describes it; only id and schemas are sure to be there when attributes were chosen. */
function resourceOf(core: Schema, extensions: Schema[], isWhole: boolean): Json {
  const required = core.attributes.filter((attribute) => attribute.required).map(({ name }) => name);
  const own = {
    schemas: {
      type: 'array',
      contains: { const: core.id },
      items: { enum: [core, ...extensions].map(({ id }) => id) },
    },
    id: text,
    meta: metaOf(core.name),
    ...propertiesOf(core.attributes),
    ...Object.fromEntries(extensions.map(({ id, attributes }) => [id, object([], propertiesOf(attributes))])),
  };
  return object(['schemas', 'id', ...(isWhole ? ['meta', ...required] : [])], own);
}

/** Checks of everything that a SCIM service can answer; users and groups by what the service itself says of them. */
export async function answerChecker(base: string, token: string): Promise<AnswerChecker> {
  const answer = await fetch(`${base}/Schemas`, { headers: { authorization: `Bearer ${token}` } });
  const { Resources } = (await answer.json()) as { Resources: Schema[] };
  const named = (name: string): Schema => Resources.find((schema) => schema.name === name)!;
  const ajv = new Ajv({ allErrors: true });
  formats.default(ajv);
  const compiled = (schema: Json) => ({ one: ajv.compile(schema), list: ajv.compile(listOf(schema)) });
  const both = (core: Schema, extensions: Schema[]) => ({
    whole: compiled(resourceOf(core, extensions, true)),
    chosen: compiled(resourceOf(core, extensions, false)),
  });
  const fixed = (schema: Json) => ({ whole: compiled(schema), chosen: compiled(schema) });
  const endpoints: Record<string, ReturnType<typeof both>> = {
    Users: both(named('User'), [named('EnterpriseUser')]),
    Groups: both(named('Group'), []),
    Schemas: fixed(SCHEMA),
    ResourceTypes: fixed(RESOURCE_TYPE),
    ServiceProviderConfig: fixed(SERVICE_PROVIDER_CONFIG),
  };
  const error = ajv.compile(ERROR);

  return (exchange) => {
    const { method, status, url, text: sent } = exchange;
    const says = (...problems: string[]) => problems.map((problem) => `${method} ${url} ${status}: ${problem}`);
    if (status === 204) return sent === '' ? [] : says('204 with a body');
    if (!exchange.headers['content-type']?.startsWith('application/scim+json')) return says('no application/scim+json');
    const body = JSON.parse(sent) as Json;
    if (status >= 400)
      return says(...problemsOf(error, body), ...(body['status'] === String(status) ? [] : ['another status inside']));
    const [path = '', query = ''] = url.split('?');
    const [, endpoint = '', id] = path.split('/');
    const kinds = endpoints[endpoint];
    if (!kinds) return says('an endpoint that SCIM does not have');
    const { one, list: page } = /(^|&)(excludedA|a)ttributes=/.test(query) ? kinds.chosen : kinds.whole;
    const isList = method === 'GET' && id === undefined && endpoint !== 'ServiceProviderConfig';
    return says(
      ...problemsOf(isList ? page : one, body),
      ...(isList ? pageProblems(body) : placeProblems(exchange, body)),
    );
  };
}

function problemsOf(validate: ValidateFunction, body: unknown): string[] {
  if (validate(body)) return [];
  return (validate.errors ?? []).map(
    ({ instancePath, message = '', params }) => `${instancePath} ${message} ${JSON.stringify(params)}`,
  );
}

function pageProblems({ itemsPerPage, totalResults, startIndex, Resources }: Json): string[] {
  const { length } = Resources as unknown[];
  const fits =
    itemsPerPage === length && (length === 0 || (startIndex as number) + length - 1 <= (totalResults as number));
  return fits ? [] : ['the numbers of the page do not fit together'];
}

/** RFC 7644, sections 3.1 and 3.3: the header says where a new resource is, and that is where it says itself. */
function placeProblems({ status, headers }: Exchange, body: Json): string[] {
  const { location } = (body['meta'] ?? {}) as { location?: string };
  if (location !== undefined && body['id'] !== undefined && !location.endsWith(`/${body['id'] as string}`))
    return [`meta.location is ${location}`];
  return status === 201 && headers['location'] !== location ? ['no Location of the new resource'] : [];
}
