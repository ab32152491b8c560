import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { openChannel, type Channel } from '../../activities/budget-channel.js';
import { readBudget, type BudgetId } from '../../store/budgets.js';
import type { Db } from '../../store/db.js';
import { createTestStore, type TestStore } from '../store/database.js';

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
  const channel = openChannel(budget(name), { db, longestMs: 1_000, log: (line) => lines.push(line) });
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
