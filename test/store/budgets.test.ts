import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readBudget, writeBudget, type Account, type Place } from '../../store/budgets.js';
import { createTestStore, type TestStore } from './database.js';

let store: TestStore;
beforeAll(async () => {
  store = await createTestStore();
});
afterAll(() => store.close());

const budget = (key: string) => ({ key, kind: 'rest' as const, limit: 100_000, windowMs: 60_000 });
const place = (changes: Partial<Place> = {}): Place => ({
  ...{ id: randomUUID(), key: 'job:step:1', tenantId: store.tenantId, priority: 3, credits: 50 },
  ...{ queuedAt: 1_800_000_000_001, slotFrom: 1_800_000_000_002, slotUntil: 1_800_000_000_003 },
  ...changes,
});

describe('a budget', () => {
  it('is opened as it is believed to be, once, also by several processes', async () => {
    const states = await Promise.all([1, 2, 3, 4].map(() => readBudget(store.db, budget('new'))));
    for (const { account, places } of states) {
      expect(account).toEqual({ limit: 100_000, windowMs: 60_000, marginMs: 20, foreign: 0 });
      expect(places).toEqual([]);
    }
  });

  it('is read as it was written, to the millisecond', async () => {
    const { version } = await readBudget(store.db, budget('same'));
    const told = { name: 1_790_000_000_000, endsAt: 1_800_000_000_123, remaining: 7, own: 9, at: 1_800_000_000_045 };
    const account: Account = { limit: 5, windowMs: 6, marginMs: 30, foreign: 8, blockedUntil: 1_800_000_000_999, told };
    const put = [place(), place({ grantedAt: 1_800_000_000_004 }), place({ grantedAt: 5, answeredAt: 6 })];
    expect(await writeBudget(store.db, { key: 'same', version, account, put, gone: [] })).toBe('1');
    const after = await readBudget(store.db, budget('same'));
    expect(after.account).toEqual(account);
    expect(after.places).toEqual(expect.arrayContaining(put));
  });

  it('is written in whole numbers that its columns hold, whatever was reckoned', async () => {
    const { version, account } = await readBudget(store.db, budget('fractions'));
    const told = { name: 1_790_000_000_000, endsAt: 1_800_000_000_123.7, remaining: 10.5, own: 9.2, at: 1.5 };
    const reckoned = { ...account, limit: 3e9, marginMs: 61.8, windowMs: 59_999.6, foreign: -0.5, told };
    await writeBudget(store.db, { key: 'fractions', version, account: reckoned, put: [], gone: [] });
    const after = await readBudget(store.db, budget('fractions'));
    expect(after.account).toMatchObject({ limit: 2 ** 31 - 1, marginMs: 62, windowMs: 60_000, foreign: 0 });
    expect(after.account.told).toMatchObject({ remaining: 11, own: 9 });
  });

  it('is written by one of those who have read the same', async () => {
    const { version, account } = await readBudget(store.db, budget('race'));
    const writes = Array.from({ length: 5 }, () => {
      return writeBudget(store.db, { key: 'race', version, account, put: [place()], gone: [] });
    });
    expect((await Promise.all(writes)).filter(Boolean)).toHaveLength(1);
    expect((await readBudget(store.db, budget('race'))).places).toHaveLength(1);
  });

  it('is read without its places where nobody has written since they were known', async () => {
    const { account, ...opened } = await readBudget(store.db, budget('known'));
    const version = await writeBudget(store.db, { key: 'known', ...opened, account, put: [place()], gone: [] });
    const known = { version: version ?? '', places: [place({ key: 'as remembered' })] };
    expect((await readBudget(store.db, budget('known'), known)).places).toBe(known.places);
    await writeBudget(store.db, { key: 'known', version: known.version, account, put: [place()], gone: [] });
    expect((await readBudget(store.db, budget('known'), known)).places).toHaveLength(2);
  });

  it('keeps a place’s age when the place changes, and loses places that are gone', async () => {
    const { version, account } = await readBudget(store.db, budget('places'));
    const [kept, gone] = [place(), place()];
    await writeBudget(store.db, { key: 'places', version, account, put: [kept, gone], gone: [] });
    const next = await readBudget(store.db, budget('places'));
    const changed = { ...kept, slotFrom: kept.slotFrom + 5, grantedAt: kept.slotFrom + 5 };
    await writeBudget(store.db, { key: 'places', ...next, put: [changed], gone: [gone.id] });
    expect((await readBudget(store.db, budget('places'))).places).toEqual([changed]);
  });
});
