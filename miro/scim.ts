import type { Call, PageCall } from './call.js';
import { buildCall } from './call.js';
import { buildList } from './pages.js';
import { nothing, scimPageOf } from './readers.js';
import {
  resourceTypeSchema,
  scimGroupSchema,
  scimSchemaSchema,
  scimUserSchema,
  serviceProviderConfigSchema,
} from './scim-schemas.js';
import type { ResourceType, ScimGroup, ScimSchema, ScimUser, ServiceProviderConfig } from './scim-schemas.js';

/** A call of the SCIM API: sent by a `Scim`, with a `ScimToken`. */
export type ScimCall<T> = Call<T, 'scim'>;
export type ScimPageCall<Item> = PageCall<Item, 'scim'>;

/** How many to ask for at a time: what Miro's ServiceProviderConfig names as the most, though 1000 are documented. */
const PAGE_SIZE = 200;

export interface ScimQuery {
  /** RFC 7644 §3.4.2.2, such as `userName eq "ada@example.com"`; groups know no filter on complex attributes. */
  filter?: string;
  /** Names of attributes to answer, separated by commas. */
  attributes?: string;
  sortBy?: string;
  sortOrder?: 'ascending' | 'descending';
  /** 1 to 1000, default 200. */
  count?: number;
}

/** Miro documents capitalised operations; identity providers send small letters too. */
export interface PatchOperation {
  op: 'Add' | 'Remove' | 'Replace' | 'add' | 'remove' | 'replace';
  path?: string;
  value?: unknown;
}

/** What a user is made of or replaced by; `userName` is the e-mail address. */
export interface ScimUserBody {
  userName: string;
  /** At most 60 characters. */
  displayName?: string;
  name?: { formatted?: string; givenName?: string; familyName?: string };
  /** The licence: 'Full', 'Free', 'Free Restricted', … */
  userType?: string;
  active?: boolean;
  photos?: { type: 'photo'; value: string }[];
  roles?: { type: string; value: string; display?: string; primary?: boolean }[];
  preferredLanguage?: string;
  [ENTERPRISE_USER]?: Record<string, unknown>;
}

export const ENTERPRISE_USER = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';
const USER = 'urn:ietf:params:scim:schemas:core:2.0:User';

/** Adds the list of schemas that RFC 7643 §3 asks for. */
const userBody = (user: ScimUserBody) => ({
  schemas: ENTERPRISE_USER in user ? [USER, ENTERPRISE_USER] : [USER],
  ...user,
});
const patchBody = (operations: PatchOperation[]) => ({
  schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
  Operations: operations,
});

const pageSized = ({ count = PAGE_SIZE, ...query }: ScimQuery) => ({ query: { ...query, count } });

/** Members and admins of the organisation. Guests are invisible here: use `orgMembers`. @see docs/miro-api.md#scim */
export const scimUsers = {
  list: (query: ScimQuery = {}): ScimPageCall<ScimUser> => buildList('listUsers', pageSized(query), scimUserSchema),

  get: (userId: string): ScimCall<ScimUser> => buildCall('getUser', { path: { id: userId } }, scimUserSchema),

  /** A name that is taken is refused as 'invalid' or 'conflict'; look the user up by `userName` then. */
  create: (user: ScimUserBody): ScimCall<ScimUser> => buildCall('createUser', { body: userBody(user) }, scimUserSchema),

  /** Whether absent fields are kept or reset is not documented: prefer `patch`. */
  replace: (userId: string, user: ScimUserBody): ScimCall<ScimUser> =>
    buildCall('replaceUser', { path: { id: userId }, body: userBody(user) }, scimUserSchema),

  patch: (userId: string, operations: PatchOperation[]): ScimCall<ScimUser> =>
    buildCall('patchUser', { path: { id: userId }, body: patchBody(operations) }, scimUserSchema),

  /** Boards pass to the longest-standing admin of their team; the last admin of a team is refused. */
  delete: (userId: string): ScimCall<void> => buildCall('deleteUser', { path: { id: userId } }, nothing),
};

/** Teams, or user groups in organisations with the new synchronisation model: a group's id need not be a team's. */
export const scimGroups = {
  list: (query: ScimQuery = {}): ScimPageCall<ScimGroup> => buildList('listGroups', pageSized(query), scimGroupSchema),

  get: (groupId: string, { attributes }: Pick<ScimQuery, 'attributes'> = {}): ScimCall<ScimGroup> =>
    buildCall('getGroup', { path: { id: groupId }, query: { attributes } }, scimGroupSchema),

  /**
   * At most 8000 members and 800,000 bytes; from 500 bytes on it costs 20 times as much.
   * Adding a person who left brings the account back, with a full licence.
   */
  patch: (groupId: string, operations: PatchOperation[]): ScimCall<ScimGroup | undefined> =>
    buildCall('patchGroup', { path: { id: groupId }, body: patchBody(operations) }, scimGroupSchema.optional()),
};

/** What this SCIM service can do. */
export const scimDiscovery = {
  serviceProviderConfig: (): ScimCall<ServiceProviderConfig> =>
    buildCall('listServiceProviderConfigs', {}, serviceProviderConfigSchema),

  resourceTypes: (): ScimCall<ResourceType[]> =>
    buildCall(
      'listResourceTypes',
      {},
      scimPageOf(resourceTypeSchema).transform((page) => page.items),
    ),

  resourceType: (name: string): ScimCall<ResourceType> =>
    buildCall('getResourceType', { path: { resource: name } }, resourceTypeSchema),

  schemas: (): ScimCall<ScimSchema[]> =>
    buildCall(
      'listSchemas',
      {},
      scimPageOf(scimSchemaSchema).transform((page) => page.items),
    ),

  /** `uri` such as `urn:ietf:params:scim:schemas:core:2.0:User`. */
  schema: (uri: string): ScimCall<ScimSchema> => buildCall('getSchema', { path: { uri } }, scimSchemaSchema),
};

const KINDS: Record<string, string> = {
  ...{ listUsers: 'users-read', getUser: 'users-read', createUser: 'users-read' },
  ...{ replaceUser: 'users-change', patchUser: 'users-change', deleteUser: 'users-delete' },
  ...{ listGroups: 'groups-list', getGroup: 'groups-get', patchGroup: 'groups-change' },
};

/** Calls of one kind share a window of 30 s and 10,000 credits. @see https://developers.miro.com/reference/rate-limits */
export const scimKind = ({ operation }: ScimCall<unknown>): string => KINDS[operation] ?? 'discovery';
