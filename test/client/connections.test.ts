/** The commands about Miro accounts, against PostgreSQL and the simulator, with a browser where a person needs one. */
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createSimulator, type RunningSimulator } from '../../simulator/app.js';
import { openDb, type Db } from '../../store/db.js';
import { markNeedsRelink } from '../../store/grants.js';
import { findConnection } from '../../store/connections.js';
import { openJob } from '../../store/jobs.js';
import { ensureTenant } from '../../store/tenants.js';
import { newVaultKeys } from '../../store/vault.js';
import { freePort } from '../../workers/dev-server.js';
import { TestBrowser, type SimulatedMiro, type SimulatedPeople } from '../gateway/stage.js';
import { createTestDatabase, spawnNode, type SpawnedNode, type TestDatabase } from '../harness.js';
import { jobInput } from '../store/database.js';
import { cli, CLI, documentOf } from './cli.js';

let port: number;
let simulator: RunningSimulator;
let miro: SimulatedMiro;
let database: TestDatabase;
let db: Db;
let env: Record<string, string>;
let folder: string;
let staticToken: string;

beforeAll(async () => {
  port = await freePort();
  simulator = await createSimulator({ redirectUri: `http://127.0.0.1:${port}/oauth/callback` }).start();
  miro = {
    simulator,
    sim: async <T>(path: string) => (await (await fetch(`${simulator.url}/_sim/${path}`)).json()) as T,
  };
  database = await createTestDatabase();
  db = openDb({ url: database.url });
  env = {
    DATABASE_URL: database.url,
    TEMPORAL_MIRO_ID_KEY: randomBytes(32).toString('base64'),
    TEMPORAL_MIRO_VAULT_KEYS: newVaultKeys(),
    MIRO_API_URL: simulator.url,
    MIRO_URL: simulator.url,
    MIRO_CLIENT_ID: simulator.clientId,
    MIRO_CLIENT_SECRET: simulator.clientSecret,
  };
  folder = await mkdtemp(join(tmpdir(), 'temporal-miro-accounts-'));
  // Of another app: a link that is refused below ends the older tokens of this one too.
  const { clientId } = await act<{ clientId: string }>('create-app', { expiring: false });
  staticToken = (await act<{ accessToken: string }>('link-app', { clientId })).accessToken;
  await writeFile(join(folder, 'rest.txt'), `${staticToken}\n`);
  await writeFile(join(folder, 'scim.txt'), simulator.scimToken);
  await writeFile(join(folder, 'wrong.txt'), 'not-a-token');
});
afterAll(async () => {
  await db.close();
  await database.drop();
  await simulator.close();
  await rm(folder, { recursive: true });
});

async function act<T>(deed: string, input: object): Promise<T> {
  const body = JSON.stringify({ do: deed, ...input });
  return (await (await fetch(`${simulator.url}/_sim/act`, { method: 'POST', body })).json()) as T;
}

const connections = (...args: string[]) => cli(['connections', ...args], { env });
const attach = (name: string, file: string, ...more: string[]) =>
  connections('attach', name, '--token-file', join(folder, file), '--json', ...more);

/** A `link` that waits for a browser. */
async function waiting(...args: string[]): Promise<{ command: SpawnedNode; url: string }> {
  const command = await spawnNode(CLI, ['connections', ...args, '--port', String(port), '--no-open', '--json'], env);
  const line = await command.waitFor(/\/link\//);
  return { command, url: line.trim() };
}

const answerOf = ({ lines }: SpawnedNode): unknown => JSON.parse(lines().find((line) => line.startsWith('{')) ?? '');

const secretsOf = (...texts: string[]): string[] =>
  [simulator.clientSecret, staticToken, simulator.scimToken].filter((secret) =>
    texts.some((text) => text.includes(secret)),
  );

describe('link', () => {
  it('waits for a person in a browser, and tells whose account was linked', async () => {
    const { command, url } = await waiting('link', 'emea', '--tenant', 'acme');
    expect(url).toContain(`http://127.0.0.1:${port}/link/`);
    const { status, text } = await new TestBrowser().link(miro, url);
    expect([status, text]).toEqual([200, expect.stringContaining('Your Miro account is connected')]);
    expect(await command.exited).toEqual({ code: 0, signal: null });
    expect(answerOf(command)).toMatchObject({
      ...{ state: 'linked', tenant: 'acme', connection: 'emea' },
      rest: { state: 'live', miro: { teamId: simulator.teamId, orgId: simulator.orgId }, refreshable: true },
    });
    expect(command.lines().join('\n')).toContain(`redirect URI: http://127.0.0.1:${port}/oauth/callback`);
    expect(secretsOf(...command.lines())).toEqual([]);
  });

  it('ends with 1 and the remedy when the person denies', async () => {
    const { command, url } = await waiting('link', 'denied');
    await new TestBrowser().link(miro, url, 'deny');
    expect(await command.exited).toEqual({ code: 1, signal: null });
    expect(answerOf(command)).toMatchObject({
      error: { type: 'CommandError', message: expect.stringContaining('run this again, and choose Allow') as string },
    });
  });

  it('ends with 1 when another team is chosen than the one that is asked for', async () => {
    const { teams } = await miro.sim<SimulatedPeople>('state');
    const other = teams.find(({ id }) => id !== simulator.teamId)?.id ?? '';
    const { command, url } = await waiting('link', 'team', '--team', other);
    await new TestBrowser().link(miro, url, 'allow', { team_id: simulator.teamId });
    expect(await command.exited).toEqual({ code: 1, signal: null });
    expect(command.lines().join('\n')).toMatch(/another team was chosen than the one of --team/);
  });

  it('on Ctrl-C ends with 3', async () => {
    const { command } = await waiting('link', 'nobody');
    expect(await command.kill('SIGINT')).toEqual({ code: 3, signal: null });
    expect(answerOf(command)).toEqual({ tenant: 'default', connection: 'nobody', state: 'open' });
  });

  it('without an app ends with 2 and says what to set', async () => {
    const { MIRO_CLIENT_ID: _id, MIRO_CLIENT_SECRET: _secret, ...noApp } = env;
    const { code, stderr } = await cli(['connections', 'link', '--no-open'], { env: noApp });
    expect([code, stderr]).toEqual([2, expect.stringMatching(/MIRO_CLIENT_ID and MIRO_CLIENT_SECRET are missing/)]);
  });

  it('ends with 5 when the installation’s gateway does not answer', async () => {
    const away = { ...env, TEMPORAL_MIRO_PUBLIC_URL: 'http://127.0.0.1:1' };
    const { code, stderr } = await cli(['connections', 'link', '--no-open'], { env: away });
    expect([code, stderr]).toEqual([5, expect.stringMatching(/gateway at http:\/\/127\.0\.0\.1:1 does not answer/)]);
  });
});

describe('relink', () => {
  it('gives a dead connection its account back', async () => {
    const { tenantId } = await ensureTenant(db, 'acme');
    const rest = (await findConnection(db, { tenantId, name: 'emea' }))?.rest;
    await markNeedsRelink(db, { grantId: rest?.grantId ?? '', generation: rest?.generation ?? 0, reason: 'it died' });
    const shown = await connections('show', 'emea', '--tenant', 'acme');
    expect(shown.stdout).toMatch(/needs_relink since .*: it died[\s\S]*connections relink emea --tenant acme/);

    const { command, url } = await waiting('relink', 'emea', '--tenant', 'acme');
    await new TestBrowser().link(miro, url);
    expect(await command.exited).toEqual({ code: 0, signal: null });
    expect(answerOf(command)).toMatchObject({ rest: { state: 'live', generation: (rest?.generation ?? 0) + 1 } });
  });

  it('ends with 4 for a connection that is not there', async () => {
    const { code, stderr } = await connections('relink', 'elsewhere');
    expect([code, stderr]).toEqual([4, expect.stringMatching(/has no connection "elsewhere"/)]);
  });
});

describe('attach', () => {
  it('takes in a REST token and a SCIM token from files, and prints neither', async () => {
    const rest = await attach('static', 'rest.txt');
    expect(documentOf(rest)).toMatchObject({
      rest: { state: 'live', refreshable: false, miro: { orgId: simulator.orgId } },
    });
    const scim = await attach('static', 'scim.txt', '--scim');
    expect(documentOf(scim)).toMatchObject({ rest: { state: 'live' }, scim: { state: 'live' } });
    expect(secretsOf(rest.stdout, rest.stderr, scim.stdout, scim.stderr)).toEqual([]);
  });

  it('reads from standard input, and refuses an empty one', async () => {
    const { code, stderr } = await connections('attach', 'static');
    expect([code, stderr]).toEqual([2, expect.stringMatching(/the token is empty/)]);
  });

  it.each([
    ['rest', []],
    ['scim', ['--scim']],
  ])('a %s token that Miro refuses ends with 2 and is not stored', async (_, more) => {
    const { code, stderr } = await attach('wrong', 'wrong.txt', ...more);
    expect([code, stderr]).toEqual([2, expect.stringMatching(/Miro does not take the token/)]);
    expect(stderr).not.toContain('not-a-token');
    expect((await connections('show', 'wrong')).code).toBe(4);
  });
});

describe('list, check and revoke', () => {
  it('list shows each connection with whose it is and what waits', async () => {
    const { connections: all } = documentOf(await connections('list', '--json')) as { connections: object[] };
    expect(all).toContainEqual(expect.objectContaining({ tenant: 'acme', connection: 'emea', parkedRuns: 0 }));
    expect((await connections('list', '--tenant', 'acme')).stdout).toMatch(
      /^tenant +name +account[\s\S]*\nacme +emea +\d+/,
    );
    expect((await connections('list', '--tenant', 'nobody')).code).toBe(4);
  });

  it('check tells for each kind of job whether it can run, and ends with 1 and the remedy when one cannot', async () => {
    const good = await connections('check', 'static', '--json');
    expect(documentOf(good)).toMatchObject({
      token: 'live',
      jobs: ['provisionBoard', 'retroToTickets'].map((kind) => ({ kind, canRun: true, missing: [] })),
    });
    expect(good.code).toBe(0);
    await db.query(
      `update miro.grants set state = 'needs_relink', reason = 'it died' where kind = 'rest' and app_id is null`,
    );
    const bad = await connections('check', 'static');
    expect([bad.code, bad.stdout]).toEqual([
      1,
      expect.stringMatching(/provisionBoard: cannot run\n {2}missing .*link/),
    ]);
  });

  it('revoke without --yes shows which runs would stop, and ends with 3; with it Miro knows the token no more', async () => {
    const { tenantId } = await ensureTenant(db, 'acme');
    await openJob(
      db,
      jobInput({ tenantId }, { workflowId: 'provisionBoard:acme:1', options: { connectionId: 'emea' } }),
    );
    const shown = await connections('revoke', 'emea', '--tenant', 'acme', '--json');
    expect(shown.code).toBe(3);
    expect(documentOf(shown)).toMatchObject({
      revoked: [],
      stops: [{ workflowId: 'provisionBoard:acme:1', parked: false }],
    });

    const done = await connections('revoke', 'emea', '--tenant', 'acme', '--yes', '--json');
    expect(done.code).toBe(0);
    expect(documentOf(done)).toMatchObject({ revoked: [{ kind: 'rest', atMiro: 'revoked' }] });
    expect((await findConnection(db, { tenantId, name: 'emea' }))?.rest?.state).toBe('revoked');
    const again = await connections('revoke', 'emea', '--tenant', 'acme', '--yes', '--json');
    expect(documentOf(again)).toMatchObject({ revoked: [] });
  });

  it('a static token is erased here, and the person is told where to remove it at Miro', async () => {
    const { stdout } = await connections('revoke', 'static', '--yes');
    expect(stdout).toMatch(/rest token: erased here; Miro still takes it\. .*Team settings/);
  });
});
