import { randomBytes, randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { newVaultKeys } from '../../store/vault.js';
import { createTestDatabase, spawnNode, temporalAddress, type TestDatabase } from '../harness.js';

const MAIN = fileURLToPath(new URL('../../workers/main.ts', import.meta.url));
const key = () => randomBytes(32).toString('base64');

let database: TestDatabase;
let env: Record<string, string>;
beforeAll(async () => {
  database = await createTestDatabase();
  env = {
    DATABASE_URL: database.url,
    TEMPORAL_ADDRESS: await temporalAddress(),
    TEMPORAL_MIRO_TASK_QUEUE: `main-${randomUUID()}`,
    TEMPORAL_MIRO_ID_KEY: key(),
    TEMPORAL_MIRO_VAULT_KEYS: newVaultKeys(),
    MIRO_API_URL: 'http://127.0.0.1:1',
  };
});
afterAll(() => database.drop());

it('polls although Miro is absent, and stops cleanly on SIGTERM', async () => {
  const worker = await spawnNode(MAIN, [], { ...env, MIRO_ACCESS_TOKEN: 'a-token' });
  await worker.waitFor(/"ready":true/);
  expect(worker.lines()[0]).toMatch(/^MIRO_ACCESS_TOKEN could not be checked: GET \/v1\/oauth-token/);
  expect(await worker.kill('SIGTERM')).toEqual({ code: 0, signal: null });
});

it.each([
  [
    'another installation key than the first',
    { TEMPORAL_MIRO_ID_KEY: key() },
    2,
    /the installation key \(check [0-9a-f]{8}\) is not the one/,
  ],
  ['no vault keys', { TEMPORAL_MIRO_VAULT_KEYS: '' }, 2, /TEMPORAL_MIRO_VAULT_KEYS is missing/],
  ['a schema without its migrations', { DATABASE_SCHEMA: 'empty' }, 2, /run `temporal-miro migrate` first/],
  [
    'no PostgreSQL',
    { DATABASE_URL: 'postgresql://app:hidden@127.0.0.1:1/miro' },
    5,
    /PostgreSQL at 127\.0\.0\.1:1\/miro can't be reached/,
  ],
  ['no Temporal', { TEMPORAL_ADDRESS: '127.0.0.1:1' }, 5, /Temporal at 127\.0\.0\.1:1 can't be reached/],
  ['a namespace that is not there', { TEMPORAL_NAMESPACE: 'nowhere' }, 5, /Temporal at .* can't be reached .*nowhere/],
])('refuses to start with %s, in one sentence', async (_, wrong, code, message) => {
  const worker = await spawnNode(MAIN, [], { ...env, ...wrong });
  expect(await worker.exited).toEqual({ code, signal: null });
  const said = worker.lines().join('\n');
  expect(said).toMatch(message);
  expect(said).not.toMatch(/hidden|\n\s+at /);
});
