import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { createBudget } from '../../activities/budget.js';
import { openChannel, type Channel } from '../../activities/budget-channel.js';
import { lockBudget, readBudget, type BudgetId } from '../../store/budgets.js';
import type { Db } from '../../store/db.js';
import { createTestStore, type TestStore } from '../store/database.js';
import { failureOf, TIMES } from './stage.js';

let store: TestStore;
beforeAll(async () => {
  store = await createTestStore();
});
afterAll(() => store.close());
afterEach(() => void vi.useRealTimers());

const budget = (key: string): BudgetId => ({ key, kind: 'rest', limit: 1_000, windowMs: 60_000 });

/** A store that fails while it is told to. */
function failing() {
  const state: { error?: Error | undefined; tries: number } = { tries: 0 };
  const query: Db['query'] = (sql, params) => {
    if (!state.error) return store.db.query(sql, params);
    state.tries += 1;
    return Promise.reject(state.error);
  };
  return { state, db: { ...store.db, query } };
}

function open(db: Db, name: string) {
  const lines: string[] = [];
  const channel = openChannel(budget(name), {
    db,
    longestMs: 1_000,
    patienceMs: 1_000,
    log: (line) => lines.push(line),
  });
  return { channel, lines };
}

function ask(channel: Channel, key: string) {
  const id = crypto.randomUUID();
  return channel.ask({ id, key, tenantId: store.tenantId, priority: 3, credits: 50 });
}

function told() {
  const at = performance.now();
  const window = { name: 1_800_000_000_000, endsInMs: 50_000, remaining: 700, limit: 1_000 };
  return { id: crypto.randomUUID(), credits: 50, sentAt: at, receivedAt: at, status: 200, window };
}

describe('what was told', () => {
  it('goes to the store later where that is away now', async () => {
    const { state, db } = failing();
    const { channel, lines } = open(db, 'away');
    state.error = new Error('connection refused');
    channel.tell(told());
    await expect.poll(() => state.tries).toBeGreaterThan(0);
    state.error = undefined;
    await ask(channel, 'next');
    expect((await readBudget(store.db, budget('away'))).account.told).toMatchObject({ remaining: 700 });
    expect(lines).toEqual([]);
  });

  it('is given up where the store takes no such value, so that the budget lives on', async () => {
    const { state, db } = failing();
    const { channel, lines } = open(db, 'refused');
    state.error = Object.assign(new Error('invalid input syntax for type integer'), { code: '22P02' });
    channel.tell(told());
    await expect
      .poll(() => lines)
      .toEqual([
        'the store refused what 1 answers told about the budget "refused": invalid input syntax for type integer',
      ]);
    state.error = undefined;
    await ask(channel, 'next');
    expect((await readBudget(store.db, budget('refused'))).account.told).toBeUndefined();
  });

  it('is tried again less and less often while the store is away', async () => {
    vi.useFakeTimers();
    const { state, db } = failing();
    const { channel } = open(db, 'long away');
    state.error = new Error('connection refused');
    channel.tell(told());
    await vi.advanceTimersByTimeAsync(30_000);
    expect(state.tries).toBeGreaterThan(8);
    expect(state.tries).toBeLessThan(20);
  });
});

describe('a process that is far from the store', () => {
  /** Before each of its writes a process that is near has written. */
  function overtaken(name: string) {
    const near = open(store.db, name).channel;
    let reads = 0;
    const behind =
      (query: Db['query']): Db['query'] =>
      async (sql, params) => {
        if (sql.includes('clock_timestamp() as now')) reads += 1;
        return await query(sql, params);
      };
    const query: Db['query'] = async (sql, params) => {
      if (sql.includes('with won as')) await ask(near, crypto.randomUUID());
      return await behind((...of) => store.db.query(...of))(sql, params);
    };
    const tx: Db['tx'] = (run) => store.db.tx((on) => run({ query: behind((sql, params) => on.query(sql, params)) }));
    return { db: { ...store.db, query, tx }, reads: () => reads };
  }

  it('lets others be quicker three times, then has its turn', async () => {
    const { db, reads } = overtaken('far');
    const { channel } = open(db, 'far');
    expect(await ask(channel, 'far')).toMatchObject({ granted: true });
    expect(reads()).toBeGreaterThanOrEqual(4);
    const { places } = await readBudget(store.db, budget('far'));
    expect(places.map(({ key }) => key)).toContain('far');
    expect(places).toHaveLength(4);
  });

  it('tells its caller to come back where the account can’t be had in time', async () => {
    await readBudget(store.db, budget('held'));
    const timings = { ...TIMES, shortWaitMs: 0 };
    const failure = await store.db.tx(async (tx) => {
      await lockBudget(tx, 'held', 1_000);
      const query: Db['query'] = (sql, params) =>
        sql.includes('with won as') ? Promise.resolve([]) : store.db.query(sql, params);
      const far = createBudget({ db: { ...store.db, query }, timings, limit: 1_000, windowMs: 60_000 });
      return await failureOf(
        far.reserve({
          ...{
            budget: 'held',
            credits: 50,
            key: 'far',
            tenantId: store.tenantId,
            jobKind: 'provisionBoard',
            priority: 3,
          },
        }),
      );
    });
    expect(failure).toMatchObject({ type: 'Budget.wait', nonRetryable: false });
  });
});
