import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ENTERPRISE, PATCH_OP, useCheckedScim, type User } from './checked-scim.js';

const { scim, user, patch } = useCheckedScim();
const strict = useCheckedScim({ scimPatch: 'strict' });
type Values = Record<string, unknown>;

/** A person that no other test needs. */
let made = 0;
const somebody = async () => {
  made += 1;
  const body = { userName: `patched${made}@nordlicht.example`, displayName: 'Pat Ched', userType: 'Basic' };
  return (await scim<User>('POST', '/Users', body)).body;
};
const patched = async (...operations: unknown[]) => {
  const { id } = await somebody();
  const { status, body } = await patch<User & Values>(`/Users/${id}`, ...operations);
  expect(status, JSON.stringify(body)).toBe(200);
  expect((await scim('GET', `/Users/${id}`)).body).toEqual(body);
  return body;
};

describe('a SCIM PATCH of a user', () => {
  it.each<[string, unknown]>([
    ['as Miro publishes it', { op: 'Replace', path: 'active', value: 'false' }],
    ['as the RFC spells it', { op: 'replace', path: 'active', value: false }],
    ['as Entra sends it', { op: 'Replace', path: 'active', value: 'False' }],
    ['as Okta sends it', { op: 'replace', value: { active: false } }],
    [
      'with the schema before the name',
      { op: 'replace', path: 'urn:ietf:params:scim:schemas:core:2.0:User:active', value: false },
    ],
    ['in another case', { op: 'REPLACE', path: 'Active', value: 'FALSE' }],
  ])('deactivates %s', async (_, operation) => {
    expect(await patched(operation)).toMatchObject({ active: false });
  });

  it.each<[string, unknown[], Values]>([
    ['display name', [{ op: 'Replace', path: 'displayName', value: 'Patty' }], { displayName: 'Patty' }],
    [
      'user name',
      [{ op: 'Replace', path: 'userName', value: 'p@nordlicht.example' }],
      { userName: 'p@nordlicht.example', emails: [{ value: 'p@nordlicht.example' }] },
    ],
    ['license upwards', [{ op: 'Replace', path: 'userType', value: 'Full' }], { userType: 'Full' }],
    [
      'parts of the name',
      [{ op: 'Replace', path: 'name.familyName', value: 'X' }],
      { displayName: 'Pat X', name: { formatted: 'Pat X', givenName: 'Pat', familyName: 'X' } },
    ],
    [
      'role',
      [{ op: 'Replace', path: 'roles[primary eq true].value', value: 'ORGANIZATION_INTERNAL_ADMIN' }],
      { roles: [{ value: 'ORGANIZATION_INTERNAL_ADMIN', primary: true }] },
    ],
    [
      'role as Entra writes it',
      [{ op: 'Replace', path: 'roles[primary eq "True"].value', value: 'ORGANIZATION_INTERNAL_ADMIN' }],
      { roles: [{ value: 'ORGANIZATION_INTERNAL_ADMIN' }] },
    ],
    [
      'admin roles',
      [
        {
          op: 'Add',
          path: 'roles',
          value: [{ value: 'Content Admin', type: 'organization_admin_role', primary: false }],
        },
      ],
      { roles: [{ value: 'ORGANIZATION_INTERNAL_USER' }, { value: 'Content Admin', primary: false }] },
    ],
    [
      'department',
      [{ op: 'Replace', path: `${ENTERPRISE}:department`, value: 'IT' }],
      { [ENTERPRISE]: { department: 'IT' } },
    ],
    [
      'whole extension',
      [{ op: 'add', path: ENTERPRISE, value: { department: 'IT', costCenter: '7' } }],
      { [ENTERPRISE]: { department: 'IT', costCenter: '7' } },
    ],
    [
      'manager by the bare id that Entra sends',
      [{ op: 'Add', path: `${ENTERPRISE}:manager`, value: '77' }],
      { [ENTERPRISE]: { manager: { value: '77' } } },
    ],
    [
      'manager’s name, but no id that is no number',
      [{ op: 'Add', path: `${ENTERPRISE}:manager`, value: { value: 'x', displayName: 'M' } }],
      { [ENTERPRISE]: { manager: { displayName: 'M' } } },
    ],
    [
      'picture',
      [{ op: 'Add', path: 'photos[type eq "photo"].value', value: 'https://example.com/p.png' }],
      { photos: [{ type: 'photo', value: 'https://example.com/p.png' }] },
    ],
    [
      'several things without a path',
      [
        {
          op: 'replace',
          value: {
            'name.givenName': 'G',
            displayName: 'D',
            [`${ENTERPRISE}:division`]: 'N',
            [ENTERPRISE]: { department: 'IT' },
          },
        },
      ],
      { displayName: 'D', name: { givenName: 'G' }, [ENTERPRISE]: { division: 'N', department: 'IT' } },
    ],
    [
      'nothing that it does not know',
      [{ op: 'replace', value: { id: '1', schemas: [], nickName: 'N', externalId: 'e' } }],
      { displayName: 'Pat Ched' },
    ],
  ])('changes: %s', async (_, operations, wanted) => {
    expect(await patched(...operations)).toMatchObject(wanted);
  });

  it('applies operations in their order', async () => {
    const replace = (path: string, value: string) => ({ op: 'Replace', path, value });
    expect(await patched(replace('displayName', 'A'), replace('displayName', 'B'))).toMatchObject({ displayName: 'B' });
  });

  it.each<[string, unknown, string]>([
    ['an attribute', { op: 'Remove', path: 'preferredLanguage' }, 'preferredLanguage'],
    ['all pictures', { op: 'remove', path: 'photos' }, 'photos'],
    ['the last part of the extension', { op: 'Remove', path: `${ENTERPRISE}:department` }, ENTERPRISE],
    ['the whole extension', { op: 'Remove', path: ENTERPRISE }, ENTERPRISE],
  ])('removes %s', async (_, operation, key) => {
    const values = {
      preferredLanguage: 'de',
      photos: [{ type: 'photo', value: 'https://example.com/p.png' }],
      [ENTERPRISE]: { department: 'IT' },
    };
    const body = await patched({ op: 'Add', value: values }, operation);
    expect(body).not.toHaveProperty([key]);
    expect(Object.keys(body)).toEqual(expect.arrayContaining(Object.keys(values).filter((each) => each !== key)));
    expect((body['schemas'] as string[]).includes(ENTERPRISE)).toBe(key !== ENTERPRISE);
  });

  it('removes one admin role and leaves the others', async () => {
    const add = { op: 'Add', path: 'roles', value: [{ value: 'Content Admin' }, { value: 'User Admin' }] };
    const body = await patched(add, { op: 'Remove', path: 'roles[value eq "Content Admin"]' });
    expect(body.roles.map(({ value }) => value)).toEqual(['ORGANIZATION_INTERNAL_USER', 'User Admin']);
    const { body: none } = await patch<User>(`/Users/${body.id}`, { op: 'Remove', path: 'roles' });
    expect(none.roles.map(({ value }) => value)).toEqual(['ORGANIZATION_INTERNAL_USER']);
  });

  it.each<[string, unknown, string | undefined]>([
    ['an unknown operation', { op: 'Move', path: 'active', value: 'x' }, 'invalidSyntax'],
    ['no operation', { path: 'active', value: 'x' }, 'invalidSyntax'],
    ['a removal of nothing', { op: 'Remove' }, 'noTarget'],
    ['an entry that is not there', { op: 'Remove', path: 'roles[value eq "Nothing"]' }, 'noTarget'],
    ['a broken path', { op: 'Replace', path: 'roles[primary', value: 'x' }, 'invalidPath'],
    ['an empty path', { op: 'Replace', path: '', value: 'x' }, 'invalidPath'],
    ['a broken filter', { op: 'Replace', path: 'roles[primary eq].value', value: 'x' }, 'invalidPath'],
    ['no value', { op: 'Replace', path: 'active' }, 'invalidValue'],
    ['a text without a path', { op: 'Replace', value: 'x' }, 'invalidValue'],
    ['a text for an entry', { op: 'Replace', path: 'roles[primary eq true]', value: 'x' }, 'invalidValue'],
    ['a state that is none', { op: 'Replace', path: 'active', value: 'maybe' }, 'invalidValue'],
    [
      'a guest role',
      { op: 'Replace', path: 'roles[primary eq true].value', value: 'ORGANIZATION_EXTERNAL_USER' },
      'invalidValue',
    ],
    ['a name of another person', { op: 'Replace', path: 'userName', value: 'ben@nordlicht.example' }, 'invalidValue'],
    ['the removal of the user name', { op: 'Remove', path: 'userName' }, 'mutability'],
    ['another id', { op: 'Replace', path: 'id', value: '1' }, 'mutability'],
    ['groups, which are changed as groups', { op: 'Add', path: 'groups', value: [{ value: '1' }] }, 'mutability'],
  ])('is refused with %s, and then nothing of it is done', async (_, operation, scimType) => {
    const before = await somebody();
    const first = { op: 'Replace', path: 'displayName', value: 'Half' };
    const { status, body } = await patch(`/Users/${before.id}`, first, operation);
    expect({ status, scimType: body['scimType'] }).toEqual({ status: 400, scimType });
    expect((await scim('GET', `/Users/${before.id}`)).body).toEqual(before);
  });

  it.each([
    ['without schemas', { Operations: [{ op: 'Replace', path: 'active', value: 'true' }] }],
    ['with another schema', { schemas: ['urn:x'], Operations: [{ op: 'Replace', path: 'active', value: 'true' }] }],
    ['without operations', { schemas: [PATCH_OP] }],
    ['with no operation in the list', { schemas: [PATCH_OP], Operations: [] }],
    ['with something else in the list', { schemas: [PATCH_OP], Operations: [null] }],
    ['that is a list', []],
  ])('%s is refused', async (_, body) => {
    const { id } = await user('ben');
    expect((await scim('PATCH', `/Users/${id}`, body)).status).toBe(400);
  });

  it('never lowers a license', async () => {
    const { id } = await somebody();
    expect(await patch(`/Users/${id}`, { op: 'Replace', path: 'userType', value: 'Free' })).toMatchObject({
      status: 409,
    });
  });

  it('is answered or refused, never failed on, whatever its path and value', async () => {
    const { id } = await somebody();
    const parts = [
      'roles',
      'name',
      'emails',
      'members',
      '[',
      ']',
      '.',
      'value',
      ' eq ',
      '"a"',
      'true',
      ':',
      ENTERPRISE,
      '__proto__',
    ];
    const path = fc.option(
      fc.array(fc.constantFrom(...parts), { maxLength: 6 }).map((all) => all.join('')),
      { nil: undefined },
    );
    const op = fc.constantFrom('Add', 'Remove', 'Replace');
    await fc.assert(
      fc.asyncProperty(op, path, fc.jsonValue({ maxDepth: 3 }), async (chosen, at, value) => {
        expect([200, 400, 409]).toContain((await patch(`/Users/${id}`, { op: chosen, path: at, value })).status);
      }),
      { numRuns: 200 },
    );
  });
});

describe('a SCIM service that is strict about PATCH', () => {
  it('takes what Miro publishes', async () => {
    const { id } = await strict.user('ben');
    const { body } = await strict.patch(`/Users/${id}`, { op: 'Replace', path: 'active', value: 'false' });
    expect(body).toMatchObject({ active: false });
  });

  it.each([
    ['small letters', { op: 'replace', path: 'displayName', value: 'x' }],
    ['no path', { op: 'Replace', value: { displayName: 'x' } }],
  ])('refuses what only identity providers send: %s', async (_, operation) => {
    const { id, displayName } = await strict.user('zoe');
    expect((await strict.patch(`/Users/${id}`, operation)).status).toBe(400);
    expect((await strict.user('zoe')).displayName).toBe(displayName);
  });
});
