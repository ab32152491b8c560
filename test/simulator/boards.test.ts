import { describe, expect, it } from 'vitest';
import { act, newBoard, useSimulator } from './miro.js';

const { sim, send } = useSimulator({ lagMs: 5_000 });

describe('boards', () => {
  it('makes a board with the defaults that Miro fills in', async () => {
    const { status, body } = await send('POST', '/v2/boards', {});
    expect(status).toBe(201);
    expect(body).toMatchObject({
      type: 'board',
      name: 'Untitled',
      description: '',
      team: { id: sim().teamId },
      currentUserMembership: { role: 'owner' },
      policy: { sharingPolicy: { access: 'private', teamAccess: 'private' } },
    });
    expect(body['id']).toMatch(/^uXjV[\w-]{7}=$/);
    expect(body['links']!['self']).toContain('%3D');
  });

  it('refuses unknown fields and long names by the name of the field', async () => {
    const { status, body } = await send('POST', '/v2/boards', { name: 'x'.repeat(61), metadata: {} });
    expect(status).toBe(400);
    expect(body).toMatchObject({ type: 'error', code: '2.0703', message: 'Invalid parameters' });
    expect(body['context']!['fields']).toEqual([
      expect.objectContaining({ field: 'name' }),
      { field: 'metadata', message: 'Field [metadata] is not supported' },
    ]);
  });

  it('counts characters, not code units, in a name', async () => {
    expect((await send('POST', '/v2/boards', { name: '🦊'.repeat(60) })).status).toBe(201);
    expect((await send('POST', '/v2/boards', { name: '' })).status).toBe(400);
  });

  it('answers 404 for a board that does not exist or was deleted, and 403 for one that is closed to the caller', async () => {
    expect((await send('GET', '/v2/boards/uXjVAAAAAAA=')).status).toBe(404);
    const board = await newBoard(send);
    expect((await send('DELETE', board)).status).toBe(204);
    expect((await send('GET', board)).status).toBe(404);
    const closed = (await act(send, { do: 'create-board', as: 'ben@nordlicht.example' })).body['id'];
    expect((await send('GET', `/v2/boards/${String(closed)}`)).status).toBe(403);
  });

  it('shows a new board at once in its team and only after the lag in searches', async () => {
    await send('POST', '/v2/boards', { name: 'Needle [tm:abc]' });
    const team = await send('GET', `/v2/boards?team_id=${sim().teamId}&sort=last_created&limit=1`);
    expect(team.body['data']![0]).toMatchObject({ name: 'Needle [tm:abc]' });
    expect((await send('GET', '/v2/boards?query=needle')).body).toMatchObject({ total: 0 });
    await send('POST', '/_sim/clock', { advanceMs: 5_001 });
    expect((await send('GET', '/v2/boards?query=needle')).body).toMatchObject({ total: 1 });
  });

  it('ignores query and owner where a team is given', async () => {
    const all = await send('GET', `/v2/boards?team_id=${sim().teamId}`);
    const filtered = await send('GET', `/v2/boards?team_id=${sim().teamId}&query=nothing-has-this-name&owner=1`);
    expect(filtered.body['total']).toEqual(all.body['total']);
  });

  it('pages by offset and refuses limits outside 1 to 50', async () => {
    for (let i = 0; i < 3; i++) await newBoard(send, { name: `Page ${i}` });
    const { body } = await send('GET', `/v2/boards?team_id=${sim().teamId}&limit=2&offset=1&sort=alphabetically`);
    expect(body).toMatchObject({ limit: 2, offset: 1, size: 2, type: 'list' });
    expect(Object.keys(body['links']!)).toEqual(expect.arrayContaining(['self', 'first', 'last', 'next', 'prev']));
    expect((await send('GET', '/v2/boards?limit=51')).status).toBe(400);
    expect((await send('GET', '/v2/boards?limit=0')).status).toBe(400);
  });

  it('copies items, connectors, tags, groups and the description, with new ids', async () => {
    const board = await newBoard(send, { description: 'of the original' });
    const made = await send('POST', `${board}/items/bulk`, [
      { type: 'frame', data: { title: 'F' }, geometry: { width: 800, height: 600 } },
      { type: 'sticky_note', data: { content: 'one' } },
      { type: 'sticky_note', data: { content: 'two' }, position: { x: 300, y: 0 } },
    ]);
    const [frame, one, two] = [0, 1, 2].map((i) => String(made.body['data']![i]!['id']));
    await send('PATCH', `${board}/items/${one}`, { parent: { id: frame }, position: { x: 200, y: 200 } });
    await send('POST', `${board}/connectors`, { startItem: { id: one }, endItem: { id: two } });
    const tag = (await send('POST', `${board}/tags`, { title: 'urgent' })).body['id'];
    await send('POST', `${board}/items/${one}?tag_id=${String(tag)}`);
    await send('POST', `${board}/groups`, { data: { items: [one, two] } });
    const copied = await send('PUT', `/v2/boards?copy_from=${board.split('/').at(-1)}`, { name: 'Copy' });
    expect(copied.status).toBe(201);
    expect(copied.body).toMatchObject({ name: 'Copy', description: 'of the original' });
    const state = (await send('GET', '/_sim/state')).body['boards'] as unknown as Record<string, never>[];
    const copy = state.find((b) => b['id'] === copied.body['id']) as unknown as Record<
      string,
      Record<string, unknown>[]
    >;
    expect(copy['items']!.map((i) => i['type'])).toEqual(['frame', 'sticky_note', 'sticky_note']);
    expect(copy['items']!.map((i) => i['id'])).not.toContain(one);
    expect(copy['items']![1]).toMatchObject({
      parent: { id: copy['items']![0]!['id'] },
      tagIds: [copy['tags']![0]!['id']],
    });
    expect(copy['connectors']![0]).toMatchObject({ startItem: { id: copy['items']![1]!['id'] } });
    expect(copy['groups']![0]).toMatchObject({ data: { items: [copy['items']![1]!['id'], copy['items']![2]!['id']] } });
  });

  it('refuses a team that does not exist or that the caller is no member of', async () => {
    expect((await send('POST', '/v2/boards', { teamId: '1' })).status).toBe(404);
    const state = await send('GET', '/_sim/state');
    const teams = state.body['teams'] as unknown as { id: string; name: string }[];
    const foreign = teams.find((team) => team.name === 'Management');
    expect((await send('POST', '/v2/boards', { teamId: foreign!.id })).status).toBe(403);
  });

  it('takes no more boards into a full team', async () => {
    await act(send, { do: 'fill-team' });
    expect((await send('POST', '/v2/boards', {})).status).toBe(403);
    await act(send, { do: 'fill-team', full: false });
    expect((await send('POST', '/v2/boards', {})).status).toBe(201);
  });
});

describe('board members', () => {
  it('shares with partial failure and answers ids as numbers', async () => {
    const board = await newBoard(send);
    const { status, text, body } = await send('POST', `${board}/members`, {
      emails: ['ben@nordlicht.example', 'otto@nordlicht.example', 'who@blocked.example', 'none', 'guest@else.example'],
      role: 'editor',
    });
    expect(status).toBe(201);
    expect(body['failed']).toEqual(
      ['otto@nordlicht.example', 'who@blocked.example', 'none'].map((email) => ({
        email,
        reason: 'INVITATION_FAILED',
      })),
    );
    const ids = /"successful":\[(\d+),(\d+)\]/.exec(text)?.slice(1);
    const members = await send('GET', `${board}/members`);
    expect(members.body).toMatchObject({
      total: 3,
      data: [{ role: 'owner' }, { id: ids![0], role: 'editor', name: 'Ben Okafor' }, { id: ids![1] }],
    });
    expect(members.text).not.toContain('ben@');
  });

  it('refuses more than twenty e-mails', async () => {
    const emails = Array.from({ length: 21 }, (_, i) => `p${i}@else.example`);
    expect((await send('POST', `${await newBoard(send)}/members`, { emails })).status).toBe(400);
  });

  it('passes ownership on, keeps the former owner as co-owner, and never removes the owner', async () => {
    const board = await newBoard(send);
    const shared = await send('POST', `${board}/members`, { emails: ['ben@nordlicht.example'] });
    const ben = /"successful":\[(\d+)\]/.exec(shared.text)![1]!;
    const owner = String((await send('GET', board)).body['owner']!['id']);
    expect((await send('PATCH', `${board}/members/${ben}`, { role: 'owner' })).body).toMatchObject({ role: 'owner' });
    expect((await send('GET', `${board}/members/${owner}`)).body).toMatchObject({ role: 'coowner' });
    expect((await send('DELETE', `${board}/members/${ben}`)).status).toBe(403);
    expect((await send('DELETE', `${board}/members/${owner}`)).status).toBe(204);
  });
});
