/** The gateway as a process: its settings, its ready line and its clean stop. */
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { gatewayConfig, ConfigError } from '../../config.js';
import { createKey } from '../../store/api-keys.js';
import { beginRevoke, ensureConnection } from '../../store/connections.js';
import { newVaultKeys, openVault } from '../../store/vault.js';
import { spawnNode } from '../harness.js';
import { createTestStore, type TestStore } from '../store/database.js';

let store: TestStore;
beforeAll(async () => {
  store = await createTestStore();
});
afterAll(() => store.close());

const keys = {
  TEMPORAL_MIRO_ID_KEY: randomBytes(32).toString('base64'),
  TEMPORAL_MIRO_VAULT_KEYS: newVaultKeys(),
};

it('says when it serves, answers, and stops cleanly', async () => {
  const gateway = await spawnNode('gateway/main.ts', ['--port', '0'], { ...keys, DATABASE_URL: store.url });
  const { url } = JSON.parse(await gateway.waitFor(/"ready":true/)) as { url: string };
  const { key } = await createKey(store.db, { name: 'test', scopes: ['pause:write'] });
  const answer = await fetch(`${url}/v1/pauses`, { headers: { authorization: `Bearer ${key}` } });
  expect(await answer.json()).toEqual({ pauses: [] });
  expect((await fetch(`${url}/readyz`)).status).toBe(200);
  expect(await gateway.kill('SIGTERM')).toMatchObject({ code: 0 });
});

it('brings the app’s secret to the tenants as a worker does', async () => {
  const { db, tenantId } = store;
  const env = { ...keys, DATABASE_URL: store.url };
  const vault = openVault(env.TEMPORAL_MIRO_VAULT_KEYS);
  const rest = { accessToken: 'access', refreshToken: 'refresh' };
  const app = { clientId: 'app', clientSecret: 'old' };
  await ensureConnection(db, vault, { tenantId, name: 'default', app, rest });
  const renewed = { MIRO_CLIENT_ID: 'app', MIRO_CLIENT_SECRET: 'new' };
  const gateway = await spawnNode('gateway/main.ts', ['--port', '0'], { ...env, ...renewed });
  await gateway.waitFor(/"ready":true/);
  expect(await beginRevoke(db, vault, { tenantId, name: 'default' })).toMatchObject([{ app: { clientSecret: 'new' } }]);
  expect(await gateway.kill('SIGTERM')).toMatchObject({ code: 0 });
});

it('says in a sentence which option it does not know', async () => {
  const gateway = await spawnNode('gateway/main.ts', ['--prot', '1'], keys);
  await gateway.waitFor(/^Unknown option '--prot'/);
  expect((await gateway.exited).code).toBe(2);
});

it('does not listen beyond this machine without a public address', async () => {
  const env = { ...keys, DATABASE_URL: store.url };
  const gateway = await spawnNode('gateway/main.ts', ['--port', '0', '--host', '0.0.0.0'], env);
  await gateway.waitFor(/TEMPORAL_MIRO_PUBLIC_URL is missing/);
  expect((await gateway.exited).code).toBe(2);
});

it('reads its origins strictly', () => {
  const env = { ...keys, TEMPORAL_MIRO_RETURN_ORIGINS: 'https://a.example.com, http://localhost:5173' };
  expect(gatewayConfig(env).returnOrigins).toEqual(['https://a.example.com', 'http://localhost:5173']);
  expect(gatewayConfig(keys).returnOrigins).toEqual([]);
  for (const bad of ['*', 'a.example.com', 'https://a.example.com/path', 'javascript:x'])
    expect(() => gatewayConfig({ ...keys, TEMPORAL_MIRO_RETURN_ORIGINS: bad })).toThrow(ConfigError);
});
