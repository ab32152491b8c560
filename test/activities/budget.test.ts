import { beforeEach, describe, expect, it } from 'vitest';
import { createBudget, type Budget } from '../../activities/budget.js';
import type { Answer } from '../../miro/index.js';
import { createTestStore } from '../store/database.js';
import { createStage, failureOf } from './stage.js';

const WINDOW_MS = 60_000;
const LIMIT = 1_000;
const SHORT_MS = 0; // every wait is told, none is slept

let now: number;
let budget: Budget;
beforeEach(() => {
  now = WINDOW_MS * 1_000;
  budget = createBudget({ limit: LIMIT, windowMs: WINDOW_MS, shortWaitMs: SHORT_MS, now: () => now });
});

const WHO = { tenantId: 't', jobKind: 'provisionBoard', priority: 3 } as const;
const reserve = (key: string, credits: number, of = 'app:user') => budget.reserve({ ...WHO, budget: of, credits, key });
/** How long the caller is told to wait, in ms. */
const waitOf = async (key: string, credits: number): Promise<number> => {
  const failure = await failureOf(reserve(key, credits));
  expect(failure).toMatchObject({ type: 'Budget.wait', nonRetryable: false });
  return Number(failure.nextRetryDelay);
};
const windowEnd = (): number => (Math.floor(now / WINDOW_MS) + 1) * WINDOW_MS;
const answer = (remaining: number, changes: { resetAtMs?: number; limit?: number; status?: number } = {}): Answer => ({
  ...{ operation: 'get-items', credits: 50, sent: true, status: changes.status ?? 200, sentAtMs: now, tookMs: 1 },
  rateLimit: { limit: changes.limit ?? LIMIT, remaining, resetAtMs: changes.resetAtMs ?? windowEnd() },
});

describe('the account', () => {
  it('lets calls go while the window has credits, and tells the next one when to come back', async () => {
    for (let n = 0; n < 10; n += 1) (await reserve(`call:${n}`, 100)).answered(answer(LIMIT - 100 * (n + 1)));
    now += 20_000;
    expect(await waitOf('late', 100)).toBeGreaterThanOrEqual(40_000);
  });

  it('counts what is sent and not answered yet', async () => {
    await reserve('open', 900);
    await waitOf('next', 200);
  });

  it('gets back the credits of a call that was not sent', async () => {
    (await reserve('given up', 900)).release();
    await reserve('next', 1_000);
  });

  it('is told by the headers what another program has used', async () => {
    (await reserve('first', 100)).answered(answer(50));
    await waitOf('second', 100);
  });

  it('is told by the headers of a larger limit', async () => {
    (await reserve('first', 100)).answered(answer(4_900, { limit: 5_000 }));
    await reserve('second', 4_000);
  });

  it('believes the lowest of the answers that overtake each other', async () => {
    const [early, late] = [await reserve('early', 100), await reserve('late', 100)];
    late.answered(answer(100));
    early.answered(answer(200));
    await waitOf('next', 150);
  });

  it('is not misled by an answer of a window that is over', async () => {
    const slow = await reserve('slow', 100);
    const old = answer(0);
    (await reserve('quick', 100)).answered(answer(800));
    now += WINDOW_MS;
    (await reserve('now', 100)).answered(answer(900));
    slow.answered(old);
    await reserve('next', 800);
  });

  it('sends nothing more in a window in which Miro has said 429', async () => {
    (await reserve('first', 100)).answered(answer(900, { status: 429 }));
    now += await waitOf('second', 100);
    expect(now).toBeGreaterThan(WINDOW_MS * 1_001);
    await reserve('second', 100);
  });

  it('is one per app and user', async () => {
    await reserve('mine', 1_000);
    await reserve('theirs', 1_000, 'app:another user');
  });
});

describe('waiting', () => {
  beforeEach(async () => {
    (await reserve('first', 1_000)).answered(answer(0));
  });

  it('gives each waiter a moment of its own after the reset', async () => {
    const waits = [];
    for (let n = 0; n < 10; n += 1) waits.push(await waitOf(`waiter:${n}`, 100));
    expect(new Set(waits).size).toBe(10);
    expect(waits).toEqual([...waits].sort((a, b) => a - b));
    expect(now + (waits[0] ?? 0)).toBeGreaterThan(windowEnd());
    expect(now + (waits[9] ?? 0)).toBeLessThan(windowEnd() + WINDOW_MS);
    expect(now + (await waitOf('one too many', 100))).toBeGreaterThan(windowEnd() + WINDOW_MS);
  });

  it('keeps the place of who comes back, also before those who come new', async () => {
    const wait = await waitOf('patient', 1_000);
    now += wait;
    await waitOf('newcomer', 100);
    await reserve('patient', 1_000);
  });

  it('does not grow for who asks again early', async () => {
    const wait = await waitOf('impatient', 100);
    now += 1_000;
    expect(await waitOf('impatient', 100)).toBe(wait - 1_000);
  });

  it('gives up the place of who does not come back', async () => {
    await waitOf('gone', 1_000);
    now += 2 * WINDOW_MS;
    await reserve('newcomer', 1_000);
  });

  it('of a moment stays in the activity', async () => {
    const patient = createBudget({ limit: 100, windowMs: 40, shortWaitMs: 1_000 });
    await patient.reserve({ ...WHO, budget: 'b', credits: 100, key: 'first' });
    await patient.reserve({ ...WHO, budget: 'b', credits: 100, key: 'second' });
  });
});

it('uses the whole budget and never more while two hundred calls wait', async () => {
  const server = createServer();
  const total = 200;
  const queue = Array.from({ length: total }, (_, n) => ({ key: `call:${n}`, at: now }));
  const began = now;
  for (let next = queue.shift(); next; next = queue.sort((a, b) => a.at - b.at).shift()) {
    now = Math.max(now, next.at);
    try {
      (await reserve(next.key, 50)).answered(server.charge(50));
    } catch {
      queue.push({ key: next.key, at: now + (await waitOf(next.key, 50)) });
    }
  }
  expect(server.refused).toBe(0);
  // 10,000 credits of 1,000 a window: nine whole windows, and what of the last one its calls are spread over
  expect(now - began).toBeLessThan(10 * WINDOW_MS);
});

/** Miro's side of the account: windows by its own clock. */
function createServer() {
  let window = -1;
  let spent = 0;
  const server = {
    refused: 0,
    charge(credits: number): Answer {
      const current = Math.floor(now / WINDOW_MS);
      if (current !== window) [window, spent] = [current, 0];
      const fits = spent + credits <= LIMIT;
      if (fits) spent += credits;
      else server.refused += 1;
      return answer(LIMIT - spent, { status: fits ? 200 : 429 });
    },
  };
  return server;
}

it('spends no more than Miro allows on a real job, which waits and comes to its end', async () => {
  const store = await createTestStore();
  const stage = await createStage(store, { creditLimit: 1_000, windowMs: 2_000 });
  const note = (n: number) => ({
    ...{ id: `s${n}`, type: 'sticky_note' as const, content: `${n}`, position: { x: n * 300, y: 0 } },
  });
  const blueprint = {
    version: 1 as const,
    items: [note(0), note(1)],
    connectors: Array.from({ length: 20 }, (_, n) => ({ id: `c${n}`, from: 's0', to: 's1', caption: `${n}` })),
  };
  const { jobId } = await stage.open({ template: { blueprint } });
  await stage.untilDone((activities) => activities.ensureBoard({ jobId }));
  await stage.untilDone((activities) => activities.ensureItems({ jobId, batch: 0 }));
  const waits: string[] = [];
  await stage.untilDone(async (activities) => {
    await activities.ensureConnectors({ jobId }).catch((error: unknown) => {
      waits.push(String((error as { type?: string }).type));
      throw error;
    });
  });
  expect(waits.filter((type) => type !== 'Budget.wait')).toEqual([]);
  const requests = await stage.requests();
  expect(requests.filter(({ status }) => status === 429)).toEqual([]);
  expect(requests.filter(({ method, path }) => method === 'POST' && path.endsWith('/connectors'))).toHaveLength(20);
  await stage.close();
  await store.close();
});
