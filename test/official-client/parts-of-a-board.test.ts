import { expect, it } from 'vitest';
import { refused, useOfficialClient } from './client.js';

const { api, boardState, board } = useOfficialClient();

async function withNotes(count: number): Promise<{ id: string; notes: string[] }> {
  const id = await board();
  const notes: string[] = [];
  for (let i = 0; i < count; i++) notes.push((await api().createStickyNoteItem(id, {})).body.id);
  return { id, notes };
}

it('createConnector, getConnector, updateConnector and deleteConnector draw a line and take it away', async () => {
  const { id, notes } = await withNotes(2);
  const [from, to] = notes;
  const { body } = await api().createConnector(id, {
    startItem: { id: from, snapTo: 'right' },
    endItem: { id: to, position: { x: '0%', y: '50%' } },
    shape: 'elbowed',
    captions: [{ content: 'leads to' }],
    style: { strokeColor: '#ff0000', endStrokeCap: 'filled_triangle' },
  });
  expect((await boardState(id))!['connectors']).toMatchObject([
    {
      id: body.id,
      shape: 'elbowed',
      startItem: { id: from, position: { x: '100%', y: '50%' } },
      endItem: { id: to, position: { x: '0%', y: '50%' } },
      captions: [{ content: '<p>leads to</p>' }],
      style: { strokeColor: '#ff0000', startStrokeCap: 'none', endStrokeCap: 'filled_triangle' },
    },
  ]);
  expect((await api().getConnector(id, body.id)).body).toMatchObject({ startItem: { id: from }, isSupported: true });

  await api().updateConnector(id, body.id, { shape: 'straight', style: { strokeStyle: 'dashed' } });
  expect((await boardState(id))!['connectors']).toMatchObject([
    { shape: 'straight', style: { strokeStyle: 'dashed', strokeColor: '#ff0000' } },
  ]);
  await api().deleteConnector(id, body.id);
  expect((await boardState(id))!['connectors']).toEqual([]);
  await expect(api().getConnector(id, body.id)).rejects.toEqual(refused(404));
});

it('getConnectors pages by cursor', async () => {
  const { id, notes } = await withNotes(2);
  const [from, to] = notes;
  for (let i = 0; i < 12; i++) await api().createConnector(id, { startItem: { id: from }, endItem: { id: to } });
  const first = (await api().getConnectors(id, { limit: '10' })).body;
  const second = (await api().getConnectors(id, { limit: '10', cursor: first.cursor })).body;
  expect([first.size, second.size, second.cursor]).toEqual([10, 2, undefined]);
  expect(new Set([...first.data!, ...second.data!].map((connector) => connector.id)).size).toBe(12);
});

it('createTag, getTag, getTagsFromBoard, updateTag and deleteTag keep the tags of a board', async () => {
  const id = await board();
  const tag = (await api().createTag(id, { title: 'Urgent', fillColor: 'red' })).body;
  await api().createTag(id, { title: 'Later', fillColor: 'blue' });
  await expect(api().createTag(id, { title: 'Urgent' })).rejects.toEqual(refused(400));
  expect((await api().getTag(id, tag.id)).body).toMatchObject({ title: 'Urgent', fillColor: 'red', type: 'tag' });
  expect((await api().getTagsFromBoard(id, { limit: '1', offset: '1' })).body).toMatchObject({
    total: 2,
    data: [{ title: 'Later' }],
  });
  await api().updateTag(id, tag.id, { title: 'Very urgent' });
  expect((await boardState(id))!['tags']).toMatchObject([{ title: 'Very urgent', fillColor: 'red' }, {}]);
  await api().deleteTag(id, tag.id);
  expect((await boardState(id))!['tags']).toMatchObject([{ title: 'Later' }]);
});

it('attachTagToItem, getTagsFromItem, getItemsByTag and removeTagFromItem bind tags to items', async () => {
  const { id, notes } = await withNotes(3);
  const tag = (await api().createTag(id, { title: 'Urgent' })).body;
  for (const note of notes.slice(0, 2)) await api().attachTagToItem(id, note, tag.id);
  expect((await boardState(id))!['items']).toMatchObject([{ tagIds: [tag.id] }, { tagIds: [tag.id] }, { tagIds: [] }]);
  expect((await api().getTagsFromItem(id, notes[0]!)).body.tags).toMatchObject([{ id: tag.id, title: 'Urgent' }]);
  const tagged = (await api().getItemsByTag(id, tag.id, { limit: '1', offset: '1' })).body;
  expect(tagged).toMatchObject({ total: 2, size: 1, data: [{ id: notes[1] }] });
  await api().removeTagFromItem(id, notes[0]!, tag.id);
  expect((await api().getTagsFromItem(id, notes[0]!)).body.tags).toEqual([]);
  // the same path without a tag deletes the item: it must still be there
  expect((await boardState(id))!['items']).toHaveLength(3);
});

it('createGroup, getAllGroups, getGroupById and getItemsByGroupId hold items together', async () => {
  const { id, notes } = await withNotes(3);
  const group = (await api().createGroup(id, { data: { items: notes.slice(0, 2) } })).body;
  expect((await boardState(id))!['groups']).toMatchObject([{ id: group.id, data: { items: notes.slice(0, 2) } }]);
  expect((await api().getAllGroups(id, { limit: 10 })).body.data).toMatchObject([{ id: group.id }]);
  expect((await api().getGroupById(id, group.id!)).body).toMatchObject({ id: group.id, type: 'group' });
  expect((await api().getItemsByGroupId(id, group.id!, { limit: 10 })).body).toMatchObject({ size: 2, limit: 10 });
});

it('updateGroup changes who belongs to a group, unGroup frees the items, deleteGroup deletes them', async () => {
  const { id, notes } = await withNotes(3);
  const group = (await api().createGroup(id, { data: { items: notes.slice(0, 2) } })).body;
  const other = (await api().updateGroup(id, group.id!, { data: { items: notes.slice(1) } })).body;
  expect((await boardState(id))!['groups']).toMatchObject([{ id: other.id, data: { items: notes.slice(1) } }]);
  await api().unGroup(id, other.id!);
  expect(await boardState(id)).toMatchObject({ groups: [], items: [{}, {}, {}] });

  const last = (await api().createGroup(id, { data: { items: notes.slice(1) } })).body;
  await api().deleteGroup(id, last.id!, true);
  expect(await boardState(id)).toMatchObject({ groups: [], items: [{ id: notes[0] }] });
});
