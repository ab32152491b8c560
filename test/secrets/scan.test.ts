/**
 * A whole run with everything that can go wrong with a secret: an OAuth pair that is exchanged, dies and is linked anew, a SCIM token, a webhook, a
 * refusal by Miro, trackers of each kind with one that refuses its token, the CLI. Then each secret that was in play is looked for in everything that the run has left behind.
 */
import { randomBytes, randomUUID } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { Client, Connection } from '@temporalio/client';
import type { Payload } from '@temporalio/common';
import { historyToJSON, JSONToPayload, payloadToJSON } from '@temporalio/common/lib/proto-utils.js';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createTemporalMiro, type ProvisionRequest, type TemporalMiro } from '../../client/index.js';
import { createCodec, dataConverterFor } from '../../codec.js';
import { newKeyRing } from '../../key-ring.js';
import { createSimulator, type RunningSimulator } from '../../simulator/app.js';
import { createKey } from '../../store/api-keys.js';
import { ensureConnection } from '../../store/connections.js';
import { openDb, type Db } from '../../store/db.js';
import { exportTenant } from '../../store/export.js';
import { ensureTenant } from '../../store/tenants.js';
import { addTracker } from '../../store/trackers.js';
import { openVault, type Vault } from '../../store/vault.js';
import { addEndpoint } from '../../store/webhook-endpoints.js';
import { cli } from '../client/cli.js';
import { createTestDatabase, spawnNode, temporalAddress, type SpawnedNode, type TestDatabase } from '../harness.js';
import { TestBrowser } from '../gateway/stage.js';
import { until } from '../provision/until.js';
import { retro } from '../stack.js';
import { startGithub } from '../trackers/github-stand-in.js';
import { startJira } from '../trackers/jira-stand-in.js';
import { startReceiver } from '../trackers/webhook-stand-in.js';
import { findSecrets, type Place } from './scanner.js';

const GATEWAY = fileURLToPath(new URL('../../gateway/main.ts', import.meta.url));
const MAIN = fileURLToPath(new URL('../../workers/main.ts', import.meta.url));
const EMAIL = 'anna@example.com'; // of retro()

let simulator: RunningSimulator;
let database: TestDatabase;
let db: Db;
let temporal: Client;
let connection: Connection;
const workers: SpawnedNode[] = [];
const standIns: { close(): Promise<void> }[] = [];
let env: Record<string, string>;
const secrets: Record<string, string> = {};
/** What lets somebody link an account; whoever asks for a job's status, and whoever may decode, gets it. */
const links: Record<string, string> = {};
const places: Place[] = [];

beforeAll(async () => {
  simulator = await createSimulator({ seed: 5 }).start();
  database = await createTestDatabase();
  db = openDb({ url: database.url });
  env = {
    DATABASE_URL: database.url,
    TEMPORAL_ADDRESS: await temporalAddress(),
    TEMPORAL_MIRO_TASK_QUEUE: `secrets-${randomUUID()}`,
    TEMPORAL_MIRO_ID_KEY: randomBytes(32).toString('base64'),
    TEMPORAL_MIRO_VAULT_KEYS: newKeyRing(),
    TEMPORAL_MIRO_CODEC_KEYS: newKeyRing(),
    TEMPORAL_MIRO_TIME_SCALE: '0.05',
    TEMPORAL_MIRO_PUBLIC_URL: 'http://127.0.0.1:8484',
    TEMPORAL_MIRO_WEBHOOK_PRIVATE: 'true',
    MIRO_API_URL: simulator.url,
    MIRO_URL: simulator.url,
    MIRO_CLIENT_ID: simulator.clientId,
    MIRO_CLIENT_SECRET: simulator.clientSecret,
    MIRO_ACCESS_TOKEN: simulator.accessToken,
    MIRO_REFRESH_TOKEN: simulator.refreshToken,
    MIRO_SCIM_TOKEN: simulator.scimToken,
  };
  connection = await Connection.connect({ address: env['TEMPORAL_ADDRESS'] ?? '' });
  temporal = new Client({ connection, dataConverter: dataConverterFor(env['TEMPORAL_MIRO_CODEC_KEYS']) });
  await playItAll();
  await look();
}, 240_000);
afterAll(async () => {
  await Promise.all(workers.map((worker) => worker.kill('SIGKILL')));
  await Promise.all(standIns.map((standIn) => standIn.close()));
  await connection.close();
  await simulator.close();
  await db.close();
  await database.drop();
});

async function playItAll(): Promise<void> {
  for (const name of ['ID_KEY', 'VAULT_KEYS', 'CODEC_KEYS'])
    secrets[name] = env[`TEMPORAL_MIRO_${name}`]?.replace(/^\w+:/, '') ?? '';
  Object.assign(secrets, { clientSecret: simulator.clientSecret, scimToken: simulator.scimToken });
  await rememberTokens();

  workers.push(await spawnNode(MAIN, [], env));
  await workers[0]?.waitFor(/"ready":true/, 90_000);
  workers.push(await spawnNode(MAIN, [], env));
  const { tenantId } = await ensureTenant(db, 'default');
  const vault = openVault(env['TEMPORAL_MIRO_VAULT_KEYS'] ?? '');
  secrets['webhook'] = (await addEndpoint(db, vault, { tenantId, url: 'https://127.0.0.1:9/hook' })).secret.replace(
    /^whsec_/,
    '',
  );

  const idKey = Buffer.from(env['TEMPORAL_MIRO_ID_KEY'] ?? '', 'base64');
  const miro = await createTemporalMiro({ client: temporal, idKey, taskQueue: env['TEMPORAL_MIRO_TASK_QUEUE'] ?? '' });
  const board = async (key: string, more: Partial<ProvisionRequest> = {}) =>
    (await miro.provisionBoard(retro(key, more), { waitMs: 60_000 })).handle.result();

  await act({ do: 'kill-token', which: 'access' });
  expect(await board('refreshed')).toMatchObject({ ending: 'done' });
  await rememberTokens();

  const refused = await board('refused', { template: { copyFrom: 'uXjVNoSuchBoard=' } }).catch(
    (error: unknown) => error,
  );
  place('the error of a refused job', inspected(refused));

  await act({ do: 'kill-token' });
  const { handle } = await miro.provisionBoard(retro('parked', { name: 'Parked' }), { waitMs: 1_000 });
  await until(async () => (await handle.status()).state === 'parked');
  place('the status of a parked job', JSON.stringify(await handle.status()));
  links['relink token'] = (await handle.status()).waiting?.relinkUrl?.split('/relink/')[1] ?? '';
  await playTheGateway();
  const pair = (await act({ do: 'link-app' })) as { accessToken: string; refreshToken: string };
  const app = { clientId: simulator.clientId, clientSecret: simulator.clientSecret };
  await ensureConnection(db, vault, { tenantId, name: 'default', app, rest: pair });
  expect(await handle.result()).toMatchObject({ ending: 'done' });
  await rememberTokens();
  await playTheTrackers(miro, vault);

  for (const args of [
    ['trackers', 'list', '--json'],
    ['trackers', 'check', 'refusing'],
    ['runs', 'show', 'parked', '--json'],
    ['runs', 'list'],
    ['runs', 'show', 'refused'],
    ['provision', '--json'],
  ]) {
    const { stdout, stderr } = await cli(args, { env });
    place(`the output of ${args.join(' ')}`, `${stdout}\n${stderr}`);
  }
}

/** A board becomes tickets in a tracker of each kind; one more refuses its token. */
async function playTheTrackers(miro: TemporalMiro, vault: Vault): Promise<void> {
  const { tenantId } = await ensureTenant(db, 'default');
  const [github, jira, webhook, refusing] = await Promise.all([
    startGithub(),
    startJira(),
    startReceiver(),
    startJira(),
  ]);
  refusing.fail({ match: { path: '/rest/**' }, fault: '401' });
  standIns.push(github, jira, webhook, refusing);
  const trackers = [
    { name: 'github', kind: 'github', at: github },
    { name: 'jira', kind: 'jira', at: jira },
    { name: 'webhook', kind: 'webhook', at: webhook },
    { name: 'refusing', kind: 'jira', at: refusing },
  ] as const;
  const { id: board } = (await act({ do: 'create-board', name: 'Retro' })) as { id: string };
  await act({ do: 'add-sticky', boardId: board, content: 'Keep secrets', position: { x: 0, y: 0 } });
  for (const { name, kind, at } of trackers) {
    secrets[`tracker ${kind}`] = at.token.replace(/^whsec_/, '');
    await addTracker(db, vault, { tenantId, name, kind, config: at.config, secret: at.token });
    const { handle } = await miro.retroToTickets({ board, tracker: name });
    const ended = await handle.result().catch((error: unknown) => error);
    if (name === 'refusing') place('the error of a tracker that refuses its token', inspected(ended));
    else expect(ended).toMatchObject({ ending: 'done', counts: { failed: 0 } });
  }
}

/** A link that comes back with a code that Miro does not take, and a relink. */
async function playTheGateway(): Promise<void> {
  const gateway = await spawnNode(GATEWAY, ['--port', '0'], env);
  const { url } = JSON.parse(await gateway.waitFor(/"ready":true/, 90_000)) as { url: string };
  const { key } = await createKey(db, { name: 'scan', scopes: ['links:write'] });
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
  const asked = { method: 'POST', headers, body: JSON.stringify({ tenant: 'default' }) };
  const session = (await (await fetch(`${url}/v1/link-sessions`, asked)).json()) as { url: string };
  const startToken = session.url.split('/link/')[1] ?? '';
  const browser = new TestBrowser();
  const state = new URL(await browser.start(`${url}/link/${startToken}`)).searchParams.get('state') ?? '';
  await browser.get(`${url}/oauth/callback?state=${state}&code=never-made-by-anybody`);
  await browser.start(`${url}/relink/${links['relink token']}`);
  Object.assign(secrets, { key: key.split('_')[2] ?? '', startToken, state, code: 'never-made-by-anybody' });
  await gateway.kill('SIGTERM');
  place('the output of the gateway', gateway.lines().join('\n'));
}

/** Of whatever Miro has issued until now. */
async function rememberTokens(): Promise<void> {
  const response = await fetch(`${simulator.url}/_sim/state`);
  const { grants } = (await response.json()) as {
    grants: { id: string; accessToken: string; refreshToken?: string }[];
  };
  for (const { accessToken, refreshToken } of grants)
    for (const token of [accessToken, refreshToken]) if (token) secrets[`token ${token.slice(-6)}`] = token;
}

async function act(input: object): Promise<unknown> {
  const init = { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(input) };
  return (await fetch(`${simulator.url}/_sim/act`, init)).json();
}

const place = (where: string, text: string): number => places.push({ where, text });

/** Everything that a log of a host could show of an error. */
function inspected(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return `${error.stack}\n${JSON.stringify(error, Object.getOwnPropertyNames(error))}\n${inspected(error.cause)}`;
}

async function look(): Promise<void> {
  for (const worker of workers) place('the output of a worker', worker.lines().join('\n'));
  await lookAtHistories();
  await lookAtStore();
  if (process.platform === 'linux') await lookAtProcesses();
}

async function lookAtHistories(): Promise<void> {
  const query = `TaskQueue = "${env['TEMPORAL_MIRO_TASK_QUEUE']}"`;
  await until(async () => (await temporal.workflow.count(query)).count >= 3);
  for await (const { workflowId, runId, memo, typedSearchAttributes } of temporal.workflow.list({ query })) {
    const history = historyToJSON(await temporal.workflow.getHandle(workflowId, runId).fetchHistory());
    place(`the history of ${workflowId}`, history);
    place(`the decrypted history of ${workflowId}`, await decrypted(history));
    place(
      'workflow ids, search attributes and memos',
      JSON.stringify([workflowId, memo, typedSearchAttributes.getAll()]),
    );
  }
}

/** Not even who may decode finds a token in Temporal. */
async function decrypted(history: string): Promise<string> {
  const codec = createCodec(env['TEMPORAL_MIRO_CODEC_KEYS'] ?? '');
  const payloads: Payload[] = [];
  JSON.parse(history, (_key, value: unknown) => {
    if (typeof value === 'object' && value !== null && 'metadata' in value && 'data' in value)
      payloads.push(JSONToPayload(value as Parameters<typeof JSONToPayload>[0]));
    return value;
  });
  const plain = await codec.decode(payloads);
  return JSON.stringify(plain.map(payloadToJSON));
}

async function lookAtStore(): Promise<void> {
  const tables = await db.query<{ name: string }>(
    `select table_name as name from information_schema.tables where table_schema = 'miro' and table_type = 'BASE TABLE'`,
  );
  for (const { name } of tables)
    place(`the table ${name}`, JSON.stringify(await db.query(`select to_jsonb(t) as row from miro.${name} t`)));
  const { tenantId } = await ensureTenant(db, 'default');
  const lines: object[] = [];
  await exportTenant(db, tenantId, (line) => void lines.push(line));
  place('the export of the tenant', JSON.stringify(lines));
}

async function lookAtProcesses(): Promise<void> {
  for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
    const arguments_ = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => ''); // it has ended
    place('the arguments of a process', arguments_);
  }
}

const textsOf = (where: RegExp): string =>
  places
    .filter((each) => where.test(each.where))
    .map(({ text }) => text)
    .join('\n');

it('has played everything: tokens of several generations, a refusal, a parked run, trackers', async () => {
  expect(Object.keys(secrets).filter((name) => name.startsWith('token')).length).toBeGreaterThanOrEqual(6);
  expect(textsOf(/refused job/)).toMatch(/JobError/);
  expect(textsOf(/parked job/)).toMatch(/relink/);
  expect(textsOf(/refuses its token/)).toMatch(/Tracker\.refused/);
  expect(textsOf(/^the output of trackers list/)).toMatch(/refusing/);
  expect(await db.query('select from miro.ticket_links')).toHaveLength(3);
  expect(textsOf(/^the decrypted history/).length).toBeGreaterThan(1_000);
  const events = await db.query<{ type: string }>('select distinct type from miro.events');
  expect(events.map(({ type }) => type)).toEqual(
    expect.arrayContaining(['connection.needs_relink', 'run.parked', 'run.finished']),
  );
});

it('left no secret anywhere', () => {
  expect(findSecrets(secrets, places)).toEqual([]);
});

it('left no relink address in logs, tables, ids, nor readable in a history', () => {
  expect(links['relink token']).toMatch(/^[\w-]+\.[\w-]+\.\d+\.\w{32}$/);
  expect(textsOf(/^the output of the gateway/)).toMatch(/link session .* failed/);
  const open = places.filter(({ where }) => !/^the (?:status|decrypted history)/.test(where));
  expect(findSecrets(links, open)).toEqual([]);
});

it('would have found one: what is sealed is there, and so are e-mails where they belong', () => {
  expect(
    findSecrets(
      { email: EMAIL },
      places.filter(({ where }) => where === 'the table jobs'),
    ),
  ).not.toEqual([]);
  expect(
    findSecrets(
      { email: EMAIL },
      places.filter(({ where }) => where.startsWith('the decrypted history')),
    ),
  ).not.toEqual([]);
});

it('left no e-mail in ids, search attributes, memos, events, logs, nor readable in a history', () => {
  const open = places.filter(({ where }) =>
    /^(?:workflow ids|the table events|the output of a worker|the history of)/.test(where),
  );
  expect(open.length).toBeGreaterThan(6);
  expect(findSecrets({ email: EMAIL }, open)).toEqual([]);
});
