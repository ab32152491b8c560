import { describe, expect, it } from 'vitest';
import { newBoard, useSimulator } from './miro.js';

const { send } = useSimulator();

describe('items', () => {
  it.each([
    ['sticky_notes', { data: { content: 'x' } }, { type: 'sticky_note', style: { fillColor: 'light_yellow' } }],
    [
      'shapes',
      { data: { content: 'x' } },
      { type: 'shape', data: { shape: 'rectangle' }, style: { fillOpacity: '0.0' } },
    ],
    ['texts', { data: { content: 'x' } }, { type: 'text', data: { content: '<p>x</p>' } }],
    ['frames', { data: { title: 'x' } }, { type: 'frame', data: { format: 'custom', type: 'freeform' } }],
    ['cards', { data: { title: 'x' } }, { type: 'card', style: { cardTheme: '#2d9bf0' } }],
    ['app_cards', { data: { title: 'x' } }, { type: 'app_card', data: { status: 'disconnected', owned: true } }],
    ['embeds', { data: { url: 'https://example.com/v' } }, { type: 'embed', data: { url: 'https://example.com/v' } }],
    ['images', { data: { url: 'https://example.com/i.png' } }, { type: 'image' }],
    ['documents', { data: { url: 'https://example.com/d.pdf' } }, { type: 'document' }],
  ])('makes, reads, changes and deletes %s', async (path, input, expected) => {
    const board = await newBoard(send);
    const made = await send('POST', `${board}/${path}`, input);
    expect(made.status).toBe(201);
    expect(made.body).toMatchObject({ ...expected, position: { x: 0, y: 0, origin: 'center' } });
    const own = `${board}/${path}/${String(made.body['id'])}`;
    expect((await send('GET', own)).body).toEqual(made.body);
    const moved = await send('PATCH', own, { position: { x: 10, y: -20 } });
    expect(moved.body).toMatchObject({ position: { x: 10, y: -20, relativeTo: 'canvas_center' } });
    expect((await send('DELETE', own)).status).toBe(204);
    const gone = await send('DELETE', own);
    expect(gone.status).toBe(404);
    expect(gone.body).toMatchObject({ code: '3.0201', context: { boardId: { value: expect.any(String) as string } } });
  });

  it('refuses colours and shapes that a sticky note does not have', async () => {
    const board = await newBoard(send);
    const { status, body } = await send('POST', `${board}/sticky_notes`, {
      data: { shape: 'circle' },
      style: { fillColor: '#ff0000' },
    });
    expect(status).toBe(400);
    expect(body['context']!['fields']).toMatchObject([{ field: 'data.shape' }, { field: 'style.fillColor' }]);
  });

  it('wants width or height of a sticky note, never both', async () => {
    const board = await newBoard(send);
    const both = { geometry: { width: 100, height: 100 } };
    expect((await send('POST', `${board}/sticky_notes`, both)).status).toBe(400);
    const wide = await send('POST', `${board}/sticky_notes`, { geometry: { width: 398 } });
    expect(wide.body).toMatchObject({ geometry: { width: 398, height: 456 } });
  });

  it('keeps a child inside its frame and counts from the top-left corner', async () => {
    const board = await newBoard(send);
    const frame = await send('POST', `${board}/frames`, {
      data: { title: 'F' },
      position: { x: 1000, y: 1000 },
      geometry: { width: 400, height: 400 },
    });
    const parent = { id: String(frame.body['id']) };
    const inside = await send('POST', `${board}/shapes`, { parent, position: { x: 50, y: 50 } });
    expect(inside.body).toMatchObject({ position: { x: 50, y: 50, relativeTo: 'parent_top_left' }, parent });
    const outside = await send('POST', `${board}/shapes`, { parent, position: { x: 49, y: 50 } });
    expect(outside.status).toBe(400);
    expect(outside.text).toContain('new position is outside of parent boundaries');
    const children = await send('GET', `${board}/items?parent_item_id=${parent.id}`);
    expect(children.body).toMatchObject({ total: 1 });
  });

  it('leaves the children of a deleted frame where they are', async () => {
    const board = await newBoard(send);
    const frame = await send('POST', `${board}/frames`, {
      data: { title: 'F' },
      geometry: { width: 400, height: 400 },
    });
    const parent = { id: String(frame.body['id']) };
    const child = await send('POST', `${board}/shapes`, { parent, position: { x: 50, y: 50 } });
    await send('DELETE', `${board}/frames/${parent.id}`);
    const { body } = await send('GET', `${board}/items/${String(child.body['id'])}`);
    expect(body).toMatchObject({ position: { x: -150, y: -150, relativeTo: 'canvas_center' } });
    expect(body['parent']).toBeUndefined();
  });

  it('takes an item out of its frame by an empty parent id', async () => {
    const board = await newBoard(send);
    const frame = await send('POST', `${board}/frames`, {
      data: { title: 'F' },
      geometry: { width: 400, height: 400 },
    });
    const parent = { id: String(frame.body['id']) };
    const child = await send('POST', `${board}/shapes`, { parent, position: { x: 50, y: 50 } });
    const { body } = await send('PATCH', `${board}/items/${String(child.body['id'])}`, { parent: { id: '' } });
    expect(body).toMatchObject({ position: { x: -150, y: -150, relativeTo: 'canvas_center' } });
  });

  it('pages by cursor in the order of ids; the last page has no cursor', async () => {
    const board = await newBoard(send);
    for (const half of [0, 1])
      await send(
        'POST',
        `${board}/items/bulk`,
        Array.from({ length: 12 }, (_, i) => ({ type: 'shape', data: { content: `${half}-${i}` } })),
      );
    const first = await send('GET', `${board}/items?limit=20`);
    expect(first.body).toMatchObject({ total: 24, size: 20, limit: 20, type: 'cursor-list' });
    const second = await send('GET', `${board}/items?limit=20&cursor=${String(first.body['cursor'])}`);
    expect(second.body).toMatchObject({ size: 4 });
    expect(second.body).not.toHaveProperty('cursor');
    const ids = [first, second].flatMap((page) =>
      (page.body['data'] as unknown as { id: string }[]).map(({ id }) => id),
    );
    expect(ids).toEqual([...ids].sort());
    expect(new Set(ids).size).toBe(24);
    expect((await send('GET', `${board}/items?limit=9`)).status).toBe(400);
    expect((await send('GET', `${board}/items?limit=51`)).status).toBe(400);
    expect((await send('GET', `${board}/items?cursor=nonsense`)).status).toBe(400);
  });

  it('removes tags and attributes that Miro does not keep', async () => {
    const board = await newBoard(send);
    const content = '<p onclick="x()">a <script>b</script><a href="https://e.example" title="t">c</a> 1 < 2</p>';
    const { body } = await send('POST', `${board}/texts`, { data: { content } });
    expect(body['data']).toEqual({ content: '<p>a b<a href="https://e.example">c</a> 1 &lt; 2</p>' });
  });
});

describe('bulk create', () => {
  it('creates all in the order of the input and charges a hundred credits each', async () => {
    const board = await newBoard(send);
    const before = await send('GET', board);
    const made = await send('POST', `${board}/items/bulk`, [
      { type: 'shape' },
      { type: 'card', data: { title: 'c' } },
      { type: 'text', data: { content: 't' } },
    ]);
    expect(made.status).toBe(201);
    expect((made.body['data'] as unknown as { type: string }[]).map(({ type }) => type)).toEqual([
      'shape',
      'card',
      'text',
    ]);
    const left = (reply: typeof made): number => Number(reply.headers.get('x-ratelimit-remaining'));
    expect(left(before) - left(made)).toBe(300);
  });

  it('creates nothing where one entry is bad, and numbers the field', async () => {
    const board = await newBoard(send);
    const { status, body } = await send('POST', `${board}/items/bulk`, [
      { type: 'shape' },
      { type: 'shape', data: { shape: 'blob?', size: 1 } },
    ]);
    expect(status).toBe(400);
    expect(body['context']!['fields']).toMatchObject([{ field: '1.data.size' }]);
    expect((await send('GET', `${board}/items`)).body).toMatchObject({ total: 0 });
  });

  it('takes one to twenty entries', async () => {
    const board = await newBoard(send);
    const many = Array.from({ length: 21 }, () => ({ type: 'shape' }));
    const refused = await send('POST', `${board}/items/bulk`, many);
    expect(refused.status).toBe(400);
    expect(refused.text).toContain('At most 20 items could be created with a single request');
    expect((await send('POST', `${board}/items/bulk`, [])).status).toBe(400);
  });
});

describe('connectors, tags and groups', () => {
  it('connects two different items that are no frames', async () => {
    const board = await newBoard(send);
    const made = await send('POST', `${board}/items/bulk`, [
      { type: 'shape' },
      { type: 'shape' },
      { type: 'frame', data: { title: 'F' } },
    ]);
    const [a, b, frame] = [0, 1, 2].map((i) => ({ id: String(made.body['data']![i]!['id']) }));
    const connector = await send('POST', `${board}/connectors`, {
      startItem: a,
      endItem: { ...b, snapTo: 'left' },
      captions: [{ content: 'c' }],
    });
    expect(connector.body).toMatchObject({
      shape: 'curved',
      startItem: a,
      endItem: { ...b, position: { x: '0%', y: '50%' } },
      captions: [{ content: '<p>c</p>', position: '50%' }],
      style: { endStrokeCap: 'stealth', strokeWidth: '1.0' },
    });
    expect((await send('POST', `${board}/connectors`, { startItem: a, endItem: a })).status).toBe(400);
    expect((await send('POST', `${board}/connectors`, { startItem: a, endItem: frame })).status).toBe(400);
    expect((await send('GET', `${board}/items`)).body).toMatchObject({ total: 3 });
    await send('DELETE', `${board}/items/${b!.id}`);
    const dangling = await send('GET', `${board}/connectors/${String(connector.body['id'])}`);
    expect(dangling.body).not.toHaveProperty('endItem');
  });

  it('keeps tag titles unique by case and at most eight tags on an item', async () => {
    const board = await newBoard(send);
    expect((await send('POST', `${board}/tags`, { title: 'A' })).body).toMatchObject({ fillColor: 'red', type: 'tag' });
    expect((await send('POST', `${board}/tags`, { title: 'A' })).status).toBe(400);
    expect((await send('POST', `${board}/tags`, { title: 'a' })).status).toBe(201);
    const sticky = String((await send('POST', `${board}/sticky_notes`, {})).body['id']);
    const answers: number[] = [];
    for (let i = 0; i < 9; i++) {
      const tag = String((await send('POST', `${board}/tags`, { title: `t${i}` })).body['id']);
      answers.push((await send('POST', `${board}/items/${sticky}?tag_id=${tag}`)).status);
    }
    expect(answers).toEqual([...Array<number>(8).fill(204), 400]);
    const shape = String((await send('POST', `${board}/shapes`, {})).body['id']);
    const tags = await send('GET', `${board}/items/${sticky}/tags`);
    const first = String(tags.body['tags']![0]!['id']);
    expect((await send('POST', `${board}/items/${shape}?tag_id=${first}`)).status).toBe(400);
    expect((await send('GET', `${board}/items?tag_id=${first}`)).body).toMatchObject({ total: 1, type: 'list' });
    await send('DELETE', `${board}/tags/${first}`);
    expect((await send('GET', `${board}/items/${sticky}/tags`)).body['tags']).toHaveLength(7);
  });

  it('groups at least two items, gives a new id on replacing, and can delete with the items', async () => {
    const board = await newBoard(send);
    const made = await send('POST', `${board}/items/bulk`, [{ type: 'shape' }, { type: 'shape' }, { type: 'shape' }]);
    const [a, b, c] = [0, 1, 2].map((i) => String(made.body['data']![i]!['id']));
    const lone = await send('POST', `${board}/groups`, { data: { items: [a] } });
    expect(lone.body).toMatchObject({ status: 400, message: 'Group should have at least two items' });
    const group = await send('POST', `${board}/groups`, { data: { items: [a, b] } });
    expect(group.body).toMatchObject({ type: 'group', data: { items: [a, b] } });
    const nested = await send('POST', `${board}/groups`, { data: { items: [group.body['id'], c] } });
    expect(nested.body).toMatchObject({ status: 404, code: '3.0201' });
    const replaced = await send('PUT', `${board}/groups/${String(group.body['id'])}`, { data: { items: [b, c] } });
    expect(replaced.body['id']).not.toEqual(group.body['id']);
    const own = `${board}/groups/${String(replaced.body['id'])}`;
    expect((await send('DELETE', `${own}?delete_items=true`)).status).toBe(204);
    expect((await send('GET', `${board}/items`)).body).toMatchObject({ total: 1, data: [{ id: a }] });
  });
});
