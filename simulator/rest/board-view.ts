import type { Call } from '../http/call.js';
import { isoSeconds } from '../state/clock.js';
import type { Simulation } from '../simulation.js';
import type { Board } from '../state/board.js';
import type { World } from '../state/world.js';
import { roleOn } from '../state/access.js';

export const boardPath = (id: string): string => `/v2/boards/${encodeURIComponent(id)}`;

export function userInfo(world: World, id: string): { id: string; name: string; type: string } {
  return { id, name: world.users.get(id)?.name ?? 'Deleted user', type: 'user' };
}

/** The caller-independent part of a board in Miro's own field names. */
export function boardFields(sim: Simulation, board: Board): Record<string, unknown> {
  const { world, baseUrl } = sim;
  const team = world.teams.get(board.teamId);
  const self = `${baseUrl}${boardPath(board.id)}`;
  return {
    id: board.id,
    type: 'board',
    name: board.name,
    description: board.description,
    team: { id: board.teamId, name: team?.name ?? '', type: 'team' },
    ...(board.projectId && { project: { id: board.projectId } }),
    policy: board.policy,
    viewLink: `https://miro.com/app/board/${board.id}`,
    owner: userInfo(world, board.ownerId),
    createdAt: isoSeconds(board.createdAt),
    createdBy: userInfo(world, board.createdBy),
    modifiedAt: isoSeconds(board.modifiedAt),
    modifiedBy: userInfo(world, board.modifiedBy),
    links: { self, related: `${self}/members?limit=20&offset=0` },
  };
}

export function boardView(call: Call, board: Board): Record<string, unknown> {
  const { sim, actor } = call;
  const role = roleOn(sim.world, board, actor.user);
  return {
    ...boardFields(sim, board),
    ...(role && { currentUserMembership: { id: actor.user.id, name: actor.user.name, role, type: 'board_member' } }),
  };
}

export const withLastOpened = (call: Call, board: Board): Record<string, unknown> => ({
  ...boardView(call, board),
  lastOpenedAt: isoSeconds(board.lastOpenedAt),
  lastOpenedBy: userInfo(call.sim.world, board.lastOpenedBy),
});
