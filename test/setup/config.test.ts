import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import {
  clientConfig,
  ConfigError,
  type Env,
  localConfig,
  starterConfig,
  storeConfig,
  workerConfig,
} from '../../config.js';

const KEY = Buffer.alloc(32, 7);
const minimal = {
  TEMPORAL_MIRO_ID_KEY: KEY.toString('base64'),
  TEMPORAL_MIRO_VAULT_KEYS: `a:${KEY.toString('base64')}`,
  TEMPORAL_MIRO_CODEC_KEYS: `a:${KEY.toString('base64')}`,
};

let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'temporal-miro-config-'));
});
afterAll(() => rm(dir, { recursive: true }));

function problemsOf(env: Env, read: (env: Env) => unknown = workerConfig): readonly string[] {
  try {
    read(env);
    return [];
  } catch (err) {
    if (err instanceof ConfigError) return err.problems;
    throw err;
  }
}

it('needs three keys for a worker and one for a client, and nothing else', () => {
  expect(workerConfig(minimal)).toMatchObject({
    taskQueue: 'temporal-miro',
    miro: { apiUrl: 'https://api.miro.com', url: 'https://miro.com' },
    timeScale: 1,
  });
  expect(problemsOf({})).toHaveLength(3);
  expect(problemsOf({}, clientConfig)).toHaveLength(1);
  expect(storeConfig({})).toEqual({});
});

it('lets a worker do without codec keys beside a simulator, or when it is told to', () => {
  const { TEMPORAL_MIRO_CODEC_KEYS: _, ...plain } = minimal;
  expect(problemsOf(plain)).toEqual([
    expect.stringMatching(/^TEMPORAL_MIRO_CODEC_KEYS is missing.*openssl.*--plaintext/),
  ]);
  expect(problemsOf({ ...plain, MIRO_API_URL: 'http://127.0.0.1:1' })).toEqual([]);
  expect(workerConfig(plain, { plaintext: true }).codecKeys).toBeUndefined();
});

it('lets who starts jobs do without codec keys beside a Temporal of this machine, or when it is told to', () => {
  const { TEMPORAL_MIRO_CODEC_KEYS: _, ...plain } = minimal;
  const away = { ...plain, TEMPORAL_ADDRESS: 'temporal:7233' };
  expect(problemsOf(away, starterConfig)).toEqual([
    expect.stringMatching(/^TEMPORAL_MIRO_CODEC_KEYS is missing.*workers.*--plaintext/),
  ]);
  expect(starterConfig(away, { plaintext: true }).codecKeys).toBeUndefined();
  expect(problemsOf({ ...minimal, TEMPORAL_ADDRESS: 'temporal:7233' }, starterConfig)).toEqual([]);
  for (const own of [{}, { TEMPORAL_ADDRESS: 'localhost:7233' }, { TEMPORAL_ADDRESS: '[::1]:7233' }])
    expect(problemsOf({ ...plain, ...own }, starterConfig)).toEqual([]);
  expect(problemsOf({ TEMPORAL_PROFILE: 'none', TEMPORAL_ADDRESS: 'temporal:7233' }, starterConfig)).not.toEqual([]);
});

it.each(['a', 'a:c2hvcnQ=', `a:${KEY.toString('base64')},`, `a:${KEY.toString('base64')},a:${KEY.toString('base64')}`])(
  'refuses the key ring %j',
  (ring) => {
    expect(problemsOf({ ...minimal, TEMPORAL_MIRO_CODEC_KEYS: ring }, clientConfig)).toEqual([
      expect.stringMatching(/^TEMPORAL_MIRO_CODEC_KEYS must be name:key/),
    ]);
  },
);

it('reports every problem at once, by name and without any value', () => {
  const env = {
    TEMPORAL_MIRO_ID_KEY: 'c2VjcmV0',
    TEMPORAL_MIRO_VAULT_KEYS: 'a:c2VjcmV0',
    TEMPORAL_MIRO_CODEC_KEYS: 'c2VjcmV0',
    TEMPORAL_TLS_CLIENT_CERT_PATH: join(dir, 'none'),
    DATABASE_URL: 'mysql://u:c2VjcmV0@h/d',
    DATABASE_SCHEMA: 'a;drop',
    MIRO_API_URL: 'ftp://miro',
    MIRO_CLIENT_ID: '1',
    TEMPORAL_MIRO_TIME_SCALE: '7',
    TEMPORAL_MIRO_PUBLIC_URL: 'here',
  };
  const problems = problemsOf(env);
  for (const name of Object.keys(env).filter((name) => !name.startsWith('TEMPORAL_TLS')))
    expect(problems).toContainEqual(expect.stringContaining(name));
  expect(problems).toContainEqual(expect.stringMatching(/^TEMPORAL .*ENOENT/));
  expect(problems.join()).not.toContain('c2VjcmV0');
});

it('takes an installation key as hex or as base64', () => {
  for (const encoding of ['hex', 'base64'] as const)
    expect(clientConfig({ TEMPORAL_MIRO_ID_KEY: KEY.toString(encoding) }).idKey).toEqual(KEY);
});

it('reads each secret from a file too, without the trailing newline', async () => {
  const file = join(dir, 'secret');
  await writeFile(file, `${minimal.TEMPORAL_MIRO_ID_KEY}\n`);
  expect(clientConfig({ TEMPORAL_MIRO_ID_KEY_FILE: file }).idKey).toEqual(KEY);
  await writeFile(file, 'token\n');
  const names = ['MIRO_CLIENT_SECRET', 'MIRO_ACCESS_TOKEN', 'MIRO_SCIM_TOKEN', 'TEMPORAL_API_KEY'];
  const env = Object.fromEntries(names.map((name) => [`${name}_FILE`, file]));
  const config = workerConfig({ ...minimal, ...env, MIRO_CLIENT_ID: 'app' });
  expect(config.miro).toMatchObject({
    app: { clientId: 'app', clientSecret: 'token' },
    accessToken: 'token',
    scimToken: 'token',
  });
  expect(config.temporal.connectionOptions.apiKey).toBe('token');
});

it('refuses a secret that is given twice, or whose file is not there', () => {
  expect(problemsOf({ ...minimal, MIRO_ACCESS_TOKEN: 'a', MIRO_ACCESS_TOKEN_FILE: 'b' })).toEqual([
    'MIRO_ACCESS_TOKEN and MIRO_ACCESS_TOKEN_FILE are both set; unset one',
  ]);
  expect(problemsOf({ ...minimal, MIRO_ACCESS_TOKEN_FILE: join(dir, 'none') })).toEqual([
    expect.stringMatching(/^MIRO_ACCESS_TOKEN_FILE can't be read: ENOENT/),
  ]);
});

it('counts an empty variable as none', () => {
  const config = workerConfig({ ...minimal, DATABASE_URL: '', MIRO_API_URL: '', TEMPORAL_MIRO_TASK_QUEUE: '' });
  expect(config.database.url).toBeUndefined();
  expect(config.miro.apiUrl).toBe('https://api.miro.com');
});

it('scales time only where Miro is a program on this machine', () => {
  const scaled = { ...minimal, TEMPORAL_MIRO_TIME_SCALE: '0.05' };
  expect(problemsOf(scaled)).toEqual([expect.stringContaining('TEMPORAL_MIRO_TIME_SCALE')]);
  expect(problemsOf({ ...scaled, MIRO_API_URL: 'http://127.0.0.1.miro.com' })).toHaveLength(1);
  for (const MIRO_API_URL of ['http://127.0.0.1:8080', 'http://localhost:1/', 'http://[::1]:1'])
    expect(workerConfig({ ...scaled, MIRO_API_URL }).timeScale).toBe(0.05);
});

it('reaches Temporal by the variables of its own SDK', () => {
  const env = {
    ...minimal,
    TEMPORAL_ADDRESS: 'temporal:7233',
    TEMPORAL_NAMESPACE: 'miro',
  };
  expect(clientConfig(env).temporal).toMatchObject({
    connectionOptions: { address: 'temporal:7233' },
    namespace: 'miro',
  });
});

it('keeps tools in the cache folder of the system', () => {
  expect(localConfig({ XDG_CACHE_HOME: '/caches' }).cacheDir).toBe(join('/caches', 'temporal-miro'));
  expect(localConfig({}).cacheDir).toMatch(/\.cache.temporal-miro$/);
});

it('is described in .env.example, variable by variable', () => {
  const read = (path: string) => readFileSync(fileURLToPath(new URL(`../../${path}`, import.meta.url)), 'utf8');
  const described = [...read('.env.example').matchAll(/^#?([A-Z][A-Z_]+)=/gm)].map(([, name]) => name);
  const used = new Set(read('config.ts').match(/\b(?:MIRO|TEMPORAL|DATABASE)_[A-Z_]*[A-Z]\b/g));
  expect(described).toEqual(expect.arrayContaining([...used]));
});
