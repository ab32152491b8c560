import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { act, newBoard, useSimulator, type Body, type Reply } from './miro.js';

const { sim, send } = useSimulator({ lagMs: 1_000 });
let org: string;
let team: string;
beforeAll(() => {
  org = `/v2/orgs/${sim().orgId}`;
  team = `${org}/teams/${sim().teamId}`;
});
afterEach(() => send('POST', '/_sim/reset'));

const entries = (reply: Reply): Body[] => reply.body['data'] as unknown as Body[];
const memberByEmail = async (email: string): Promise<Body> =>
  (await send('GET', `${org}/members?emails=${email}`)).body[0]!;
const teamIdOf = async (name: string): Promise<string> =>
  entries(await send('GET', `${org}/teams?name=${encodeURIComponent(name)}`))[0]!['id']!;

describe('organisation members', () => {
  it('pages with the last id as cursor, without total, guests included and no names', async () => {
    const first = await send('GET', `${org}/members?limit=30`);
    expect(first.body).toMatchObject({ limit: 30, size: 30, type: 'cursor-list' });
    expect(first.body).not.toHaveProperty('total');
    expect(first.body['cursor']).toBe(entries(first).at(-1)!['id']);
    const second = await send('GET', `${org}/members?limit=30&cursor=${first.body['cursor']}`);
    expect(second.body).not.toHaveProperty('cursor');
    const all = [...entries(first), ...entries(second)];
    expect(all.map((m) => m['email'])).toContain('mia@agentur.example');
    expect(all.every((m) => !('name' in (m as object)))).toBe(true);
  });

  it('answers a bare array where e-mails are asked for, and ignores other filters then', async () => {
    const { body } = await send(
      'GET',
      `${org}/members?emails=ben@nordlicht.example,OTTO@nordlicht.example&active=true`,
    );
    expect(body).toMatchObject([
      { email: 'ben@nordlicht.example' },
      { email: 'otto@nordlicht.example', active: false },
    ]);
    const many = Array.from({ length: 11 }, (_, i) => `p${i}@nordlicht.example`).join(',');
    expect((await send('GET', `${org}/members?emails=${many}`)).status).toBe(400);
  });

  it('filters by role, license and activity', async () => {
    const guests = await send('GET', `${org}/members?role=organization_team_guest_user`);
    expect(entries(guests)).toHaveLength(3);
    const inactive = await send('GET', `${org}/members?active=false&license=free`);
    expect(entries(inactive)).toHaveLength(3);
  });

  it('has no endpoint to change or delete a member', async () => {
    const { id } = (await memberByEmail('ben@nordlicht.example')) as unknown as { id: string };
    for (const method of ['PATCH', 'DELETE'])
      expect((await send(method, `${org}/members/${id}`, {})).body).toMatchObject({
        status: 405,
        code: 'methodNotSupported',
      });
    expect((await send('GET', '/v2/users/me')).body).toMatchObject({
      status: 404,
      message: 'No endpoint GET /v2/users/me.',
    });
  });

  it('is closed to people who are no company admins and to other plans and organisations', async () => {
    const token = (await act(send, { do: 'link-app', as: 'ben@nordlicht.example' })).body['accessToken']!;
    expect((await send('GET', org, undefined, { token })).status).toBe(403);
    expect((await send('GET', '/v2/orgs/1/members')).status).toBe(404);
  });
});

describe('teams', () => {
  it('takes people of the organisation once, and keeps the last admin', async () => {
    const invite = (email: string): Promise<Reply> => send('POST', `${team}/members`, { email, role: 'member' });
    const added = await invite('quinn@nordlicht.example');
    expect(added).toMatchObject({ status: 201, body: { role: 'member', teamId: sim().teamId, type: 'team-member' } });
    expect((await invite('quinn@nordlicht.example')).status).toBe(409);
    expect((await invite('stranger@else.example')).status).toBe(404);
    const ada = (await memberByEmail('ada@nordlicht.example'))['id']!;
    expect((await send('DELETE', `${team}/members/${ada}`)).status).toBe(409);
    expect((await send('PATCH', `${team}/members/${ada}`, { role: 'member' })).status).toBe(409);
    await send('PATCH', `${team}/members/${added.body['id']}`, { role: 'admin' });
    expect((await send('DELETE', `${team}/members/${ada}`)).status).toBe(204);
  });

  it('keeps settings per team apart from the defaults', async () => {
    const changes = { teamInvitationSettings: { whoCanInvite: 'admins' } };
    const { body } = await send('PATCH', `${team}/settings`, changes);
    expect(body['teamInvitationSettings']).toEqual({ inviteExternalUsers: 'allowed', whoCanInvite: 'admins' });
    const defaults = await send('GET', `${org}/default_teams_settings`);
    expect(defaults.body['teamInvitationSettings']).toMatchObject({ whoCanInvite: 'all_members' });
  });

  it('moves a board to another team later, after answering 202', async () => {
    const board = await newBoard(send);
    const teamId = await teamIdOf('Platform');
    const moved = await send('PATCH', board, { teamId });
    expect(moved).toMatchObject({ status: 202, text: '' });
    expect((await send('GET', board)).body).toMatchObject({ team: { id: sim().teamId } });
    await send('POST', '/_sim/clock', { advanceMs: 1_000 });
    expect((await send('GET', board)).body).toMatchObject({ team: { id: teamId } });
  });
});

describe('projects and user groups', () => {
  it('lists the boards of a project at once and keeps them when it is deleted', async () => {
    const project = (await send('POST', `${team}/projects`, { name: 'Space' })).body['id']!;
    const board = await newBoard(send, { projectId: project });
    expect((await send('GET', `/v2/boards?project_id=${project}`)).body).toMatchObject({ total: 1 });
    await send('DELETE', `${team}/projects/${project}`);
    expect((await send('GET', board)).body).not.toHaveProperty('project');
  });

  it('spells the commenting role of projects in its own way and answers e-mails', async () => {
    const project = (await send('POST', `${team}/projects`, { name: 'Space' })).body['id']!;
    const add = (role: string): Promise<Reply> =>
      send('POST', `${team}/projects/${project}/members`, { email: 'ben@nordlicht.example', role });
    expect((await add('commenter')).status).toBe(400);
    expect((await add('commentator')).body).toMatchObject({ email: 'ben@nordlicht.example', role: 'commentator' });
  });

  it('changes the members of a group in part and tells both outcomes with 207', async () => {
    const group = (await send('POST', `${org}/groups`, { name: 'Writers' })).body['id']!;
    const membersToAdd = ['ben@nordlicht.example', 'nobody@nordlicht.example'];
    const { status, body, headers } = await send('PATCH', `${org}/groups/${group}/members`, { membersToAdd });
    expect(status).toBe(207);
    expect(body).toMatchObject([
      { operation: 'addMembers', status: 200, affectedUsers: [{ email: 'ben@nordlicht.example' }] },
      { operation: 'addMembers', status: 404, error: { type: 'error' } },
    ]);
    expect(headers.get('x-ratelimit-remaining')).toBeTruthy();
    expect(entries(await send('GET', `${org}/groups/${group}/members`))).toHaveLength(1);
  });
});

describe('enterprise records', () => {
  it('writes the audit log of what was done, within the asked time', async () => {
    const board = await newBoard(send, { name: 'Audited' });
    await send('DELETE', board);
    const range = 'createdAfter=2020-01-01T00:00:00.000Z&createdBefore=2100-01-01T00:00:00.000Z';
    const { body } = await send('GET', `/v2/audit/logs?${range}&sorting=DESC`);
    expect(entries({ body } as Reply).map((e) => e['event'])).toEqual(['board_deleted', 'board_created']);
    expect(body['data']![0]!['createdAt']).toMatch(/\+0000$/);
    expect((await send('GET', '/v2/audit/logs')).status).toBe(400);
  });

  it('makes one export job of a request id, which finishes by itself', async () => {
    const board = await newBoard(send);
    const body = { boardIds: [decodeURIComponent(board.split('/').at(-1)!)] };
    const id = '11111111-2222-4333-8444-555555555555';
    for (let i = 0; i < 2; i++)
      expect((await send('POST', `${org}/boards/export/jobs?request_id=${id}`, body)).body).toEqual({ jobId: id });
    const job = `${org}/boards/export/jobs/${id}`;
    expect((await send('GET', job)).body).toEqual({ jobStatus: 'CREATED' });
    const task = (await send('GET', `${job}/tasks`)).body['data']![0]!['id'];
    expect((await send('POST', `${job}/tasks/${task}/export-link`)).status).toBe(425);
    await send('POST', '/_sim/clock', { advanceMs: 2_000 });
    expect((await send('GET', `${job}/results`)).body).toMatchObject({ results: [{ status: 'SUCCESS' }] });
    expect((await send('POST', `${job}/tasks/${task}/export-link`)).status).toBe(200);
  });

  it('classifies boards one by one and in bulk', async () => {
    const labels = (await send('GET', `${org}/data-classification-settings`)).body['labels'] as unknown as Body[];
    const board = await newBoard(send);
    const own = `${team}/boards/${board.split('/').at(-1)}/data-classification`;
    await send('POST', own, { labelId: labels[2]!['id'] });
    expect((await send('GET', own)).body).toMatchObject({ name: 'Confidential' });
    const bulk = { labelId: labels[0]!['id'], notClassifiedOnly: true };
    expect((await send('PATCH', `${team}/data-classification`, bulk)).status).toBe(200);
    expect((await send('GET', own)).body).toMatchObject({ name: 'Confidential' });
  });

  it('takes files up to six megabytes with their data beside them', async () => {
    const board = await newBoard(send);
    const post = (size: number): Promise<Response> => {
      const form = new FormData();
      form.append('resource', new File([new Uint8Array(size)], 'picture.png', { type: 'image/png' }));
      form.append('data', JSON.stringify({ title: 'A picture', position: { x: 5, y: 6 } }));
      const headers = { authorization: `Bearer ${sim().accessToken}` };
      return fetch(`${sim().url}${board}/images`, { method: 'POST', headers, body: form });
    };
    expect(await (await post(100)).json()).toMatchObject({
      type: 'image',
      data: { title: 'A picture' },
      position: { x: 5, y: 6 },
    });
    expect((await post(6 * 1024 * 1024 + 1)).status).toBe(413);
  });
});

describe('other plans', () => {
  const business = useSimulator({ plan: 'business' });
  it('keeps Enterprise endpoints and SCIM shut', async () => {
    const { orgId, scimToken } = business.sim();
    expect((await business.send('GET', `/v2/orgs/${orgId}/members`)).body).toMatchObject({
      status: 403,
      code: 'forbiddenAccess',
    });
    const scim = await business.send('GET', '/api/v1/scim/Users', undefined, { token: scimToken });
    expect(scim.body).toMatchObject({ status: '403', detail: 'SCIM integration is disabled' });
  });
});
