import { beforeEach, describe, expect, it } from 'vitest';
import { useCheckedScim } from './checked-scim.js';

const { scim, patch, rest, user, group, sim, state } = useCheckedScim();

const ownerOf = async (board: string) => (await state()).boards.find(({ name }) => name === board)!.owner.id;
const idOf = async (name: string) => (await user(name)).id;
const replace = async (name: string, path: string, value: string) =>
  patch(`/Users/${await idOf(name)}`, { op: 'Replace', path, value });
const setTeamRole = async (team: string, name: string, role: string) => {
  const path = `/v2/orgs/${sim().orgId}/teams/${(await group(team)).id}/members/${await idOf(name)}`;
  expect((await rest('PATCH', path, { role })).status).toBe(200);
};
const setOrgRole = (name: string, role: string) => replace(name, 'roles[primary eq true].value', role);
const refused = { status: 409, body: { status: '409' } };

beforeEach(async () => {
  await rest('POST', '/_sim/reset');
});

describe('a deactivated user', () => {
  it('stays in the directory with all boards and can come back', async () => {
    const before = await user('ben');
    expect((await replace('ben', 'active', 'false')).body).toEqual({ ...before, active: false });
    expect(await ownerOf('Retro Sprint 42 🚀')).toBe(before.id);
    const members = await rest<{ active: boolean }[]>(
      'GET',
      `/v2/orgs/${sim().orgId}/members?emails=${before.userName}`,
    );
    expect(members.body).toMatchObject([{ active: false }]);
    expect((await replace('ben', 'active', 'false')).status).toBe(200);
    expect((await replace('ben', 'active', 'true')).body).toEqual(before);
  });

  it.each([
    ['userName', 'other@nordlicht.example'],
    ['userType', 'Full'],
    ['roles[primary eq true].value', 'ORGANIZATION_INTERNAL_ADMIN'],
  ])('keeps %s', async (path, value) => {
    const before = await user('otto');
    expect(await replace('otto', path, value)).toMatchObject(refused);
    expect(await user('otto')).toEqual(before);
  });

  it('is refused the same changes by PUT, but may be renamed and reactivated', async () => {
    const { id, userName } = await user('otto');
    expect(await scim('PUT', `/Users/${id}`, { userName: 'other@nordlicht.example' })).toMatchObject(refused);
    expect(await scim('PUT', `/Users/${id}`, { userName, userType: 'Full' })).toMatchObject(refused);
    expect((await scim('PUT', `/Users/${id}`, { userName, displayName: 'Otto' })).body).toMatchObject({
      displayName: 'Otto',
    });
    expect((await scim('PUT', `/Users/${id}`, { userName, active: true })).body).toMatchObject({ active: true });
  });
});

describe('the boards of who leaves', () => {
  it('go to the longest-standing admin of their team when the user is deleted', async () => {
    const [ada, ravi] = [await idOf('ada'), await idOf('ravi')];
    expect((await scim('DELETE', `/Users/${ravi}`)).status).toBe(204);
    expect((await scim('GET', `/Users/${ravi}`)).status).toBe(404);
    expect((await scim('DELETE', `/Users/${ravi}`)).status).toBe(404);
    expect(await ownerOf('Legacy-Architektur')).toBe(ada);
    expect((await group('Platform')).members.map(({ value }) => value)).not.toContain(ravi);
  });

  it('go to who is an admin now, not to who was', async () => {
    const emil = await idOf('emil');
    await setTeamRole('Platform', 'ada', 'member');
    await setTeamRole('Platform', 'carl', 'admin');
    await scim('DELETE', `/Users/${await idOf('ravi')}`);
    expect(await ownerOf('Legacy-Architektur')).toBe(emil);
  });

  it('pass over admins who are deactivated', async () => {
    const emil = await idOf('emil');
    await replace('ada', 'active', 'false');
    await scim('DELETE', `/Users/${await idOf('ravi')}`);
    expect(await ownerOf('Legacy-Architektur')).toBe(emil);
  });

  it('go to the team’s admin when the user leaves the team, and do not come back', async () => {
    const [ada, ben, product] = [await idOf('ada'), await idOf('ben'), await group('Product')];
    await patch(`/Groups/${product.id}`, { op: 'Remove', path: `members[value eq ${ben}]` });
    expect(await ownerOf('Retro Sprint 42 🚀')).toBe(ada);
    const boards = (await state()).boards.filter(({ members }) => members.some(({ id }) => id === ben));
    expect(boards.map(({ name }) => name)).not.toContain('Roadmap 2027');
    await patch(`/Groups/${product.id}`, { op: 'Add', path: 'members', value: [{ value: ben }] });
    expect(await ownerOf('Retro Sprint 42 🚀')).toBe(ada);
  });

  it('are all still there', async () => {
    const before = (await state()).boards.map(({ name }) => name);
    for (const name of ['otto', 'petra', 'ravi', 'ben']) await scim('DELETE', `/Users/${await idOf(name)}`);
    const { boards, users } = await state();
    expect(boards.map(({ name }) => name)).toEqual(before);
    const ids = users.map(({ id }) => id);
    for (const { owner } of boards) expect(ids).toContain(owner.id);
  });

  it('are gone from no list of REST', async () => {
    const otto = await idOf('otto');
    await scim('DELETE', `/Users/${otto}`);
    const members = await rest<unknown[]>('GET', `/v2/orgs/${sim().orgId}/members?emails=otto@nordlicht.example`);
    expect(members.body).toEqual([]);
    expect((await rest('GET', `/v2/orgs/${sim().orgId}/members/${otto}`)).status).toBe(404);
  });
});

describe('the last admin', () => {
  it('of a team cannot be deleted, but once there is another one', async () => {
    const dora = await idOf('dora');
    expect(await scim('DELETE', `/Users/${dora}`)).toMatchObject(refused);
    await setTeamRole('Vertrieb', 'jonas', 'admin');
    expect((await scim('DELETE', `/Users/${dora}`)).status).toBe(204);
  });

  it('of the organisation cannot be deleted, deactivated or made a member', async () => {
    for (const name of ['emil', 'ada']) expect((await setOrgRole(name, 'ORGANIZATION_INTERNAL_USER')).status).toBe(200);
    const before = await user('it-admin');
    expect(await scim('DELETE', `/Users/${before.id}`)).toMatchObject(refused);
    expect(await replace('it-admin', 'active', 'false')).toMatchObject(refused);
    expect(await setOrgRole('it-admin', 'ORGANIZATION_INTERNAL_USER')).toMatchObject(refused);
    expect(await scim('PUT', `/Users/${before.id}`, { userName: before.userName, active: false })).toMatchObject(
      refused,
    );
    expect(await user('it-admin')).toEqual(before);
    await setOrgRole('ben', 'ORGANIZATION_INTERNAL_ADMIN');
    expect((await scim('DELETE', `/Users/${before.id}`)).status).toBe(204);
  });
});
