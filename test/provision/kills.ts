/** Runs of one job in which Miro misbehaves and the worker is killed, for kill.test.ts and kill.soak.ts. */
import { expect } from 'vitest';
import type { ProvisionRequest } from '../../client/index.js';
import type { FaultRule } from '../../simulator/faults/rules.js';
import { retro, startStack, type Stack, type StackOptions } from '../stack.js';
import { ask, pictureOf, theBoard } from './boards.js';
import { until } from './until.js';

const request: ProvisionRequest = retro('killed');

/** arrived: the request is there and not worked on yet. written: worked on, not answered. answered: the answer is on its way. */
export type Moment = 'arrived' | 'written' | 'answered';

export interface KillPoint {
  /** Of the n-th write, counted from 1. */
  write: number;
  moment: Moment;
}

interface Request {
  method: string;
  path: string;
  fault: string | null;
}

const WRITES: FaultRule['match'] = { method: 'POST', path: '/v2/**' };

/** The board of a run in which nothing goes wrong, and the number of its writes. */
export async function undisturbed(): Promise<{ picture: object; writes: number }> {
  return await withStack(async (stack) => {
    await stack.work();
    const { handle } = await ask(stack, request);
    expect((await handle.result()).ending).toBe('done');
    return { picture: pictureOf(await theBoard(stack)), writes: (await writesOf(stack)).length };
  });
}

/** The board of a run whose worker process was killed with SIGKILL at that point, and started again. */
export async function killedAt({ write, moment }: KillPoint): Promise<object> {
  return await withStack(async (stack) => {
    const held = { arrived: 'slow', written: 'timeout', answered: undefined } as const;
    const fault = held[moment];
    if (fault) await setFaults(stack, [{ match: WRITES, when: { nth: write }, fault, delayMs: 150 }]);
    const worker = await stack.spawnWorker();
    const answered = ask(stack, request);
    await until(() => (fault ? hasFired(stack) : hasAnswered(stack, write)), 120_000);
    expect(await worker.kill('SIGKILL')).toMatchObject({ signal: 'SIGKILL' });
    await stack.spawnWorker();
    return await endOf(stack, answered);
  });
}

/** A run under `faults`, whose worker is killed after each of these numbers of writes, and started again. */
export async function disturbed(faults: FaultRule[], killsAfter: number[], seed: number): Promise<object> {
  return await withStack(
    async (stack) => {
      await setFaults(stack, faults);
      let worker = await stack.spawnWorker();
      const answered = ask(stack, request);
      for (const write of killsAfter) {
        await until(() => hasAnswered(stack, write), 120_000);
        await worker.kill('SIGKILL');
        worker = await stack.spawnWorker();
      }
      return await endOf(stack, answered);
    },
    { simulator: { seed } },
  );
}

async function withStack<T>(run: (stack: Stack) => Promise<T>, options: StackOptions = {}): Promise<T> {
  const stack = await startStack(options);
  try {
    return await run(stack);
  } finally {
    await stack.close();
  }
}

async function endOf(stack: Stack, answered: ReturnType<typeof ask>): Promise<object> {
  await answered.catch(() => undefined); // the caller may have given up; the job has not
  const result = await stack.miro.job({ key: 'killed' }).result();
  expect(result).toMatchObject({ ending: 'done', counts: { failed: 0, refused: 0, skipped: 0 } });
  return pictureOf(await theBoard(stack));
}

const setFaults = (stack: Stack, faults: FaultRule[]) => stack.sim('faults', faults, 'PUT');

const writesOf = async (stack: Stack): Promise<Request[]> =>
  ((await stack.sim('requests')) as Request[]).filter(({ method }) => method === 'POST');

const hasAnswered = async (stack: Stack, write: number): Promise<boolean> => (await writesOf(stack)).length >= write;

async function hasFired(stack: Stack): Promise<boolean> {
  return ((await stack.sim('faults')) as { fired: number }[]).some(({ fired }) => fired > 0);
}
