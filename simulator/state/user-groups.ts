import type { Simulation } from '../simulation.js';
import type { Org, UserGroup } from './organisation.js';

export function makeUserGroup(sim: Simulation, org: Org, name: string, description = ''): UserGroup {
  const group: UserGroup = {
    id: sim.ids.next(),
    orgId: org.id,
    name,
    description,
    members: new Map(),
    teams: new Map(),
    projects: new Map(),
    boards: new Map(),
  };
  sim.world.userGroups.set(group.id, group);
  return group;
}
