/** (b) What is doubled and what is lost when one call in twenty goes wrong, with Miro and with the tracker? */
import type { FaultRule } from '../../simulator/faults/rules.js';
import type { Measured } from '../document.js';
import type { Stack } from '../stack.js';
import { newBoard } from './boards.js';
import { again, plainRetro } from './plain-script.js';
import { tally, type Tally } from './tally.js';
import { startTracker, type BenchTracker } from './trackers.js';
import { runRetro } from './whole-run.js';

const SHARE = 0.05;
const KINDS = ['429', '5xx-after', 'drop-after'] as const;

/** Each kind takes its part of what the kinds before it leave. */
const faults = (match: FaultRule['match']): FaultRule[] =>
  KINDS.map((fault) => ({ match, fault, when: { probability: SHARE / KINDS.length } }));

export async function underFaults(stack: Stack, { quick }: { quick: boolean }): Promise<Measured[]> {
  const kinds = ['github', 'jira'] as const;
  const trackers = await Promise.all(kinds.map((kind) => startTracker(stack, kind)));
  const parts = await Promise.all(trackers.map((tracker) => prepare(stack, tracker, quick ? 60 : 200)));
  try {
    await setMiroFaults(stack, faults({ path: '/v2/**' }));
    for (const tracker of trackers) await tracker.fail(faults({}));
    await Promise.all(parts.map(({ run }) => run()));
    await setMiroFaults(stack, []);
    return (await Promise.all(parts.map(({ measured }) => measured()))).flat();
  } finally {
    for (const tracker of trackers) await tracker.stop();
  }
}

interface Part {
  run: () => Promise<unknown>;
  measured: () => Promise<Measured[]>;
}

/** Boards for both sides, made before anything goes wrong. */
async function prepare(stack: Stack, tracker: BenchTracker, stickies: number): Promise<Part> {
  const [ours, plain] = [await newBoard(stack, stickies), await newBoard(stack, stickies)];
  return {
    run: () =>
      Promise.all([
        runRetro(stack, tracker, ours.boardId),
        plainRetro({ miro: stack.simulator, tracker, send: again }, plain.boardId),
      ]),
    measured: async () => {
      const tallies = await Promise.all([ours, plain].map((board) => tally(stack, tracker, board)));
      const of = (what: keyof Tally, words: string): Measured => ({
        metric: `${stickies} stickies, 5 % faults (${tracker.kind}): ${words}, against a loop that tries again`,
        ...{ value: tallies[0]?.[what] ?? NaN, unit: '', against: tallies[1]?.[what] ?? NaN, goal: ['value', '≤', 0] },
      });
      return [of('twice', 'tickets and rows made twice'), of('missing', 'tickets, rows and tags lost')];
    },
  };
}

async function setMiroFaults({ simulator }: Stack, rules: FaultRule[]): Promise<void> {
  const headers = { 'content-type': 'application/json' };
  await fetch(`${simulator.url}/_sim/faults`, { method: 'PUT', headers, body: JSON.stringify(rules) });
}
