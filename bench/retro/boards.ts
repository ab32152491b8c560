/** The boards that are compared: the same stickies for both sides, each on a board of its own. */
import { randomBytes } from 'node:crypto';
import { makeBoard, plainBoard } from '../../test/retro-jobs/generated-boards.js';
import type { Stack } from '../stack.js';

export interface BenchBoard {
  boardId: string;
  /** What their texts begin with, up to a colon. */
  stickies: string[];
}

/** So many stickies that no other board has. */
export async function newBoard({ simulator }: Pick<Stack, 'simulator'>, count: number): Promise<BenchBoard> {
  const label = `Idea ${randomBytes(3).toString('hex')}`;
  const { boardId } = await makeBoard(simulator, plainBoard(count, label));
  return { boardId, stickies: Array.from({ length: count }, (_, n) => `${label} ${n + 1}`) };
}
