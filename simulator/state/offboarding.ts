import type { Simulation } from '../simulation.js';
import { indexBoard } from './boards.js';
import type { Team, User } from './organisation.js';

/** Teams in which nobody else is an admin. */
export function teamsLedOnlyBy(sim: Simulation, user: User): Team[] {
  return [...sim.world.teams.values()].filter((team) => isLastTeamAdmin(team, user.id));
}

export const isLastTeamAdmin = (team: Team, userId: string): boolean =>
  team.members.get(userId)?.role === 'admin' &&
  [...team.members].every(([id, member]) => id === userId || member.role !== 'admin');

export const isLastOrgAdmin = (sim: Simulation, user: User): boolean =>
  user.role === 'organization_internal_admin' &&
  [...sim.world.users.values()].every(
    (other) =>
      other === user || other.orgId !== user.orgId || !other.active || other.role !== 'organization_internal_admin',
  );

/** Takes somebody out of a team and of its boards. Boards they own go to the longest-standing team admin. */
export function leaveTeam(sim: Simulation, team: Team, user: User): void {
  team.members.delete(user.id);
  for (const board of sim.world.boards.values()) if (board.teamId === team.id) leaveBoard(sim, board.id, user);
  for (const project of sim.world.projects.values()) if (project.teamId === team.id) project.members.delete(user.id);
}

/** Removes somebody from the organisation for good; a later group push can bring them back. */
export function deleteUser(sim: Simulation, user: User): void {
  for (const board of sim.world.boards.values()) leaveBoard(sim, board.id, user);
  for (const team of sim.world.teams.values()) team.members.delete(user.id);
  for (const project of sim.world.projects.values()) project.members.delete(user.id);
  for (const group of sim.world.userGroups.values()) group.members.delete(user.id);
  for (const grant of sim.world.grants.values()) if (grant.userId === user.id) grant.revokedAt ??= sim.clock.now();
  sim.world.users.delete(user.id);
  sim.world.deletedUsers.set(user.id, user);
}

function leaveBoard(sim: Simulation, boardId: string, user: User): void {
  const board = sim.world.boards.get(boardId);
  if (!board?.members.has(user.id) && board?.ownerId !== user.id) return;
  board.members.delete(user.id);
  if (board.ownerId !== user.id) return;
  const heir = heirOf(sim, board.teamId, user);
  if (!heir) return;
  board.ownerId = heir;
  board.members.set(heir, 'owner');
  indexBoard(sim, board);
}

/** The longest-standing admin of the team, else of the organisation. */
function heirOf(sim: Simulation, teamId: string, user: User): string | undefined {
  const admins = [...(sim.world.teams.get(teamId)?.members ?? [])]
    .filter(([id, member]) => id !== user.id && member.role === 'admin' && sim.world.users.get(id)?.active)
    .sort(([, a], [, b]) => a.createdAt - b.createdAt);
  if (admins[0]) return admins[0][0];
  const heads = [...sim.world.users.values()].filter(
    (u) => u !== user && u.orgId === user.orgId && u.active && u.role === 'organization_internal_admin',
  );
  return heads.sort((a, b) => a.createdAt - b.createdAt)[0]?.id;
}
