/** The commands of whoever operates this, against PostgreSQL, Temporal, the simulator and the gateway as a process. */
import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MIRO_TENANT } from '../../contract.js';
import { idKey, idKeyCheck } from '../../ids.js';
import { createSimulator, type RunningSimulator } from '../../simulator/app.js';
import { ensureConnection, findConnection } from '../../store/connections.js';
import { openDb, type Db } from '../../store/db.js';
import { checkCodecKeys, checkInstallation } from '../../store/installation.js';
import { ensureTenant, findTenant } from '../../store/tenants.js';
import { beginErasure } from '../../store/erase.js';
import { addUsage } from '../../store/usage.js';
import { newVaultKeys, openVault } from '../../store/vault.js';
import { createTestDatabase, spawnNode, temporalAddress, type TestDatabase } from '../harness.js';
import { until } from '../provision/until.js';
import { cli, CLI, documentOf } from './cli.js';

let simulator: RunningSimulator;
let database: TestDatabase;
let db: Db;
let env: Record<string, string>;
let tenantId: string;

beforeAll(async () => {
  simulator = await createSimulator().start();
  database = await createTestDatabase();
  db = openDb({ url: database.url });
  env = {
    DATABASE_URL: database.url,
    TEMPORAL_ADDRESS: await temporalAddress(),
    TEMPORAL_MIRO_ID_KEY: randomBytes(32).toString('base64'),
    TEMPORAL_MIRO_VAULT_KEYS: newVaultKeys(),
    MIRO_API_URL: simulator.url,
    MIRO_URL: simulator.url,
  };
  tenantId = await tenantWithAccount('default');
});
afterAll(async () => {
  await db.close();
  await database.drop();
  await simulator.close();
});

async function tenantWithAccount(name: string): Promise<string> {
  const tenant = await ensureTenant(db, name);
  const vault = openVault(env['TEMPORAL_MIRO_VAULT_KEYS'] ?? '');
  const { accessToken, refreshToken, clientId, clientSecret } = simulator;
  const rest = { accessToken, refreshToken, expiresInMs: 3_600_000 };
  await ensureConnection(db, vault, { ...tenant, name: 'default', rest, app: { clientId, clientSecret } });
  return tenant.tenantId;
}

/** As the first worker or gateway does. */
const ownInstallation = () =>
  checkInstallation(db, idKeyCheck(idKey(Buffer.from(env['TEMPORAL_MIRO_ID_KEY'] ?? '', 'base64'))));

const run = (...args: string[]) => cli(args, { env });
const json = async (...args: string[]) => documentOf(await cli([...args, '--json'], { env }));

describe('keys', () => {
  it('are shown once, open the gateway, and are refused when they were revoked', async () => {
    const made = await run('keys', 'create', '--name', 'crm', '--tenant', 'default', '--scope', 'connections:read');
    const key = made.stdout.trim();
    const id = key.split('_')[1] ?? '';
    expect(key).toMatch(/^tmk_[0-9a-f]{12}_[\w-]{43}$/);
    expect(made.stderr).not.toContain(key);

    const gateway = await spawnNode(CLI, ['gateway', '--port', '0', '--json'], env);
    const { url } = JSON.parse(await gateway.waitFor(/"ready":true/)) as { url: string };
    const ask = () => fetch(`${url}/v1/connections?tenant=default`, { headers: { authorization: `Bearer ${key}` } });
    expect((await ask()).status).toBe(200);
    const listed = await run('keys', 'list', '--json');
    expect(documentOf(listed)).toMatchObject({
      keys: [{ id, name: 'crm', tenants: ['default'], scopes: ['connections:read'] }],
    });
    expect(listed.stdout).not.toContain(key);
    expect(await json('keys', 'revoke', id)).toMatchObject({ id, revokedAt: expect.any(String) as string });
    expect((await ask()).status).toBe(401);
    expect(await gateway.kill('SIGTERM')).toEqual({ code: 0, signal: null });
  });

  it('that nobody made can’t be revoked', async () => {
    expect((await run('keys', 'revoke', 'ffffffffffff')).code).toBe(4);
  });

  it('for a tenant that is not there yet are made, with a word about it', async () => {
    const args = ['--name', 'crm', '--tenant', 'nosuch', '--tenant', 'default', '--scope', 'events:read'];
    const { code, stderr } = await run('keys', 'create', ...args);
    expect([code, stderr]).toEqual([0, expect.stringMatching(/^There is no tenant "nosuch" yet/)]);
    expect(stderr).not.toContain('no tenant "default"');
  });
});

describe('vault', () => {
  it('rotates to a new first key, after which the old one may leave the ring', async () => {
    const old = env['TEMPORAL_MIRO_VAULT_KEYS'] ?? '';
    const name = old.split(':')[0];
    const before = await json('vault', 'check');
    expect(before).toEqual({ keys: [{ name, dataKeys: expect.any(Number) as number, mayLeave: false }] });
    env['TEMPORAL_MIRO_VAULT_KEYS'] = `${newVaultKeys()},${old}`;
    expect((await run('vault', 'check')).stdout).toMatch(/seals what is new\n.*still needed: vault rotate/);
    const asked = await run('vault', 'rotate');
    expect([asked.code, asked.stdout]).toEqual([
      3,
      expect.stringMatching(/every worker and gateway must have the key/),
    ]);
    expect((await run('vault', 'check')).stdout).toMatch(/still needed: vault rotate/);
    expect(await json('vault', 'rotate', '--yes')).toMatchObject({ already: 0 });
    expect(await json('vault', 'check')).toMatchObject({
      keys: [{ mayLeave: false }, { name, dataKeys: 0, mayLeave: true }],
    });
  });

  it('says which key is missing, and ends with 2', async () => {
    const wrong = { ...env, TEMPORAL_MIRO_VAULT_KEYS: newVaultKeys() };
    const { code, stderr } = await cli(['vault', 'check'], { env: wrong });
    expect([code, stderr]).toEqual([2, expect.stringMatching(/which TEMPORAL_MIRO_VAULT_KEYS doesn't hold/)]);
  });
});

describe('codec', () => {
  it('lists the keys that workers have encrypted with, and retires one only when somebody says so', async () => {
    await ownInstallation();
    await checkCodecKeys(db, [{ name: '2024', check: '1' }], { encrypts: true });
    const both = [
      { name: '2025', check: '2' },
      { name: '2024', check: '1' },
    ];
    await checkCodecKeys(db, both, { encrypts: false });
    expect(await json('codec', 'keys')).toEqual({ keys: [{ name: '2024', first: false }] });
    await checkCodecKeys(db, both, { encrypts: true });
    const first = { ...env, TEMPORAL_MIRO_CODEC_KEYS: `2025:${randomBytes(32).toString('base64')}` };
    expect((await cli(['codec', 'retire', '2025', '--yes'], { env: first })).code).toBe(2);
    expect((await run('codec', 'retire', '2024')).code).toBe(3);
    expect(await json('codec', 'retire', '2024', '--yes')).toEqual({ key: '2024', retired: true });
    expect((await run('codec', 'retire', '2024', '--yes')).code).toBe(4);
    await checkCodecKeys(db, [{ name: '2025', check: '2' }], { encrypts: true });
  });
});

it('a store of another installation is refused', async () => {
  await ownInstallation();
  const other = { ...env, TEMPORAL_MIRO_ID_KEY: randomBytes(32).toString('base64') };
  for (const command of [
    ['tenants', 'list'],
    ['vault', 'check'],
  ])
    expect(await cli(command, { env: other })).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/set TEMPORAL_MIRO_ID_KEY to that one/) as string,
    });
});

it('budget tells who used how many credits, by tenant and job kind', async () => {
  await db.query(
    `insert into miro.budgets (key, kind, credits_per_window, window_ms) values ('app:user', 'rest', 100000, 60000)`,
  );
  await addUsage(db, {
    budget: 'app:user',
    used: [{ tenantId, jobKind: 'provisionBoard', credits: 150, calls: 3, refused: 1 }],
  });
  const usage = [{ tenant: 'default', jobKind: 'provisionBoard', credits: 150, calls: 3, refused: 1 }];
  expect(await json('budget', '--tenant', 'default', '--since', 'day')).toMatchObject({
    ...{ since: 'day', usage, budgets: [{ key: 'app:user', kind: 'rest', limit: 100_000 }] },
  });
  expect((await run('budget', '--since', 'week')).code).toBe(2);
});

describe('pause and resume', () => {
  it('stop and release what they name, and nothing else', async () => {
    expect(await json('pause', '--tenant', 'default', '--reason', 'audit')).toMatchObject({
      tenant: 'default',
      reason: 'audit',
    });
    expect(await json('pause', '--list')).toMatchObject({ pauses: [{ tenant: 'default', reason: 'audit' }] });
    const other = await run('resume', '--kind', 'provisionBoard');
    expect([other.code, other.stderr]).toEqual([4, expect.stringMatching(/nothing is paused for exactly this: kind/)]);
    expect(await json('resume', '--tenant', 'default')).toEqual({ resumed: { tenant: 'default' } });
    expect(await json('pause', '--list')).toEqual({ pauses: [] });
  });
});

describe('webhooks and events', () => {
  it('an endpoint is added with a secret shown once, gets another one, and is removed', async () => {
    const made = await json('webhooks', 'add', 'https://app.example.com/events', '--type', 'run.failed');
    expect(made).toEqual({ id: expect.any(String) as string, secret: expect.stringMatching(/^whsec_/) as string });
    const id = String(made['id']);
    const listed = await run('webhooks', 'list', '--json');
    expect(documentOf(listed)).toMatchObject({ endpoints: [{ id, types: ['run.failed'] }] });
    expect(listed.stdout).not.toContain('whsec_');
    const rotated = (await run('webhooks', 'rotate', id)).stdout.trim();
    expect(rotated).toMatch(/^whsec_/);
    expect(rotated).not.toBe(made['secret']);
    expect(await json('webhooks', 'enable', id)).toEqual({ enabled: id });
    expect(await json('webhooks', 'deliveries')).toEqual({ deliveries: [] });
    expect((await run('webhooks', 'redeliver', randomUUID(), '--endpoint', id)).code).toBe(4);
    expect(await json('webhooks', 'remove', id)).toEqual({ removed: id });
    expect((await run('webhooks', 'remove', id)).code).toBe(4);
  });

  it('an address without TLS is refused', async () => {
    const { code, stderr } = await run('webhooks', 'add', 'http://app.example.com/events');
    expect([code, stderr]).toEqual([2, expect.stringMatching(/must begin with https/)]);
  });

  it('events are read page by page', async () => {
    // Transactions of other tests on the same server may hold events back for a moment.
    const first = await until(async () => {
      const page = await json('events', '--tenant', 'default', '--type', 'connection.linked');
      return (page['events'] as unknown[]).length > 0 && page;
    });
    expect(first).toMatchObject({ events: [{ type: 'connection.linked', tenant: 'default' }], more: false });
    expect(await json('events', '--tenant', 'default', '--after', String(first['cursor']))).toMatchObject({
      events: [],
    });
    expect((await run('events', '--after', 'yesterday')).code).toBe(2);
  });
});

describe('tenants', () => {
  it('export writes all rows without a secret, for their owner only', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'temporal-miro-export-'));
    const out = join(folder, 'default.jsonl');
    await writeFile(`${out}.part`, 'half', { mode: 0o644 });
    const { rows } = await json('tenants', 'export', 'default', '--out', out);
    const text = await readFile(out, 'utf8');
    expect(text.trimEnd().split('\n')).toHaveLength(Number(rows) + 1);
    for (const secret of [simulator.accessToken, simulator.refreshToken, simulator.clientSecret])
      expect(text).not.toContain(secret);
    expect((await stat(out)).mode & 0o777).toBe(0o600);
    expect((await run('tenants', 'export', 'default')).stdout.split('\n')[0]).toContain(
      '"format":"temporal-miro-tenant"',
    );
    const onto = await run('tenants', 'export', 'default', '--out', folder);
    expect([onto.code, onto.stderr]).toEqual([2, expect.stringMatching(/--out .* can't be written/)]);
    expect(await readdir(folder)).toEqual(['default.jsonl']);
    await expect(stat(`${folder}.part`)).rejects.toThrow('ENOENT');
    await rm(folder, { recursive: true });
    expect((await run('tenants', 'export', 'nobody')).code).toBe(4);
  });

  it(
    'erase without --yes shows what would go; with it runs end, Miro knows the token no more, and nothing is left',
    { timeout: 150_000 },
    async () => {
      const gone = `gone-${randomUUID().slice(0, 8)}`;
      await tenantWithAccount(gone);
      const connection = await Connection.connect({ address: env['TEMPORAL_ADDRESS'] ?? '' });
      const { workflow, schedule } = new Client({ connection });
      const attributes = { typedSearchAttributes: [{ key: MIRO_TENANT, value: gone }] };
      const action = { type: 'startWorkflow', workflowType: 'nobodys', taskQueue: `nobody-${gone}` } as const;
      const workflowId = `nobodys:${gone}`;
      await workflow.start('nobodys', { taskQueue: action.taskQueue, workflowId, ...attributes });
      await schedule.create({ scheduleId: gone, action, spec: {}, ...attributes });

      const shown = await run('tenants', 'erase', gone, '--json');
      expect([shown.code, documentOf(shown)]).toEqual([3, expect.objectContaining({ erased: false, connections: 1 })]);
      expect(await findTenant(db, gone)).toBeDefined();

      const erase = ['tenants', 'erase', gone, '--yes', '--json'];
      const erased = documentOf(await cli(erase, { env, timeoutMs: 110_000 }));
      expect(erased).toMatchObject({ erased: true, schedules: 1, revoked: [{ kind: 'rest', atMiro: 'revoked' }] });
      // Nobody works on its queue, so it can't settle and is terminated.
      expect(erased).toMatchObject({ cancelled: 0, terminated: 1, histories: 1 });
      // Temporal deletes within a minute or so.
      const left = await workflow
        .getHandle(workflowId)
        .describe()
        .catch(() => undefined);
      expect(left?.status.name).not.toBe('RUNNING');
      expect(await findTenant(db, gone)).toBeUndefined();
      expect((await run('tenants', 'erase', gone, '--yes')).code).toBe(4);
      await connection.close();
      expect(await findConnection(db, { tenantId, name: 'default' })).toBeDefined();
    },
  );

  it('list shows them, erased ones too', async () => {
    const { tenants } = (await json('tenants', 'list')) as { tenants: { name: string; erasedAt?: string }[] };
    expect(tenants).toContainEqual(expect.objectContaining({ name: 'default', connections: 1 }));
    expect(tenants.filter(({ erasedAt }) => erasedAt !== undefined)).toHaveLength(1);
    const { tenantId: going } = await ensureTenant(db, 'going');
    await beginErasure(db, going);
    expect((await run('tenants', 'list')).stdout).toMatch(/^going .* erasing$/m);
  });
});
