import type { Simulation } from '../simulation.js';
import type { User } from './organisation.js';

// Operations that an audit log tells of, with the event's name and category.
const EVENTS: Record<string, [name: string, category: string]> = {
  'create-board': ['board_created', 'board'],
  'copy-board': ['board_duplicated', 'board'],
  'update-board': ['board_changed', 'board'],
  'delete-board': ['board_deleted', 'board'],
  'share-board': ['board_member_invited', 'board'],
  'update-board-member': ['board_member_role_changed', 'board'],
  'remove-board-member': ['board_member_removed', 'board'],
  'enterprise-create-team': ['team_created', 'team'],
  'enterprise-update-team': ['team_changed', 'team'],
  'enterprise-delete-team': ['team_deleted', 'team'],
  'enterprise-invite-team-member': ['team_user_added', 'team'],
  'enterprise-update-team-member': ['team_user_role_changed', 'team'],
  'enterprise-delete-team-member': ['team_user_deleted', 'team'],
  'enterprise-create-project': ['project_created', 'project'],
  'enterprise-delete-project': ['project_deleted', 'project'],
  'enterprise-post-user-sessions-reset': ['user_sessions_reset', 'security'],
};

/** Writes the audit log's line for an operation that succeeded. */
export function recordAudit(sim: Simulation, operation: string, user: User, params: Record<string, string>): void {
  const event = EVENTS[operation];
  if (!event) return;
  const [name, category] = event;
  const { board_id: boardId, team_id: teamId } = params;
  const board = sim.world.boards.get(boardId ?? '');
  const team = sim.world.teams.get(teamId ?? board?.teamId ?? '');
  const object = { id: boardId ?? teamId ?? user.orgId, name: board?.name ?? team?.name ?? '' };
  const createdAt = sim.clock.now();
  sim.world.audit.push({ id: sim.ids.next(), name, category, createdAt, userId: user.id, teamId: team?.id, object });
}
