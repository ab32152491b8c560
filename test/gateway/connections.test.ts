import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { renewAppSecret } from '../../store/apps.js';
import { findConnection } from '../../store/connections.js';
import { MiroError, type TokenPair } from '../../miro/index.js';
import { commitRefresh, markNeedsRelink } from '../../store/grants.js';
import { ensureTenant } from '../../store/tenants.js';
import { createGatewayStage, TestBrowser, type GatewayStage } from './stage.js';

let stage: GatewayStage;
beforeAll(async () => {
  stage = await createGatewayStage();
});
afterAll(() => stage.close());

async function link(tenant: string, connection = 'default'): Promise<string> {
  await new TestBrowser().link(stage, (await stage.session({ tenant, connection })).url);
  return `/v1/connections/${tenant}/${connection}`;
}

async function restOf(tenant: string) {
  const { tenantId } = await ensureTenant(stage.store.db, tenant);
  const connection = await findConnection(stage.store.db, { tenantId, name: 'default' });
  if (!connection?.rest) throw new Error('it has no account');
  return connection.rest;
}

/** What the installation's app had for a secret once. */
const storeSecret = (clientSecret: string) =>
  renewAppSecret(stage.store.db, stage.store.vault, { clientId: stage.simulator.clientId, clientSecret });

const isKilled = (log: { path: string; status: number }[]) =>
  log.some(({ path, status }) => path === '/v2/oauth/revoke' && status === 204);

const ofEachKind = (told: object): object[] => ['provisionBoard', 'retroToTickets'].map((kind) => ({ kind, ...told }));

describe('connections', () => {
  it('are listed and shown without any secret', async () => {
    const path = await link('list', 'emea');
    const { body } = await stage.call('GET', '/v1/connections?tenant=list');
    expect(body['connections']).toEqual([(await stage.call('GET', path)).body]);
    expect(body['connections']).toMatchObject([
      { connection: 'emea', rest: { state: 'live', miro: { teamId: stage.simulator.teamId } } },
    ]);
    expect(JSON.stringify(body)).not.toMatch(/eyJ|secret|token"/i);
    expect((await stage.call('GET', '/v1/connections/list/none')).status).toBe(404);
  });

  it('say where to relink once the grant is dead', async () => {
    const path = await link('dead');
    await markNeedsRelink(stage.store.db, { ...(await restOf('dead')), reason: 'the refresh token is dead' });
    const { body } = await stage.call('GET', path);
    expect(body['relinkUrl']).toMatch(new RegExp(`^${stage.url}/relink/`));
    expect((await fetch(String(body['relinkUrl']))).status).toBe(200);
    expect((await stage.call('GET', `${path}/check`)).body).toMatchObject({
      ...{ token: 'refused', reason: 'the refresh token is dead' },
      jobs: ofEachKind({ canRun: false }),
    });
  });
});

describe('a check', () => {
  it('asks Miro, and says for each kind of job that it can run', async () => {
    const { body } = await stage.call('GET', `${await link('check')}/check`);
    expect(body).toMatchObject({ token: 'live', jobs: ofEachKind({ canRun: true, missing: [] }) });
  });

  it('says which scope is missing, and where to click', async () => {
    const reader = await stage.act<{ accessToken: string }>('link-app', { scopes: ['boards:read'] });
    await stage.call('PUT', '/v1/connections/check-scopes/default/token', { accessToken: reader.accessToken });
    const { body } = await stage.call('GET', '/v1/connections/check-scopes/default/check');
    expect(body['jobs']).toEqual(
      ofEachKind({
        canRun: false,
        missing: [{ what: 'the scope boards:write', remedy: expect.stringContaining('Your apps') as string }],
      }),
    );
  });

  it('asks Miro no more often than every two minutes, and for what costs credits once', async () => {
    const path = await link('often');
    const { grantId } = await restOf('often');
    const asked = async () => {
      await stage.sim('requests');
      expect((await stage.call('GET', `${path}/check`)).body).toMatchObject({ token: 'live' });
      return (await stage.sim<{ path: string }[]>('requests')).map((request) => request.path);
    };
    const before = (await stage.sim<object[]>('requests')).length;
    expect((await asked()).slice(before)).toEqual(['/v1/oauth-token']);
    expect((await asked()).slice(before)).toEqual(['/v1/oauth-token']);
    await stage.store.db.query(`update miro.grants set checked_at = now() - interval '3 minutes' where id = $1`, [
      grantId,
    ]);
    expect((await asked()).slice(before)).toEqual(['/v1/oauth-token', '/v1/oauth-token']);
    await stage.store.db.query(`update miro.grants set checked_at = null, facts = '{}' where id = $1`, [grantId]);
    expect((await asked()).slice(before + 3)).toHaveLength(2);
  });

  it('asks again with the newer token where the one that Miro refuses was refreshed meanwhile', async () => {
    const path = await link('meanwhile');
    const { grantId } = await restOf('meanwhile');
    const { miro, db, vault } = { ...stage.deps, ...stage.store };
    const pair = await stage.act<TokenPair>('link-app');
    stage.deps.miro = {
      ...miro,
      send: async (call) => {
        stage.deps.miro = miro;
        await commitRefresh(db, vault, { grantId, generation: 1, pair });
        throw new MiroError('refused', { kind: 'unauthorized', written: 'no', operation: call.operation });
      },
    };
    expect((await stage.call('GET', `${path}/check`)).body).toMatchObject({ token: 'live' });
  });

  it('finds a token that Miro has forgotten, and leaves a pair to its refresh', async () => {
    const fixed = await stage.act<{ accessToken: string }>('link-app');
    await stage.call('PUT', '/v1/connections/fixed/default/token', { accessToken: fixed.accessToken });
    const path = await link('gone');
    await stage.act('kill-token');
    const ofFixed = (await stage.call('GET', '/v1/connections/fixed/default/check')).body;
    expect(ofFixed).toMatchObject({ token: 'refused', jobs: ofEachKind({ canRun: false }) });
    const ofPair = (await stage.call('GET', `${path}/check`)).body;
    expect(ofPair).toMatchObject({ token: 'idle', jobs: ofEachKind({ canRun: true }) });
    expect(ofPair['reason']).toBeDefined();
    await stage.store.db.query(`update miro.grants set access_expires_at = now() - interval '1 s' where id = $1`, [
      (await restOf('gone')).grantId,
    ]);
    expect((await stage.call('GET', `${path}/check`)).body).toMatchObject({
      token: 'idle',
      jobs: ofEachKind({ canRun: true }),
    });
  });
});

describe('tokens that are attached by hand', () => {
  it('are asked about at Miro first', async () => {
    const bad = await stage.call('PUT', '/v1/connections/static/default/token', { accessToken: 'not-one' });
    expect([bad.status, bad.body.error?.code]).toEqual([422, 'token_refused']);
    const scim = await stage.call('PUT', '/v1/connections/static/default/scim', { scimToken: 'not-one' });
    expect([scim.status, scim.body.error?.code]).toEqual([422, 'token_refused']);
    expect((await stage.call('GET', '/v1/connections?tenant=static')).body['connections']).toEqual([]);
  });

  it('give a connection its REST and its SCIM token', async () => {
    const { accessToken } = await stage.act<{ accessToken: string }>('link-app');
    const rest = await stage.call('PUT', '/v1/connections/both/default/token', { accessToken });
    expect(rest.body).toMatchObject({ rest: { state: 'live', refreshable: false } });
    const both = await stage.call('PUT', '/v1/connections/both/default/scim', { scimToken: stage.simulator.scimToken });
    expect(both.body).toMatchObject({ rest: { state: 'live' }, scim: { state: 'live' } });
  });

  it('do not silently stand for less than the token before', async () => {
    const path = '/v1/connections/less/default/token';
    const all = await stage.act<{ accessToken: string }>('link-app');
    await stage.call('PUT', path, { accessToken: all.accessToken });
    const less = await stage.act<{ accessToken: string }>('link-app', { scopes: ['boards:read'] });
    const refused = await stage.call('PUT', path, { accessToken: less.accessToken });
    expect([refused.status, refused.body.error?.code]).toEqual([409, 'fewer_scopes']);
    expect(refused.body.error?.message).toContain('boards:write');
    const accepted = await stage.call('PUT', path, { accessToken: less.accessToken, accept: { fewerScopes: true } });
    expect(accepted.status).toBe(200);
  });
});

describe('a revocation', () => {
  it('ends the token at Miro and erases it here', async () => {
    const path = await link('revoke');
    const { grantId } = await restOf('revoke');
    const { body } = await stage.call('DELETE', path);
    expect(body['revoked']).toEqual([{ kind: 'rest', atMiro: 'revoked' }]);
    expect(isKilled(await stage.sim('requests'))).toBe(true);
    const [row] = await stage.store.db.query(
      'select state, access_token, refresh_token from miro.grants where id = $1',
      [grantId],
    );
    expect(row).toEqual({ state: 'revoked', access_token: null, refresh_token: null });
    expect((await stage.call('DELETE', path)).body['revoked']).toEqual([]);
  });

  it('gets hold of a pair whose access token has expired', async () => {
    const path = await link('revoke-expired');
    await stage.act('kill-token', { which: 'access' });
    expect((await stage.call('DELETE', path)).body['revoked']).toEqual([{ kind: 'rest', atMiro: 'revoked' }]);
  });

  it('is told what Miro had ended before, and what it offers no way for', async () => {
    const path = await link('revoke-dead');
    await stage.act('kill-token');
    await stage.call('PUT', `${path}/scim`, { scimToken: stage.simulator.scimToken });
    const { body } = await stage.call('DELETE', path);
    expect(body['revoked']).toEqual([
      { kind: 'rest', atMiro: 'was_dead' },
      { kind: 'scim', atMiro: 'not_possible', remedy: expect.stringContaining('Company settings') as string },
    ]);
  });

  it('uses the app’s secret as it is now, whichever was stored', async () => {
    const path = await link('revoke-renewed');
    await storeSecret('an old one');
    expect((await stage.call('DELETE', path)).body['revoked']).toEqual([{ kind: 'rest', atMiro: 'revoked' }]);
  });

  it.each([
    ['while the access token lives', {}],
    ['when only the refresh token does', { which: 'access' }],
  ])('does not take a wrong secret for a dead token, and erases nothing: %s', async (_, kill) => {
    const path = await link(`revoke-secret-${'which' in kill}`);
    const { grantId } = await restOf(`revoke-secret-${'which' in kill}`);
    if ('which' in kill) await stage.act('kill-token', kill);
    await storeSecret('a wrong one');
    const { app } = stage.deps;
    stage.deps.app = undefined;
    const refused = await stage.call('DELETE', path);
    stage.deps.app = app;
    expect([refused.status, refused.body.error?.remedy]).toEqual([
      ...[409, expect.stringContaining('MIRO_CLIENT_SECRET') as string],
    ]);
    const [row] = await stage.store.db.query('select access_token is not null as kept from miro.grants where id = $1', [
      grantId,
    ]);
    expect(row).toEqual({ kept: true });
    expect((await stage.call('DELETE', path)).body['revoked']).toEqual([{ kind: 'rest', atMiro: 'revoked' }]);
  });

  it('keeps the secrets until Miro has answered, and is brought to its end by repeating it', async () => {
    const path = await link('revoke-down');
    const fault = { match: { path: '/v2/oauth/revoke' }, when: { every: 1 }, fault: '5xx-before', times: 1 };
    await fetch(`${stage.simulator.url}/_sim/faults`, { method: 'PUT', body: JSON.stringify([fault]) });
    expect((await stage.call('DELETE', path)).status).toBe(502);
    expect((await stage.call('GET', path)).body).toMatchObject({ rest: { state: 'revoked' } });
    expect((await stage.call('DELETE', path)).body['revoked']).toEqual([{ kind: 'rest', atMiro: 'revoked' }]);
  });
});
