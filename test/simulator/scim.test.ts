import { afterEach, describe, expect, it } from 'vitest';
import { useSimulator, type Body, type Reply } from './miro.js';

const { sim, send } = useSimulator();
const base = '/api/v1/scim';
const PATCH = 'urn:ietf:params:scim:api:messages:2.0:PatchOp';

afterEach(() => send('POST', '/_sim/reset'));

const scim = (method: string, path: string, body?: unknown): Promise<Reply> =>
  send(method, `${base}${path}`, body, { token: sim().scimToken });
const patch = (path: string, ...Operations: unknown[]): Promise<Reply> =>
  scim('PATCH', path, { schemas: [PATCH], Operations });
const filtered = async (filter: string, kind = 'Users'): Promise<string[]> => {
  const { body } = await scim('GET', `/${kind}?filter=${encodeURIComponent(filter)}&count=1000`);
  return (body['Resources'] as unknown as { userName: string; displayName: string }[]).map(
    (r) => r.userName ?? r.displayName,
  );
};
const userId = async (name: string): Promise<string> => {
  const { body } = await scim('GET', `/Users?filter=${encodeURIComponent(`userName eq "${name}@nordlicht.example"`)}`);
  return body['Resources']![0]!['id']!;
};
const groupId = async (name: string): Promise<string> => {
  const { body } = await scim('GET', `/Groups?filter=${encodeURIComponent(`displayName eq "${name}"`)}`);
  return body['Resources']![0]!['id']!;
};

describe('SCIM users', () => {
  it('wants its own token and answers in its own error shape', async () => {
    const { status, body, headers } = await send('GET', `${base}/Users`);
    expect(status).toBe(401);
    expect(headers.get('content-type')).toContain('application/scim+json');
    expect(body).toMatchObject({ schemas: ['urn:ietf:params:scim:api:messages:2.0:Error'], status: '401' });
    expect((await scim('GET', '/Users/1')).body).toMatchObject({
      status: '404',
      detail: 'No valid resources: [{memberId=1}]',
    });
    expect((await scim('GET', '/Nothing')).body).toMatchObject({ status: '404' });
    expect((await scim('PUT', '/Users')).body).toMatchObject({ status: '405' });
  });

  it('pages from 1, sorts, and selects attributes', async () => {
    const { body } = await scim(
      'GET',
      '/Users?startIndex=2&count=3&sortBy=userName&sortOrder=descending&attributes=userName,name.givenName',
    );
    expect(body).toMatchObject({ startIndex: 2, itemsPerPage: 3 });
    const users = body['Resources'] as unknown as { userName: string }[];
    expect(users.map((u) => u.userName)).toEqual([...users.map((u) => u.userName)].sort().reverse());
    expect(Object.keys(users[0]!)).toEqual(['schemas', 'id', 'userName', 'name']);
    expect((await scim('GET', '/Users?count=0')).body).toMatchObject({ Resources: [], itemsPerPage: 0 });
  });

  it.each<[string, (mail: string) => boolean]>([
    ['userName eq "BEN@nordlicht.example"', (m) => m === 'ben@nordlicht.example'],
    ['USERNAME SW "b"', (m) => m.startsWith('b')],
    ['userName sw "b" and not (userName co "bian")', (m) => m === 'ben@nordlicht.example'],
    ['userName eq "ben@nordlicht.example" or userName eq "zoe@nordlicht.example"', (m) => /^(ben|zoe)@/.test(m)],
    ['active eq false', (m) => /^(otto|petra|ravi)@/.test(m)],
    ['emails[type eq "work" and value co "ben@"]', (m) => m.startsWith('ben@')],
    ['emails.value ew "nordlicht.example" and (userName sw "ben" or userName sw "zoe")', (m) => /^(ben|zoe)@/.test(m)],
    ['urn:ietf:params:scim:schemas:core:2.0:User:userName eq "ben@nordlicht.example"', (m) => m.startsWith('ben@')],
    ['roles.value eq "Content Admin"', (m) => m.startsWith('ada@')],
    ['preferredLanguage pr', () => false],
  ])('filters by %s', async (filter, wanted) => {
    const all = await filtered('id pr');
    expect(await filtered(filter)).toEqual(all.filter(wanted));
  });

  it.each([
    'userName eq',
    'userName xx "a"',
    'userName eq "a" and',
    '(userName pr',
    'userName eq "a',
    'userName eq bare',
  ])('refuses the filter %s', async (filter) => {
    const { status, body } = await scim('GET', `/Users?filter=${encodeURIComponent(filter)}`);
    expect(status).toBe(400);
    expect(body['scimType']).toBe('invalidFilter');
  });

  it('shows no guests and no external people', async () => {
    const all = await filtered('id pr');
    expect(all).not.toContain('mia@agentur.example');
    expect(all).not.toContain('tom@customer.example');
    expect(all).toContain('otto@nordlicht.example');
  });

  it('creates people in the default team, once by name, and only from allowed domains', async () => {
    const made = await scim('POST', '/Users', {
      userName: 'new@nordlicht.example',
      name: { givenName: 'New', familyName: 'Face' },
    });
    expect(made.status).toBe(201);
    expect(made.headers.get('location')).toContain(`/Users/${made.body['id']}`);
    expect(made.body).toMatchObject({
      displayName: 'New Face',
      userType: 'Full',
      active: true,
      groups: [{ value: sim().teamId, display: 'Product' }],
      roles: [{ value: 'ORGANIZATION_INTERNAL_USER', primary: true }],
    });
    const again = await scim('POST', '/Users', { userName: 'NEW@nordlicht.example' });
    expect(again).toMatchObject({ status: 400, body: { scimType: 'invalidValue' } });
    expect(again.body['detail']).toContain('not unique');
    expect((await scim('POST', '/Users', { userName: 'x@blocked.example' })).status).toBe(409);
    expect((await scim('POST', '/Users', {})).status).toBe(400);
  });

  it.each<[string, unknown]>([
    ['as published', { op: 'Replace', path: 'active', value: 'false' }],
    ['as in the RFC', { op: 'replace', path: 'active', value: false }],
    ['without a path', { op: 'replace', value: { active: false } }],
  ])('deactivates %s and keeps boards with their owner', async (_, operation) => {
    const id = await userId('ben');
    expect((await patch(`/Users/${id}`, operation)).body).toMatchObject({ active: false });
    const state = await send('GET', '/_sim/state');
    const boards = state.body['boards'] as unknown as { owner: { id: string } }[];
    expect(boards.some((board) => board.owner.id === id)).toBe(true);
    const renamed = await patch(`/Users/${id}`, { op: 'Replace', path: 'userName', value: 'b2@nordlicht.example' });
    expect(renamed.status).toBe(409);
    expect((await patch(`/Users/${id}`, { op: 'Replace', path: 'active', value: 'true' })).body).toMatchObject({
      active: true,
    });
  });

  it('patches roles, names and the enterprise extension', async () => {
    const path = `/Users/${await userId('ben')}`;
    const { body } = await patch(
      path,
      { op: 'Replace', path: 'roles[primary eq true].value', value: 'ORGANIZATION_INTERNAL_ADMIN' },
      { op: 'Add', path: 'roles', value: [{ value: 'Content Admin' }] },
      { op: 'Replace', path: 'name.familyName', value: 'Changed' },
      { op: 'Add', path: 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department', value: 'R&D' },
    );
    expect(body).toMatchObject({
      displayName: 'Ben Changed',
      roles: [{ value: 'ORGANIZATION_INTERNAL_ADMIN' }, { value: 'Content Admin' }],
      'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User': { department: 'R&D' },
    });
    const removed = await patch(path, { op: 'Remove', path: 'roles[value eq "Content Admin"]' });
    expect(removed.body['roles']).toHaveLength(1);
    expect((await patch(path, { op: 'Replace', path: 'userType', value: 'Free' })).status).toBe(409);
  });

  it('replaces what PUT supplies and ignores e-mail addresses', async () => {
    const path = `/Users/${await userId('ben')}`;
    const { body } = await scim('PUT', path, {
      userName: 'ben@nordlicht.example',
      displayName: 'Benjamin',
      emails: [{ value: 'x@y.example' }],
    });
    expect(body).toMatchObject({ displayName: 'Benjamin', emails: [{ value: 'ben@nordlicht.example' }] });
  });

  it('deletes a leaver, passes boards to the longest-standing team admin, and refuses last admins', async () => {
    const id = await userId('otto');
    expect((await scim('DELETE', `/Users/${id}`)).status).toBe(204);
    expect((await scim('GET', `/Users/${id}`)).status).toBe(404);
    const state = await send('GET', '/_sim/state');
    const boards = state.body['boards'] as unknown as { name: string; owner: Body }[];
    expect(boards.find((board) => board.name === 'Ottos Notizen')!.owner).toMatchObject({ name: 'Ada Lindqvist' });
    const refused = await scim('DELETE', `/Users/${await userId('dora')}`);
    expect(refused).toMatchObject({ status: 409, body: { status: '409' } });
  });
});

describe('SCIM groups', () => {
  it('adds, removes and replaces members in one all-or-nothing patch', async () => {
    const path = `/Groups/${await groupId('Vertrieb')}`;
    const ben = await userId('ben');
    const added = await patch(path, { op: 'Add', path: 'members', value: [{ value: ben }] });
    expect(JSON.stringify(added.body['members'])).toContain(ben);
    const removed = await patch(path, { op: 'Remove', path: `members[value eq ${ben}]` });
    expect(JSON.stringify(removed.body['members'])).not.toContain(ben);
    const last = await patch(path, { op: 'Remove', path: `members[value eq "${await userId('dora')}"]` });
    expect(last.status).toBe(409);
    const renamed = await patch(path, { op: 'Replace', value: { displayName: 'Sales' } });
    expect(renamed.body).toMatchObject({ displayName: 'Sales' });
  });

  it('brings back whom it adds: deactivated, deleted and guests', async () => {
    const [otto, petra] = [await userId('otto'), await userId('petra')];
    await scim('DELETE', `/Users/${petra}`);
    const state = await send('GET', '/_sim/state');
    const mia = (state.body['users'] as unknown as { id: string; email: string }[]).find((u) =>
      u.email.startsWith('mia@'),
    )!.id;
    const members = [otto, petra, mia].map((value) => ({ value }));
    expect(
      (await patch(`/Groups/${await groupId('Design')}`, { op: 'Add', path: 'members', value: members })).status,
    ).toBe(200);
    for (const id of [otto, petra, mia])
      expect((await scim('GET', `/Users/${id}`)).body).toMatchObject({ active: true, userType: 'Full' });
  });

  it('refuses to filter by members, to be made or deleted, and more than 8000 members', async () => {
    const filter = encodeURIComponent('members.value eq "1"');
    expect((await scim('GET', `/Groups?filter=${filter}`)).body).toMatchObject({ scimType: 'invalidFilter' });
    expect((await scim('POST', '/Groups', { displayName: 'G' })).status).toBe(405);
    const path = `/Groups/${await groupId('Design')}`;
    expect((await scim('DELETE', path)).status).toBe(405);
    const many = Array.from({ length: 8001 }, (_, i) => ({ value: String(i) }));
    expect((await patch(path, { op: 'Replace', path: 'members', value: many })).status).toBe(413);
  });

  it('allows five group lists in thirty seconds, apart from other kinds', async () => {
    const answers: number[] = [];
    for (let i = 0; i < 6; i++) answers.push((await scim('GET', '/Groups')).status);
    expect(answers).toEqual([200, 200, 200, 200, 200, 429]);
    expect((await scim('GET', '/Groups')).body).toMatchObject({ scimType: 'tooManyRequests', status: '429' });
    expect((await scim('GET', '/Users')).status).toBe(200);
    await send('POST', '/_sim/clock', { advanceMs: 30_000 });
    expect((await scim('GET', '/Groups')).status).toBe(200);
  });
});

describe('SCIM discovery', () => {
  it('describes itself', async () => {
    expect((await scim('GET', '/ServiceProviderConfig')).body).toMatchObject({
      patch: { supported: true },
      bulk: { supported: false },
    });
    expect((await scim('GET', '/ResourceTypes')).body).toMatchObject({ totalResults: 2 });
    expect((await scim('GET', '/ResourceTypes/User')).body).toMatchObject({ endpoint: '/Users' });
    const uri = 'urn:ietf:params:scim:schemas:core:2.0:User';
    expect((await scim('GET', `/Schemas/${uri}`)).body).toMatchObject({ id: uri, name: 'User' });
    expect((await scim('GET', '/Schemas/urn:none')).status).toBe(404);
  });
});

describe('SCIM in the newer model with strict PATCH', () => {
  const other = useSimulator({ scimGroups: 'user_group', scimPatch: 'strict' });
  const call = (method: string, path: string, body?: unknown): Promise<Reply> =>
    other.send(method, `${base}${path}`, body, { token: other.sim().scimToken });

  it('makes, fills and deletes user groups', async () => {
    const users = await call('GET', '/Users?count=2');
    const [a, b] = [0, 1].map((i) => users.body['Resources']![i]!['id']);
    const made = await call('POST', '/Groups', { displayName: 'Writers', members: [{ value: a }] });
    expect(made).toMatchObject({ status: 201, body: { displayName: 'Writers', members: [{ value: a }] } });
    const path = `/Groups/${made.body['id']}`;
    const Operations = [{ op: 'Add', path: 'members', value: [{ value: b }] }];
    expect((await call('PATCH', path, { schemas: [PATCH], Operations })).body['members']).toHaveLength(2);
    expect((await call('DELETE', path)).status).toBe(204);
    expect((await call('GET', path)).status).toBe(404);
  });

  it('refuses what only identity providers send', async () => {
    const users = await call('GET', '/Users?count=1');
    const path = `/Users/${users.body['Resources']![0]!['id']}`;
    for (const operation of [
      { op: 'replace', path: 'displayName', value: 'x' },
      { op: 'Replace', value: { displayName: 'x' } },
    ])
      expect((await call('PATCH', path, { schemas: [PATCH], Operations: [operation] })).status).toBe(400);
  });
});
