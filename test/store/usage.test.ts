import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { readBudget, writeBudget } from '../../store/budgets.js';
import { ensureTenant } from '../../store/tenants.js';
import { addUsage, budgetReport, forgetUsage, usageReport } from '../../store/usage.js';
import { createTestStore, type TestStore } from './database.js';

let store: TestStore;
let other: string;
beforeEach(async () => {
  await store?.close();
  store = await createTestStore();
  other = (await ensureTenant(store.db, 'other')).tenantId;
});
afterAll(() => store.close());

const used = (tenantId: string, credits: number, changes: object = {}) => ({
  ...{ tenantId, jobKind: 'provisionBoard', credits, calls: 1, refused: 0 },
  ...changes,
});
const age = (interval: string) =>
  store.db.query(`update miro.credit_usage set minute = minute - $1::interval`, [interval]);

describe('usage', () => {
  it('adds up by tenant and job kind, most credits first', async () => {
    await addUsage(store.db, {
      budget: 'a',
      used: [used(store.tenantId, 50), used(other, 500), used(store.tenantId, 100)],
    });
    await addUsage(store.db, { budget: 'b', used: [used(store.tenantId, 0, { refused: 1 })] });
    expect(await usageReport(store.db, { since: 'minute' })).toEqual([
      { tenant: 'other', jobKind: 'provisionBoard', credits: 500, calls: 1, refused: 0 },
      { tenant: 'acme', jobKind: 'provisionBoard', credits: 150, calls: 3, refused: 1 },
    ]);
    expect(await usageReport(store.db, { tenantId: other, since: 'day' })).toHaveLength(1);
  });

  it('loses nothing when processes add at once', async () => {
    const batch = Array.from({ length: 10 }, (_, n) => used(n % 2 ? store.tenantId : other, 10));
    await Promise.all(Array.from({ length: 10 }, () => addUsage(store.db, { budget: 'a', used: batch })));
    const rows = await usageReport(store.db, { since: 'hour' });
    expect(rows.map(({ credits, calls }) => [credits, calls])).toEqual([
      [500, 50],
      [500, 50],
    ]);
  });

  it('counts in the hour and day that it fell into, and is forgotten after eight days', async () => {
    await addUsage(store.db, { budget: 'a', used: [used(store.tenantId, 50)] });
    await age('30 minutes');
    const credits = async (since: 'minute' | 'hour' | 'day') =>
      (await usageReport(store.db, { since })).map((row) => row.credits);
    expect([await credits('minute'), await credits('hour'), await credits('day')]).toEqual([[], [50], [50]]);
    await age('8 days');
    await forgetUsage(store.db);
    expect(await store.db.query('select from miro.credit_usage')).toEqual([]);
  });

  it('of a tenant that is no more is dropped, and the others’ kept', async () => {
    const erased = '01890000-0000-7000-8000-000000000000';
    await addUsage(store.db, { budget: 'a', used: [used(erased, 50), used(other, 10)] });
    expect(await usageReport(store.db, { since: 'minute' })).toMatchObject([{ tenant: 'other', credits: 10 }]);
  });
});

describe('the report of budgets', () => {
  it('tells what is left, when it resets and who waits, for all or for one tenant', async () => {
    const { version, now, account } = await readBudget(store.db, {
      key: 'a',
      kind: 'rest',
      limit: 1_000,
      windowMs: 60_000,
    });
    const told = { name: now, endsAt: now + 30_000, remaining: 600, own: 400, at: now };
    const common = { key: 'k', tenantId: other, priority: 3, queuedAt: now, slotFrom: now, slotUntil: now };
    const put = [
      { ...common, id: '01890000-0000-7000-8000-000000000001', credits: 100, grantedAt: now },
      { ...common, id: '01890000-0000-7000-8000-000000000002', credits: 70 },
    ];
    await writeBudget(store.db, { key: 'a', version, account: { ...account, foreign: 30, told }, put, gone: [] });
    await readBudget(store.db, { key: 'b', kind: 'scim', limit: 10_000, windowMs: 30_000 });
    const [first, second] = await budgetReport(store.db);
    expect(first).toMatchObject({
      ...{ key: 'a', kind: 'rest', limit: 1_000, remaining: 500 },
      ...{ waitingCredits: 70, waitingCalls: 1, foreignCredits: 30 },
    });
    expect(first?.resetsInMs).toBeLessThanOrEqual(30_000);
    expect(second).toMatchObject({ key: 'b', kind: 'scim', remaining: 10_000, resetsInMs: 0, waitingCalls: 0 });
    expect((await budgetReport(store.db, { tenantId: other })).map(({ key }) => key)).toEqual(['a']);
    expect(await budgetReport(store.db, { tenantId: store.tenantId })).toEqual([]);
  });
});
