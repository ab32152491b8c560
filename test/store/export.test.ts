import { afterAll, beforeAll, expect, it } from 'vitest';
import { exportTenant, type ExportLine } from '../../store/export.js';
import { TENANT_TABLES } from '../../store/tenant-tables.js';
import { createTestStore, openNewJob, type TestStore } from './database.js';
import { fullTenant } from './full-tenant.js';

let store: TestStore;
beforeAll(async () => {
  store = await createTestStore();
});
afterAll(() => store.close());

async function exported(tenantId: string): Promise<ExportLine[]> {
  const lines: ExportLine[] = [];
  await exportTenant(store.db, tenantId, (line) => void lines.push(line));
  return lines;
}

const tableOf = (line: ExportLine): string => ('table' in line ? line.table : 'header');

it('covers every table that has tenants: one that is added later must be added to the list', async () => {
  const tables = await store.db.query<{ name: string }>(
    `select table_name as name from information_schema.columns
     where table_schema = 'miro' and column_name = 'tenant_id' order by 1`,
  );
  expect(TENANT_TABLES.map(({ name }) => name).sort()).toEqual(tables.map(({ name }) => name));
});

it('names every column that holds a secret: a JWE, or a hash of one', async () => {
  await fullTenant(store);
  const found: string[] = [];
  for (const { name, secrets = [] } of TENANT_TABLES) {
    const cells = await store.db.query<{ key: string }>(
      `select distinct cell.key from miro.${name} t, jsonb_each_text(to_jsonb(t)) cell
       where cell.value like 'eyJ%' or cell.key like '%\\_hash'`,
    );
    found.push(...cells.filter(({ key }) => !secrets.includes(key)).map(({ key }) => `${name}.${key}`));
  }
  // Of business keys and inputs, not of secrets: they are the tenant's own.
  expect(found.sort()).toEqual(['jobs.key_hash', 'jobs.spec_hash', 'plans.key_hash', 'ticket_links.key_hash']);
});

it('writes a header, then each row of each table, and nothing of another tenant', async () => {
  const [mine, other] = [await fullTenant(store), await fullTenant(store)];
  const [header, ...rows] = await exported(mine.tenantId);
  expect(header).toMatchObject({ format: 'temporal-miro-tenant', version: 1, tenant: { name: mine.name } });
  expect(new Set(rows.map(tableOf))).toEqual(new Set(TENANT_TABLES.map(({ name }) => name)));
  const text = JSON.stringify(rows);
  for (const string of mine.strings) expect(text).toContain(string);
  for (const string of [...other.strings, other.tenantId]) expect(text).not.toContain(string);
});

it('holds no secret, sealed or open', async () => {
  const mine = await fullTenant(store);
  const text = JSON.stringify(await exported(mine.tenantId));
  expect(text).not.toMatch(/eyJ[\w-]+\.\w*\.[\w-]+/);
  for (const secret of mine.secrets) expect(text).not.toContain(secret);
});

it('tells of addresses only where they lead, since the rest may be a secret of their owner', async () => {
  const { tenantId } = await fullTenant(store);
  await store.db.query(
    `update miro.webhook_endpoints set url = 'https://hooks.example/services/T0/s3cret?k=s3cret' where tenant_id = $1`,
    [tenantId],
  );
  await store.db.query(
    `update miro.link_sessions set return_url = 'https://app.example/done?state=s3cret' where tenant_id = $1`,
    [tenantId],
  );
  await store.db.query(
    `update miro.trackers set config = '{"url": "https://crm.example/tickets/s3cret", "project": "OPS"}' where tenant_id = $1`,
    [tenantId],
  );
  const text = JSON.stringify(await exported(tenantId));
  expect(text).not.toContain('s3cret');
  for (const origin of ['https://hooks.example', 'https://app.example', 'https://crm.example'])
    expect(text).toContain(`"${origin}"`);
  expect(text).toContain('"project":"OPS"');
});

it('gives parents before what refers to them, in any number', async () => {
  const { tenantId } = await fullTenant(store);
  for (let i = 0; i < 600; i += 1) await openNewJob({ ...store, tenantId });
  const tables = (await exported(tenantId)).map(tableOf);
  expect(tables.filter((table) => table === 'jobs')).toHaveLength(601);
  expect(tables.lastIndexOf('jobs')).toBeLessThan(tables.indexOf('effects'));
  expect(tables.lastIndexOf('apps')).toBeLessThan(tables.indexOf('grants'));
});
