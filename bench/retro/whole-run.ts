/** (a) How long do all tickets of a board take, held against a script with the official clients? */
import type { Measured } from '../document.js';
import { interleaved, median, timed } from '../samples.js';
import type { Stack } from '../stack.js';
import { newBoard, type BenchBoard } from './boards.js';
import { once, plainRetro } from './plain-script.js';
import { tally } from './tally.js';
import { startTracker, type BenchTracker } from './trackers.js';

const NAMES = { github: 'GitHub, octokit', jira: 'Jira, jira.js' };

export async function wholeRun(
  stack: Stack,
  kind: BenchTracker['kind'],
  { quick }: { quick: boolean },
): Promise<Measured> {
  const stickies = quick ? 60 : 200;
  const tracker = await startTracker(stack, kind);
  const sample = async (run: (board: BenchBoard) => Promise<unknown>): Promise<number> => {
    const board = await newBoard(stack, stickies);
    const ms = await timed(() => run(board));
    const { twice, missing } = await tally(stack, tracker, board);
    if (twice + missing > 0) throw new Error(`a run made ${twice} too much and ${missing} not at all`);
    return ms;
  };
  const ours = ({ boardId }: BenchBoard): Promise<unknown> => runRetro(stack, tracker, boardId);
  const plain = ({ boardId }: BenchBoard): Promise<void> =>
    plainRetro({ miro: stack.simulator, tracker, send: once }, boardId);
  try {
    const size = quick ? { pairs: 1, warmUp: 0 } : { pairs: 4, warmUp: 1 };
    const { a, b } = await interleaved(
      size,
      () => sample(ours),
      () => sample(plain),
    );
    return {
      metric: `${stickies} stickies → tickets (${NAMES[kind]}), against a loop with the official clients`,
      value: median(a),
      unit: 'ms',
      against: median(b),
      goal: ['ratio', '≤', 1.3],
    };
  } finally {
    await tracker.stop();
  }
}

/** A run of ours to its end. @throws Error unless all went well */
export async function runRetro({ miro }: Stack, tracker: Pick<BenchTracker, 'name'>, board: string): Promise<void> {
  const { handle } = await miro.retroToTickets({ board, tracker: tracker.name });
  const { ending, counts } = await handle.result();
  if (ending !== 'done' || counts.failed + counts.refused > 0)
    throw new Error(`the run on board ${board} ended as ${ending}: ${JSON.stringify(counts)}`);
}
