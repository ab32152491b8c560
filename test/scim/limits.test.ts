import { beforeEach, describe, expect, it } from 'vitest';
import { useSimulator } from '../simulator/miro.js';
import { BASE, PATCH_OP, useCheckedScim, type CheckedScim } from './checked-scim.js';

/** With windows as long as Miro's. */
const real = useCheckedScim({ windowMs: 60_000 });
const { scim, patch, rest, user, group, sim } = useCheckedScim();
const business = useSimulator({ plan: 'business' });

const tooMany = {
  schemas: ['urn:ietf:params:scim:api:messages:2.0:Error'],
  status: '429',
  scimType: 'tooManyRequests',
  detail: 'Rate limit exceeded',
};

describe('the budgets of SCIM', () => {
  const body = (operation: unknown) => ({ schemas: [PATCH_OP], Operations: [operation] });
  const nothing = body({ op: 'Replace', path: 'preferredLanguage', value: 'de' });
  const same = body({ op: 'Replace', path: 'displayName', value: 'Design' });
  const long = body({ op: 'Replace', path: 'displayName', value: 'x'.repeat(500) });
  const kinds: [
    string,
    number,
    (at: { user: string; group: string }, scim: CheckedScim['scim']) => ReturnType<CheckedScim['scim']>,
  ][] = [
    ['GET /Users', 200, (_, send) => send('GET', '/Users?count=1')],
    ['GET /Users/{id}', 200, (at, send) => send('GET', `/Users/${at.user}`)],
    ['POST /Users', 200, (_, send) => send('POST', '/Users', {})],
    ['PUT /Users/{id}', 100, (at, send) => send('PUT', `/Users/${at.user}`, {})],
    ['PATCH /Users/{id}', 100, (at, send) => send('PATCH', `/Users/${at.user}`, nothing)],
    ['DELETE /Users/{id}', 20, (_, send) => send('DELETE', '/Users/1')],
    ['GET /Groups', 5, (_, send) => send('GET', '/Groups')],
    ['GET /Groups/{id}', 20, (at, send) => send('GET', `/Groups/${at.group}`)],
    ['PATCH /Groups/{id} of less than 500 bytes', 100, (at, send) => send('PATCH', `/Groups/${at.group}`, same)],
    ['PATCH /Groups/{id} of 500 bytes or more', 5, (at, send) => send('PATCH', `/Groups/${at.group}`, long)],
  ];

  /** Moves the clock to the first second of a window, so that none ends in the middle of a test. */
  const newWindow = async () => {
    const { headers } = await real.rest('GET', '/v2/boards?limit=1');
    const seconds = Date.parse(headers.get('date')!) / 1000;
    await real.rest('POST', '/_sim/clock', { advanceMs: (30 - (seconds % 30)) * 1000 });
  };
  beforeEach(newWindow);

  it.each(kinds)('allow %s %i times in 30 seconds, and again after them', async (_, times, call) => {
    const at = { user: (await real.user('ben')).id, group: (await real.group('Design')).id };
    await newWindow();
    for (let n = 0; n < times; n++) expect((await call(at, real.scim)).status).not.toBe(429);
    const refused = await call(at, real.scim);
    expect(refused.status).toBe(429);
    expect(refused.body).toEqual(tooMany);
    await real.rest('POST', '/_sim/clock', { advanceMs: 30_000 });
    expect((await call(at, real.scim)).status).not.toBe(429);
  });

  it('are apart for each kind of call, and from REST', async () => {
    for (let n = 0; n < 6; n++) await real.scim('GET', '/Groups');
    expect((await real.scim('GET', '/Groups')).status).toBe(429);
    for (const path of ['/Users?count=1', '/ServiceProviderConfig', '/Schemas', '/ResourceTypes'])
      expect((await real.scim('GET', path)).status).toBe(200);
    expect((await real.rest('GET', '/v2/boards')).status).toBe(200);
  });

  it('do not limit discovery', async () => {
    for (let n = 0; n < 250; n++) expect((await real.scim('GET', '/ServiceProviderConfig')).status).toBe(200);
  });
});

describe('a SCIM request that is too large', () => {
  it('carries more than 8000 members', async () => {
    const { id } = await group('Design');
    const members = (count: number) => Array.from({ length: count }, (_, n) => ({ value: String(n) }));
    for (const operation of [
      { op: 'Add', path: 'members', value: members(8001) },
      { op: 'Remove', path: 'members', value: members(8001) },
      { op: 'Replace', value: { members: members(8001) } },
    ])
      expect(await patch(`/Groups/${id}`, operation)).toMatchObject({ status: 413, body: { status: '413' } });
    expect((await patch(`/Groups/${id}`, { op: 'Add', path: 'members', value: members(8000) })).status).toBe(404);
  });

  it('has more than 800,000 bytes', async () => {
    const { id } = await user('ben');
    const sized = (bytes: number) => {
      const text = JSON.stringify({ userName: 'ben@nordlicht.example', filler: '' });
      return text.replace('""', `"${'x'.repeat(bytes - text.length)}"`);
    };
    expect((await scim('PUT', `/Users/${id}`, sized(800_000))).status).toBe(200);
    expect(await scim('PUT', `/Users/${id}`, sized(800_001))).toMatchObject({ status: 413, body: { status: '413' } });
  });

  it('is not one that adds a person to a group which is already larger', async () => {
    const large = await createLargeTeam();
    expect(large).toMatchObject({ status: 200 });
  });

  const crowd = useCheckedScim({ world: 'members=9000,teams=1,boards=0' });
  async function createLargeTeam() {
    const { body } = await crowd.scim<{ Resources: { id: string }[] }>('GET', '/Groups?attributes=displayName');
    const { body: people } = await crowd.scim<{ Resources: { id: string }[] }>(
      'GET',
      '/Users?startIndex=1&count=1000&attributes=id',
    );
    const path = `/Groups/${body.Resources[0]!.id}?attributes=displayName`;
    for (let start = 1; start <= 8001; start += 1000) {
      const page = await crowd.scim<typeof people>('GET', `/Users?startIndex=${start}&count=1000&attributes=id`);
      const value = page.body.Resources.map(({ id }) => ({ value: id }));
      expect((await crowd.patch(path, { op: 'Add', path: 'members', value })).status).toBe(200);
    }
    return crowd.patch(path, { op: 'Add', path: 'members', value: [{ value: people.Resources[0]!.id }] });
  }
});

describe('a SCIM request', () => {
  it.each(['text/plain', 'application/xml', 'application/x-www-form-urlencoded', 'application/jsonp'])(
    'is refused as %s',
    async (type) => {
      const sent = await scim('POST', '/Users', { userName: 'm@nordlicht.example' }, { 'content-type': type });
      expect(sent).toMatchObject({ status: 415, body: { status: '415' } });
    },
  );

  it.each(['application/json', 'application/scim+json', 'Application/SCIM+JSON; charset=utf-8'])(
    'is read as %s',
    async (type) => {
      const { id } = await user('ben');
      const sent = await scim('PUT', `/Users/${id}`, { userName: 'ben@nordlicht.example' }, { 'content-type': type });
      expect(sent.status).toBe(200);
      expect(sent.headers.get('content-type')).toContain('application/scim+json');
    },
  );

  it('is refused when it is no JSON or has no body', async () => {
    expect(await scim('POST', '/Users', '{"userName":')).toMatchObject({
      status: 400,
      body: { scimType: 'invalidSyntax' },
    });
    expect((await scim('POST', '/Users')).status).toBe(400);
    expect((await scim('PATCH', `/Users/${(await user('ben')).id}`)).status).toBe(400);
  });

  it.each([
    ['no token', () => ''],
    ['an unknown token', () => 'Bearer scim_unknown'],
    ['the REST token', () => `Bearer ${sim().accessToken}`],
    ['another scheme', () => `Basic ${sim().scimToken}`],
  ])('is refused with %s', async (_, authorization) => {
    for (const path of ['/Users', '/Groups', '/ServiceProviderConfig'])
      expect(await scim('GET', path, undefined, { authorization: authorization() })).toMatchObject({
        status: 401,
        body: { status: '401', detail: 'Full authentication is required to access this resource' },
      });
  });

  it('is no use against REST', async () => {
    const answer = await fetch(`${sim().url}/v2/boards`, { headers: { authorization: `Bearer ${sim().scimToken}` } });
    expect(answer.status).toBe(401);
  });

  it('is forbidden below the Enterprise plan', async () => {
    const token = business.sim().scimToken;
    expect(await business.send('GET', `${BASE}/Users`, undefined, { token })).toMatchObject({
      status: 403,
      body: { status: '403', detail: 'SCIM integration is disabled' },
    });
  });

  it.each([
    ['DELETE', '/Users', 405],
    ['PUT', '/Groups', 405],
    ['POST', '/Users/1', 405],
    ['GET', '/Nothing', 404],
    ['POST', '/.search', 404],
  ])('%s %s is answered %i', async (method, path, status) => {
    const { body } = await scim(method, path, method === 'GET' || method === 'DELETE' ? undefined : {});
    expect(body).toMatchObject({ status: String(status) });
  });

  it('leaves the rest of the state alone when it is refused', async () => {
    const before = (await rest('GET', '/_sim/state')).body;
    await scim('POST', '/Users', { userName: 'ben@nordlicht.example' });
    await scim('DELETE', '/Users/1');
    await patch(`/Users/${(await user('ben')).id}`, { op: 'Replace', path: 'active', value: 'perhaps' });
    expect((await rest('GET', '/_sim/state')).body).toEqual(before);
  });
});
