import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { relinkToken, type DeadSecret } from '../../ids.js';
import { findConnection } from '../../store/connections.js';
import { beginErasure } from '../../store/erase.js';
import { markNeedsRelink } from '../../store/grants.js';
import { ensureTenant } from '../../store/tenants.js';
import { createGatewayStage, RETURN_ORIGIN, TestBrowser, type GatewayStage, type SimulatedPeople } from './stage.js';

let stage: GatewayStage;
beforeAll(async () => {
  stage = await createGatewayStage();
});
afterAll(() => stage.close());

const returnUrl = `${RETURN_ORIGIN}/miro?tab=1`;
const people = () => stage.sim<SimulatedPeople>('state');

async function connectionOf(tenant: string, name = 'default') {
  const { tenantId } = await ensureTenant(stage.store.db, tenant);
  return await findConnection(stage.store.db, { tenantId, name });
}

describe('a link session', () => {
  it('links the account that a person allows, and hands the result to the backend once', async () => {
    const { id, url } = await stage.session({ tenant: 'globex', connection: 'emea', returnUrl });
    expect((await stage.call('GET', `/v1/link-sessions/${id}`)).body).toMatchObject({
      state: 'open',
      tenant: 'globex',
    });
    const { status, location } = await new TestBrowser().link(stage, url);
    expect(status).toBe(302);
    const target = new URL(location);
    expect(`${target.origin}${target.pathname}`).toBe(`${RETURN_ORIGIN}/miro`);
    expect(target.searchParams.get('tab')).toBe('1');
    const result = target.searchParams.get('result');
    const taken = await stage.call('POST', `/v1/link-sessions/${id}/result`, { result });
    const connection = await connectionOf('globex', 'emea');
    expect(taken.body).toEqual({
      ...{ state: 'linked', connection: 'emea', tenant: 'globex', connectionId: connection?.connectionId },
      miro: {
        ...{ userId: connection?.rest?.miroUserId, teamId: stage.simulator.teamId, orgId: stage.simulator.orgId },
        scopes: expect.arrayContaining(['boards:read', 'boards:write']) as string[],
      },
    });
    expect(connection?.rest).toMatchObject({ state: 'live', refreshable: true });
    expect(connection?.rest?.names).toMatchObject({ plan: 'company', role: 'organization_internal_admin' });
    expect((await stage.call('GET', `/v1/link-sessions/${id}`)).body).toMatchObject({ state: 'linked' });
  });

  it('ends on our own page where the backend named no address', async () => {
    const { url } = await stage.session();
    const { status, text } = await new TestBrowser().link(stage, url);
    expect([status, text]).toEqual([200, expect.stringContaining('Your Miro account is connected')]);
  });

  it('tells the backend that the person denied', async () => {
    const { id, url } = await stage.session({ tenant: 'denied', returnUrl });
    const { location } = await new TestBrowser().link(stage, url, 'deny');
    expect(location).toBe(`${returnUrl}&error=denied`);
    expect((await stage.call('GET', `/v1/link-sessions/${id}`)).body).toMatchObject({
      state: 'refused',
      reason: 'denied',
    });
    expect(await connectionOf('denied')).toBeUndefined();
  });

  it('preselects the wanted team, refuses another, and gives the token back to Miro', async () => {
    const { teams } = await people();
    const wanted = teams.find(({ id }) => id !== stage.simulator.teamId);
    const { url } = await stage.session({ tenant: 'teams', teamId: wanted?.id });
    const browser = new TestBrowser();
    expect(new URL(await browser.start(url)).searchParams.get('team_id')).toBe(wanted?.id);
    const before = await revoked();
    const { status, text } = await browser.link(stage, url, 'allow', { team_id: stage.simulator.teamId });
    expect([status, text]).toEqual([403, expect.stringContaining('another Miro team')]);
    expect(await connectionOf('teams')).toBeUndefined();
    expect(await revoked()).toBe(before + 1);
  });

  it('starts again in the same browser until it is used, and never in another one', async () => {
    const { url } = await stage.session({ tenant: 'again' });
    const browser = new TestBrowser();
    const first = new URL(await browser.start(url)).searchParams.get('state');
    const second = new URL(await browser.start(url)).searchParams.get('state');
    expect(second).not.toBe(first);
    const another = new TestBrowser();
    expect([(await another.get(url)).status, (await another.press(url)).status]).toEqual([410, 410]);
    expect((await browser.link(stage, url)).status).toBe(200);
    expect((await browser.get(url)).status).toBe(410);
  });

  it('is not begun by whoever only looks at the link, as mail scanners and previews do', async () => {
    const { id, url } = await stage.session({ tenant: 'preview' });
    for (const method of ['HEAD', 'GET', 'GET']) {
      const { status, headers } = await fetch(url, { method, redirect: 'manual' });
      expect([status, headers.getSetCookie()]).toEqual([200, []]);
    }
    expect((await stage.call('GET', `/v1/link-sessions/${id}`)).body).toMatchObject({ state: 'open' });
    expect((await new TestBrowser().link(stage, url)).status).toBe(200);
  });

  it('says who wants the account, and where the browser goes afterwards, before Miro asks', async () => {
    const { url } = await stage.session({ tenant: 'shop', connection: 'emea', returnUrl });
    const { text } = await new TestBrowser().get(url);
    for (const named of ['“shop”', '“emea”', new URL(RETURN_ORIGIN).host, '<button>Continue to Miro</button>'])
      expect(text).toContain(named);
  });

  it('lets two links be under way in one browser', async () => {
    const browser = new TestBrowser();
    const [one, two] = [
      await stage.session({ tenant: 'two' }),
      await stage.session({ tenant: 'two', connection: 'b' }),
    ];
    const [firstBack, secondBack] = [
      await browser.decide(stage, one.url, 'allow'),
      await browser.decide(stage, two.url, 'allow'),
    ];
    expect((await browser.get(firstBack)).status).toBe(200);
    expect((await browser.get(secondBack)).status).toBe(200);
  });

  it('counts as failed when whoever exchanged the code died on the way', async () => {
    const { id, url } = await stage.session({ tenant: 'killed' });
    await new TestBrowser().decide(stage, url, 'allow');
    await stage.store.db.query(
      `update miro.link_sessions set state = 'exchanging', state_hash = null, expires_at = now() - interval '1 ms' where id = $1`,
      [id],
    );
    expect((await stage.call('GET', `/v1/link-sessions/${id}`)).body).toMatchObject({
      state: 'refused',
      reason: 'failed',
    });
  });

  it('is not made for a tenant that is being erased', async () => {
    const { tenantId } = await ensureTenant(stage.store.db, 'leaving');
    await beginErasure(stage.store.db, tenantId);
    const { status, body } = await stage.call('POST', '/v1/link-sessions', { tenant: 'leaving' });
    expect([status, body.error?.code]).toEqual([409, 'tenant_erased']);
  });

  it('ends with a page where its tenant was erased meanwhile, and with one where the app is gone', async () => {
    const { url } = await stage.session({ tenant: 'erased' });
    const browser = new TestBrowser();
    const back = await browser.decide(stage, url, 'allow');
    const { tenantId } = await ensureTenant(stage.store.db, 'erased');
    await beginErasure(stage.store.db, tenantId);
    const erased = await browser.get(back);
    expect([erased.status, erased.headers.get('content-type')]).toEqual([409, expect.stringContaining('text/html')]);
    expect(erased.text).toContain('This tenant was erased.');
    const next = await stage.session({ tenant: 'no-app' });
    const { app } = stage.deps;
    stage.deps.app = undefined;
    const refused = await browser.press(next.url);
    stage.deps.app = app;
    expect([refused.status, refused.text]).toEqual([503, expect.stringContaining('has no Miro app')]);
  });

  it('is forgotten after thirty days', async () => {
    const { id } = await stage.session({ tenant: 'old' });
    await stage.store.db.query(`update miro.link_sessions set created_at = now() - interval '31 days' where id = $1`, [
      id,
    ]);
    await stage.session({ tenant: 'old' });
    expect((await stage.call('GET', `/v1/link-sessions/${id}`)).status).toBe(404);
  });

  it('fails with a page and a request id when Miro does not take the code', async () => {
    const { url } = await stage.session({ tenant: 'bad-code' });
    const browser = new TestBrowser();
    const back = new URL(await browser.decide(stage, url, 'allow'));
    back.searchParams.set('code', 'nobody-made-this');
    const { status, text, headers } = await browser.get(back.href);
    expect(status).toBe(403);
    expect(text).toContain(headers.get('x-request-id'));
    expect(stage.log.at(-1)).toContain('failed');
    expect(stage.log.join()).not.toContain('nobody-made-this');
  });
});

describe('an app that may do too little', () => {
  it('is refused with the scopes that it lacks', async () => {
    const app = await stage.act<{ clientId: string; clientSecret: string }>('create-app', {
      ...{ name: 'Reader', scopes: ['boards:read'], redirectUris: [`${stage.url}/oauth/callback`] },
    });
    stage.deps.app = app;
    const { id, url } = await stage.session({ tenant: 'reader' });
    const { status, text } = await new TestBrowser().link(stage, url);
    stage.deps.app = { clientId: stage.simulator.clientId, clientSecret: stage.simulator.clientSecret };
    expect(status).toBe(403);
    expect(text).toContain('<li><code>boards:write</code></li>');
    expect(await connectionOf('reader')).toBeUndefined();
    expect((await stage.call('GET', `/v1/link-sessions/${id}`)).body).toMatchObject({
      ...{ state: 'refused', reason: 'missing_scopes', missing: ['boards:write'] },
    });
  });
});

describe('a relink', () => {
  async function linked(tenant: string) {
    await new TestBrowser().link(stage, (await stage.session({ tenant })).url);
    const connection = await connectionOf(tenant);
    if (!connection?.rest) throw new Error('it was not linked');
    return { connectionId: connection.connectionId, ...connection.rest };
  }
  const relinkUrl = (named: DeadSecret) => `${stage.url}/relink/${relinkToken(stage.deps.idKey, named)}`;

  it('shows a button while the grant is dead, and links the same connection', async () => {
    const grant = await linked('relink');
    const page = relinkUrl(grant);
    const browser = new TestBrowser();
    expect((await browser.get(page)).status).toBe(410);
    await markNeedsRelink(stage.store.db, { ...grant, reason: 'the refresh token is dead' });
    expect((await browser.get(page)).text).toContain('<button>Continue to Miro</button>');
    expect((await browser.link(stage, page)).status).toBe(200);
    expect((await connectionOf('relink'))?.rest).toMatchObject({ state: 'live', generation: grant.generation + 1 });
    expect((await browser.get(page)).status).toBe(410);
  });

  it('refuses another person unless the backend accepts one', async () => {
    const grant = await linked('persons');
    await markNeedsRelink(stage.store.db, { ...grant, reason: 'dead' });
    const { users, teams } = await people();
    const team = teams.find(({ id }) => id === stage.simulator.teamId);
    const other = users.find(({ id }) => id !== grant.miroUserId && team?.members.some((member) => member.id === id));
    const as = { user_id: other?.id ?? '' };
    const refusal = await new TestBrowser().link(stage, (await stage.session({ tenant: 'persons' })).url, 'allow', as);
    expect(refusal.text).toContain('another Miro account');
    const { url } = await stage.session({ tenant: 'persons', accept: { otherUser: true } });
    expect((await new TestBrowser().link(stage, url, 'allow', as)).status).toBe(200);
    expect((await connectionOf('persons'))?.rest?.miroUserId).toBe(other?.id);
  });

  it('wants the same team as before', async () => {
    const grant = await linked('same-team');
    await markNeedsRelink(stage.store.db, { ...grant, reason: 'dead' });
    const other = (await people()).teams.find(({ id }) => id !== grant.teamId);
    const browser = new TestBrowser();
    expect(new URL(await browser.start(relinkUrl(grant))).searchParams.get('team_id')).toBe(grant.teamId);
    const { status, text } = await browser.link(stage, relinkUrl(grant), 'allow', { team_id: other?.id ?? '' });
    expect([status, text]).toEqual([403, expect.stringContaining('another Miro team')]);
    expect((await connectionOf('same-team'))?.rest).toMatchObject({ state: 'needs_relink', teamId: grant.teamId });
  });

  it('is over thirty days after the grant died, and when the connection was given up', async () => {
    const statusOf = async (url: string) => (await new TestBrowser().get(url)).status;
    const grant = await linked('outlived');
    await markNeedsRelink(stage.store.db, { ...grant, reason: 'dead' });
    expect(await statusOf(relinkUrl(grant))).toBe(200);
    await stage.store.db.query(`update miro.grants set dead_at = now() - interval '30 days' where id = $1`, [
      grant.grantId,
    ]);
    expect(await statusOf(relinkUrl(grant))).toBe(410);
    const given = await linked('given-up');
    await markNeedsRelink(stage.store.db, { ...given, reason: 'dead' });
    await stage.call('DELETE', '/v1/connections/given-up/default');
    expect(await statusOf(relinkUrl(given))).toBe(410);
  });

  it('knows an address of a former grant from one of the same generation', async () => {
    const grant = await linked('former');
    await markNeedsRelink(stage.store.db, { ...grant, reason: 'dead' });
    expect((await new TestBrowser().get(relinkUrl({ ...grant, grantId: crypto.randomUUID() }))).status).toBe(410);
    expect((await new TestBrowser().get(relinkUrl(grant))).status).toBe(200);
  });

  it('takes no token that it did not make', async () => {
    const { connectionId, grantId, generation } = await linked('forged');
    for (const token of ['x', `${connectionId}.${grantId}.${generation}.${'0'.repeat(32)}`])
      expect((await new TestBrowser().get(`${stage.url}/relink/${token}`)).status).toBe(410);
  });
});

async function revoked(): Promise<number> {
  const log = await stage.sim<{ path: string; status: number }[]>('requests');
  return log.filter(({ path, status }) => path === '/v2/oauth/revoke' && status === 204).length;
}
