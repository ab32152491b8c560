import { json, noContent } from '../http/answer.js';
import { ApiError, forbidden, invalidField, notFound } from '../http/api-error.js';
import type { Call, Handlers } from '../http/call.js';
import { isListed } from '../state/access.js';
import { createBoard, indexBoard, mergePolicy, touch, type PolicyChanges } from '../state/boards.js';
import { copyBoard } from '../state/copy-board.js';
import { deleteBoard } from '../state/delete-board.js';
import type { Board } from '../state/board.js';
import type { User } from '../state/organisation.js';
import { boardOf } from './board-access.js';
import { boardView, withLastOpened } from './board-view.js';
import { offsetPage } from './pages.js';

interface BoardInput {
  name?: string;
  description?: string;
  teamId?: string;
  projectId?: string;
  policy?: PolicyChanges;
}

const FREE_BOARDS = 3;

export const boards: Handlers = {
  'create-board': (call) => {
    const input = call.body as BoardInput;
    const teamId = input.teamId ?? projectTeam(call, input.projectId) ?? call.actor.grant.teamId;
    requireTeam(call, teamId);
    requireProject(call, teamId, input.projectId);
    return json(201, boardView(call, createBoard(call.sim, { ...input, teamId, ownerId: call.actor.user.id })));
  },

  'get-boards': (call) => {
    const byPlace = call.query['team_id'] !== undefined || call.query['project_id'] !== undefined;
    const found = byPlace ? boardsOfPlace(call) : searchBoards(call);
    const show = sortOf(call) === 'last_opened' ? withLastOpened : boardView;
    return json(
      200,
      offsetPage(call, found, (board) => show(call, board)),
    );
  },

  'get-specific-board': (call) => {
    const board = boardOf(call, 'viewer');
    return json(200, withLastOpened(call, board));
  },

  'update-board': (call) => {
    const board = boardOf(call, 'editor');
    const input = call.body as BoardInput;
    const move = input.teamId !== undefined || input.projectId !== undefined ? placeOf(call, board, input) : undefined;
    if (input.policy) boardOf(call, 'coowner');
    board.name = input.name ?? board.name;
    board.description = input.description ?? board.description;
    board.policy = mergePolicy(call.sim, board.policy, input.policy);
    touch(call.sim, call.actor.user.id, board);
    indexBoard(call.sim, board);
    if (move && move.teamId !== board.teamId && call.sim.options.lagMs > 0) {
      // a move to another team is accepted first and finished later
      call.sim.finishLater(call.sim.options.lagMs, () => Object.assign(board, move));
      return { status: 202 };
    }
    Object.assign(board, move);
    return json(200, boardView(call, board));
  },

  'copy-board': async (call) => {
    const source = boardOf(call, 'viewer', call.query['copy_from'] ?? '');
    const input = call.body as BoardInput;
    requireCopyAccess(call, source);
    const teamId = input.teamId ?? source.teamId;
    requireTeam(call, teamId);
    await new Promise((done) => setTimeout(done, call.sim.options.copyMs).unref());
    if (source.deletedAt !== undefined) throw notFound('The board was deleted while it was copied');
    const copy = copyBoard(call.sim, source, { ...input, teamId, ownerId: call.actor.user.id });
    return json(201, boardView(call, copy));
  },

  'delete-board': (call) => {
    const board = boardOf(call, 'owner');
    deleteBoard(call.sim, board, call.actor.user.id);
    return noContent;
  },
};

function projectTeam(call: Call, projectId: string | undefined): string | undefined {
  return projectId === undefined ? undefined : call.sim.world.projects.get(projectId)?.teamId;
}

function requireTeam(call: Call, teamId: string): void {
  const { world } = call.sim;
  const { user } = call.actor;
  const team = world.teams.get(teamId);
  if (!team) throw notFound('Team not found');
  const role = team.members.get(user.id)?.role;
  if (team.orgId !== user.orgId || !role || role === 'non_team')
    throw forbidden('The user is not a member of the team');
  if (team.full) throw new ApiError(403, 'forbiddenAccess', 'The team has reached its limit of boards');
  const org = world.orgs.get(team.orgId);
  const count = (): number => [...world.boards.values()].filter((b) => b.teamId === teamId && !b.deletedAt).length;
  if (org?.plan === 'free' && count() >= FREE_BOARDS)
    throw new ApiError(403, 'forbiddenAccess', `The Free plan has at most ${FREE_BOARDS} team boards`);
}

function requireProject(call: Call, teamId: string, projectId: string | undefined): void {
  if (projectId === undefined) return;
  const project = call.sim.world.projects.get(projectId);
  if (!project) throw notFound('Project not found');
  if (project.teamId !== teamId) throw invalidField('projectId', 'The project does not belong to the team');
}

function requireCopyAccess(call: Call, board: Board): void {
  const { user } = call.actor;
  const team = call.sim.world.teams.get(board.teamId);
  const allowed: Record<string, () => boolean> = {
    anyone: () => true,
    team_members: () => team?.members.has(user.id) ?? false,
    team_editors: () => ['editor', 'coowner', 'owner'].includes(board.members.get(user.id) ?? ''),
    board_owner: () => board.ownerId === user.id,
  };
  if (!allowed[board.policy.permissionsPolicy.copyAccess]?.()) throw forbidden('The board may not be copied');
}

/** Where a board goes. */
function placeOf(call: Call, board: Board, input: BoardInput): Pick<Board, 'teamId' | 'projectId'> {
  const { user } = call.actor;
  const role = board.members.get(user.id);
  const enterprise = call.sim.options.plan === 'enterprise';
  const may = role === 'owner' || (enterprise && (role === 'coowner' || user.adminRoles.includes('Content Admin')));
  if (!may) throw forbidden('Only the owner of a board may move it');
  const teamId = input.teamId ?? projectTeam(call, input.projectId) ?? board.teamId;
  if (teamId !== board.teamId) requireTeam(call, teamId);
  requireProject(call, teamId, input.projectId);
  return { teamId, projectId: input.projectId ?? (teamId === board.teamId ? board.projectId : undefined) };
}

/** Lists by team or project are immediate; `query` and `owner` are ignored there. */
function boardsOfPlace(call: Call): Board[] {
  const { world } = call.sim;
  const { team_id: teamId, project_id: projectId } = call.query;
  const found = visible(call.actor.user, call, (board) => {
    if (teamId !== undefined && board.teamId !== teamId) return false;
    return projectId === undefined || board.projectId === projectId;
  });
  if (teamId !== undefined && !world.teams.has(teamId)) throw notFound('Team not found');
  return sortBoards(found, sortOf(call));
}

/** Everything else goes through the search index, which lags. */
function searchBoards(call: Call): Board[] {
  const now = call.sim.clock.now();
  const text = call.query['query']?.toLowerCase();
  const owner = call.query['owner'];
  const found = visible(call.actor.user, call, (board) => {
    const entry = board.index.findLast((e) => e.from <= now);
    if (!entry || (owner !== undefined && entry.ownerId !== owner)) return false;
    return !text || entry.name.toLowerCase().includes(text) || entry.description.toLowerCase().includes(text);
  });
  return sortBoards(found, 'last_opened');
}

function visible(user: User, call: Call, fits: (board: Board) => boolean): Board[] {
  const { world } = call.sim;
  const found: Board[] = [];
  for (const board of world.boards.values())
    if (board.deletedAt === undefined && fits(board) && isListed(world, board, user)) found.push(board);
  return found;
}

type Sort = 'last_modified' | 'last_opened' | 'last_created' | 'alphabetically';

function sortOf(call: Call): Sort {
  const { team_id: teamId, project_id: projectId, sort = 'default' } = call.query;
  if (teamId === undefined && projectId === undefined) return 'last_opened';
  if (sort === 'default') return teamId === undefined ? 'last_opened' : 'last_created';
  return sort as Sort;
}

const newestFirst = (time: (board: Board) => number) => (a: Board, b: Board) => time(b) - time(a);
const ORDER: Record<Sort, (a: Board, b: Board) => number> = {
  last_modified: newestFirst((b) => b.modifiedAt),
  last_opened: newestFirst((b) => b.lastOpenedAt),
  last_created: newestFirst((b) => b.createdAt),
  alphabetically: (a, b) => a.name.localeCompare(b.name, 'en'),
};

/** Equal times: the later made first. */
function sortBoards(found: Board[], sort: Sort): Board[] {
  return (sort === 'alphabetically' ? found : found.reverse()).sort(ORDER[sort]);
}
