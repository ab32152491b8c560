import type { Board, BoardRole } from './board.js';
import type { User } from './organisation.js';
import type { World } from './world.js';

const RANK: readonly BoardRole[] = ['viewer', 'commenter', 'editor', 'coowner', 'owner'];
const BY_POLICY: Record<string, BoardRole> = { view: 'viewer', comment: 'commenter', edit: 'editor' };
const BY_PROJECT: Record<string, BoardRole> = {
  viewer: 'viewer',
  commentator: 'commenter',
  editor: 'editor',
  coowner: 'editor',
  owner: 'editor',
};

export const rankOf = (role: BoardRole): number => RANK.indexOf(role);

/** The best role that membership, team, organisation, project or the public link give; undefined is no access. */
export function roleOn(world: World, board: Board, user: User): BoardRole | undefined {
  const { sharingPolicy } = board.policy;
  const team = world.teams.get(board.teamId);
  const teamRole = team?.members.get(user.id)?.role;
  const projectRole = world.projects.get(board.projectId ?? '')?.members.get(user.id)?.role;
  const roles = [
    board.members.get(user.id),
    BY_POLICY[sharingPolicy.access],
    teamRole && teamRole !== 'non_team' ? BY_POLICY[sharingPolicy.teamAccess] : undefined,
    team?.orgId === user.orgId && user.role !== 'organization_external_user'
      ? BY_POLICY[sharingPolicy.organizationAccess]
      : undefined,
    projectRole && BY_PROJECT[projectRole],
  ].filter((role) => role !== undefined);
  return roles.reduce<BoardRole | undefined>((best, r) => (!best || rankOf(r) > rankOf(best) ? r : best), undefined);
}

/** Whether a list shows the board: a public link alone doesn't put it there; Content Admins see all. */
export function isListed(world: World, board: Board, user: User): boolean {
  if (board.members.has(user.id)) return true;
  const team = world.teams.get(board.teamId);
  if (team?.orgId !== user.orgId) return false;
  if (user.adminRoles.includes('Content Admin')) return true;
  return board.policy.sharingPolicy.access === 'private'
    ? roleOn(world, board, user) !== undefined
    : team.members.has(user.id);
}
