import { describe, expect, it } from 'vitest';
import { adding, useCheckedScim, type Group } from './checked-scim.js';

const { scim, patch, rest, user, sim, state } = useCheckedScim({ scimGroups: 'user_group' });

describe('SCIM groups that are user groups', () => {
  const make = async (displayName: string, ...ids: string[]) => {
    const members = ids.map((value) => ({ value }));
    return scim<Group>('POST', '/Groups', {
      schemas: ['urn:ietf:params:scim:schemas:core:2.0:Group'],
      displayName,
      members,
    });
  };

  it('are made, changed and deleted by SCIM, and REST agrees', async () => {
    const [ben, zoe] = [await user('ben'), await user('zoe')];
    const { status, body: made } = await make('Writers', ben.id);
    expect(status).toBe(201);
    const seen = await rest<{ data: { id: string; name: string }[] }>(
      'GET',
      `/v2/orgs/${sim().orgId}/groups?limit=100`,
    );
    expect(seen.body.data).toContainEqual(expect.objectContaining({ id: made.id, name: 'Writers' }));
    const { body } = await patch<Group>(`/Groups/${made.id}`, adding(zoe.id), {
      op: 'Replace',
      path: 'displayName',
      value: 'Authors',
    });
    expect(body).toMatchObject({ displayName: 'Authors', members: [{ value: ben.id }, { value: zoe.id }] });
    expect((await user('zoe')).groups).toEqual([{ value: made.id, display: 'Authors' }]);
    expect((await scim('DELETE', `/Groups/${made.id}`)).status).toBe(204);
    expect((await scim('GET', `/Groups/${made.id}`)).status).toBe(404);
    expect((await user('zoe')).groups).toEqual([]);
  });

  it('may lose their last member, whatever the role', async () => {
    const ada = await user('ada');
    const { body: made } = await make('Single', ada.id);
    const left = await patch<Group>(`/Groups/${made.id}`, { op: 'Remove', path: `members[value eq ${ada.id}]` });
    expect(left).toMatchObject({ status: 200, body: { members: [] } });
  });

  it('bring back who was deactivated', async () => {
    const ravi = await user('ravi');
    expect(ravi.active).toBe(false);
    expect((await make('Returned', ravi.id)).status).toBe(201);
    expect((await user('ravi')).active).toBe(true);
  });

  it('keep guests, whom SCIM cannot see', async () => {
    const mia = (await state()).users.find(({ email }) => email === 'mia@agentur.example')!;
    const made = await rest<{ id: string }>('POST', `/v2/orgs/${sim().orgId}/groups`, { name: 'With a guest' });
    const members = `/v2/orgs/${sim().orgId}/groups/${made.body.id}/members`;
    await rest('POST', members, { email: 'mia@agentur.example' });
    const zoe = await user('zoe');
    expect((await patch<Group>(`/Groups/${made.body.id}`, adding(zoe.id))).body.members).toMatchObject([
      { value: zoe.id },
    ]);
    const seen = await rest<{ data: { id: string }[] }>('GET', `${members}?limit=100`);
    expect(seen.body.data.map(({ id }) => id).sort()).toEqual([mia.id, zoe.id].sort());
  });

  it('are not made without a name or with somebody who does not exist', async () => {
    const count = async () => (await scim<{ totalResults: number }>('GET', '/Groups')).body.totalResults;
    const before = await count();
    expect((await scim('POST', '/Groups', {})).status).toBe(400);
    expect((await scim('POST', '/Groups', [1])).status).toBe(400);
    expect((await make('Ghosts', '12345')).status).toBe(404);
    expect(await count()).toBe(before);
  });
});
