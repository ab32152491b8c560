import { describe, expect, it } from 'vitest';
import { ENTERPRISE, useCheckedScim, type User } from './checked-scim.js';

const { scim, rest, user, users, sim, patch } = useCheckedScim();
const create = (body: unknown) => scim<User & { detail?: string }>('POST', '/Users', body);

describe('a new SCIM user', () => {
  it('joins the default team and is found at its Location', async () => {
    const { status, body, headers } = await create({ userName: 'new@nordlicht.example', displayName: 'New Face' });
    expect(status).toBe(201);
    expect(body).toMatchObject({ active: true, groups: [{ value: sim().teamId }], emails: [{ primary: true }] });
    expect(
      await (await fetch(headers.get('location')!, { headers: { authorization: `Bearer ${sim().scimToken}` } })).json(),
    ).toEqual(body);
  });

  it.each([
    ['displayName', { displayName: 'A', name: { formatted: 'B', givenName: 'C', familyName: 'D' } }, 'A'],
    ['name.formatted', { name: { formatted: 'B', givenName: 'C', familyName: 'D' } }, 'B'],
    ['given and family name', { name: { givenName: 'C', familyName: 'D' } }, 'C D'],
    ['the user name', {}, 'named3@nordlicht.example'],
  ])('is called by %s', async (_, body, wanted) => {
    const made = (await create({ userName: 'named3@nordlicht.example', ...body })).body;
    expect(made.displayName).toBe(wanted);
    await scim('DELETE', `/Users/${made.id}`);
  });

  it('may have everything that the schema names', async () => {
    const given = {
      displayName: '田中 さくら 🌸',
      name: { formatted: '田中 さくら', givenName: 'さくら', familyName: '田中' },
      userType: 'Basic',
      active: true,
      photos: [{ type: 'photo', value: 'https://example.com/a.jpg' }],
      preferredLanguage: 'ja_JP',
      [ENTERPRISE]: {
        employeeNumber: 'E1',
        costCenter: 'C',
        organization: 'O',
        division: 'V',
        department: 'D',
        manager: { value: '123', displayName: 'M' },
      },
    };
    const roles = [
      { type: 'organization_user_role', value: 'ORGANIZATION_INTERNAL_ADMIN', primary: true },
      { type: 'organization_admin_role', value: 'Content Admin', primary: false },
    ];
    const { body } = await create({ userName: 'sakura@nordlicht.example', roles, ...given });
    expect(body).toMatchObject({ ...given, roles });
    expect((await scim('GET', `/Users/${body.id}`)).body).toEqual(body);
  });

  it.each([
    ['no user name', { displayName: 'x' }],
    ['a user name that is no e-mail address', { userName: 'somebody' }],
    ['a user name that is no text', { userName: 7 }],
    ['too long a name', { userName: 'l@nordlicht.example', displayName: 'x'.repeat(61) }],
    [
      'too long given and family names',
      { userName: 'l@nordlicht.example', name: { givenName: 'x'.repeat(30), familyName: 'y'.repeat(31) } },
    ],
    ['an unknown license', { userName: 'l@nordlicht.example', userType: 'Gold' }],
    [
      'two user roles',
      {
        userName: 'l@nordlicht.example',
        roles: [{ value: 'ORGANIZATION_INTERNAL_ADMIN' }, { value: 'ORGANIZATION_INTERNAL_USER' }],
      },
    ],
    ['a guest role', { userName: 'l@nordlicht.example', roles: [{ value: 'ORGANIZATION_TEAM_GUEST_USER' }] }],
    [
      'too long an employee number',
      { userName: 'l@nordlicht.example', [ENTERPRISE]: { employeeNumber: 'x'.repeat(21) } },
    ],
    ['a list for a body', [1]],
  ])('is refused with %s', async (_, body) => {
    expect(await create(body)).toMatchObject({ status: 400, body: { status: '400', scimType: 'invalidValue' } });
    expect(await users('userName eq "l@nordlicht.example"')).toEqual([]);
  });

  it('is refused when the name is taken, in any case and by guests too', async () => {
    for (const userName of ['ben@nordlicht.example', 'BEN@nordlicht.example', 'mia@agentur.example'])
      expect(await create({ userName })).toMatchObject({
        status: 400,
        body: { scimType: 'invalidValue', detail: `User name '${userName}' is invalid: 'not unique'` },
      });
  });

  it('is refused when the domain is not on the list', async () => {
    expect(await create({ userName: 'x@blocked.example' })).toMatchObject({
      status: 409,
      body: { status: '409', detail: 'x@blocked.example is not whitelisted' },
    });
  });
});

describe('PUT of a SCIM user', () => {
  it('replaces what is supplied, keeps the rest, and ignores e-mail addresses', async () => {
    const before = await user('uma');
    const path = `/Users/${before.id}`;
    const { body } = await scim('PUT', path, {
      userName: before.userName,
      preferredLanguage: 'en_US',
      emails: [{ value: 'other@nordlicht.example' }],
    });
    expect(body).toEqual({ ...before, preferredLanguage: 'en_US' });
    const renamed = await scim('PUT', path, {
      userName: 'uma2@nordlicht.example',
      name: { givenName: 'U', familyName: 'K' },
    });
    expect(renamed.body).toMatchObject({
      userName: 'uma2@nordlicht.example',
      displayName: 'U K',
      emails: [{ value: 'uma2@nordlicht.example' }],
      preferredLanguage: 'en_US',
    });
    expect(
      (await scim('PUT', path, { userName: 'uma2@nordlicht.example', preferredLanguage: null })).body,
    ).not.toHaveProperty('preferredLanguage');
  });

  it('needs the user name and takes no other person’s', async () => {
    const { id } = await user('zoe');
    expect(await scim('PUT', `/Users/${id}`, { displayName: 'Z' })).toMatchObject({ status: 400 });
    expect(await scim('PUT', `/Users/${id}`, { userName: 'ben@nordlicht.example' })).toMatchObject({
      status: 400,
      body: { scimType: 'invalidValue' },
    });
  });
});

describe('guests and external people', () => {
  it('are not seen, changed or deleted by SCIM, although REST shows them', async () => {
    const org = await rest<{ data: { id: string; email: string; role: string }[] }>(
      'GET',
      `/v2/orgs/${sim().orgId}/members?limit=100`,
    );
    const outside = org.body.data.filter(({ role }) => !role.startsWith('organization_internal'));
    expect(outside).toHaveLength(5);
    for (const { id, email } of outside) {
      const gone = { status: 404, body: { detail: `No valid resources: [{memberId=${id}}]`, status: '404' } };
      expect(await users(`userName eq "${email}"`)).toEqual([]);
      expect(await users(`id eq "${id}"`)).toEqual([]);
      expect(await scim('GET', `/Users/${id}`)).toMatchObject(gone);
      expect(await scim('PUT', `/Users/${id}`, { userName: email })).toMatchObject(gone);
      expect(await patch(`/Users/${id}`, { op: 'Replace', path: 'active', value: 'false' })).toMatchObject(gone);
      expect(await scim('DELETE', `/Users/${id}`)).toMatchObject(gone);
    }
  });

  it('aside, both surfaces show the same people with the same ids, e-mail addresses and states', async () => {
    const org = await rest<{ data: { id: string; email: string; role: string; active: boolean }[] }>(
      'GET',
      `/v2/orgs/${sim().orgId}/members?limit=100`,
    );
    const inside = org.body.data.filter(({ role }) => role.startsWith('organization_internal'));
    const seen = (await users()).map(({ id, userName, active, roles }) => ({
      id,
      email: userName,
      active,
      role: roles[0]!.value.toLowerCase(),
    }));
    expect(seen.sort((a, b) => a.id.localeCompare(b.id))).toEqual(
      inside
        .map(({ id, email, active, role }) => ({ id, email, active, role }))
        .sort((a, b) => a.id.localeCompare(b.id)),
    );
  });
});
