import type { Simulation } from '../simulation.js';
import type { Org, UserGroup } from '../state/organisation.js';
import { makeUserGroup } from '../state/user-groups.js';
import { groupResource, moves, requireKnown, resurrect } from './group-teams.js';
import { noResource } from './errors.js';
import type { GroupModel, GroupWish } from './groups.js';
import type { Resource } from './resource.js';

/** The newer model: a SCIM group is a user group, which SCIM makes and deletes as well. */
export const userGroupGroups: GroupModel = {
  list: (sim, org) =>
    [...sim.world.userGroups.values()].filter((g) => g.orgId === org.id).map((g) => resourceOf(sim, g)),

  find: (sim, org, id) => {
    const group = sim.world.userGroups.get(id);
    return group?.orgId === org.id ? resourceOf(sim, group) : undefined;
  },

  update: (sim, org, id, wanted) => {
    const group = sim.world.userGroups.get(id);
    if (!group) throw noResource(id);
    fill(sim, org, group, wanted);
  },

  create: (sim, org, wanted) => {
    for (const member of wanted.memberIds) requireKnown(sim, org.id, member);
    const group = makeUserGroup(sim, org, wanted.displayName);
    fill(sim, org, group, wanted);
    return group.id;
  },

  remove: (sim, _org, id) => {
    sim.world.userGroups.delete(id);
  },
};

const resourceOf = (sim: Simulation, group: UserGroup): Resource =>
  groupResource(sim, group.id, group.name, group.members.keys());

function fill(sim: Simulation, org: Org, group: UserGroup, { displayName, memberIds }: GroupWish): void {
  const { come, gone } = moves(sim, org.id, group.members, memberIds);
  for (const member of come) requireKnown(sim, org.id, member);
  group.name = displayName;
  for (const member of gone) group.members.delete(member);
  for (const member of come) {
    resurrect(sim, member);
    group.members.set(member, { addedAt: sim.clock.now() });
  }
}
