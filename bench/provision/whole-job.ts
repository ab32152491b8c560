/** (b) How long does a whole job take, held against a plain script that sends the same in sequence? */
import type { Measured } from '../document.js';
import { interleaved, median, timed } from '../samples.js';
import type { LogEntry } from '../../simulator/http/request-log.js';
import type { Stack } from '../stack.js';
import { fortyItems } from './boards.js';
import { plainScript } from './plain-script.js';

export async function wholeJob(stack: Stack, { quick }: { quick: boolean }): Promise<Measured[]> {
  const { miro, simulator } = stack;
  const script = plainScript(simulator, fortyItems);
  const byJob = (n: number): Promise<number> =>
    timed(async () => {
      const { handle } = await miro.provisionBoard({ ...fortyItems, key: `whole:${n}` });
      const { counts } = await handle.result();
      if (counts.made < 40) throw new Error(`the job made ${counts.made} parts of 40`);
    });
  const byScript = (): Promise<number> => timed(async () => script.fillBoard(await script.makeBoard()));

  await requireSameWrites(stack, () => byJob(-1), byScript);
  const { a: job, b: plain } = await interleaved({ pairs: quick ? 2 : 10, warmUp: 0 }, byJob, byScript);
  return [
    {
      metric: 'whole job of 40 items, against the same writes in sequence with @mirohq/miro-api',
      value: median(job),
      unit: 'ms',
      against: median(plain),
      goal: ['ratio', '≤', 1.3],
    },
  ];
}

/** A comparison of different work would be worth nothing. Doubles as the warm-up. */
async function requireSameWrites(
  { requests }: Stack,
  job: () => Promise<unknown>,
  script: () => Promise<unknown>,
): Promise<void> {
  const before = (await requests()).length;
  await job();
  const between = (await requests()).length;
  await script();
  const all = await requests();
  const [byJob, byScript] = [writesIn(all.slice(before, between)), writesIn(all.slice(between))];
  if (byJob !== byScript) throw new Error(`the job wrote ${byJob}, the script wrote ${byScript}`);
}

/** e.g. `1 POST /v2/boards, 6 POST /v2/boards/…/connectors`. */
function writesIn(log: LogEntry[]): string {
  const counts = new Map<string, number>();
  for (const { method, path } of log) {
    if (method === 'GET') continue;
    const kind = `${method} ${path.replace(/(?<=\/)(?:\d+|uXj[^/]+)/g, '…')}`;
    counts.set(kind, (counts.get(kind) ?? 0) + 1);
  }
  return [...counts]
    .map(([kind, count]) => `${count} ${kind}`)
    .sort()
    .join(', ');
}
