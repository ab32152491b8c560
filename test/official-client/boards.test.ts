import { expect, it } from 'vitest';
import { refused, statusOf, useOfficialClient } from './client.js';

const { api, sim, state, boardState, board } = useOfficialClient();

it('createBoard makes a board with name, description, team and policy', async () => {
  const answer = await api().createBoard({
    name: 'Workshop',
    description: 'for Monday',
    teamId: sim().teamId,
    policy: { sharingPolicy: { teamAccess: 'edit' }, permissionsPolicy: { copyAccess: 'team_editors' } },
  });
  const { body } = answer;
  expect(statusOf(answer)).toBe(201);
  expect(body.viewLink).toContain(body.id);
  expect(body.createdAt).toBeInstanceOf(Date);
  expect(await boardState(body.id)).toMatchObject({
    name: 'Workshop',
    description: 'for Monday',
    team: { id: sim().teamId },
    policy: { sharingPolicy: { teamAccess: 'edit' }, permissionsPolicy: { copyAccess: 'team_editors' } },
  });
});

it('getSpecificBoard reads what createBoard made', async () => {
  const id = await board();
  const { body } = await api().getSpecificBoard(id);
  expect(body).toMatchObject({ id, name: 'A board', type: 'board', currentUserMembership: { role: 'owner' } });
  await expect(api().getSpecificBoard('nowhere=')).rejects.toEqual(refused(404));
});

it('getBoards pages through the boards of a team without gap or repetition', async () => {
  const teamId = sim().teamId;
  const seen: string[] = [];
  for (let offset = 0, total = 1; offset < total; offset += 2) {
    const { body } = await api().getBoards({ teamId, limit: '2', offset: String(offset), sort: 'alphabetically' });
    total = body.total ?? 0;
    seen.push(...(body.data ?? []).map(({ id }) => id));
  }
  const boards = (await state())['boards'] as unknown as { id: string; team: { id: string } }[];
  const ofTeam = boards.filter(({ team }) => team.id === teamId).map(({ id }) => id);
  expect([...seen].sort()).toEqual(ofTeam.sort());
});

it('getBoards finds by words and by owner', async () => {
  const { createdBy } = (await api().createBoard({ name: 'Zebra crossing' })).body;
  const found = (await api().getBoards({ query: 'zebra', owner: createdBy?.id })).body;
  expect(found.data?.map(({ name }) => name)).toEqual(['Zebra crossing']);
});

it('updateBoard changes what it names and keeps the rest', async () => {
  const id = await board();
  await api().updateBoard(id, { description: 'now with a description' });
  await api().updateBoard(id, { policy: { sharingPolicy: { access: 'view' } } });
  expect(await boardState(id)).toMatchObject({
    name: 'A board',
    description: 'now with a description',
    policy: { sharingPolicy: { access: 'view' } },
  });
  await expect(api().updateBoard(id, { name: 'x'.repeat(61) })).rejects.toEqual(refused(400));
});

it('copyBoard makes another board with the same content', async () => {
  const id = await board();
  await api().createStickyNoteItem(id, { data: { content: 'copy me' } });
  const { body } = await api().copyBoard(id, { name: 'The copy' });
  expect(body.id).not.toBe(id);
  expect(await boardState(body.id)).toMatchObject({
    name: 'The copy',
    copiedFrom: id,
    items: [{ type: 'sticky_note', data: { content: '<p>copy me</p>' } }],
  });
});

it('deleteBoard takes a board away', async () => {
  const id = await board();
  await api().deleteBoard(id);
  expect(await boardState(id)).toBeUndefined();
  await expect(api().getSpecificBoard(id)).rejects.toEqual(refused(404));
});

it('shareBoard, getBoardMembers and getSpecificBoardMember agree on who may do what', async () => {
  const id = await board();
  const emails = ['ben@nordlicht.example', 'x@blocked.example'];
  const shared = (await api().shareBoard(id, { emails, role: 'editor' })).body as {
    failed: { email: string; reason: string }[];
  };
  expect(shared.failed).toEqual([{ email: 'x@blocked.example', reason: 'INVITATION_FAILED' }]);

  const members = (await api().getBoardMembers(id, { limit: '1', offset: '1' })).body;
  expect(members).toMatchObject({ total: 2, size: 1, data: [{ name: 'Ben Okafor', role: 'editor' }] });
  const ben = members.data![0]!.id;
  expect((await api().getSpecificBoardMember(id, ben)).body).toMatchObject({ id: ben, role: 'editor' });
  expect((await boardState(id))!['members']).toContainEqual(
    expect.objectContaining({ id: ben, email: 'ben@nordlicht.example', role: 'editor' }),
  );
});

it('updateBoardMember changes a role, removeBoardMember takes somebody off', async () => {
  const id = await board();
  await api().shareBoard(id, { emails: ['ben@nordlicht.example'] });
  const ben = (await api().getBoardMembers(id)).body.data!.find(({ role }) => role === 'commenter')!.id;
  await api().updateBoardMember(id, ben, { role: 'viewer' });
  expect((await boardState(id))!['members']).toContainEqual(expect.objectContaining({ id: ben, role: 'viewer' }));
  await api().removeBoardMember(id, ben);
  expect((await boardState(id))!['members']).toHaveLength(1);
  await expect(api().getSpecificBoardMember(id, ben)).rejects.toEqual(refused(404));
});
