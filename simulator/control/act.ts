import { ApiError, boardNotFound, itemNotFound } from '../http/api-error.js';
import { createBoard, indexBoard, touch } from '../state/boards.js';
import { copyBoard } from '../state/copy-board.js';
import { deleteBoard } from '../state/delete-board.js';
import { issueGrant, revoke } from '../state/grants.js';
import { addItem, buildItem, removeItem, updateItem, type Author, type ItemInput } from '../state/items.js';
import { userByEmail } from '../state/invite.js';
import type { Simulation } from '../simulation.js';
import type { App, Board, BoardRole, Grant, Item, TeamRole, User } from '../state/world.js';
import { boardFields } from '../rest/board-view.js';
import { itemFields } from '../rest/item-view.js';
import { budgetKey } from '../http/authenticate.js';

/** What a person does in the browser; rights aren't checked, since the tests say who does what. */
interface Scene {
  sim: Simulation;
  input: Record<string, unknown>;
  user: User;
}
type Act = (scene: Scene) => unknown;

const ACTS: Record<string, Act> = {
  'move-item': (scene) => changeItem(scene, { position: { x: number(scene, 'x'), y: number(scene, 'y') } }),
  'edit-item': (scene) => changeItem(scene, scene.input as ItemInput),
  'add-item': (scene) => addAsPerson(scene, text(scene, 'type')),
  'add-sticky': (scene) => addAsPerson(scene, 'sticky_note'),
  'copy-item': ({ sim, input, user }) => {
    const board = boardOf(sim, input);
    const item = itemOf(board, input);
    const now = sim.clock.now();
    const copy = {
      ...structuredClone(item),
      id: sim.ids.next(),
      createdAt: now,
      createdBy: user.id,
      modifiedAt: now,
      modifiedBy: user.id,
    };
    copy.x += 40;
    copy.y += 40;
    return itemFields(sim, board, addItem(sim, board, copy));
  },
  'delete-item': ({ sim, input, user }) => {
    const board = boardOf(sim, input);
    removeItem(sim, board, itemOf(board, input), user.id);
    return { deleted: true };
  },
  'create-board': ({ sim, input, user }) => {
    const teamId = String(input['teamId'] ?? sim.account.teamId);
    const { name, description } = input as { name?: string; description?: string };
    return boardFields(sim, createBoard(sim, { name, description, teamId, ownerId: user.id }));
  },
  'copy-board': ({ sim, input, user }) => {
    const source = boardOf(sim, input);
    const name = typeof input['name'] === 'string' ? input['name'] : `Copy of ${source.name}`.slice(0, 60);
    return boardFields(sim, copyBoard(sim, source, { name, teamId: source.teamId, ownerId: user.id }));
  },
  'edit-board': ({ sim, input, user }) => {
    const board = boardOf(sim, input);
    board.name = String(input['name'] ?? board.name);
    board.description = String(input['description'] ?? board.description);
    touch(sim, user.id, board);
    indexBoard(sim, board);
    return boardFields(sim, board);
  },
  'delete-board': ({ sim, input, user }) => {
    deleteBoard(sim, boardOf(sim, input), user.id);
    return { deleted: true };
  },
  'change-role': changeRole,
  'remove-member': ({ sim, input }) => {
    boardOf(sim, input).members.delete(personOf(sim, input['user']).id);
    return { removed: true };
  },
  'fill-team': ({ sim, input }) => {
    const team = sim.world.teams.get(String(input['teamId'] ?? sim.account.teamId));
    if (!team) throw refused('teamId names no team');
    team.full = input['full'] !== false;
    return { teamId: team.id, full: team.full };
  },
  'link-app': ({ sim, input, user }) => {
    const grant = issueGrant(sim, appOf(sim, input), user, String(input['teamId'] ?? sim.account.teamId));
    if (Array.isArray(input['scopes'])) grant.scopes = input['scopes'].map(String);
    return grant;
  },
  authorize: ({ sim, input, user }) => {
    const app = appOf(sim, input);
    const code = sim.ids.secret(27);
    const teamId = String(input['teamId'] ?? sim.account.teamId);
    const redirectUri = String(input['redirectUri'] ?? app.redirectUris[0]);
    const expiresAt = sim.clock.now() + 600_000;
    sim.world.codes.set(code, { code, appId: app.id, userId: user.id, teamId, redirectUri, expiresAt, used: false });
    return { code, redirectUri };
  },
  'revoke-app': ({ sim, input, user }) => {
    const app = appOf(sim, input);
    const found = [...sim.world.grants.values()].filter((g) => g.appId === app.id && g.userId === user.id);
    for (const grant of found) revoke(sim, grant);
    return { revoked: found.length };
  },
  /** `which: "access"` leaves the refresh token alive. */
  'kill-token': ({ sim, input, user }) => {
    const found = grantsOf(sim, user, input);
    for (const grant of found) {
      if (input['which'] === 'access') grant.accessExpiresAt = sim.clock.now();
      else if (input['which'] === 'refresh') grant.refreshExpiresAt = sim.clock.now();
      else revoke(sim, grant);
    }
    return { killed: found.length };
  },
  'drain-credits': ({ sim, input, user }) => {
    const app = appOf(sim, input);
    const key = budgetKey({ app, user, grant: grantsOf(sim, user, input)[0]! });
    sim.credits.drain(key);
    return sim.credits.budget(key);
  },
};

/** Names of everything a person can do; `POST /_sim/act` lists them when it is asked for something else. */
export const actNames = Object.keys(ACTS);

/**
 * Does `input.do` as the user `input.as` (id or e-mail; by default the first admin).
 * @throws ApiError 400 that names what is missing
 */
export async function act(sim: Simulation, input: Record<string, unknown>): Promise<unknown> {
  const chosen = ACTS[String(input['do'])];
  if (!chosen) throw refused(`"do" must be one of ${actNames.join(', ')}`);
  return chosen({ sim, input, user: personOf(sim, input['as']) });
}

const refused = (message: string): ApiError => new ApiError(400, 'invalidParameters', message);

function personOf(sim: Simulation, name: unknown): User {
  if (name === undefined) return sim.world.users.values().next().value as User;
  const user = sim.world.users.get(String(name)) ?? userByEmail(sim, String(name));
  if (!user) throw refused(`Nobody has the id or e-mail ${String(name)}`);
  return user;
}

function boardOf(sim: Simulation, input: Record<string, unknown>): Board {
  const board = sim.world.boards.get(String(input['boardId']));
  if (!board || board.deletedAt !== undefined) throw boardNotFound();
  return board;
}

function itemOf(board: Board, input: Record<string, unknown>): Item {
  const item = board.items.get(String(input['itemId']));
  if (!item) throw itemNotFound(board.id);
  return item;
}

/** The app that `clientId` names, else the first one. */
function appOf(sim: Simulation, input: Record<string, unknown>): App {
  const wanted = input['clientId'] ?? sim.account.clientId;
  const app = [...sim.world.apps.values()].find((each) => each.clientId === wanted);
  if (!app) throw refused('clientId names no app');
  return app;
}

function grantsOf(sim: Simulation, user: User, input: Record<string, unknown>): Grant[] {
  const app = appOf(sim, input);
  return [...sim.world.grants.values()].filter((g) => g.appId === app.id && g.userId === user.id);
}

const person = (user: User): Author => ({ userId: user.id, appId: '' });

function inputOf({ input }: Scene): ItemInput {
  const { data, style, position, geometry, parent } = input as ItemInput;
  return { data, style, position, geometry, parent };
}

function changeItem(scene: Scene, change: ItemInput): unknown {
  const board = boardOf(scene.sim, scene.input);
  const item = itemOf(board, scene.input);
  updateItem(scene.sim, board, item, { ...inputOf(scene), ...change }, person(scene.user));
  return itemFields(scene.sim, board, item);
}

function addAsPerson(scene: Scene, type: string): unknown {
  const { sim, user, input } = scene;
  const board = boardOf(sim, input);
  const content = typeof input['content'] === 'string' ? { content: input['content'] } : {};
  const sent = { ...inputOf(scene), data: { ...content, ...inputOf(scene).data } };
  return itemFields(sim, board, addItem(sim, board, buildItem(sim, board, type, sent, person(user))));
}

/** On a board, in a team, or in the organisation, by what the input names. */
function changeRole({ sim, input }: Scene): unknown {
  const user = personOf(sim, input['user']);
  const role = input['role'];
  const team = sim.world.teams.get(String(input['teamId']));
  if (input['boardId'] !== undefined) boardOf(sim, input).members.set(user.id, role as BoardRole);
  else if (team) team.members.set(user.id, { ...freshMembership(sim, user), role: role as TeamRole });
  else user.role = role as User['role'];
  return { user: user.id, role };
}

const freshMembership = (
  sim: Simulation,
  user: User,
): { createdAt: number; createdBy: string; modifiedAt: number; modifiedBy: string } => {
  const now = sim.clock.now();
  return { createdAt: now, createdBy: user.id, modifiedAt: now, modifiedBy: user.id };
};

function number({ input }: Scene, name: string): number {
  const value = input[name];
  if (typeof value !== 'number') throw refused(`"${name}" must be a number`);
  return value;
}

function text({ input }: Scene, name: string): string {
  const value = input[name];
  if (typeof value !== 'string') throw refused(`"${name}" must be a string`);
  return value;
}
