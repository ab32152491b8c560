import type { OpenHandler } from '../http/call.js';
import type { Simulation } from '../simulation.js';
import { scim } from './endpoint.js';
import { SCIM_BASE, ScimError } from './errors.js';
import { scimJson } from './lists.js';
import { ENTERPRISE, GROUP, USER, type Resource } from './resource.js';
import { LICENSES } from './user-resource.js';

const location = (sim: Simulation, path: string): string => `${sim.baseUrl}${SCIM_BASE}/${path}`;

const RESOURCE_TYPES: Record<string, Resource> = {
  User: {
    id: 'User',
    name: 'User',
    description: 'User Account',
    endpoint: '/Users',
    schema: USER,
    schemaExtensions: [{ schema: ENTERPRISE, required: false }],
  },
  Group: { id: 'Group', name: 'Group', description: 'Group', endpoint: '/Groups', schema: GROUP },
};

type Kind = 'string' | 'boolean' | 'complex' | 'reference';
interface Traits {
  multiValued?: boolean;
  required?: boolean;
  readOnly?: boolean;
  unique?: boolean;
  parts?: Resource[];
  /** Values that are suggested. */
  canonical?: string[];
}

function attribute(name: string, type: Kind, description: string, traits: Traits = {}): Resource {
  const { multiValued = false, required = false, readOnly = false, unique = false, parts, canonical } = traits;
  return {
    name,
    type,
    multiValued,
    description,
    required,
    ...(parts && { subAttributes: parts }),
    ...(canonical && { canonicalValues: canonical }),
    ...(type === 'reference' && { referenceTypes: ['external'] }),
    caseExact: false,
    mutability: readOnly ? 'readOnly' : 'readWrite',
    returned: 'default',
    uniqueness: unique ? 'server' : 'none',
  };
}

const text = (name: string, description: string, canonical?: string[]): Resource =>
  attribute(name, 'string', description, { ...(canonical && { canonical }) });
const kinds = (...canonical: string[]): Resource => text('type', 'Kind', canonical);
const value = text('value', 'The value');
const display = text('display', 'A name for people');
const primary = attribute('primary', 'boolean', 'Whether this is the main value');

const SCHEMAS: Record<string, Resource> = {
  [USER]: {
    name: 'User',
    description: 'User Account',
    attributes: [
      attribute('userName', 'string', 'E-mail address that identifies the user', { required: true, unique: true }),
      attribute('name', 'complex', 'The parts of the name', {
        parts: [text('formatted', 'Full name'), text('familyName', 'Family name'), text('givenName', 'Given name')],
      }),
      text('displayName', 'Name shown in Miro, at most 60 characters'),
      text(
        'userType',
        'License',
        LICENSES.map(([name]) => name),
      ),
      attribute('active', 'boolean', 'Whether the user can enter the organization'),
      attribute('emails', 'complex', 'E-mail addresses', {
        multiValued: true,
        readOnly: true,
        parts: [value, kinds('work'), primary],
      }),
      attribute('photos', 'complex', 'Picture', {
        multiValued: true,
        parts: [kinds('photo'), attribute('value', 'reference', 'Address')],
      }),
      attribute('groups', 'complex', 'Groups of the user', {
        multiValued: true,
        readOnly: true,
        parts: [value, display],
      }),
      attribute('roles', 'complex', 'Roles in the organization', {
        multiValued: true,
        parts: [kinds('organization_user_role', 'organization_admin_role'), value, display, primary],
      }),
      text('preferredLanguage', 'Language'),
    ],
  },
  [ENTERPRISE]: {
    name: 'EnterpriseUser',
    description: 'Enterprise User',
    attributes: [
      text('employeeNumber', 'At most 20 characters'),
      text('costCenter', 'Cost center'),
      text('organization', 'Organization'),
      text('division', 'Division'),
      text('department', 'Department'),
      attribute('manager', 'complex', 'Manager', { parts: [value, text('displayName', 'Name')] }),
    ],
  },
  [GROUP]: {
    name: 'Group',
    description: 'Group',
    attributes: [
      attribute('displayName', 'string', 'Name of the group', { required: true }),
      attribute('members', 'complex', 'Members of the group', {
        multiValued: true,
        parts: [value, kinds('User'), display],
      }),
    ],
  },
};

const LIST = 'urn:ietf:params:scim:api:messages:2.0:ListResponse';

const resourceType = (sim: Simulation, id: string): Resource | undefined =>
  RESOURCE_TYPES[id] && {
    schemas: ['urn:ietf:params:scim:schemas:core:2.0:ResourceType'],
    ...RESOURCE_TYPES[id],
    meta: { resourceType: 'ResourceType', location: location(sim, `ResourceTypes/${id}`) },
  };

const schema = (sim: Simulation, id: string): Resource | undefined =>
  SCHEMAS[id] && {
    schemas: ['urn:ietf:params:scim:schemas:core:2.0:Schema'],
    id,
    ...SCHEMAS[id],
    meta: { resourceType: 'Schema', location: location(sim, `Schemas/${id}`) },
  };

function listOf(all: (Resource | undefined)[]): ReturnType<typeof scimJson> {
  return scimJson(200, {
    schemas: [LIST],
    totalResults: all.length,
    startIndex: 1,
    itemsPerPage: all.length,
    Resources: all,
  });
}

function one(found: Resource | undefined, id: string | undefined): ReturnType<typeof scimJson> {
  if (!found) throw new ScimError(404, `Resource ${id} not found`);
  return scimJson(200, found);
}

export const scimDiscovery: Record<string, OpenHandler> = {
  listServiceProviderConfigs: scim(undefined, ({ sim }) =>
    scimJson(200, {
      schemas: ['urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig'],
      documentationUri: 'https://developers.miro.com/docs/scim',
      patch: { supported: true },
      bulk: { supported: false, maxOperations: 0, maxPayloadSize: 0 },
      filter: { supported: true, maxResults: 200 },
      changePassword: { supported: false },
      sort: { supported: true },
      etag: { supported: false },
      authenticationSchemes: [
        {
          name: 'OAuth Bearer Token',
          description: 'Authentication scheme using the OAuth Bearer Token Standard',
          specUri: 'https://www.rfc-editor.org/info/rfc6750',
          type: 'oauthbearertoken',
          primary: true,
        },
      ],
      meta: { resourceType: 'ServiceProviderConfig', location: location(sim, 'ServiceProviderConfig') },
    }),
  ),
  listResourceTypes: scim(undefined, ({ sim }) =>
    listOf(Object.keys(RESOURCE_TYPES).map((id) => resourceType(sim, id))),
  ),
  getResourceType: scim(undefined, ({ sim, params }) =>
    one(resourceType(sim, params['resource'] ?? ''), params['resource']),
  ),
  listSchemas: scim(undefined, ({ sim }) => listOf(Object.keys(SCHEMAS).map((id) => schema(sim, id)))),
  getSchema: scim(undefined, ({ sim, params }) => one(schema(sim, params['uri'] ?? ''), params['uri'])),
};
