import { deleteUser, isLastTeamAdmin, leaveTeam } from '../state/offboarding.js';
import type { Simulation } from '../simulation.js';
import { userByEmail } from '../state/invite.js';
import type { Team, User } from '../state/organisation.js';
import { join } from '../worlds/people.js';
import { businessConflict, noResource, SCIM_BASE } from './errors.js';
import type { GroupModel } from './groups.js';
import { GROUP, type Resource } from './resource.js';
import { isVisible } from './user-resource.js';

/** The published model: a SCIM group is a team, neither made nor deleted by SCIM. */
export const teamGroups: GroupModel = {
  list: (sim, org) =>
    [...sim.world.teams.values()].filter((team) => team.orgId === org.id).map((team) => teamResource(sim, team)),

  find: (sim, org, id) => {
    const team = sim.world.teams.get(id);
    return team?.orgId === org.id ? teamResource(sim, team) : undefined;
  },

  update: (sim, org, id, { displayName, memberIds }) => {
    const team = sim.world.teams.get(id);
    if (!team) throw noResource(id);
    const { come, gone } = moves(sim, org.id, team.members, memberIds);
    for (const member of come) requireKnown(sim, org.id, member);
    const last = gone.find((member) => isLastTeamAdmin(team, member));
    if (last) throw businessConflict('The last admin of a team cannot be removed');
    team.name = displayName;
    for (const member of come) comeBack(sim, team, member);
    for (const member of gone) depart(sim, team, member);
  },
};

export function groupResource(sim: Simulation, id: string, displayName: string, memberIds: Iterable<string>): Resource {
  const members = [...memberIds].map((member) => sim.world.users.get(member)).filter((user) => user !== undefined);
  return {
    schemas: [GROUP],
    id,
    meta: { resourceType: 'Group', location: `${sim.baseUrl}${SCIM_BASE}/Groups/${id}` },
    displayName,
    members: members
      .filter((user) => isVisible(user, user.orgId))
      .map((user) => ({ value: user.id, type: 'User', display: user.name })),
  };
}

/** Who comes and who goes so that a group's visible members are those wanted; guests stay as they are. */
export function moves(
  sim: Simulation,
  orgId: string,
  members: Map<string, unknown>,
  wanted: string[],
): { come: string[]; gone: string[] } {
  const kept = new Set(wanted);
  const shown = new Set([...members.keys()].filter((member) => isVisible(sim.world.users.get(member), orgId)));
  const gone = [...shown].filter((member) => !kept.has(member));
  return { come: wanted.filter((member) => !shown.has(member)), gone };
}

const teamResource = (sim: Simulation, team: Team): Resource =>
  groupResource(sim, team.id, team.name, team.members.keys());

/** Somebody deleted whose e-mail address has a new user since then cannot come back beside that one. */
export function requireKnown(sim: Simulation, orgId: string, id: string): void {
  const deleted = sim.world.deletedUsers.get(id);
  const user = sim.world.users.get(id) ?? deleted;
  if (user?.orgId !== orgId || (user === deleted && userByEmail(sim, user.email))) throw noResource(id);
}

/** A group push resurrects: deleted people are made anew, deactivated ones active, guests become members. */
export function resurrect(sim: Simulation, id: string): User {
  const deleted = sim.world.deletedUsers.get(id);
  const user = sim.world.users.get(id) ?? deleted;
  if (!user) throw noResource(id);
  if (deleted) {
    sim.world.deletedUsers.delete(id);
    sim.world.users.set(id, deleted);
  }
  const internal = user.role.startsWith('organization_internal');
  if (!user.active || !internal || deleted)
    Object.assign(user, { license: 'full', licenseAssignedAt: sim.clock.now() });
  if (!internal) user.role = 'organization_internal_user';
  user.active = true;
  return user;
}

function comeBack(sim: Simulation, team: Team, id: string): void {
  const user = resurrect(sim, id);
  if (!team.members.has(id)) join(sim, team, user);
}

/** Who never came to Miro and is in no other team leaves the organisation too. */
function depart(sim: Simulation, team: Team, id: string): void {
  const user = sim.world.users.get(id);
  if (!user) return;
  leaveTeam(sim, team, user);
  const elsewhere = [...sim.world.teams.values()].some((other) => other.members.has(id));
  if (user.lastActivityAt === undefined && !elsewhere) deleteUser(sim, user);
}
