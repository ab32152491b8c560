import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { json, one, openDb, qualify, storable } from '../../store/db.js';
import { createTestStore, type TestStore } from './database.js';

let store: TestStore;
beforeAll(async () => {
  store = await createTestStore();
});
afterAll(() => store.close());

const tenants = () => store.db.query<{ name: string }>('select name from miro.tenants order by name');
const addTenant = 'insert into miro.tenants (id, name) values (gen_random_uuid(), $1)';

describe('a transaction', () => {
  it('leaves nothing of itself when it throws', async () => {
    const before = await tenants();
    const fails = store.db.tx(async (tx) => {
      await tx.query(addTenant, ['half']);
      throw new Error('on purpose');
    });
    await expect(fails).rejects.toThrow('on purpose');
    expect(await tenants()).toEqual(before);
  });

  it('fails, and only it, when its connection breaks between two queries', async () => {
    const fails = store.db.tx(async (tx) => {
      const { pid } = one(await tx.query<{ pid: number }>('select pg_backend_pid() as pid'));
      await store.db.query('select pg_terminate_backend($1)', [pid]);
      await tx.query(addTenant, ['broken']);
    });
    await expect(fails).rejects.toThrow();
    expect((await tenants()).map(({ name }) => name)).not.toContain('broken');
  });

  it('survives the loss of every idle connection', async () => {
    await Promise.all(Array.from({ length: 5 }, () => store.db.query('select pg_sleep(0.01)')));
    const other = openDb({ url: store.url });
    await other.query(
      'select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()',
    );
    await other.close();
    await expect
      .poll(() =>
        tenants().then(
          ({ length }) => length,
          () => 0,
        ),
      )
      .toBeGreaterThan(0);
  });
});

describe('values', () => {
  it('stores what PostgreSQL would refuse without the parts that it refuses', () => {
    expect(storable('a\u0000b\udfffc')).toBe('ab\ufffdc');
    expect(json({ a: ['x\u0000'], b: undefined, c: null, d: 1 })).toBe('{"a":["x"],"c":null,"d":1}');
    expect(json(undefined)).toBeNull();
  });

  it('gives times as dates, in any time zone of the server', async () => {
    const [row] = await store.db.query<{ at: Date }>(`select timestamptz '2026-03-01 12:00:00+02' as at`);
    expect(row?.at).toEqual(new Date('2026-03-01T10:00:00Z'));
  });
});

it('rewrites table names only', () => {
  const inOther = qualify('other');
  expect(inOther('select miro.jobs.id from miro.jobs')).toBe('select "other".jobs.id from "other".jobs');
  expect(inOther('select miro_user_id from miro.grants')).toBe('select miro_user_id from "other".grants');
});
