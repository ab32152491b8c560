import { noContent } from '../http/answer.js';
import type { OpenHandler } from '../http/call.js';
import type { Simulation } from '../simulation.js';
import type { Org } from '../state/organisation.js';
import { scim, type ScimCall } from './endpoint.js';
import { invalidValue, noResource, ScimError } from './errors.js';
import type { Filter } from './filter-parser.js';
import { teamGroups } from './group-teams.js';
import { userGroupGroups } from './group-user-groups.js';
import { listAnswer, scimJson, select } from './lists.js';
import { applyPatch, readPatch, refuseUnwritable } from './patch.js';
import { isResource, type Resource, type Value } from './resource.js';

/** What a SCIM group is: a team (the published model) or a user group (the newer one). */
export interface GroupModel {
  list: (sim: Simulation, org: Org) => Resource[];
  find: (sim: Simulation, org: Org, id: string) => Resource | undefined;
  /** Brings the group to the wanted name and members, whole or not at all. */
  update: (sim: Simulation, org: Org, id: string, wanted: GroupWish) => void;
  /** Absent where groups can't be made or deleted. */
  create?: (sim: Simulation, org: Org, wanted: GroupWish) => string;
  remove?: (sim: Simulation, org: Org, id: string) => void;
}
export interface GroupWish {
  displayName: string;
  memberIds: string[];
}

const MOST_MEMBERS = 8000;
const SMALL_PATCH = 500;
const LIST = { kind: 'groups:list', credits: 2000 };
const GET = { kind: 'groups:get', credits: 500 };
const PATCH = { kind: 'groups:patch', credits: ({ size }: ScimCall) => (size < SMALL_PATCH ? 100 : 2000) };

const modelOf = ({ sim }: ScimCall): GroupModel => (sim.options.scimGroups === 'team' ? teamGroups : userGroupGroups);

export const scimGroups: Record<string, OpenHandler> = {
  listGroups: scim(LIST, (call) => listAnswer(modelOf(call).list(call.sim, call.org), call.query, refuseComplex)),

  getGroup: scim(GET, (call) => scimJson(200, select(groupOf(call), call.query))),

  patchGroup: scim(PATCH, (call) => {
    const before = groupOf(call);
    const operations = readPatch(call.body, false);
    refuseUnwritable(operations, 'displayName');
    for (const { value } of operations) requireFewMembers(value);
    const wanted = readGroup(applyPatch(before, operations));
    modelOf(call).update(call.sim, call.org, before['id'] as string, wanted);
    return scimJson(200, select(groupOf(call), call.query));
  }),
};

/** Only the newer model has these; the published one answers 405. */
export const createGroup: OpenHandler = scim(PATCH, (call) => {
  const { create } = modelOf(call);
  if (!create) throw notSupported('POST');
  if (!isResource(call.body as Value)) throw invalidValue('The request body must be an object');
  requireFewMembers(call.body as Resource);
  const id = create(call.sim, call.org, readGroup(call.body as Resource));
  const group = groupOf({ ...call, params: { id } });
  return scimJson(201, select(group, call.query), { location: (group['meta'] as { location: string }).location });
});

export const deleteGroup: OpenHandler = scim(PATCH, (call) => {
  const { remove } = modelOf(call);
  if (!remove) throw notSupported('DELETE');
  remove(call.sim, call.org, groupOf(call)['id'] as string);
  return noContent;
});

const notSupported = (method: string): ScimError => new ScimError(405, `Request method '${method}' not supported`);

function groupOf(call: ScimCall): Resource {
  const id = call.params['id'] ?? '';
  const group = modelOf(call).find(call.sim, call.org, id);
  if (!group) throw noResource(id);
  return group;
}

function readGroup(resource: Resource): GroupWish {
  const { displayName, members = [] } = resource;
  if (typeof displayName !== 'string' || displayName === '' || [...displayName].length > 60)
    throw invalidValue('displayName must have 1 to 60 characters');
  const list = Array.isArray(members) ? members : [members];
  const memberIds = list.map((member) => {
    const id = isResource(member) ? member['value'] : member;
    if (typeof id !== 'string' && typeof id !== 'number') throw invalidValue('members must hold objects with a value');
    return String(id);
  });
  return { displayName, memberIds: [...new Set(memberIds)] };
}

/** The limit is on what one request carries; groups themselves may be larger. */
function requireFewMembers(value: Value): void {
  const members = isResource(value) ? value['members'] : value;
  if (Array.isArray(members) && members.length > MOST_MEMBERS)
    throw new ScimError(413, `A request can carry at most ${MOST_MEMBERS} members`);
}

/** Groups can't be filtered by complex attributes. */
function refuseComplex(filter: Filter): void {
  switch (filter.kind) {
    case 'and':
    case 'or':
      refuseComplex(filter.left);
      refuseComplex(filter.right);
      return;
    case 'not':
      refuseComplex(filter.filter);
      return;
    case 'present':
    case 'compare':
    case 'values':
      if (filter.kind === 'values' || ['members', 'meta'].includes(filter.path[0] ?? ''))
        throw new ScimError(400, 'Filtering on complex attributes is not supported for groups', 'invalidFilter');
  }
}
