import { MiroApi } from '@mirohq/miro-api';
import { beforeAll, describe, expect, it } from 'vitest';
import { act, useSimulator } from './miro.js';

const { sim, send } = useSimulator({ creditLimit: 1e9 });
let api: MiroApi;
beforeAll(() => {
  api = new MiroApi(sim().accessToken, sim().url);
});

type Board = Awaited<ReturnType<MiroApi['createBoard']>>;
const board = (): Promise<Board> => api.createBoard({ name: 'By the official client' });

async function all<T>(pages: AsyncGenerator<T, void>): Promise<T[]> {
  const found: T[] = [];
  for await (const entry of pages) found.push(entry);
  return found;
}

describe('the official Node client: boards', () => {
  it('makes, reads, changes, copies and deletes a board', async () => {
    const made = await board();
    await made.update({ description: 'changed' });
    const read = await api.getBoard(made.id);
    expect(read).toMatchObject({ id: made.id, name: 'By the official client', description: 'changed', type: 'board' });
    const copy = await read.copy({ name: 'A copy' });
    expect(copy).toMatchObject({ name: 'A copy', description: 'changed' });
    expect(copy.id).not.toBe(made.id);
    await made.delete();
    await expect(api.getBoard(made.id)).rejects.toMatchObject({ statusCode: 404 });
  });

  it('pages through all boards once', async () => {
    for (let i = 0; i < 3; i++) await board();
    const ids = (await all(api.getAllBoards({ teamId: sim().teamId, limit: '2' }))).map(({ id }) => id);
    const { body } = await send('GET', `/v2/boards?team_id=${sim().teamId}&limit=1`);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids).toHaveLength(Number(body['total']));
  });

  it('shares, changes and removes members', async () => {
    const made = await board();
    await made.share({ emails: ['ben@nordlicht.example', 'zoe@nordlicht.example'], role: 'viewer' });
    const [owner, ben, zoe] = await all(made.getAllMembers());
    expect([owner!.role, ben!.role, zoe!.name]).toEqual(['owner', 'viewer', 'Zoë Maréchal']);
    await ben!.update({ role: 'editor' });
    expect((await made.getMember(ben!.id)).role).toBe('editor');
    await made.removeMember(zoe!.id);
    expect(await all(made.getAllMembers())).toHaveLength(2);
  });
});

describe('the official Node client: items', () => {
  it('makes, reads, changes and deletes each type', async () => {
    const made = await board();
    const position = { x: 10, y: 20 };
    const items = [
      await made.createStickyNoteItem({ data: { content: 'sticky' }, style: { fillColor: 'cyan' }, position }),
      await made.createShapeItem({ data: { content: 'shape', shape: 'star' }, position }),
      await made.createTextItem({ data: { content: 'text' }, position }),
      await made.createFrameItem({ data: { title: 'frame', format: 'custom', type: 'freeform' }, position }),
      await made.createCardItem({ data: { title: 'card', dueDate: new Date('2030-01-01T00:00:00Z') }, position }),
      await made.createAppCardItem({ data: { title: 'app card', fields: [{ value: 'v' }] }, position }),
      await made.createEmbedItem({ data: { url: 'https://example.com' }, position }),
    ];
    for (const item of items) {
      expect(item.position).toMatchObject(position);
      expect(await made.getItem(item.id)).toMatchObject({ id: item.id, type: item.type });
      await item.update({ position: { x: 30, y: 40 } });
      expect((await made.getItem(item.id)).position).toMatchObject({ x: 30, y: 40 });
    }
    expect(new Set((await all(made.getAllItems({ limit: '10' }))).map(({ type }) => type)).size).toBe(items.length);
    for (const item of items) await item.delete();
    expect(await all(made.getAllItems())).toEqual([]);
  });

  it('reads each type by its own method', async () => {
    const made = await board();
    const sticky = await made.createStickyNoteItem({ data: { content: 'x' } });
    expect((await made.getStickyNoteItem(sticky.id)).data?.content).toBe('<p>x</p>');
    const shape = await made.createShapeItem({ style: { fillColor: '#00ff00' } });
    expect((await made.getShapeItem(shape.id)).style).toMatchObject({ fillColor: '#00ff00', fillOpacity: '1.0' });
    const text = await made.createTextItem({ data: { content: 'y' } });
    expect((await made.getTextItem(text.id)).data?.content).toBe('<p>y</p>');
    const frame = await made.createFrameItem({ data: { title: 'f' } });
    expect((await made.getFrameItem(frame.id)).data?.title).toBe('f');
    const card = await made.createCardItem({ data: { title: 'c' } });
    expect((await made.getCardItem(card.id)).data?.title).toBe('c');
    const appCard = await made.createAppCardItem({ data: { title: 'a' } });
    expect((await made.getAppCardItem(appCard.id)).data).toMatchObject({ title: 'a', owned: true });
    const embed = await made.createEmbedItem({ data: { url: 'https://example.com/e' } });
    expect((await made.getEmbedItem(embed.id)).data?.url).toBe('https://example.com/e');
  });

  it('makes images and documents by address and from memory', async () => {
    const made = await board();
    const data = Buffer.from('bytes');
    const image = await made.createImageItem({ data: { title: 'Picture', data } });
    expect((await made.getImageItem(image.id)).data).toMatchObject({ title: 'Picture' });
    await image.updateUsingUrl({ position: { x: 30, y: 40 } });
    expect((await made.getImageItem(image.id)).position).toMatchObject({ x: 30, y: 40 });
    const document = await made.createDocumentItem({ data: { title: 'Paper', data } });
    expect((await made.getDocumentItem(document.id)).data).toMatchObject({ title: 'Paper' });
    await document.delete();
    const linked = await made.createImageItem({ data: { url: 'https://example.com/i.png', title: 'Linked' } });
    expect((await made.getImageItem(linked.id)).data?.imageUrl).not.toContain('example.com');
    await made.createDocumentItem({ data: { url: 'https://example.com/d.pdf' } });
    expect(await all(made.getAllItems())).toHaveLength(3);
  });

  it('lists the children of a frame', async () => {
    const made = await board();
    const frame = await made.createFrameItem({ data: { title: 'f' }, geometry: { width: 1000, height: 1000 } });
    for (let i = 0; i < 12; i++) await made.createShapeItem({ parent: { id: frame.id }, position: { x: 100, y: 100 } });
    expect(await all(frame.getAllItems())).toHaveLength(12);
  });

  it('connects items and changes the connector', async () => {
    const made = await board();
    const a = await made.createShapeItem({});
    const b = await made.createShapeItem({ position: { x: 300, y: 0 } });
    const connector = await a.connectTo({ id: b.id, snapTo: 'left' });
    await connector.update({ shape: 'elbowed' });
    const read = await made.getConnector(connector.id);
    expect(read).toMatchObject({ shape: 'elbowed', startItem: { id: a.id }, endItem: { id: b.id } });
    await made.createConnector({ startItem: { id: b.id }, endItem: { id: a.id } });
    expect(await all(made.getAllConnectors())).toHaveLength(2);
    await connector.delete();
    expect(await all(made.getAllConnectors())).toHaveLength(1);
  });

  it('makes tags, attaches and detaches them', async () => {
    const made = await board();
    const tag = await made.createTag({ title: 'urgent', fillColor: 'red' });
    const sticky = await made.createStickyNoteItem({});
    await sticky.attachTag(tag.id);
    expect((await sticky.getAllTags()).map(({ title }) => title)).toEqual(['urgent']);
    expect((await all(tag.getAllTaggedItems())).map(({ id }) => id)).toEqual([sticky.id]);
    await tag.update({ title: 'later' });
    expect((await made.getTag(tag.id)).title).toBe('later');
    await sticky.removeTag(tag.id);
    expect(await sticky.getAllTags()).toEqual([]);
    await tag.delete();
    expect(await all(made.getAllTags())).toEqual([]);
  });
});

describe('the official Node client: organisation', () => {
  it('reads organisation, members and teams, and manages a team', async () => {
    const info = await api.tokenInfo();
    expect(info.team.id).toBe(sim().teamId);
    const org = await api.getOrganization(sim().orgId);
    expect(org).toMatchObject({ name: 'Nordlicht AG', plan: 'company' });
    const members = await all(org.getAllOrganizationMembers({ limit: 15 }));
    expect(new Set(members.map(({ id }) => id)).size).toBe(38);
    expect(await org.getOrganizationMember(members[3]!.id)).toMatchObject({ email: members[3]!.email });
    const team = await org.createTeam({ name: 'New team' });
    await team.updateTeam({ name: 'Renamed' });
    expect(await org.getTeam(team.id)).toMatchObject({ name: 'Renamed' });
    await team.inviteTeamMember({ email: 'ben@nordlicht.example', role: 'member' });
    const [ada, ben] = await all(team.getAllTeamMembers());
    await ben!.update({ role: 'admin' });
    expect((await team.getTeamMember(ben!.id)).role).toBe('admin');
    await team.deleteTeamMember(ada!.id);
    expect(await all(team.getAllTeamMembers())).toHaveLength(1);
    await team.deleteTeam();
    expect((await all(org.getAllTeams({}))).map(({ name }) => name)).not.toContain('Renamed');
  });

  it('reads settings and classification', async () => {
    const org = await api.getOrganization(sim().orgId);
    const labels = (await org.getDataClassification()).labels ?? [];
    expect(labels.map(({ name }) => name)).toEqual(['Public', 'Internal', 'Confidential']);
    expect(await org.getDefaultTeamSettings()).toMatchObject({ organizationId: sim().orgId });
    const team = await org.getTeam(sim().teamId);
    const made = await board();
    await team.setBoardDataClassification(made.id, { labelId: labels[1]!.id! });
    expect(await team.getBoardDataClassification(made.id)).toMatchObject({ name: 'Internal' });
  });
});

describe('the official Node client: tokens', () => {
  it('revokes its token', async () => {
    const { body } = await act(send, { do: 'link-app', as: 'ben@nordlicht.example' });
    const other = new MiroApi(body['accessToken']!, sim().url);
    expect((await other.tokenInfo()).user.name).toBe('Ben Okafor');
    await other.revokeToken();
    await expect(all(other.getAllBoards())).rejects.toMatchObject({ statusCode: 401 });
  });
});
