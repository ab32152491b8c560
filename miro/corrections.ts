import { LEVEL_CREDITS } from './operation.js';
import type { Operation } from './operation.js';

/** What Miro's specification leaves out or gets wrong about an operation, and who says so. */
export type Correction = Partial<Operation> & { source: string };

const BULK = 'https://developers.miro.com/reference/create-items: level 2 for each item';
const SCIM_LIMITS = 'https://developers.miro.com/reference/rate-limits: calls per 30 s, of 10,000 credits';
const NO_LEVEL = 'No level is stated, and a token must be checked and revoked with an empty budget too';
const UNLISTED = 'No limit is listed for discovery: counted as the cheapest level';
const GRADUATED = 'The same as the operation under /v2, which left the experimental stage';

const duplicateOf = (id: string): Correction => ({ source: GRADUATED, duplicateOf: id });
const scim = (level: keyof typeof LEVEL_CREDITS): Correction => ({
  source: SCIM_LIMITS,
  credits: LEVEL_CREDITS[level],
});
const discovery: Correction = { source: UNLISTED, credits: LEVEL_CREDITS[1] };

/** Laid over what the specification says, by operation id. */
export const CORRECTIONS: Record<string, Correction> = {
  'token-info': { source: NO_LEVEL, credits: 0 },
  'revoke-token': {
    source: 'https://developers.miro.com/reference/revoke-token-v1: deprecated, the token stands in the URL',
    credits: 0,
    duplicateOf: 'revoke-token-v2',
  },
  'revoke-token-v2': { source: NO_LEVEL, credits: 0 },

  'enterprise-get-audit-logs': {
    source: 'https://help.miro.com/hc/en-us/articles/360017571434-Audit-logs: Enterprise plan, though not marked so',
    plan: 'enterprise',
  },

  'create-items': { source: BULK, perItem: true },
  'create-items-in-bulk-using-file-from-device': { source: BULK, perItem: true },
  'enterprise-update-group-members': {
    source: 'Text of the operation in the specification: level 1 for each user added or removed',
    perItem: true,
  },
  deleteGroup: {
    source: 'The specification ends its path with "?" to keep it apart from unGroup',
    template: '/v2/boards/{board_id}/groups/{group_id}',
  },

  'get-items-experimental': duplicateOf('get-items'),
  'get-specific-item-experimental': duplicateOf('get-specific-item'),
  'delete-item-experimental': duplicateOf('delete-item'),
  'create-shape-item-flowchart': duplicateOf('create-shape-item'),
  'get-shape-item-flowchart': duplicateOf('get-shape-item'),
  'update-shape-item-flowchart': duplicateOf('update-shape-item'),
  'delete-shape-item-flowchart': duplicateOf('delete-shape-item'),

  listUsers: scim(1),
  createUser: scim(1),
  getUser: scim(1),
  replaceUser: scim(2),
  patchUser: scim(2),
  deleteUser: scim(3),
  listGroups: scim(4),
  getGroup: scim(3),
  patchGroup: { ...scim(2), largeBody: { fromBytes: 500, credits: LEVEL_CREDITS[4] } },
  listServiceProviderConfigs: discovery,
  listResourceTypes: discovery,
  getResourceType: discovery,
  listSchemas: discovery,
  getSchema: discovery,
};
