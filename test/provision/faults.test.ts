import { afterEach, describe, expect, it } from 'vitest';
import { realistic } from '../../simulator/faults/realistic.js';
import type { FaultRule } from '../../simulator/faults/rules.js';
import { retro, startStack, type Stack, type StackOptions } from '../stack.js';
import { ask, finished, pictureOf, theBoard } from './boards.js';
import { until } from './until.js';

let stack: Stack | undefined;
afterEach(async () => {
  await stack?.close();
  stack = undefined;
});

async function start(options: StackOptions = {}): Promise<Stack> {
  stack = await startStack(options);
  await stack.work();
  return stack;
}

interface Request {
  status: number | null;
}
const requests = async (stack: Stack): Promise<Request[]> => (await stack.sim('requests')) as Request[];

describe('credits', () => {
  it('waits for the next window when they are used up in the middle, visibly, and without a storm', async () => {
    const stack = await start({ simulator: { creditLimit: 900, windowMs: 4_000 } });
    const { handle } = await ask(stack, retro('credits'));
    const waiting = await until(async () => {
      const now = await handle.status();
      return now.waiting?.for === 'credits' && now;
    });
    expect(waiting).toMatchObject({
      state: 'running',
      waiting: { detail: expect.stringContaining('credits') as string },
    });
    expect(Date.parse(waiting.waiting?.until ?? '')).toBeGreaterThan(0);
    expect(await handle.result()).toMatchObject({ ending: 'done', counts: { made: 12, failed: 0 } });
    const sent = await requests(stack);
    expect(sent.filter(({ status }) => status === 429).length).toBeLessThanOrEqual(2);
    expect(sent.length).toBeLessThan(40);
  });

  it('waits when another program has used them up', async () => {
    const stack = await start({ simulator: { windowMs: 3_000 } });
    const { handle } = await ask(stack, retro('drained'));
    await stack.sim('act', { do: 'drain-credits' });
    expect(await handle.result()).toMatchObject({ ending: 'done', counts: { made: 12, failed: 0 } });
    expect((await requests(stack)).filter(({ status }) => status === 429).length).toBeLessThanOrEqual(3);
  });
});

describe('a Miro that answers badly', () => {
  const POST = { method: 'POST', path: '/v2/**' };
  const cases: [string, FaultRule[]][] = [
    ['HTML in place of JSON after each second write', [{ match: POST, when: { every: 2 }, fault: 'html' }]],
    ['HTML with status 200', [{ match: POST, when: { every: 3 }, fault: 'html', status: 200 }]],
    ['truncated bodies', [{ match: { path: '/v2/**' }, when: { every: 3 }, fault: 'truncate' }]],
    ['lost answers', [{ match: POST, when: { every: 2 }, fault: 'drop-after' }]],
    [
      'single 401s and 429s',
      [
        { match: { path: '/v2/**' }, when: { every: 4 }, fault: '401' },
        { match: { path: '/v2/**' }, when: { every: 5 }, fault: '429', times: 3 },
      ],
    ],
    ['what it really did in 2026', realistic],
  ];

  it('leaves the same board, made once', { timeout: 240_000 }, async () => {
    const undisturbed = await start();
    expect((await finished(undisturbed, retro('bad'))).result.ending).toBe('done');
    const picture = pictureOf(await theBoard(undisturbed));
    const pictures = await Promise.all(
      cases.map(async ([name, faults]) => {
        const own = await startStack({ simulator: { faults } });
        try {
          await own.work();
          await ask(own, retro('bad')).catch(() => undefined);
          const result = await own.miro.job({ key: 'bad' }).result();
          expect(result, name).toMatchObject({ ending: 'done', counts: { failed: 0, refused: 0, skipped: 0 } });
          return [name, pictureOf(await theBoard(own))];
        } finally {
          await own.close();
        }
      }),
    );
    expect(pictures).toEqual(cases.map(([name]) => [name, picture]));
  });
});
