import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { claim, markSent } from '../../store/ledger.js';
import { findPause, listPauses, pause, resume, type PauseScope } from '../../store/pauses.js';
import { ensureTenant } from '../../store/tenants.js';
import { claimInput, createTestStore, openNewJob, type TestStore } from './database.js';

let store: TestStore;
let tenantId: string;
let other: string;
beforeAll(async () => {
  store = await createTestStore();
  tenantId = store.tenantId;
  other = (await ensureTenant(store.db, 'other')).tenantId;
});
afterAll(() => store.close());
afterEach(async () => void (await store.db.query('delete from miro.pauses')));

const find = (job: { tenantId?: string; connectionName?: string; jobKind?: string } = {}) =>
  findPause(store.db, { tenantId, connectionName: 'default', jobKind: 'provisionBoard', ...job });

describe('a pause', () => {
  it('of everything holds every job', async () => {
    await pause(store.db, { reason: 'move of the office' });
    expect(await find()).toEqual({ reason: 'move of the office', pausedAt: expect.any(Date) as Date });
    expect(await find({ tenantId: other, connectionName: 'second', jobKind: 'audit' })).toBeDefined();
  });

  it.each<[string, (of: string) => PauseScope, object]>([
    ['a tenant', (of) => ({ tenantId: of }), {}],
    ['a connection name', () => ({ connectionName: 'default' }), { connectionName: 'second' }],
    ['a job kind', () => ({ jobKind: 'provisionBoard' }), { jobKind: 'audit' }],
    ["a tenant's connection", (of) => ({ tenantId: of, connectionName: 'default' }), { connectionName: 'second' }],
    [
      "a job kind on a tenant's connection",
      (of) => ({ tenantId: of, connectionName: 'default', jobKind: 'provisionBoard' }),
      { jobKind: 'audit' },
    ],
  ])('of %s holds its jobs and no others', async (_, scopeOf, elsewhere) => {
    const scope = scopeOf(tenantId);
    await pause(store.db, scope);
    expect(await find()).toMatchObject(scope);
    expect(await find(scope.tenantId ? { tenantId: other } : elsewhere)).toBeUndefined();
    expect(await find({ tenantId: scope.tenantId ? other : tenantId, ...elsewhere })).toBeUndefined();
  });

  it('that begins again goes on since the first time, for the newer reason', async () => {
    const first = await pause(store.db, { tenantId, reason: 'audit' });
    expect(first).toEqual({ tenantId, tenant: 'acme', reason: 'audit', pausedAt: expect.any(Date) as Date });
    expect(await pause(store.db, { tenantId, reason: 'merger' })).toEqual({ ...first, reason: 'merger' });
    expect(await pause(store.db, { tenantId })).toEqual({ ...first, reason: 'merger' });
    expect(await listPauses(store.db)).toHaveLength(1);
  });

  it('ends with exactly its own scope', async () => {
    await pause(store.db, {});
    await pause(store.db, { tenantId });
    expect(await resume(store.db, { tenantId, jobKind: 'provisionBoard' })).toBe(false);
    expect(await resume(store.db, { tenantId })).toBe(true);
    expect(await resume(store.db, { tenantId })).toBe(false);
    expect(await find()).toBeDefined();
    expect(await resume(store.db, {})).toBe(true);
    expect(await find()).toBeUndefined();
  });

  it('is listed with the tenant that it holds', async () => {
    await pause(store.db, { tenantId: other });
    await pause(store.db, { connectionName: 'default' });
    await pause(store.db, { tenantId, jobKind: 'audit' });
    expect(await listPauses(store.db)).toMatchObject([
      { tenant: 'other' },
      { connectionName: 'default' },
      { tenant: 'acme' },
    ]);
    expect(await listPauses(store.db, { tenantId })).toMatchObject([
      { connectionName: 'default' },
      { jobKind: 'audit' },
    ]);
  });

  it('ends with its tenant', async () => {
    const gone = await ensureTenant(store.db, 'gone');
    await pause(store.db, { tenantId: gone.tenantId });
    await store.db.query('delete from miro.tenants where id = $1', [gone.tenantId]);
    expect(await listPauses(store.db)).toEqual([]);
  });
});

describe('a claim', () => {
  const claimed = async () => {
    const held = await claim(store.db, claimInput(await openNewJob(store, { options: { connectionId: 'default' } })));
    if (held.state !== 'claimed') throw new Error(held.state);
    return held;
  };

  it.each<[string, () => PauseScope]>([
    ['everything', () => ({})],
    ['its connection', () => ({ tenantId, connectionName: 'default' })],
    ['its kind', () => ({ jobKind: 'provisionBoard' })],
  ])('is not sent while a pause holds %s, and is sent when that is over', async (_, scope) => {
    const held = await claimed();
    await pause(store.db, scope());
    expect(await markSent(store.db, held)).toBe(false);
    await resume(store.db, scope());
    expect(await markSent(store.db, held)).toBe(true);
  });

  it('is sent beside the pause of another connection, kind and tenant', async () => {
    await pause(store.db, { tenantId, connectionName: 'second' });
    await pause(store.db, { jobKind: 'audit' });
    await pause(store.db, { tenantId: other });
    expect(await markSent(store.db, await claimed())).toBe(true);
  });
});
