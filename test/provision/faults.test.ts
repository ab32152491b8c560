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
  const ANY = { path: '/v2/**' };
  const POST = { method: 'POST', path: '/v2/**' };
  let picture: object | undefined;

  /** What a run leaves behind in which nothing goes wrong. */
  async function undisturbed(): Promise<object> {
    const stack = await start();
    await finished(stack, retro('bad'));
    const seen = pictureOf(await theBoard(stack));
    await stack.close();
    return seen;
  }

  it.each<[string, FaultRule[]]>([
    ['HTML in place of JSON', [{ match: POST, when: { every: 2 }, fault: 'html', times: 3 }]],
    ['HTML with status 200', [{ match: POST, when: { every: 3 }, fault: 'html', status: 200, times: 3 }]],
    ['truncated bodies', [{ match: ANY, when: { every: 3 }, fault: 'truncate', times: 5 }]],
    ['no answer after the write', [{ match: POST, when: { every: 2 }, fault: 'drop-after', times: 3 }]],
    ['a 500 after the write', [{ match: POST, when: { every: 2 }, fault: '5xx-after', times: 3 }]],
    [
      'single 401s and 429s',
      [
        { match: ANY, when: { every: 4 }, fault: '401', times: 3 },
        { match: ANY, when: { every: 5 }, fault: '429', times: 1 },
      ],
    ],
    ['what was seen in 2026', realistic],
  ])('leaves the same board, made once: %s', { timeout: 120_000 }, async (_, faults) => {
    picture ??= await undisturbed();
    const stack = await start({ simulator: { faults, windowMs: 5_000 } }); // a 429 waits for the next window
    await ask(stack, retro('bad')).catch(() => undefined); // the caller may give up, the job does not
    const result = await stack.miro.job({ key: 'bad' }).result();
    expect(result).toMatchObject({ ending: 'done', counts: { failed: 0, refused: 0, skipped: 0 } });
    expect(pictureOf(await theBoard(stack))).toEqual(picture);
  });
});
