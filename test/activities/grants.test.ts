/** Tokens that expire, are refused by mistake, or die in the middle of a job. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ApplicationFailure } from '@temporalio/common';
import type { Activities } from '../../activities/index.js';
import { createGrants } from '../../activities/grants.js';
import { beginRevoke, ensureConnection, findConnection } from '../../store/connections.js';
import type { Db } from '../../store/db.js';
import { jsonMiro } from '../miro/fake-miro.js';
import { until } from '../provision/until.js';
import { createTestStore, type TestStore } from '../store/database.js';
import { createStage, failureOf, type Stage, type StageOptions } from './stage.js';

const HOUR_MS = 3_600_000;
const BEN = 'ben@nordlicht.example';

let store: TestStore;
let stage: Stage;
beforeAll(async () => {
  store = await createTestStore();
});
afterAll(() => store.close());
afterEach(() => stage.close());

const sticky = (id: string, x: number) => ({
  ...{ id, type: 'sticky_note' as const, content: id, position: { x, y: 0 } },
});
/** Many calls at a time: six connectors that go out together. */
const content = {
  template: {
    blueprint: {
      version: 1 as const,
      items: [0, 1, 2, 3, 4, 5].map((n) => sticky(`s${n}`, n * 300)),
      connectors: [0, 1, 2, 3, 4, 5].map((n) => ({ id: `c${n}`, from: `s${n}`, to: `s${(n + 1) % 6}` })),
    },
  },
};

const oauth =
  (expiresInMs: number): NonNullable<StageOptions['rest']> =>
  ({ accessToken, refreshToken, clientId, clientSecret }) => ({
    rest: { accessToken, refreshToken, expiresInMs },
    app: { clientId, clientSecret },
  });

async function filledBoard(): Promise<string> {
  const { jobId } = await stage.open(content);
  await stage.untilDone((activities) => activities.ensureBoard({ jobId }));
  await stage.untilDone((activities) => activities.ensureItems({ jobId, batch: 0 }));
  return jobId;
}
const connect = (jobId: string) => stage.untilDone((activities) => activities.ensureConnectors({ jobId }));
const connectors = async () =>
  (await stage.state()).boards.find(({ description }) => description.includes('[tm:'))?.connectors.length;
const sent = async (method: string, path: string) =>
  (await stage.requests()).filter((request) => request.method === method && request.path === path);
const grant = async () => (await findConnection(store.db, { tenantId: stage.tenantId, name: 'default' }))?.rest;

describe('an OAuth pair', () => {
  it('is refreshed once when its token dies under many calls, and each call goes on', async () => {
    stage = await createStage(store, { rest: oauth(HOUR_MS) });
    const jobId = await filledBoard();
    await stage.act('kill-token', { which: 'access' });
    await connect(jobId);
    expect(await sent('POST', '/v1/oauth/token')).toHaveLength(1);
    expect(await connectors()).toBe(6);
    expect(await grant()).toMatchObject({ state: 'live', generation: 2 });
  });

  it('is refreshed once by two processes that meet the dead token together', async () => {
    stage = await createStage(store, { rest: oauth(HOUR_MS) });
    const jobId = await filledBoard();
    await stage.act('kill-token', { which: 'access' });
    const otherProcess = { miro: (real: Stage['deps']['miro']) => real };
    const step: Parameters<Stage['untilDone']>[0] = (activities) => activities.ensureConnectors({ jobId });
    await Promise.all([stage.untilDone(step), stage.untilDone(step, otherProcess)]);
    expect(await sent('POST', '/v1/oauth/token')).toHaveLength(1);
    expect(await connectors()).toBe(6);
  });

  it('is refreshed before it expires, once each time, while a job goes on', async () => {
    stage = await createStage(store, { rest: oauth(2_000), tokenTtlMs: 2_000 });
    const jobId = await filledBoard();
    const until = performance.now() + 3_000;
    while (performance.now() < until) await stage.untilDone((activities) => activities.checkBoard({ jobId }));
    await connect(jobId);
    const requests = await stage.requests();
    const refreshes = requests.filter(({ path }) => path === '/v1/oauth/token').length;
    expect(refreshes).toBeGreaterThan(0);
    expect((await grant())?.generation).toBe(1 + refreshes);
    expect(requests.filter(({ status }) => status === 401)).toEqual([]);
  });

  it('is not renewed again and again where Miro refuses a call for good, although it takes the token', async () => {
    stage = await createStage(store, { rest: oauth(HOUR_MS) });
    const jobId = await filledBoard();
    await store.db.query(`update miro.grants set token_at = token_at - interval '2 minutes' where tenant_id = $1`, [
      stage.tenantId,
    ]);
    await stage.fail({ match: { method: 'GET', path: '/v2/boards/*' }, fault: '401' });
    const failure = await failureOf(stage.untilDone((activities) => activities.checkBoard({ jobId })));
    expect(failure).toMatchObject({ type: 'Miro.forbidden', nonRetryable: true });
    expect(failure.message).toContain('the app was removed from the team');
    expect(await sent('POST', '/v1/oauth/token')).toHaveLength(1);
    expect(await grant()).toMatchObject({ state: 'live', generation: 2 });
  });

  it('that is new and refused by mistake is used again as it is', async () => {
    stage = await createStage(store, { rest: oauth(HOUR_MS) });
    const jobId = await filledBoard();
    await stage.fail({ match: { method: 'POST', path: '/v2/boards/*/connectors' }, fault: '401', times: 1 });
    await connect(jobId);
    expect(await sent('POST', '/v1/oauth/token')).toEqual([]);
    expect(await connectors()).toBe(6);
    expect(await grant()).toMatchObject({ state: 'live', generation: 1 });
  });

  it('that was revoked asks for a relink, and nothing more is sent with it', async () => {
    stage = await createStage(store, { rest: oauth(HOUR_MS) });
    const jobId = await filledBoard();
    await stage.act('revoke-app');
    const failure = await failureOf(connect(jobId));
    expect(failure).toMatchObject({ type: 'NeedsRelink', nonRetryable: true });
    expect(failure.details?.[0]).toMatchObject({ connection: 'default', generation: 1, tenantId: stage.tenantId });
    expect(await grant()).toMatchObject({ state: 'needs_relink' });
    await stage.requests();
    await failureOf(connect(jobId));
    expect(await stage.requests()).toEqual([]);
    expect(await connectors()).toBe(0);
  });

  it('whose refresh had no answer is exchanged once more, and then asks for a relink', async () => {
    stage = await createStage(store, { rest: oauth(HOUR_MS) });
    const jobId = await filledBoard();
    await stage.act('kill-token', { which: 'access' });
    await stage.fail({ match: { method: 'POST', path: '/v1/oauth/token' }, fault: 'drop-after', times: 1 });
    expect((await failureOf(connect(jobId))).type).toBe('NeedsRelink');
    expect(await sent('POST', '/v1/oauth/token')).toHaveLength(2);
  });
});

describe('a connection that gave up an account which another one uses', () => {
  it('waits for a relink, and leaves the other one alone', async () => {
    stage = await createStage(store, { rest: oauth(HOUR_MS) });
    const { tenantId, simulator } = stage;
    const { clientId, clientSecret, ...linked } = simulator;
    const rest = { accessToken: linked.accessToken, refreshToken: linked.refreshToken };
    await ensureConnection(store.db, store.vault, { tenantId, name: 'other', rest, app: { clientId, clientSecret } });
    await beginRevoke(store.db, store.vault, { tenantId, name: 'default' });
    const grants = createGrants(stage.deps);
    const failure = await failureOf(grants.getToken({ tenantId, connection: 'default' }));
    expect(failure).toMatchObject({ type: 'NeedsRelink', nonRetryable: true });
    expect((await grants.getToken({ tenantId, connection: 'other' })).grant.state).toBe('live');
  });
});

describe('a static token', () => {
  it('that is refused by mistake is verified and used again', async () => {
    stage = await createStage(store);
    const jobId = await filledBoard();
    await stage.requests();
    await stage.fail({ match: { method: 'POST', path: '/v2/boards/*/connectors' }, fault: '401', times: 1 });
    await connect(jobId);
    expect(await sent('GET', '/v1/oauth-token')).toHaveLength(1);
    expect(await connectors()).toBe(6);
    expect(await grant()).toMatchObject({ state: 'live', generation: 1 });
  });

  it('that is dead asks for a relink', async () => {
    stage = await createStage(store);
    const jobId = await filledBoard();
    await stage.act('kill-token');
    expect((await failureOf(connect(jobId))).type).toBe('NeedsRelink');
    expect(await grant()).toMatchObject({ state: 'needs_relink' });
  });

  it('never shows in a failure', async () => {
    stage = await createStage(store);
    const { accessToken } = stage.simulator;
    const jobId = await filledBoard();
    await stage.act('kill-token');
    const failure = await failureOf(connect(jobId));
    expect(JSON.stringify([failure.message, failure.details, failure.stack])).not.toContain(accessToken);
    expect(failure).toBeInstanceOf(ApplicationFailure);
  });
});

interface Linked {
  accessToken: string;
  refreshToken: string;
  userId: string;
  teamId: string;
  scopes: string[];
}

describe('an account of another Miro user, linked between a write without an answer and the next attempt', () => {
  it.each([
    {
      what: 'a bulk',
      path: '/v2/boards/*/items/bulk',
      step: (activities: Activities, jobId: string) => activities.ensureItems({ jobId, batch: 0 }),
    },
    {
      what: 'a connector',
      path: '/v2/boards/*/connectors',
      step: (activities: Activities, jobId: string) => activities.ensureConnectors({ jobId }),
    },
  ])('does not double $what', async ({ path, step }) => {
    stage = await createStage(store, { rest: oauth(HOUR_MS) });
    const { jobId } = await stage.open(content);
    const { boardId } = await stage.untilDone((activities) => activities.ensureBoard({ jobId }));
    if (path.endsWith('connectors')) await stage.untilDone((activities) => activities.ensureItems({ jobId, batch: 0 }));
    await stage.fail({ match: { method: 'POST', path }, fault: 'drop-after', times: 1 });
    await failureOf(stage.attempt((activities) => step(activities, jobId)));

    await stage.act('change-role', { user: BEN, boardId, role: 'editor' });
    const ben = await stage.act<Linked>('link-app', { as: BEN });
    await relink(ben);
    await stage.untilDone((activities) => step(activities, jobId));
    const made = (await stage.state()).boards.find(({ id }) => id === boardId);
    expect({ items: made?.items.length, connectors: made?.connectors.length }).toEqual({
      items: 6,
      connectors: path.endsWith('connectors') ? 6 : 0,
    });
  });

  const relink = async ({ accessToken, refreshToken, ...facts }: Linked) => {
    const { clientId, clientSecret } = stage.simulator;
    const rest = { accessToken, refreshToken, expiresInMs: HOUR_MS, facts };
    const app = { clientId, clientSecret };
    await ensureConnection(store.db, store.vault, { tenantId: stage.tenantId, name: 'default', rest, app });
  };
});

describe('an exchange', () => {
  const checkBoard = (jobId: string) => stage.untilDone((activities) => activities.checkBoard({ jobId }));

  it('that Miro answers with 503 again and again costs nothing, and goes through when Miro is back', async () => {
    stage = await createStage(store, { rest: oauth(HOUR_MS) });
    const jobId = await filledBoard();
    await stage.act('kill-token', { which: 'access' });
    await stage.fail({ match: { path: '/v1/oauth/token' }, fault: '5xx-before', status: 503, times: 4 });
    await checkBoard(jobId);
    expect(await sent('POST', '/v1/oauth/token')).toHaveLength(5);
    expect(await grant()).toMatchObject({ state: 'live', generation: 2 });
  });

  it('is committed although the database is away for a moment after Miro has answered, and before the process ends', async () => {
    stage = await createStage(store, { rest: oauth(0) });
    let failures = 0;
    const fails = <T>(run: () => Promise<T>): Promise<T> =>
      failures > 0 && failures-- ? Promise.reject(new Error('the database is away')) : run();
    const db: Db = {
      ...store.db,
      tx: (fn) => fails(() => store.db.tx(fn)),
      query: async <Row extends object>(sql: string, params?: readonly unknown[]) => {
        const rows = await fails(() => store.db.query<Row>(sql, params));
        if (sql.includes('set sent_at = clock_timestamp()')) failures = 4; // from now on, while the exchange is under way
        return rows;
      },
    };
    const grants = createGrants({ ...stage.deps, db });
    const waiting = grants.getToken({ tenantId: stage.tenantId, connection: 'default' });
    await until(() => Promise.resolve(failures > 0));
    await grants.idle();
    expect(await grant()).toMatchObject({ state: 'live', generation: 2 });
    expect((await waiting).generation).toBe(2);
    expect(await sent('POST', '/v1/oauth/token')).toHaveLength(1);
  });

  it('that was under way while the account was revoked leaves no living token at Miro', async () => {
    stage = await createStage(store, { rest: oauth(0) });
    await stage.fail({ match: { path: '/v1/oauth/token' }, fault: 'slow', delayMs: 100 });
    const { tenantId } = stage;
    const grants = createGrants(stage.deps);
    const failed = failureOf(grants.getToken({ tenantId, connection: 'default' }));
    const underWay = 'select from miro.refreshes where tenant_id = $1 and sent_at is not null';
    await until(async () => (await store.db.query(underWay, [tenantId])).length > 0);
    await beginRevoke(store.db, store.vault, { tenantId, name: 'default' });
    expect((await failed).type).toBe('NeedsRelink');
    expect((await sent('POST', '/v2/oauth/revoke')).map(({ status }) => status)).toEqual([204]);
    expect(await grant()).toMatchObject({ state: 'revoked', generation: 1 });
  });

  const exchangedWith = async (status: number, body: object) => {
    stage = await createStage(store, { rest: oauth(0) });
    const server = await jsonMiro(status, body);
    const grants = createGrants({ ...stage.deps, apiUrl: server.url });
    const failure = await failureOf(grants.getToken({ tenantId: stage.tenantId, connection: 'default' }));
    await server.close();
    return failure;
  };
  const oauthError = (message: string) => ({ status: 401, code: 'oauthError', message, type: 'error' });

  it.each([
    { what: 'something before Miro', status: 404, body: { message: 'no Route matched with those values' } },
    { what: 'a firewall', status: 403, body: { message: 'Forbidden' } },
    { what: 'another service', status: 401, body: { message: 'Unauthorized' } },
    { what: 'Miro, for the app', status: 401, body: oauthError('Invalid client credentials.') },
    { what: 'Miro, for the app as in RFC 6749', status: 401, body: { error: 'invalid_client' } },
    { what: 'Miro, for the request', status: 400, body: { error: 'invalid_request' } },
  ])('that is refused by $what says nothing about the token: it stays, and the next goes through', async (refusal) => {
    const failure = await exchangedWith(refusal.status, refusal.body);
    expect(failure).toMatchObject({ type: 'Refresh.refused', nonRetryable: false });
    expect(failure.message).toContain(`${refusal.status}`);
    expect(failure.message).toContain('check MIRO_CLIENT_SECRET and MIRO_API_URL');
    expect(await grant()).toMatchObject({ state: 'live', generation: 1 });
    const token = await createGrants(stage.deps).getToken({ tenantId: stage.tenantId, connection: 'default' });
    expect(token.generation).toBe(2);
  });

  it.each([
    { status: 401, body: oauthError('Refresh token is invalid or expired.') },
    { status: 400, body: { error: 'invalid_grant', error_description: 'not issued to this client' } },
  ])('that Miro refuses for the token ends the grant: $body', async ({ status, body }) => {
    expect((await exchangedWith(status, body)).type).toBe('NeedsRelink');
    expect(await grant()).toMatchObject({ state: 'needs_relink', generation: 1 });
  });

  it('that was not begun, because the database did not say that it may, is not counted as lost', async () => {
    stage = await createStage(store, { rest: oauth(0) });
    const ref = { tenantId: stage.tenantId, connection: 'default' };
    const db: Db = {
      ...store.db,
      query: async <Row extends object>(sql: string, params?: readonly unknown[]) => {
        const rows = await store.db.query<Row>(sql, params);
        if (sql.includes('set sent_at = clock_timestamp()')) throw new Error('the connection was closed');
        return rows;
      },
    };
    for (let tried = 0; tried < 3; tried += 1)
      await expect(createGrants({ ...stage.deps, db }).getToken(ref)).rejects.toThrow('the connection was closed');
    expect(await sent('POST', '/v1/oauth/token')).toEqual([]);
    expect((await createGrants(stage.deps).getToken(ref)).generation).toBe(2);
  });
});
