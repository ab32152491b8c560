import { Miro, MiroApi, type Board } from '@mirohq/miro-api';
import { expect, it } from 'vitest';
import { refused, useOfficialClient } from './client.js';

const { sim, state, boardState } = useOfficialClient();

const api = (): MiroApi => new MiroApi(sim().accessToken, sim().url);
const newBoard = (): Promise<Board> => api().createBoard({ name: 'High level', teamId: sim().teamId });

async function ids(all: AsyncGenerator<{ id: string | number }, void>): Promise<string[]> {
  const found: string[] = [];
  for await (const { id } of all) found.push(String(id));
  return found;
}

it('Api reads and makes boards, and goes through all of them', async () => {
  const board = await newBoard();
  expect((await api().getBoard(board.id)).name).toBe('High level');
  const known = ((await state())['boards'] as unknown as { id: string }[]).map(({ id }) => id);
  const listed = await ids(api().getAllBoards());
  expect(listed).toContain(board.id);
  expect(known).toEqual(expect.arrayContaining(listed));
  expect((await api().tokenInfo()).team?.id).toBe(sim().teamId);
});

it('Board changes, shares, copies and deletes itself', async () => {
  const board = await newBoard();
  await board.update({ description: 'changed' });
  await board.share({ emails: ['ben@nordlicht.example'], role: 'editor' });
  expect(await boardState(board.id)).toMatchObject({ description: 'changed', members: [{}, { role: 'editor' }] });
  const [, ben] = await ids(board.getAllMembers());
  await (await board.getMember(ben!)).update({ role: 'viewer' });
  await board.removeMember(ben!);
  expect((await boardState(board.id))!['members']).toHaveLength(1);
  const copy = await board.copy({ name: 'A copy' });
  await board.delete();
  expect(await boardState(board.id)).toBeUndefined();
  expect(await boardState(copy.id)).toMatchObject({ name: 'A copy' });
});

it('Board makes items of every type, reads each by its type, and goes through all of them', async () => {
  const board = await newBoard();
  const frame = await board.createFrameItem({ data: { title: 'F', format: 'custom', type: 'freeform' } });
  const made = [
    frame,
    await board.createAppCardItem({ data: { title: 'app card' } }),
    await board.createCardItem({ data: { title: 'card' } }),
    await board.createEmbedItem({ data: { url: 'https://example.com' } }),
    await board.createShapeItem({ data: { content: 'shape' }, position: { x: 400, y: 200 }, parent: { id: frame.id } }),
    await board.createStickyNoteItem({ data: { content: 'note' } }),
    await board.createTextItem({ data: { content: 'text' } }),
    await board.createImageItem({ data: { url: 'https://example.com/i.png' } }),
    await board.createImageItem({ data: { title: 'file', data: Buffer.from('bytes') } }),
    await board.createDocumentItem({ data: { url: 'https://example.com/d.pdf' } }),
    await board.createDocumentItem({ data: { title: 'file', data: Buffer.from('bytes') } }),
  ];
  const all = made.map(({ id }) => id);
  expect(await ids(board.getAllItems())).toEqual(all);
  expect(await ids(frame.getAllItems())).toEqual([made[4]!.id]);
  const read = [
    board.getFrameItem(all[0]!),
    board.getAppCardItem(all[1]!),
    board.getCardItem(all[2]!),
    board.getEmbedItem(all[3]!),
    board.getShapeItem(all[4]!),
    board.getStickyNoteItem(all[5]!),
    board.getTextItem(all[6]!),
    board.getImageItem(all[7]!),
    board.getItem(all[8]!),
    board.getDocumentItem(all[9]!),
  ];
  expect((await Promise.all(read)).map(({ id }) => id)).toEqual(all.slice(0, 10));
});

it('items change, carry tags, connect and delete themselves', async () => {
  const board = await newBoard();
  const [note, card] = [await board.createStickyNoteItem({}), await board.createCardItem({ data: { title: 'card' } })];
  const tag = await board.createTag({ title: 'Urgent' });
  await note.attachTag(tag.id);
  await card.attachTag(tag.id);
  expect((await note.getAllTags()).map(({ id }) => id)).toEqual([tag.id]);
  expect(await ids(tag.getAllTaggedItems())).toEqual([note.id, card.id]);
  await note.removeTag(tag.id);
  await tag.update({ title: 'Later' });
  await note.update({ data: { content: 'new' } });
  const connector = await note.connectTo(card.id);
  await (await board.getConnector(connector.id)).update({ shape: 'straight' });
  expect(await ids(board.getAllConnectors())).toEqual([connector.id]);
  expect(await boardState(board.id)).toMatchObject({
    items: [{ data: { content: '<p>new</p>' }, tagIds: [] }, { tagIds: [tag.id] }],
    tags: [{ title: 'Later' }],
    connectors: [{ shape: 'straight', startItem: { id: note.id }, endItem: { id: card.id } }],
  });
  await connector.delete();
  await note.delete();
  await (await board.getTag(tag.id)).delete();
  expect(await boardState(board.id)).toMatchObject({ items: [{ id: card.id, tagIds: [] }], tags: [], connectors: [] });
});

it('lists by offset go on past the first page', async () => {
  const board = await newBoard();
  const tags: string[] = [];
  for (let i = 0; i < 25; i++) tags.push((await board.createTag({ title: `Tag ${i}` })).id);
  expect(await ids(board.getAllTags())).toEqual(tags);
});

it('Organization and Team read people and change teams', async () => {
  const organization = await api().getOrganization(sim().orgId);
  const users = (await state())['users'] as unknown as { id: string }[];
  expect(await ids(organization.getAllOrganizationMembers({ limit: 15 }))).toEqual(users.map(({ id }) => id));
  expect((await organization.getOrganizationMember(users[0]!.id)).email).toBe('ada@nordlicht.example');
  expect((await organization.getDefaultTeamSettings()).organizationId).toBe(sim().orgId);
  expect((await organization.getDataClassification()).labels).toHaveLength(3);

  const made = await organization.createTeam({ name: 'Tigers' });
  const team = await organization.getTeam(made.id);
  await team.inviteTeamMember({ email: 'ben@nordlicht.example' });
  const [, ben] = await ids(team.getAllTeamMembers());
  await (await team.getTeamMember(ben!)).update({ role: 'admin' });
  await team.updateTeam({ name: 'Lions' });
  const kept = async () => ((await state())['teams'] as unknown as { id: string }[]).find(({ id }) => id === made.id);
  expect(await kept()).toMatchObject({ name: 'Lions', members: [{}, { id: ben, role: 'admin' }] });
  await team.deleteTeamMember(ben!);
  expect(await ids(organization.getAllTeams({ limit: 100 }))).toContain(made.id);
  await team.deleteTeam();
  expect(await kept()).toBeUndefined();
});

it('a refusal is an error with the status and the body of the answer', async () => {
  await expect(api().getBoard('nowhere=')).rejects.toEqual(refused(404));
  await expect(api().getBoard('nowhere=')).rejects.toMatchObject({ body: { type: 'error', status: 404 } });
});

it('Miro wants to be told which app it is', () => {
  expect(() => new Miro({ clientId: '', clientSecret: '', redirectUrl: '' })).toThrow('MIRO_CLIENT_ID');
});
