import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ENTERPRISE, useCheckedScim, type Page, type User } from './checked-scim.js';

const { scim, user, patch, group } = useCheckedScim();
const large = useCheckedScim({ world: 'members=2300,teams=5,boards=0' });

const list = async <T = User>(query: string, kind = 'Users') => (await scim<Page<T>>('GET', `/${kind}?${query}`)).body;

describe('a SCIM list', () => {
  it('counts from 1 and takes what is below 1 for 1', async () => {
    const all = await list('count=1000');
    expect(all).toMatchObject({ startIndex: 1, totalResults: all.Resources.length });
    for (const startIndex of [0, -5, 1])
      expect(await list(`startIndex=${startIndex}&count=2`)).toMatchObject({
        startIndex: 1,
        Resources: all.Resources.slice(0, 2),
      });
    expect((await list('startIndex=3&count=2')).Resources).toEqual(all.Resources.slice(2, 4));
    const beyond = await list('startIndex=1001&count=2');
    expect(beyond).toMatchObject({ totalResults: all.totalResults, itemsPerPage: 0, Resources: [] });
  });

  it('is empty but counted when nobody or a negative number is asked for', async () => {
    const { totalResults } = await list('count=1000');
    for (const count of [0, -1])
      expect(await list(`count=${count}`)).toMatchObject({ totalResults, itemsPerPage: 0, Resources: [] });
  });

  it.each(['startIndex=x', 'count=1.5', 'sortBy=userName&sortOrder=up', 'attributes=user%20name', 'sortBy=1'])(
    'is refused with %s',
    async (query) => {
      expect(await scim('GET', `/Users?${query}`)).toMatchObject({ status: 400, body: { status: '400' } });
    },
  );

  it('has 100 people a page unless told, and never more than 1000', async () => {
    const sizes = async (query: string) => (await large.scim<Page<User>>('GET', `/Users${query}`)).body.itemsPerPage;
    expect(await sizes('')).toBe(100);
    expect(await sizes('?count=1000')).toBe(1000);
    expect(await sizes('?count=5000')).toBe(1000);
  });

  it('put together of its pages is the whole, each person once', async () => {
    const all = await list('count=1000');
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 40 }), async (count) => {
        const read: User[] = [];
        while (read.length < all.totalResults)
          read.push(...(await list(`startIndex=${read.length + 1}&count=${count}`)).Resources);
        expect(read).toEqual(all.Resources);
      }),
      { numRuns: 15 },
    );
  });

  it('pages through what a filter leaves', async () => {
    const filter = `filter=${encodeURIComponent('active eq false')}`;
    expect(await list(`${filter}&startIndex=2&count=1`)).toMatchObject({
      totalResults: 3,
      startIndex: 2,
      itemsPerPage: 1,
    });
  });
});

describe('sorting', () => {
  const userNames = async (query: string) => (await list(`count=1000&${query}`)).Resources.map((each) => each.userName);

  it('is ascending unless told, in both directions the same', async () => {
    const ascending = await userNames('sortBy=userName');
    expect(ascending).toEqual([...ascending].sort());
    expect(await userNames('sortBy=userName&sortOrder=ascending')).toEqual(ascending);
    expect(await userNames('sortBy=USERNAME&sortOrder=descending')).toEqual([...ascending].reverse());
    expect(await userNames('sortBy=emails.value')).toEqual(ascending);
    expect(await userNames('sortBy=emails')).toEqual(ascending);
  });

  it('does not look at case', async () => {
    const { Resources } = await list('count=1000&sortBy=displayName');
    const shown = Resources.map(({ displayName }) => displayName.toLowerCase());
    expect(shown).toEqual([...shown].sort());
  });

  it('puts people without a value last, or first when it descends', async () => {
    const { id } = await user('ben');
    await patch(`/Users/${id}`, { op: 'Add', path: 'preferredLanguage', value: 'de_DE' });
    expect((await userNames('sortBy=preferredLanguage'))[0]).toMatch(/^ben@/);
    expect((await userNames('sortBy=preferredLanguage&sortOrder=descending')).at(-1)).toMatch(/^ben@/);
    await patch(`/Users/${id}`, { op: 'Remove', path: 'preferredLanguage' });
  });

  it('works for groups', async () => {
    const shown = (await list<{ displayName: string }>('sortBy=displayName&sortOrder=descending', 'Groups')).Resources;
    const names = shown.map(({ displayName }) => displayName.toLowerCase());
    expect(names).toEqual([...names].sort().reverse());
  });
});

describe('the choice of attributes', () => {
  const keys = async (query: string) => {
    const { id } = await user('ada');
    return Object.keys((await scim('GET', `/Users/${id}?${query}`)).body).filter((key) => key !== 'schemas');
  };

  it('gives the attributes named, in any case, and the id', async () => {
    expect(await keys('attributes=userName')).toEqual(['id', 'userName']);
    expect(await keys('attributes=USERNAME,%20active')).toEqual(['id', 'userName', 'active']);
    expect(await keys('attributes=urn:ietf:params:scim:schemas:core:2.0:User:roles')).toEqual(['id', 'roles']);
    expect(await keys('attributes=nickName')).toEqual(['id']);
    expect(await keys('attributes=meta')).toEqual(['id', 'meta']);
  });

  it('reaches into complex attributes', async () => {
    const { id } = await user('ada');
    expect((await scim('GET', `/Users/${id}?attributes=emails.value,name.givenName`)).body).toMatchObject({
      emails: [{ value: 'ada@nordlicht.example' }],
      name: { givenName: 'Ada' },
    });
    const { body } = await scim<{ emails: object[]; name: object }>(
      'GET',
      `/Users/${id}?attributes=emails.value,name.givenName`,
    );
    expect(body.emails.flatMap(Object.keys)).toEqual(['value']);
    expect(Object.keys(body.name)).toEqual(['givenName']);
  });

  it('leaves out what is excluded, whole or in part, but never the id', async () => {
    const all = await keys('');
    expect(await keys('excludedAttributes=roles,id')).toEqual(all.filter((key) => key !== 'roles'));
    const { id } = await user('ada');
    const { body } = await scim<{ roles: object[] }>('GET', `/Users/${id}?excludedAttributes=roles.display,roles.type`);
    expect(body.roles.flatMap(Object.keys)).not.toContain('display');
    expect(body.roles[0]).toEqual({ value: 'ORGANIZATION_INTERNAL_ADMIN', primary: true });
  });

  it('knows the enterprise extension and its parts', async () => {
    const { id } = await user('ada');
    await patch(`/Users/${id}`, { op: 'Add', value: { [ENTERPRISE]: { department: 'IT', division: 'North' } } });
    const chosen = await scim('GET', `/Users/${id}?attributes=${ENTERPRISE}:department`);
    expect(chosen.body).toMatchObject({ id, [ENTERPRISE]: { department: 'IT' } });
    expect(chosen.body[ENTERPRISE]).toEqual({ department: 'IT' });
    expect((await scim('GET', `/Users/${id}?attributes=${ENTERPRISE}`)).body[ENTERPRISE]).toEqual({
      department: 'IT',
      division: 'North',
    });
  });

  it('is kept in lists and in answers to changes', async () => {
    const { Resources } = await list('attributes=displayName', 'Groups');
    expect(Resources.flatMap(Object.keys)).not.toContain('members');
    const { id } = await group('Design');
    const body = {
      schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
      Operations: [{ op: 'Replace', path: 'displayName', value: 'Design' }],
    };
    expect((await scim('PATCH', `/Groups/${id}?excludedAttributes=members`, body)).body).not.toHaveProperty('members');
  });
});
