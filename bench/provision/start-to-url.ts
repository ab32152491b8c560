/** (a) How much later than a plain script does the caller have the board's URL? */
import type { Measured } from '../document.js';
import { interleaved, median, timed } from '../samples.js';
import type { Stack } from '../stack.js';
import { smallBoard } from './boards.js';
import { plainScript } from './plain-script.js';

/** What one activity under update-with-start costs on a machine like ours is 47 ms; the rest is for the ledger. */
const GOAL_MS = 80;

export async function startToUrl({ miro, simulator }: Stack, { quick }: { quick: boolean }): Promise<Measured[]> {
  const script = plainScript(simulator, smallBoard);
  const byJob = async (n: number): Promise<number> => {
    let end: (() => Promise<string>) | undefined;
    const ms = await timed(async () => {
      const answer = await miro.provisionBoard({ ...smallBoard, key: `url:${n}` });
      if (answer.state !== 'ready') throw new Error(`the board is not there: ${answer.state}`);
      end = async () => (await answer.handle.result()) && answer.boardId;
    });
    // Its rest must not run beside the next sample, and the lists that both read must not grow.
    if (end) await script.deleteBoard(await end());
    return ms;
  };
  const byScript = async (): Promise<number> => {
    let boardId = '';
    const ms = await timed(async () => (boardId = await script.makeBoard()));
    await script.deleteBoard(boardId);
    return ms;
  };
  const { a: job, b: plain } = await interleaved(
    quick ? { pairs: 8, warmUp: 1 } : { pairs: 40, warmUp: 5 },
    byJob,
    byScript,
  );
  return [
    {
      metric: 'start → URL, against the same calls with @mirohq/miro-api',
      value: median(job),
      unit: 'ms',
      against: median(plain),
    },
    {
      metric: 'start → URL beyond the same calls',
      value: median(job) - median(plain),
      unit: 'ms',
      goal: ['value', '≤', GOAL_MS],
    },
  ];
}
