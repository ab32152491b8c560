import { randomBytes, randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { newKeyRing } from '../../key-ring.js';
import { openDb } from '../../store/db.js';
import { ensureDataKey, ensureTenant } from '../../store/tenants.js';
import { openVault } from '../../store/vault.js';
import { createTestDatabase, spawnNode, temporalAddress, type TestDatabase } from '../harness.js';

const MAIN = fileURLToPath(new URL('../../workers/main.ts', import.meta.url));
const key = () => randomBytes(32).toString('base64');
/** Another key of the same name. */
const namesakeOf = (ring = ''): string => `${ring.split(':')[0]}:${key()}`;

let database: TestDatabase;
let env: Record<string, string>;
beforeAll(async () => {
  database = await createTestDatabase();
  env = {
    DATABASE_URL: database.url,
    TEMPORAL_ADDRESS: await temporalAddress(),
    TEMPORAL_MIRO_TASK_QUEUE: `main-${randomUUID()}`,
    TEMPORAL_MIRO_ID_KEY: key(),
    TEMPORAL_MIRO_VAULT_KEYS: newKeyRing(),
    TEMPORAL_MIRO_CODEC_KEYS: newKeyRing(),
    MIRO_API_URL: 'http://127.0.0.1:1',
  };
});
afterAll(() => database.drop());

const ringOf = (name: 'VAULT' | 'CODEC'): string => env[`TEMPORAL_MIRO_${name}_KEYS`] ?? '';

/** A secret is sealed by the ring, so that it is needed. */
async function sealSomething(): Promise<void> {
  const db = openDb({ url: database.url });
  const { tenantId } = await ensureTenant(db, 'default');
  await ensureDataKey(db, openVault(ringOf('VAULT')), tenantId);
  await db.close();
}

it('polls although Miro is absent, and stops cleanly on SIGTERM', async () => {
  const worker = await spawnNode(MAIN, [], { ...env, MIRO_ACCESS_TOKEN: 'a-token' });
  await worker.waitFor(/"ready":true/);
  expect(worker.lines()[0]).toMatch(/^MIRO_ACCESS_TOKEN could not be checked: GET \/v1\/oauth-token/);
  expect(await worker.kill('SIGTERM')).toEqual({ code: 0, signal: null });
  await sealSomething();
});

it.each([
  [
    'a vault ring without the key in use',
    () => ({ TEMPORAL_MIRO_VAULT_KEYS: newKeyRing() }),
    /wrapped under "\w+", which TEMPORAL_MIRO_VAULT_KEYS doesn't hold/,
  ],
  [
    'a vault key of the right name and wrong bytes',
    () => ({ TEMPORAL_MIRO_VAULT_KEYS: namesakeOf(ringOf('VAULT')) }),
    /TEMPORAL_MIRO_VAULT_KEYS holds another key of that name/,
  ],
  [
    'a codec ring without the key in use',
    () => ({ TEMPORAL_MIRO_CODEC_KEYS: newKeyRing() }),
    /TEMPORAL_MIRO_CODEC_KEYS lacks the key "\w+"/,
  ],
  [
    'a codec key of the right name and wrong bytes',
    () => ({ TEMPORAL_MIRO_CODEC_KEYS: namesakeOf(ringOf('CODEC')) }),
    /TEMPORAL_MIRO_CODEC_KEYS holds another key of the name/,
  ],
  [
    'no codec keys where workers have encrypted',
    () => ({ TEMPORAL_MIRO_CODEC_KEYS: '' }),
    /TEMPORAL_MIRO_CODEC_KEYS lacks the key/,
  ],
])('refuses to start with %s, in one sentence that holds no key', async (_, wrong, message) => {
  const worker = await spawnNode(MAIN, [], { ...env, ...wrong() });
  expect(await worker.exited).toEqual({ code: 2, signal: null });
  const said = worker.lines().join('\n');
  expect(said).toMatch(message);
  for (const ring of [ringOf('VAULT'), ringOf('CODEC')]) expect(said).not.toContain(ring.split(':')[1]);
  expect(said).not.toMatch(/\n\s+at /);
});

it('rotates both rings: the new key behind the one in use, then in front of it', async () => {
  for (const turn of [
    (old: string, fresh: string) => `${old},${fresh}`,
    (old: string, fresh: string) => `${fresh},${old}`,
  ]) {
    const fresh = newKeyRing();
    const rings = {
      TEMPORAL_MIRO_VAULT_KEYS: turn(ringOf('VAULT'), fresh),
      TEMPORAL_MIRO_CODEC_KEYS: turn(ringOf('CODEC'), fresh),
    };
    const worker = await spawnNode(MAIN, [], { ...env, ...rings });
    await worker.waitFor(/"ready":true/);
    await worker.kill('SIGTERM');
    if (turn('a', 'b') === 'b,a') env = { ...env, ...rings };
  }
});

it('beside a real Miro starts without codec keys only when it is told to', async () => {
  const own = await createTestDatabase();
  const plain = { ...env, DATABASE_URL: own.url, TEMPORAL_MIRO_CODEC_KEYS: '', MIRO_API_URL: '' };
  const refused = await spawnNode(MAIN, [], plain);
  expect(await refused.exited).toEqual({ code: 2, signal: null });
  expect(refused.lines().join('\n')).toMatch(/TEMPORAL_MIRO_CODEC_KEYS is missing.*openssl rand.*--plaintext/);
  const told = await spawnNode(MAIN, ['--plaintext'], plain);
  await told.waitFor(/"ready":true/);
  expect(told.lines()[0]).toMatch(/as plain text/);
  await told.kill('SIGTERM');
  await own.drop();
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
