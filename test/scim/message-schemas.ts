/** JSON Schemas of what RFC 7643 and 7644 define for every service. */
import type { Json } from './exchange.js';

const CORE = 'urn:ietf:params:scim:schemas:core:2.0:';
const MESSAGES = 'urn:ietf:params:scim:api:messages:2.0:';
/** RFC 7644, section 3.12, and Miro's tooManyRequests. */
const SCIM_TYPES = [
  ...['invalidFilter', 'tooMany', 'uniqueness', 'mutability', 'invalidSyntax', 'invalidPath', 'noTarget'],
  ...['invalidValue', 'invalidVers', 'sensitive', 'tooManyRequests'],
];

export const text = { type: 'string', minLength: 1 };
const flag = { type: 'boolean' };
const whole = { type: 'integer', minimum: 0 };
export const object = (required: string[], properties: Json): Json => ({
  type: 'object',
  required,
  properties,
  additionalProperties: false,
});
export const list = (items: unknown): Json => ({ type: 'array', items });
const exactly = (...urns: string[]): Json => ({ const: urns });
export const metaOf = (resourceType: string): Json =>
  object(['resourceType', 'location'], {
    resourceType: { const: resourceType },
    location: { type: 'string', format: 'uri' },
  });

/** RFC 7644, section 3.12: the status is a text. */
export const ERROR = object(['schemas', 'status', 'detail'], {
  schemas: exactly(`${MESSAGES}Error`),
  status: { type: 'string', pattern: '^[45]\\d\\d$' },
  scimType: { enum: SCIM_TYPES },
  detail: text,
});

/** RFC 7643, section 7. */
const SUB_ATTRIBUTE = {
  name: { type: 'string', pattern: '^[A-Za-z$][\\w$-]*$' },
  type: { enum: ['string', 'boolean', 'decimal', 'integer', 'dateTime', 'binary', 'reference', 'complex'] },
  multiValued: flag,
  description: text,
  required: flag,
  canonicalValues: list(text),
  caseExact: flag,
  mutability: { enum: ['readOnly', 'readWrite', 'immutable', 'writeOnly'] },
  returned: { enum: ['always', 'never', 'default', 'request'] },
  uniqueness: { enum: ['none', 'server', 'global'] },
  referenceTypes: list(text),
};
const TRAITS = ['name', 'type', 'multiValued', 'description', 'required', 'mutability', 'returned'];
const ATTRIBUTE = object(TRAITS, { ...SUB_ATTRIBUTE, subAttributes: list(object(TRAITS, SUB_ATTRIBUTE)) });
export const SCHEMA = object(['schemas', 'id', 'name', 'attributes', 'meta'], {
  schemas: exactly(`${CORE}Schema`),
  id: { type: 'string', pattern: '^urn:' },
  name: text,
  description: text,
  attributes: { ...list(ATTRIBUTE), minItems: 1 },
  meta: metaOf('Schema'),
});

/** RFC 7643, section 6. */
export const RESOURCE_TYPE = object(['schemas', 'name', 'endpoint', 'schema', 'meta'], {
  schemas: exactly(`${CORE}ResourceType`),
  id: text,
  name: text,
  description: text,
  endpoint: { type: 'string', pattern: '^/' },
  schema: { type: 'string', pattern: '^urn:' },
  schemaExtensions: list(object(['schema', 'required'], { schema: text, required: flag })),
  meta: metaOf('ResourceType'),
});

/** RFC 7643, section 5. */
const supported = object(['supported'], { supported: flag });
export const SERVICE_PROVIDER_CONFIG = object(
  ['schemas', 'patch', 'bulk', 'filter', 'changePassword', 'sort', 'etag', 'authenticationSchemes', 'meta'],
  {
    schemas: exactly(`${CORE}ServiceProviderConfig`),
    documentationUri: { type: 'string', format: 'uri' },
    patch: supported,
    bulk: object(['supported', 'maxOperations', 'maxPayloadSize'], {
      supported: flag,
      maxOperations: whole,
      maxPayloadSize: whole,
    }),
    filter: object(['supported', 'maxResults'], { supported: flag, maxResults: whole }),
    changePassword: supported,
    sort: supported,
    etag: supported,
    authenticationSchemes: list(
      object(['type', 'name', 'description'], {
        type: { enum: ['oauth', 'oauth2', 'oauthbearertoken', 'httpbasic', 'httpdigest'] },
        name: text,
        description: text,
        specUri: { type: 'string', format: 'uri' },
        documentationUri: { type: 'string', format: 'uri' },
        primary: flag,
      }),
    ),
    meta: metaOf('ServiceProviderConfig'),
  },
);

/** RFC 7644, section 3.4.2. */
export const listOf = (resource: Json): Json =>
  object(['schemas', 'totalResults', 'startIndex', 'itemsPerPage', 'Resources'], {
    schemas: exactly(`${MESSAGES}ListResponse`),
    totalResults: whole,
    startIndex: { type: 'integer', minimum: 1 },
    itemsPerPage: whole,
    Resources: list(resource),
  });
