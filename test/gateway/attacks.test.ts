/** What strangers and other tenants try. Over real HTTP, and nothing of it works. */
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApp } from '../../gateway/app.js';
import { createLimits } from '../../gateway/limits.js';
import { findConnection } from '../../store/connections.js';
import { ensureTenant } from '../../store/tenants.js';
import { createGatewayStage, RETURN_ORIGIN, TestBrowser, type GatewayStage } from './stage.js';

let stage: GatewayStage;
beforeAll(async () => {
  stage = await createGatewayStage();
});
afterAll(() => stage.close());

const returnUrl = `${RETURN_ORIGIN}/linked`;

async function isLinked(tenant: string): Promise<boolean> {
  const { tenantId } = await ensureTenant(stage.store.db, tenant);
  return (await findConnection(stage.store.db, { tenantId, name: 'default' })) !== undefined;
}

describe('the state of a link', () => {
  it('cannot be forged', async () => {
    const { url } = await stage.session({ tenant: 'forged' });
    const browser = new TestBrowser();
    const back = new URL(await browser.decide(stage, url, 'allow'));
    back.searchParams.set('state', 'A'.repeat(43));
    expect((await browser.get(back.href)).status).toBe(410);
    back.searchParams.delete('state');
    expect((await browser.get(back.href)).status).toBe(410);
    expect(await isLinked('forged')).toBe(false);
  });

  it('cannot be used twice', async () => {
    const browser = new TestBrowser();
    const back = await browser.decide(stage, (await stage.session({ tenant: 'replayed', returnUrl })).url, 'allow');
    expect((await browser.get(back)).location).toContain('result=');
    const replayed = await browser.get(back);
    expect([replayed.status, replayed.location]).toEqual([410, '']);
  });

  it('is worth nothing in another browser, which does not use it up either', async () => {
    const victim = new TestBrowser();
    const back = await victim.decide(stage, (await stage.session({ tenant: 'crossed' })).url, 'allow');
    const attacker = new TestBrowser();
    expect((await attacker.get(back)).status).toBe(410);
    await attacker.start((await stage.session({ tenant: 'attacker' })).url);
    expect((await attacker.get(back)).status).toBe(410);
    expect(await isLinked('crossed')).toBe(false);
    expect((await victim.get(back)).status).toBe(200);
  });

  it('takes no code that was given for another session’s state', async () => {
    const [victim, attacker] = [new TestBrowser(), new TestBrowser()];
    const toVictim = new URL(await victim.decide(stage, (await stage.session({ tenant: 'victim' })).url, 'allow'));
    const toAttacker = new URL(await attacker.decide(stage, (await stage.session({ tenant: 'own' })).url, 'allow'));
    toVictim.searchParams.set('code', toAttacker.searchParams.get('code') ?? '');
    expect((await attacker.get(toVictim.href)).status).toBe(410);
    expect(await isLinked('victim')).toBe(false);
  });

  it('takes no code of another app', async () => {
    const other = await stage.act<{ clientId: string }>('create-app', {
      redirectUris: [`${stage.url}/oauth/callback`],
    });
    const { code } = await stage.act<{ code: string }>('authorize', { clientId: other.clientId });
    const browser = new TestBrowser();
    const back = new URL(await browser.decide(stage, (await stage.session({ tenant: 'injected' })).url, 'allow'));
    back.searchParams.set('code', code);
    expect((await browser.get(back.href)).status).toBe(403);
    expect(await isLinked('injected')).toBe(false);
  });

  it('is over after ten minutes', async () => {
    const browser = new TestBrowser();
    const { id, url } = await stage.session({ tenant: 'late' });
    const back = await browser.decide(stage, url, 'allow');
    await stage.store.db.query(`update miro.link_sessions set state_expires_at = now() where id = $1`, [id]);
    expect((await browser.get(back)).status).toBe(410);
  });

  it('lets one of two callbacks at once win', async () => {
    const browser = new TestBrowser();
    const back = await browser.decide(stage, (await stage.session({ tenant: 'twice', returnUrl })).url, 'allow');
    const answers = await Promise.all(Array.from({ length: 5 }, () => browser.get(back)));
    expect(answers.map(({ status }) => status).sort()).toEqual([302, 410, 410, 410, 410]);
  });

  it('is bound to a cookie that scripts and other sites do not get', async () => {
    const { headers } = await new TestBrowser().press((await stage.session()).url);
    const [cookie = ''] = headers.getSetCookie();
    expect(cookie).toMatch(/; Path=\/; HttpOnly; SameSite=Lax$/);
    expect(cookie).not.toMatch(/domain/i);
  });

  it('is bound, on a public address, to a cookie of this host alone', async () => {
    const { url } = await stage.session();
    const app = createApp({ ...stage.deps, publicUrl: 'https://miro.example.com' });
    const headers = { origin: 'https://miro.example.com' };
    const answer = await app.request(new URL(url).pathname, { method: 'POST', headers });
    expect(answer.headers.get('set-cookie')).toMatch(/^__Host-miro-link=[\w-]{43}; .*Secure/);
    expect(answer.headers.get('strict-transport-security')).toContain('max-age');
  });
});

describe('the button of a page', () => {
  const FOREIGN: Record<string, string>[] = [
    { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' },
    { 'sec-fetch-site': 'same-site', origin: 'null' },
    { origin: 'null' },
    {},
  ];

  it.each(FOREIGN)('is not pressed by a foreign page: %j', async (headers) => {
    const { id, url } = await stage.session({ tenant: 'lured' });
    for (const target of [url, `${stage.url}/relink/x`]) {
      const answer = await fetch(target, { method: 'POST', headers });
      expect([answer.status, answer.headers.getSetCookie()]).toEqual([403, []]);
      expect(await answer.text()).toContain('This did not come from our own page.');
    }
    expect((await stage.call('GET', `/v1/link-sessions/${id}`)).body).toMatchObject({ state: 'open' });
  });

  it('is limited by address', async () => {
    const limited = await createGatewayStage({ limits: createLimits({ formsPerMinute: 2 }) });
    const statuses = [];
    for (const path of ['/relink/x', '/link/x', '/relink/x'])
      statuses.push((await new TestBrowser().press(limited.url + path)).status);
    expect(statuses).toEqual([410, 410, 429]);
    await limited.close();
  });
});

describe('a returnUrl', () => {
  it.each([
    'https://evil.example/linked',
    `${RETURN_ORIGIN}.evil.example/`,
    `${RETURN_ORIGIN}@evil.example/`,
    'https://user:pw@app.example.com/',
    `https://evil.example\\@app.example.com/`,
    'https:\\\\app.example.com/',
    '//app.example.com/linked',
    '/linked',
    'https:app.example.com',
    'https:///app.example.com/',
    'http://app.example.com/linked',
    'https://app.example.com:8443/linked',
    'javascript:alert(1)//https://app.example.com/',
    'data:text/html,x',
    ' https://app.example.com/',
    'https://app.example.com/\r\nSet-Cookie: a=b',
    'https://app.example.com/\u0000',
    'https://аpp.example.com/',
    `${RETURN_ORIGIN}/${'x'.repeat(2_000)}`,
    '',
  ])('is refused: %j', async (bad) => {
    const { status, body } = await stage.call('POST', '/v1/link-sessions', { tenant: 'acme', returnUrl: bad });
    expect([status, body.error?.code]).toEqual([400, 'bad_request']);
  });

  it('on this machine is allowed while the gateway itself is only there', async () => {
    const local = { tenant: 'acme', returnUrl: 'http://localhost:5173/linked' };
    expect((await stage.call('POST', '/v1/link-sessions', local)).status).toBe(201);
    const own = stage.deps.publicUrl;
    stage.deps.publicUrl = 'https://miro.example.com';
    expect((await stage.call('POST', '/v1/link-sessions', local)).status).toBe(400);
    stage.deps.publicUrl = own;
  });

  it('cannot bring an ending of its own', async () => {
    const forged = `${returnUrl}?result=forged&error=x&keep=%0d%0aSet-Cookie:a`;
    const { location, headers } = await new TestBrowser().link(
      stage,
      (await stage.session({ tenant: 'own-end', returnUrl: forged })).url,
    );
    const { searchParams } = new URL(location);
    expect(searchParams.getAll('result')).toHaveLength(1);
    expect(searchParams.get('result')).not.toBe('forged');
    expect(searchParams.has('error')).toBe(false);
    expect(location).not.toMatch(/[\r\n]/);
    expect(headers.getSetCookie()).toEqual([]);
  });

  it('is never taken from the callback', async () => {
    const browser = new TestBrowser();
    const back = await browser.decide(stage, (await stage.session({ tenant: 'redirect' })).url, 'allow');
    const { status, location } = await browser.get(
      `${back}&redirect_uri=https://evil.example/&returnUrl=https://evil.example/`,
    );
    expect([status, location]).toEqual([200, '']);
  });

  it('is not followed when the state was refused', async () => {
    const back = `${stage.url}/oauth/callback?state=x&code=y&error=access_denied`;
    expect((await new TestBrowser().get(back)).location).toBe('');
  });
});

describe('another tenant’s key', () => {
  it('neither sees a link session nor takes its result', async () => {
    const { id, url } = await stage.session({ tenant: 'mine', returnUrl });
    const theirs = await stage.key({ tenants: ['theirs'] });
    const { location } = await new TestBrowser().link(stage, url);
    const result = new URL(location).searchParams.get('result');
    const absent = await stage.call('GET', `/v1/link-sessions/${crypto.randomUUID()}`, undefined, theirs);
    const seen = await stage.call('GET', `/v1/link-sessions/${id}`, undefined, theirs);
    expect([seen.status, seen.body.error?.message]).toEqual([404, absent.body.error?.message]);
    expect((await stage.call('POST', `/v1/link-sessions/${id}/result`, { result }, theirs)).status).toBe(404);
    expect((await stage.call('POST', `/v1/link-sessions/${id}/result`, { result })).status).toBe(200);
  });

  it('links, reads, checks, attaches and revokes nothing', async () => {
    await new TestBrowser().link(stage, (await stage.session({ tenant: 'closed' })).url);
    const theirs = await stage.key({ tenants: ['theirs'] });
    const path = '/v1/connections/closed/default';
    const tries: [string, string, unknown?][] = [
      ['POST', '/v1/link-sessions', { tenant: 'closed' }],
      ['GET', '/v1/connections?tenant=closed'],
      ['GET', path],
      ['GET', `${path}/check`],
      ['DELETE', path],
      ['PUT', `${path}/token`, { accessToken: stage.simulator.accessToken }],
      ['PUT', `${path}/scim`, { scimToken: stage.simulator.scimToken }],
      ['GET', '/v1/events?tenant=closed'],
      ['POST', '/v1/webhook-endpoints', { tenant: 'closed', url: 'https://evil.example/' }],
      ['PUT', '/v1/pauses', { tenant: 'closed' }],
      ['GET', '/v1/budget?tenant=closed'],
    ];
    for (const [method, target, body] of tries)
      expect([target, (await stage.call(method, target, body, theirs)).status]).toEqual([target, 403]);
    expect((await stage.call('GET', path)).body).toMatchObject({ rest: { state: 'live' } });
  });
});

describe('a result', () => {
  it('is taken once, and only for its own session', async () => {
    const [one, two] = [
      await stage.session({ tenant: 'res', returnUrl }),
      await stage.session({ tenant: 'res', returnUrl }),
    ];
    const { location } = await new TestBrowser().link(stage, one.url);
    const result = new URL(location).searchParams.get('result');
    const take = async (id: string) => (await stage.call('POST', `/v1/link-sessions/${id}/result`, { result })).status;
    expect(await take(two.id)).toBe(409);
    const both = await Promise.all([take(one.id), take(one.id)]);
    expect(both.sort()).toEqual([200, 410]);
    expect(await take(one.id)).toBe(410);
  });
});

describe('requests that are too much', () => {
  it('with 10 MB are refused before they are read', async () => {
    const huge = { tenant: 'acme', returnUrl: 'x'.repeat(10 * 1024 * 1024) };
    const { status, body } = await stage.call('POST', '/v1/link-sessions', huge);
    expect([status, body.error?.code]).toEqual([413, 'too_large']);
  });

  it('with 10 MB and no length are cut off', async () => {
    const head = [
      'POST /v1/link-sessions HTTP/1.1',
      `Host: ${new URL(stage.url).host}`,
      `Authorization: Bearer ${await stage.key()}`,
      'Content-Type: application/json',
      'Transfer-Encoding: chunked',
    ];
    const socket = connect(Number(new URL(stage.url).port), '127.0.0.1');
    socket.on('error', () => undefined); // we are hung up on while we write
    const answer = new Promise<string>((resolve) => socket.once('data', (data) => resolve(data.toString())));
    socket.write(`${head.join('\r\n')}\r\n\r\n`);
    for (let i = 0; i < 160; i++) socket.write(`10000\r\n${'x'.repeat(64 * 1024)}\r\n`);
    expect(await answer).toMatch(/^HTTP\/1\.1 413 /);
    socket.destroy();
  });

  it('with huge headers are refused', async () => {
    const { status } = await fetch(`${stage.url}/healthz`, { headers: { 'x-long': 'x'.repeat(64 * 1024) } });
    expect(status).toBe(431);
  });

  it('of another content type, or no JSON, are refused', async () => {
    const key = await stage.key();
    const send = (contentType: string, body: string) =>
      fetch(`${stage.url}/v1/link-sessions`, {
        ...{ method: 'POST', body, headers: { authorization: `Bearer ${key}`, 'content-type': contentType } },
      });
    expect((await send('text/plain', '{"tenant":"acme"}')).status).toBe(415);
    expect((await send('application/x-www-form-urlencoded', 'tenant=acme')).status).toBe(415);
    expect((await send('application/json', '{')).status).toBe(400);
    expect((await send('application/json', 'null')).status).toBe(400);
  });
});

describe('pages', () => {
  it('show texts of others as texts', async () => {
    await new TestBrowser().link(stage, (await stage.session({ tenant: 'html' })).url);
    await stage.store.db.query(
      `update miro.grants set state = 'needs_relink', dead_at = now(), facts = facts || '{"teamName": "<script>alert(1)</script>"}'
       where tenant_id = (select id from miro.tenants where name = 'html')`,
    );
    const { body } = await stage.call('GET', '/v1/connections/html/default');
    const relink = await new TestBrowser().get(String(body['relinkUrl']));
    expect(relink.text).toContain('&lt;script&gt;alert(1)');
    const given = 'error=x&error_description=<script>alert(1)</script>&state=<script>';
    const callback = await new TestBrowser().get(`${stage.url}/oauth/callback?${given}`);
    for (const { text } of [relink, callback]) expect(text).not.toContain('<script');
  });

  it('load, run and embed nothing, and leave no trace in caches and referrers', async () => {
    for (const path of ['/link/x', '/oauth/callback', '/relink/x', '/nowhere']) {
      const { headers } = await new TestBrowser().get(stage.url + path);
      expect(headers.get('content-security-policy')).toMatch(/default-src 'none'.*frame-ancestors 'none'/);
      expect(headers.get('cache-control')).toBe('no-store');
      expect(headers.get('referrer-policy')).toBe('same-origin');
      expect(headers.get('x-content-type-options')).toBe('nosniff');
    }
  });

  it('set no header from what they are given', async () => {
    const { headers } = await new TestBrowser().get(
      `${stage.url}/oauth/callback?state=%0d%0aSet-Cookie:%20a=b&error=%0d%0aX-Evil:1`,
    );
    expect(headers.get('x-evil')).toBeNull();
    expect(headers.getSetCookie()).toEqual([]);
  });
});

describe('the log', () => {
  it('has no code, state, token or key', async () => {
    const browser = new TestBrowser();
    const back = new URL(await browser.decide(stage, (await stage.session({ tenant: 'log' })).url, 'allow'));
    const [code, state] = [back.searchParams.get('code') ?? '', back.searchParams.get('state') ?? ''];
    back.searchParams.set('code', `${code}x`);
    await browser.get(back.href);
    expect(stage.log.length).toBeGreaterThan(0);
    for (const secret of [code, state, stage.simulator.clientSecret])
      expect(stage.log.join('\n')).not.toContain(secret);
  });
});
