import type { ItemCreate } from '@mirohq/miro-api/dist/api.js';
import { expect, it } from 'vitest';
import { refused, useOfficialClient } from './client.js';

const { api, boardState, board } = useOfficialClient();

/** Everything that a list by cursor holds, two requests at least. */
async function all(read: (cursor?: string) => Promise<{ body: { data?: { id?: string }[]; cursor?: string } }>) {
  const ids: string[] = [];
  let requests = 0;
  for (let cursor: string | undefined; requests === 0 || cursor !== undefined; requests++) {
    const { body } = await read(cursor);
    ids.push(...(body.data ?? []).map(({ id }) => id!));
    cursor = body.cursor;
  }
  expect(requests).toBeGreaterThan(1);
  return ids;
}

/** The client's type wants the data of every type of item in each. */
const bulk = (items: { type: string }[]): ItemCreate[] => items as unknown as ItemCreate[];

it('createItems makes items of several types at once, in the order asked, or none', async () => {
  const id = await board();
  const three = [
    { type: 'text', data: { content: 'one' } },
    { type: 'sticky_note', data: { content: 'two' }, position: { x: 300, y: 0 } },
    { type: 'card', data: { title: 'three' } },
  ];
  const { body } = await api().createItems(id, bulk(three));
  expect(body.data?.map(({ type }) => type)).toEqual(['text', 'sticky_note', 'card']);
  expect((await boardState(id))!['items']).toMatchObject(body.data.map((item) => ({ id: item.id })));

  const bad = { type: 'sticky_note', geometry: { width: 1, height: 1 } };
  await expect(api().createItems(id, bulk([...three, bad]))).rejects.toEqual(refused(400));
  expect((await boardState(id))!['items']).toHaveLength(3);
});

it('getItems and getItemsWithinFrame page by cursor; getSpecificItem reads any type', async () => {
  const id = await board();
  const frame = (await api().createFrameItem(id, { data: { title: 'F', format: 'custom', type: 'freeform' } })).body;
  const inside = { position: { x: 200, y: 200 }, parent: { id: frame.id } };
  const notes: string[] = [];
  for (let i = 0; i < 12; i++) notes.push((await api().createStickyNoteItem(id, inside)).body.id);
  await api().createTextItem(id, { data: { content: 'outside' } });

  expect(await all((cursor) => api().getItems(id, { limit: '10', cursor }))).toHaveLength(14);
  expect(await all((cursor) => api().getItems(id, { limit: '10', cursor, type: 'sticky_note' }))).toEqual(notes);
  expect(await all((cursor) => api().getItemsWithinFrame(id, frame.id, { limit: '10', cursor }))).toEqual(notes);
  expect((await api().getSpecificItem(id, notes[0]!)).body).toMatchObject({
    type: 'sticky_note',
    position: { x: 200, y: 200, relativeTo: 'parent_top_left' },
    parent: { id: frame.id },
  });
});

it('updateItemPositionOrParent moves an item and puts it into a frame; deleteItem removes it', async () => {
  const id = await board();
  const frame = (await api().createFrameItem(id, { data: { title: 'F', format: 'custom', type: 'freeform' } })).body;
  const note = (await api().createStickyNoteItem(id, {})).body;
  await api().updateItemPositionOrParent(id, note.id, { parent: { id: frame.id }, position: { x: 150, y: 160 } });
  expect((await boardState(id))!['items']![1]).toMatchObject({
    parent: { id: frame.id },
    position: { x: 150, y: 160 },
  });
  await expect(api().updateItemPositionOrParent(id, note.id, { position: { x: -500, y: 0 } })).rejects.toEqual(
    refused(400),
  );
  await api().deleteItem(id, note.id);
  expect((await boardState(id))!['items']).toMatchObject([{ id: frame.id }]);
});

it('getItemsExperimental, getSpecificItemExperimental and deleteItemExperimental know shapes', async () => {
  const id = await board();
  const shape = (await api().createShapeItem(id, { data: { shape: 'flow_chart_or' } })).body;
  const listed = (await api().getItemsExperimental(id, { type: 'shape', limit: '10' })).body;
  expect(listed.data?.map((item) => item.id)).toEqual([shape.id]);
  expect((await api().getSpecificItemExperimental(id, shape.id)).body).toMatchObject({ type: 'shape' });
  await api().deleteItemExperimental(id, shape.id);
  expect((await boardState(id))!['items']).toEqual([]);
});

it('createMindmapNodesExperimental and its reads and delete know mind maps', async () => {
  const id = await board();
  const view = (content: string) => ({ nodeView: { data: { type: 'text', content } } });
  const root = (await api().createMindmapNodesExperimental(id, { data: view('root') })).body;
  const leaf = (await api().createMindmapNodesExperimental(id, { data: view('leaf'), parent: { id: root.id } })).body;
  expect((await api().getMindmapNodesExperimental(id, { limit: '10' })).body.data?.map((node) => node.id)).toEqual([
    root.id,
    leaf.id,
  ]);
  expect((await api().getMindmapNodeExperimental(id, leaf.id)).body).toMatchObject({ id: leaf.id });
  await api().deleteMindmapNodeExperimental(id, leaf.id);
  expect((await boardState(id))!['items']).toMatchObject([{ id: root.id, type: 'mindmap_node' }]);
});

it('files become images and documents, and other files take their place', async () => {
  const id = await board();
  const bytes = Buffer.from('bytes');
  const data = { title: 'Uploaded', position: { x: 5, y: 6 } };
  const image = (await api().createImageItemUsingLocalFile(id, bytes, data)).body;
  const document = (await api().createDocumentItemUsingFileFromDevice(id, bytes, data)).body;
  expect((await boardState(id))!['items']).toMatchObject([
    { id: image.id, type: 'image', data: { title: 'Uploaded' }, position: { x: 5, y: 6 } },
    { id: document.id, type: 'document', data: { title: 'Uploaded' }, position: { x: 5, y: 6 } },
  ]);
  await api().updateImageItemUsingFileFromDevice(id, image.id, bytes, { title: 'Second' });
  await api().updateDocumentItemUsingFileFromDevice(id, document.id, bytes, { title: 'Third' });
  expect((await boardState(id))!['items']).toMatchObject([{ data: { title: 'Second' } }, { data: { title: 'Third' } }]);
});
