import { describe, expect, it } from 'vitest';
import { act, newBoard, useSimulator } from './miro.js';

const { sim, send } = useSimulator();

describe('controls', () => {
  it('shows the whole state in the order of creation, without a token or credits', async () => {
    const board = await newBoard(send, { name: 'Seen' });
    await send('POST', `${board}/sticky_notes`, { data: { content: 'one' } });
    const { status, body, headers } = await send('GET', '/_sim/state', undefined, { token: null });
    expect(status).toBe(200);
    expect(headers.get('x-ratelimit-limit')).toBeNull();
    expect(Object.keys(body)).toEqual(
      expect.arrayContaining(['orgs', 'teams', 'users', 'projects', 'boards', 'scim', 'grants']),
    );
    expect(Object.keys(body['scim']!)).toEqual(['users', 'groups']);
    const boards = body['boards'] as unknown as { name: string }[];
    expect(boards.at(-1)).toMatchObject({
      name: 'Seen',
      createdBy: { name: 'Ada Lindqvist' },
      members: [{ role: 'owner' }],
      items: [{ type: 'sticky_note', data: { content: '<p>one</p>' }, createdAt: expect.any(String) as string }],
      connectors: [],
      tags: [],
      groups: [],
    });
  });

  it('logs each request with actor, credits and status, but no secrets', async () => {
    await send('GET', `/v2/boards?limit=1&access_token=${sim().accessToken}`);
    const { body, text } = await send('GET', '/_sim/requests');
    const log = body as unknown as Record<string, unknown>[];
    expect(log.at(-1)).toMatchObject({
      method: 'GET',
      path: '/v2/boards',
      query: 'limit=1',
      status: 200,
      credits: 50,
      fault: null,
    });
    expect(text).not.toContain(sim().accessToken);
  });

  it('acts as the named person', async () => {
    const board = await newBoard(send);
    const boardId = decodeURIComponent(board.split('/').at(-1)!);
    const made = await act(send, {
      do: 'add-sticky',
      as: 'ben@nordlicht.example',
      boardId,
      content: 'Hallo',
      position: { x: 5, y: 5 },
    });
    const itemId = String(made.body['id']);
    const ben = String(made.body['createdBy']!['id']);
    expect((await act(send, { do: 'move-item', boardId, itemId, x: 70, y: 80 })).body).toMatchObject({
      position: { x: 70, y: 80 },
    });
    await act(send, { do: 'edit-item', as: ben, boardId, itemId, content: 'Tschüss' });
    const { body } = await send('GET', `${board}/items/${itemId}`);
    expect(body).toMatchObject({ data: { content: '<p>Tschüss</p>' }, modifiedBy: { id: ben } });
    await act(send, { do: 'copy-item', boardId, itemId });
    expect((await send('GET', `${board}/items`)).body).toMatchObject({ total: 2 });
    await act(send, { do: 'delete-item', boardId, itemId });
    expect((await send('GET', `${board}/items`)).body).toMatchObject({ total: 1 });
  });

  it('copies a board as a person does, description and all', async () => {
    const board = await newBoard(send, { description: 'text [tm:abc]' });
    const boardId = decodeURIComponent(board.split('/').at(-1)!);
    const { body } = await act(send, { do: 'copy-board', as: 'ben@nordlicht.example', boardId });
    expect(body).toMatchObject({
      description: 'text [tm:abc]',
      owner: { name: 'Ben Okafor' },
      name: 'Copy of A board',
    });
  });

  it('ends a whole grant, or only one of its tokens', async () => {
    const link = { do: 'link-app', as: 'chie@nordlicht.example' };
    const token = String((await act(send, link)).body['accessToken']);
    await act(send, { do: 'kill-token', as: 'chie@nordlicht.example', which: 'access' });
    expect((await send('GET', '/v2/boards', undefined, { token })).status).toBe(401);
    const next = String((await act(send, link)).body['accessToken']);
    await act(send, { do: 'revoke-app', as: 'chie@nordlicht.example' });
    expect((await send('GET', '/v2/boards', undefined, { token: next })).status).toBe(401);
  });

  it('lists its deeds when it is asked for another', async () => {
    const { status, text } = await act(send, { do: 'constructor' });
    expect(status).toBe(400);
    expect(text).toContain('move-item');
  });

  it('goes back to the first moment with the same tokens', async () => {
    await newBoard(send, { name: 'Gone after the reset' });
    const { body } = await send('POST', '/_sim/reset');
    expect(body).toMatchObject({ accessToken: sim().accessToken, teamId: sim().teamId });
    expect((await send('GET', '/_sim/state')).text).not.toContain('Gone after the reset');
    expect((await send('GET', '/v2/boards')).status).toBe(200);
  });

  it('draws a board with its texts, escaped', async () => {
    const board = await newBoard(send, { name: 'Picture <1>' });
    const made = await send('POST', `${board}/items/bulk`, [
      { type: 'frame', data: { title: 'Frame & title' } },
      { type: 'sticky_note', data: { content: 'drawn' }, style: { fillColor: 'cyan' } },
      { type: 'shape', data: { shape: 'rhombus' }, style: { fillColor: '#ff0000' }, position: { x: 400, y: 0 } },
    ]);
    const [, a, b] = made.body['data'] as unknown as { id: string }[];
    await send('POST', `${board}/connectors`, {
      startItem: { id: a!.id },
      endItem: { id: b!.id },
      captions: [{ content: 'leads to' }],
    });
    const { text, headers } = await send('GET', `/_sim/boards/${board.split('/').at(-1)!}.svg`);
    expect(headers.get('content-type')).toContain('image/svg+xml');
    for (const part of [
      'Picture &lt;1&gt;',
      'Frame &amp; title',
      'drawn',
      '#67c6c0',
      'polygon',
      'leads to',
      'marker-end',
    ])
      expect(text).toContain(part);
  });
});
