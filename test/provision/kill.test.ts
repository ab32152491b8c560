import { expect, it } from 'vitest';
import { killedAt, undisturbed, type KillPoint } from './kills.js';

/** Board, frames, items, tag, connector, and what the mail would say; all other points are in kill.soak.ts. */
const POINTS: KillPoint[] = [
  { write: 1, moment: 'written' },
  { write: 2, moment: 'answered' },
  { write: 3, moment: 'arrived' },
  { write: 6, moment: 'written' },
  { write: 8, moment: 'answered' },
];

it('leaves the same board as an undisturbed run, wherever the worker is killed', { timeout: 300_000 }, async () => {
  const { picture, writes } = await undisturbed();
  expect(writes).toBe(8);
  const boards = await Promise.all(POINTS.map(killedAt));
  for (const board of boards) expect(board).toEqual(picture);
});
