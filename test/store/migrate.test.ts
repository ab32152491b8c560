import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openDb, type Db } from '../../store/db.js';
import { checkInstallation, IdKeyMismatch } from '../../store/installation.js';
import { assertSchema, migrate, SchemaMismatch, TablesInUse } from '../../store/migrate.js';
import { ensureTenant } from '../../store/tenants.js';
import { createTestDatabase, type TestDatabase } from '../harness.js';

let database: TestDatabase;
const opened: Db[] = [];
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(async () => {
  await Promise.all(opened.map((db) => db.close()));
  await database.drop();
});

const open = (schema: string): Db => {
  const db = openDb({ url: database.url, schema });
  opened.push(db);
  return db;
};
const migrated = async (schema: string): Promise<Db> => {
  await migrate({ url: database.url, schema });
  return open(schema);
};

describe('migrate', () => {
  it('runs each migration once when several processes start at once', async () => {
    const runs = await Promise.all(Array.from({ length: 5 }, () => migrate({ url: database.url, schema: 'at_once' })));
    expect(runs.map(({ applied }) => applied.length).sort()).toEqual([0, 0, 0, 0, expect.any(Number)]);
    expect(runs.flatMap(({ applied }) => applied)).toContain('0001_init');
    await assertSchema(open('at_once'));
  });

  it('keeps to its own schema, where the same queries work', async () => {
    const [one, two] = [await migrated('own_one'), await migrated('own_two')];
    const { tenantId } = await ensureTenant(one, 'acme');
    expect((await ensureTenant(one, 'acme')).tenantId).toBe(tenantId);
    expect((await ensureTenant(two, 'acme')).tenantId).not.toBe(tenantId);
    expect(await one.query(`select from pg_tables where schemaname = 'public'`)).toEqual([]);
  });

  it('gives every tenant’s row a tenant, also in its foreign keys', async () => {
    const db = await migrated('shape');
    const without = await db.query<{ table_name: string }>(
      `select table_name from information_schema.tables t where table_schema = 'shape' and not exists (
         select from information_schema.columns c where c.table_schema = 'shape' and c.table_name = t.table_name and c.column_name = 'tenant_id')
       order by table_name`,
    );
    expect(without.map(({ table_name: name }) => name)).toEqual([
      'api_keys',
      'budgets',
      'installation',
      'migrations',
      'origins',
      'tenants',
    ]);
  });

  it('gives up instead of holding up all queries behind a table that somebody keeps locked', async () => {
    const db = await migrated('backed_up');
    await db.query(`delete from miro.migrations where name > '0001_init'`);
    const tables = await db.query('select from pg_tables where schemaname = $1', ['backed_up']);
    await db.tx(async (backup) => {
      await backup.query('lock table miro.installation in access share mode');
      const again = migrate({ url: database.url, schema: 'backed_up' });
      await expect(again).rejects.toThrow(TablesInUse);
      await expect(again).rejects.toThrow('run `temporal-miro migrate` again');
    });
    expect(await db.query('select from pg_tables where schemaname = $1', ['backed_up'])).toHaveLength(tables.length);
  });

  it.each(['Upper', 'with-dash', 'quote"', '', 'x'.repeat(64)])('refuses the schema name %j', async (schema) => {
    await expect(migrate({ url: database.url, schema })).rejects.toThrow('DATABASE_SCHEMA');
    expect(() => openDb({ url: database.url, schema })).toThrow('DATABASE_SCHEMA');
  });
});

describe('assertSchema', () => {
  it('refuses a schema without our migrations', async () => {
    await expect(assertSchema(open('nowhere'))).rejects.toThrow(
      /"nowhere" lacks the migration 0001_init.*temporal-miro migrate/,
    );
  });

  it('serves a newer schema, unless one of its migrations breaks us', async () => {
    const db = await migrated('newer');
    await db.query(`insert into miro.migrations (name, run_on) values ('9998_more', now())`);
    await assertSchema(db);
    await db.query(`insert into miro.migrations (name, run_on) values ('9999_less.breaking', now())`);
    await expect(assertSchema(db)).rejects.toThrow(SchemaMismatch);
    await expect(assertSchema(db)).rejects.toThrow('9999_less.breaking');
  });
});

describe('checkInstallation', () => {
  it('keeps the first key that it saw and refuses every other', async () => {
    const db = await migrated('installation_key');
    const [first = '', second = ''] = ['11111111', '22222222'];
    const answers = await Promise.allSettled([first, second].map((check) => checkInstallation(db, check)));
    expect(answers.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    const refused = answers.find((answer) => answer.status === 'rejected')?.reason as IdKeyMismatch;
    expect(refused).toBeInstanceOf(IdKeyMismatch);
    expect([refused.stored, refused.given].sort()).toEqual([first, second]);
    await checkInstallation(db, refused.stored);
  });
});
