/** (c) What does a large board cost: memory of the worker, and credits beyond the least? */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { setTimeout as delay } from 'node:timers/promises';
import { ROWS_IN_TEXT } from '../../jobs/retro-to-tickets/row-html.js';
import { OPERATIONS } from '../../miro/index.js';
import type { Measured } from '../document.js';
import { median } from '../samples.js';
import type { Stack } from '../stack.js';
import { newBoard } from './boards.js';
import { runRetro } from './whole-run.js';

const SAMPLE_MS = 200;
/** What Miro gives of a list at once. */
const PAGE = 50;

export async function largeBoard(stack: Stack, { quick }: { quick: boolean }): Promise<Measured[]> {
  const stickies = quick ? 1_000 : 5_000;
  const { boardId } = await newBoard(stack, stickies);
  const before = (await stack.requests()).length;
  const memory = await memoryDuring(stack, () => runRetro(stack, { name: 'builtin' }, boardId));
  const used = (await stack.requests()).slice(before).reduce((sum, { credits }) => sum + credits, 0);
  const quarter = Math.ceil(memory.length / 4);
  return [
    {
      metric: `${stickies} stickies: memory of the worker in the last quarter of the run, against the second`,
      value: median(memory.slice(-quarter)),
      unit: 'MB',
      // In the first one the whole board is in memory, while it is planned.
      against: median(memory.slice(quarter, 2 * quarter)),
      goal: ['ratio', '≤', 1.3],
    },
    { metric: `${stickies} stickies: most memory of the worker`, value: Math.max(...memory), unit: 'MB' },
    {
      metric: `${stickies} stickies: credits used, against the least possible`,
      value: used,
      unit: 'credits',
      against: leastCredits(stickies),
      goal: ['ratio', '≤', 1.1],
    },
  ];
}

/** The board, each of its lists once, a tag for all stickies, a frame with rows. */
function leastCredits(stickies: number): number {
  const of = (operation: keyof typeof OPERATIONS, calls = 1): number => OPERATIONS[operation].credits * calls;
  const reading =
    of('get-specific-board') +
    of('get-items', Math.ceil(stickies / PAGE)) +
    of('get-connectors') +
    of('get-all-groups') +
    of('get-tags-from-board') +
    of('get-board-members');
  const rows = of('create-frame-item') + of('create-items', Math.ceil(stickies / ROWS_IN_TEXT));
  return reading + of('create-tag') + of('attach-tag-to-item', stickies) + rows;
}

/** Resident memory of the worker, in MB, from the start to the end of `run`. */
async function memoryDuring({ workerPid }: Stack, run: () => Promise<void>): Promise<number[]> {
  const samples: number[] = [];
  let over = false;
  const watch = async (): Promise<void> => {
    while (!over) {
      const { stdout } = await promisify(execFile)('ps', ['-o', 'rss=', '-p', String(workerPid)]);
      samples.push(Number(stdout) / 1024);
      await delay(SAMPLE_MS);
    }
  };
  const ended = run().finally(() => (over = true));
  await Promise.all([ended, watch()]);
  return samples;
}
