import { ApiError, boardNotFound, itemNotFound } from '../http/api-error.js';
import { userByEmail } from '../state/invite.js';
import type { Simulation } from '../simulation.js';
import type { App } from '../state/app.js';
import type { Board, Item } from '../state/board.js';
import type { Team, User } from '../state/organisation.js';

/** One deed of one person: `user` does it, `input` is the request's body. */
export interface Scene {
  sim: Simulation;
  input: Record<string, unknown>;
  user: User;
}

/** Rights aren't checked: the test says who does what. */
export type Act = (scene: Scene) => unknown;

export const refused = (message: string): ApiError => new ApiError(400, 'invalidParameters', message);

/** A part of the input that must be text where it is given. */
export function text(input: Record<string, unknown>, name: string): string | undefined {
  const value = input[name];
  if (value === undefined || typeof value === 'string') return value;
  throw refused(`"${name}" must be a string`);
}

export function number(input: Record<string, unknown>, name: string): number {
  const value = input[name];
  if (typeof value === 'number') return value;
  throw refused(`"${name}" must be a number`);
}

/** Somebody by id or e-mail. */
export function personOf(sim: Simulation, name: string | undefined): User {
  const user = sim.world.users.get(name ?? '') ?? userByEmail(sim, name ?? '');
  if (!user) throw refused(`Nobody has the id or e-mail ${name}`);
  return user;
}

export function boardOf({ sim, input }: Scene): Board {
  const board = sim.world.boards.get(text(input, 'boardId') ?? '');
  if (!board || board.deletedAt !== undefined) throw boardNotFound();
  return board;
}

export function itemOf({ input }: Scene, board: Board): Item {
  const item = board.items.get(text(input, 'itemId') ?? '');
  if (!item) throw itemNotFound(board.id);
  return item;
}

/** The team that `teamId` names, else the first account's. */
export function teamOf({ sim, input }: Scene): Team {
  const team = sim.world.teams.get(text(input, 'teamId') ?? sim.account.teamId);
  if (!team) throw refused('teamId names no team');
  return team;
}

/** The app that `clientId` names, else the first one. */
export function appOf({ sim, input }: Scene): App {
  const wanted = text(input, 'clientId') ?? sim.account.clientId;
  const app = [...sim.world.apps.values()].find((each) => each.clientId === wanted);
  if (!app) throw refused('clientId names no app');
  return app;
}
