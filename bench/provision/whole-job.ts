/** (b) How long does a whole job take, held against a plain script that sends the same in sequence? */
import type { LogEntry } from '../../simulator/http/request-log.js';
import type { Measured } from '../document.js';
import { interleaved, median, timed } from '../samples.js';
import type { Stack } from '../stack.js';
import { fortyItems } from './boards.js';
import { plainScript } from './plain-script.js';

export async function wholeJob({ miro, simulator, requests }: Stack, { quick }: { quick: boolean }): Promise<Measured> {
  const script = plainScript(simulator, fortyItems);
  const byJob = (n: number): Promise<number> =>
    timed(async () => {
      const { handle } = await miro.provisionBoard({ ...fortyItems, key: `whole:${n}` });
      await handle.result();
    });
  const byScript = (): Promise<number> => timed(async () => script.fillBoard(await script.makeBoard()));

  const before = (await requests()).length;
  const size = quick ? { pairs: 2, warmUp: 0 } : { pairs: 10, warmUp: 1 };
  const { a: job, b: plain } = await interleaved(size, byJob, byScript);
  requireSameWrites((await requests()).slice(before));
  return {
    metric: 'whole job of 40 items, against the same writes in sequence with @mirohq/miro-api',
    value: median(job),
    unit: 'ms',
    against: median(plain),
    goal: ['ratio', '≤', 1.3],
  };
}

/** @throws Error if the boards of jobs and scripts were not filled alike: a comparison of different work is worth nothing. */
function requireSameWrites(log: LogEntry[]): void {
  const writes = new Map<string, string[]>();
  for (const { method, path } of log) {
    const [, boardId, rest = ''] = /^\/v2\/boards\/([^/]+)(.*)$/.exec(path) ?? [];
    if (method === 'GET' || boardId === undefined) continue;
    const kind = `${method} ${rest.replace(/\d+/g, '…')}`;
    writes.set(boardId, [...(writes.get(boardId) ?? []), kind]);
  }
  const kinds = new Set([...writes.values()].map((each) => each.sort().join(', ')));
  if (kinds.size !== 1) throw new Error(`jobs and scripts did not write the same: ${[...kinds].join(' | ')}`);
}
