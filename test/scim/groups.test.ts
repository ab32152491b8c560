import { describe, expect, it } from 'vitest';
import { adding, useCheckedScim, type Group, type User } from './checked-scim.js';

const { scim, patch, rest, user, group, sim, state } = useCheckedScim();

const idsOf = ({ members }: Group): string[] => members.map(({ value }) => value);
const person = async (email: string) => (await state()).users.find((each) => each.email === email)!;

describe('SCIM groups that are teams', () => {
  const teamMembers = async (id: string) => {
    const { body } = await rest<{ data: { id: string; role: string }[] }>(
      'GET',
      `/v2/orgs/${sim().orgId}/teams/${id}/members?limit=100`,
    );
    return body.data;
  };

  it('are the teams of REST with the same ids and members, guests left out', async () => {
    const { body } = await rest<{ data: { id: string; name: string }[] }>(
      'GET',
      `/v2/orgs/${sim().orgId}/teams?limit=100`,
    );
    const groups = (await scim<{ Resources: Group[] }>('GET', '/Groups')).body.Resources;
    const byId = (a: { id: string }, b: { id: string }) => a.id.localeCompare(b.id);
    const seen = groups.map(({ id, displayName }) => ({ id, name: displayName }));
    expect(seen.sort(byId)).toEqual(body.data.map(({ id, name }) => ({ id, name })).sort(byId));
    for (const each of groups) {
      const inside = (await teamMembers(each.id)).filter(({ role }) => role !== 'non_team');
      expect(idsOf(each).sort()).toEqual(inside.map(({ id }) => id).sort());
    }
  });

  it('are neither made, replaced nor deleted by SCIM', async () => {
    const { id } = await group('Design');
    expect((await scim('POST', '/Groups', { displayName: 'New' })).status).toBe(405);
    expect((await scim('PUT', `/Groups/${id}`, { displayName: 'New' })).status).toBe(405);
    expect((await scim('DELETE', `/Groups/${id}`)).status).toBe(405);
    expect((await group('Design')).id).toBe(id);
  });

  it.each<[string, (id: string) => unknown[], (id: string) => unknown]>([
    ['as Miro publishes it', (id) => [adding(id)], (id) => ({ op: 'Remove', path: `members[value eq ${id}]` })],
    [
      'as the RFC spells it',
      (id) => [{ ...adding(id), op: 'add' }],
      (id) => ({ op: 'remove', path: `members[value eq "${id}"]` }),
    ],
    ['as Entra sends it', (id) => [adding(id)], (id) => ({ op: 'Remove', path: 'members', value: [{ value: id }] })],
    [
      'without a path',
      (id) => [{ op: 'add', value: { members: [{ value: id }] } }],
      (id) => ({ op: 'remove', path: `members[value eq "${id}"]` }),
    ],
  ])('take members in and out %s, and REST agrees', async (_, coming, going) => {
    const { id } = await group('Vertrieb');
    const ben = await user('ben');
    const joined = await patch<Group>(`/Groups/${id}`, ...coming(ben.id));
    expect(idsOf(joined.body)).toContain(ben.id);
    expect((await user('ben')).groups).toContainEqual({ value: id, display: 'Vertrieb' });
    expect(await teamMembers(id)).toContainEqual(expect.objectContaining({ id: ben.id, role: 'member' }));
    const left = await patch<Group>(`/Groups/${id}`, going(ben.id));
    expect(idsOf(left.body)).not.toContain(ben.id);
    expect((await teamMembers(id)).map((member) => member.id)).not.toContain(ben.id);
  });

  it.each([
    ['by path', { op: 'Replace', path: 'displayName', value: 'Sales' }],
    ['with a resource as value', { op: 'Replace', value: { id: '7', displayName: 'Sales' } }],
  ])('are renamed %s', async (_, operation) => {
    const before = await group('Vertrieb');
    const { body } = await patch<Group>(`/Groups/${before.id}`, operation);
    expect(body).toEqual({ ...before, displayName: 'Sales' });
    await patch(`/Groups/${before.id}`, { op: 'Replace', path: 'displayName', value: 'Vertrieb' });
  });

  it('take nobody in when one of several does not exist', async () => {
    const before = await group('Design');
    const { status, body } = await patch(`/Groups/${before.id}`, adding((await user('zoe')).id, '12345'));
    expect({ status, detail: body['detail'] }).toEqual({
      status: 404,
      detail: 'No valid resources: [{memberId=12345}]',
    });
    expect(await group('Design')).toEqual(before);
  });

  it('let nobody go when one of several is the last admin', async () => {
    const before = await group('Vertrieb');
    const ids = [(await user('jonas')).id, (await user('dora')).id];
    for (const operation of [
      { op: 'Remove', path: 'members', value: ids.map((value) => ({ value })) },
      { op: 'Replace', path: 'members', value: [] },
      { op: 'Remove', path: 'members' },
    ])
      expect(await patch(`/Groups/${before.id}`, operation)).toMatchObject({ status: 409, body: { status: '409' } });
    expect(await group('Vertrieb')).toEqual(before);
  });

  it('keep their guests, whom SCIM cannot see, when the members are replaced', async () => {
    const before = await group('Design');
    const mia = await person('mia@agentur.example');
    await patch(`/Groups/${before.id}`, { op: 'Replace', path: 'members', value: before.members });
    expect(await teamMembers(before.id)).toContainEqual(expect.objectContaining({ id: mia.id, role: 'non_team' }));
  });

  it('make internal people with a full license of guests and external people whom they are given', async () => {
    const { id } = await group('Archiv');
    for (const email of ['sue@customer.example', 'tom@customer.example']) {
      const guest = await person(email);
      expect(idsOf((await patch<Group>(`/Groups/${id}`, adding(guest.id))).body)).toContain(guest.id);
      expect(await person(email)).toMatchObject({ role: 'organization_internal_user', license: 'full' });
      expect((await scim('GET', `/Users/${guest.id}`)).body).toMatchObject({ userName: email, userType: 'Full' });
    }
  });

  it('bring back who was deactivated or deleted, with the old id', async () => {
    const { id } = await group('Design');
    const [otto, petra] = [await user('otto'), await user('petra')];
    expect((await scim('DELETE', `/Users/${petra.id}`)).status).toBe(204);
    await patch(`/Groups/${id}`, adding(otto.id, petra.id));
    for (const { id: back, userName } of [otto, petra])
      expect((await scim('GET', `/Users/${back}`)).body).toMatchObject({ userName, active: true, userType: 'Full' });
  });

  it('do not bring back who was made anew after the deletion', async () => {
    const { id } = await group('Design');
    const [{ id: old, userName }, before] = [await user('ravi'), await group('Design')];
    await scim('DELETE', `/Users/${old}`);
    const { body: anew } = await scim<User>('POST', '/Users', { userName });
    expect((await patch(`/Groups/${id}`, adding(old))).status).toBe(404);
    expect(await user('ravi')).toEqual(anew);
    expect(await group('Design')).toEqual(before);
  });

  it('let somebody who never came to Miro go for good with the last team', async () => {
    const { body: fresh } = await scim<User>('POST', '/Users', { userName: 'never@nordlicht.example' });
    const [{ value: only } = { value: '' }] = fresh.groups;
    await patch(`/Groups/${only}`, { op: 'Remove', path: `members[value eq "${fresh.id}"]` });
    expect((await scim('GET', `/Users/${fresh.id}`)).status).toBe(404);
    const { id } = await group('Archiv');
    const anton = await user('anton');
    await patch(`/Groups/${id}`, { op: 'Remove', path: `members[value eq "${anton.id}"]` });
    expect((await scim('GET', `/Users/${anton.id}`)).body).toMatchObject({ active: true, groups: [] });
  });

  it.each([
    ['a name that is too long', { op: 'Replace', path: 'displayName', value: 'x'.repeat(61) }, 'invalidValue'],
    ['no name', { op: 'Remove', path: 'displayName' }, 'mutability'],
    ['members that are no objects with a value', { op: 'Add', path: 'members', value: [{ id: '1' }] }, 'invalidValue'],
    ['a member to remove who is none', { op: 'Remove', path: 'members[value eq 1]' }, 'noTarget'],
    ['a removal without a path', { op: 'Remove', value: { members: [] } }, 'noTarget'],
  ])('are not changed with %s', async (_, operation, scimType) => {
    const before = await group('Platform');
    expect(await patch(`/Groups/${before.id}`, operation)).toMatchObject({ status: 400, body: { scimType } });
    expect(await group('Platform')).toEqual(before);
  });

  it('are not found by an unknown id', async () => {
    expect((await scim('GET', '/Groups/1')).status).toBe(404);
    expect((await patch('/Groups/1', { op: 'Replace', path: 'displayName', value: 'x' })).status).toBe(404);
  });
});
