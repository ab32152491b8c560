import type { Body } from '../simulator/miro.js';
import { allowed, type Model, type ModelBoard } from './model.js';

/** A request, what the model expects of it, and what becomes of the model once it is done. */
export interface Planned {
  method: string;
  path: string;
  body?: unknown;
  status: number;
  done: (answer: Body) => unknown;
}

/** What a command has to choose from; `chance` are the numbers by which it chooses. */
export interface Situation {
  model: Model;
  board: ModelBoard;
  chance: readonly number[];
  /** The id of a person. */
  idOf: (email: string) => string;
  /** Ids of a board's tags, items and groups at Miro, in the order in which they were made. */
  partsOf: (boardId: string) => Promise<string[]>;
}

/** Undefined where there is nothing to do it to. */
export type Command = (situation: Situation) => Planned | undefined;

/** One of all by a number; undefined if there is none. */
export function pick<T>(from: Iterable<T>, n = 0): T | undefined {
  const all = [...from];
  return all[n % Math.max(1, all.length)];
}

/**
 * A request on a board for which somebody needs a role: without it, it is refused with 403, whatever else is wrong.
 * `done` is for a request that succeeds.
 */
export function onBoard(
  board: ModelBoard,
  needed: string,
  { method, at = '', body, status, done }: Omit<Planned, 'path'> & { at?: string },
): Planned {
  const expected = allowed(board, needed) ? status : 403;
  const path = `/v2/boards/${encodeURIComponent(board.id)}${at}`;
  return { method, path, body, status: expected, done: (answer) => (expected < 300 ? done(answer) : undefined) };
}

/** Titles and texts that are easily confused, or broken on the way. */
export const NAMES = ['a', 'A', 'ä', '字', '👍🏽', 'two words'];
