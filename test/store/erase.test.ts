import { afterAll, beforeAll, expect, it } from 'vitest';
import { createKey, listKeys } from '../../store/api-keys.js';
import { attachScim, ensureConnection } from '../../store/connections.js';
import type { Db } from '../../store/db.js';
import { beginErasure, finishErasure } from '../../store/erase.js';
import { openJob } from '../../store/jobs.js';
import { ensureTenant, TenantErased } from '../../store/tenants.js';
import { createTestStore, jobInput, type TestStore } from './database.js';
import { fullTenant } from './full-tenant.js';

let store: TestStore;
beforeAll(async () => {
  store = await createTestStore();
});
afterAll(() => store.close());

/** Every row of every table as JSON. */
async function dump(db: Db): Promise<string> {
  const tables = await db.query<{ name: string }>(
    `select table_name as name from information_schema.tables where table_schema = 'miro' and table_type = 'BASE TABLE'`,
  );
  const rows = await Promise.all(tables.map(({ name }) => db.query(`select to_jsonb(t) as row from miro.${name} t`)));
  return JSON.stringify(rows);
}

it('leaves nothing of the tenant but the row that proves it, and everything of others', async () => {
  const [gone, other] = [await fullTenant(store), await fullTenant(store)];
  const key = await createKey(store.db, {
    name: 'backend',
    tenants: [gone.name, other.name],
    scopes: ['connections:read'],
  });
  const before = await dump(store.db);
  for (const string of gone.strings) expect(before).toContain(string);

  await beginErasure(store.db, gone.tenantId);
  expect((await finishErasure(store.db, gone.tenantId)).rows).toBeGreaterThan(15);

  const after = await dump(store.db);
  for (const string of [...gone.strings, ...gone.secrets]) expect(after).not.toContain(string);
  for (const string of other.strings) expect(after.split(string).length).toBe(before.split(string).length);
  const [row] = await store.db.query('select * from miro.tenants where id = $1', [gone.tenantId]);
  expect(row).toMatchObject({ name: `erased-${gone.tenantId}`, data_key: null, erased_at: expect.any(Date) as Date });
  const kept = (await listKeys(store.db)).find(({ id }) => id === key.id);
  expect(kept?.tenants).toEqual([other.name]);
});

it('takes the budgets of accounts along that have not called for long, unless another tenant has the same account', async () => {
  const tenants = [await ensureTenant(store.db, 'idle'), await ensureTenant(store.db, 'neighbour')];
  const link = (tenantId: string, userId: string) =>
    ensureConnection(store.db, store.vault, {
      ...{ tenantId, name: userId, app: { clientId: 'idle-app', clientSecret: 'secret' } },
      rest: { accessToken: 'a', refreshToken: userId, facts: { userId, teamId: 't', scopes: [] } },
    });
  const [idle, neighbour] = tenants.map(({ tenantId }) => tenantId) as [string, string];
  await link(idle, 'only-hers');
  await link(idle, 'shared');
  await link(neighbour, 'shared');
  const { scim } = await attachScim(store.db, store.vault, { tenantId: idle, name: 'only-hers', scimToken: 's' });
  await store.db.query(
    `insert into miro.budgets (key, kind, credits_per_window, window_ms)
     select unnest(array['idle-app:only-hers', 'idle-app:shared', 'scim:' || $1 || ':users']), 'rest', 1, 1`,
    [scim?.grantId],
  );
  await beginErasure(store.db, idle);
  await finishErasure(store.db, idle);
  expect(
    await store.db.query(`select key from miro.budgets where key like 'idle-app:%' or key like $1`, [
      `scim:${scim?.grantId}%`,
    ]),
  ).toEqual([{ key: 'idle-app:shared' }]);
});

it('once begun, opens no job, links nothing and makes no second tenant of the name', async () => {
  const { tenantId, name } = await fullTenant(store);
  await beginErasure(store.db, tenantId);
  await expect(openJob(store.db, jobInput({ ...store, tenantId }))).rejects.toThrow(TenantErased);
  const rest = { accessToken: 'token' };
  await expect(ensureConnection(store.db, store.vault, { tenantId, name: 'new', rest })).rejects.toThrow(TenantErased);
  await expect(ensureTenant(store.db, name)).rejects.toThrow('was erased: nothing is linked, started or stored');
  await finishErasure(store.db, tenantId);
  await expect(openJob(store.db, jobInput({ ...store, tenantId }))).rejects.toThrow(TenantErased);
  expect((await ensureTenant(store.db, name)).tenantId).not.toBe(tenantId);
});

it('does not begin by its end', async () => {
  const { tenantId } = await fullTenant(store);
  await expect(finishErasure(store.db, tenantId)).rejects.toThrow('has not begun');
});

it('comes to its end by being repeated, wherever it was killed', async () => {
  for (let allowed = 0; ; allowed += 1) {
    const gone = await fullTenant(store);
    await beginErasure(store.db, gone.tenantId);
    const killed = await finishErasure(dyingAfter(store.db, allowed), gone.tenantId).then(
      () => false,
      () => true,
    );
    if (killed) {
      const { name } = (
        await store.db.query<{ name: string }>('select name from miro.tenants where id = $1', [gone.tenantId])
      )[0]!;
      expect(name).toBe(gone.name); // it is still found
      await beginErasure(store.db, gone.tenantId);
      await finishErasure(store.db, gone.tenantId);
    }
    const after = await dump(store.db);
    for (const string of gone.strings) expect(after).not.toContain(string);
    if (!killed) break;
  }
});

it('waits for a job that was being opened, and takes it out too', async () => {
  const gone = await fullTenant(store);
  let erasing: Promise<unknown> | undefined;
  await store.db.tx(async (tx) => {
    await openJob(
      { ...store.db, tx: (fn) => fn(tx) },
      jobInput({ ...store, tenantId: gone.tenantId }, { spec: gone.strings }),
    );
    await beginErasure(store.db, gone.tenantId);
    erasing = finishErasure(store.db, gone.tenantId);
    await untilWaiting(store.db);
  });
  await erasing;
  const after = await dump(store.db);
  for (const string of gone.strings) expect(after).not.toContain(string);
});

async function untilWaiting(db: Db): Promise<void> {
  const sql = `select from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()`;
  while ((await db.query(sql)).length === 0);
}

/** A process that is gone after so many statements. */
function dyingAfter(db: Db, allowed: number): Db {
  let left = allowed;
  const alive = (): void => {
    if (left <= 0) throw new Error('killed');
    left -= 1;
  };
  return {
    ...db,
    query: async (sql, params) => {
      alive();
      return await db.query(sql, params);
    },
    tx: (fn) =>
      db.tx((tx) =>
        fn({
          query: async (sql, params) => {
            alive();
            return await tx.query(sql, params);
          },
        }),
      ),
  };
}
