import { HttpError } from '@mirohq/miro-api/dist/api.js';
import type { ProjectRole, TeamAccess } from '@mirohq/miro-api/dist/api.js';
import { expect, it } from 'vitest';
import { byId, refused, statusOf, useOfficialClient } from './client.js';

const { api, sim, send, state } = useOfficialClient();

it('enterpriseGetOrganization reads the company', async () => {
  const { orgId } = sim();
  expect((await api().enterpriseGetOrganization(orgId)).body).toMatchObject({
    id: orgId,
    name: 'Nordlicht AG',
    plan: 'company',
    type: 'organization',
  });
  await expect(api().enterpriseGetOrganization('1')).rejects.toBeInstanceOf(HttpError);
});

it('enterpriseGetOrganizationMembers filters and pages; enterpriseGetOrganizationMember reads one', async () => {
  const { orgId } = sim();
  const users = (await state())['users'] as unknown as { id: string; role: string; active: boolean; email: string }[];
  const ids: string[] = [];
  let cursor: string | undefined;
  do {
    const { body } = await api().enterpriseGetOrganizationMembers(orgId, { limit: 15, cursor });
    ids.push(...(body.data ?? []).map(({ id }) => id));
    cursor = body.cursor;
  } while (cursor !== undefined);
  expect(ids).toEqual(users.map(({ id }) => id));

  const leavers = (await api().enterpriseGetOrganizationMembers(orgId, { active: false })).body.data ?? [];
  expect(leavers.map(({ id }) => id)).toEqual(users.filter(({ active }) => !active).map(({ id }) => id));
  const guests = (await api().enterpriseGetOrganizationMembers(orgId, { role: 'organization_team_guest_user' })).body;
  expect(guests.data?.map(({ email }) => email)).toContain('mia@agentur.example');

  const ben = users.find(({ email }) => email === 'ben@nordlicht.example')!;
  expect((await api().enterpriseGetOrganizationMember(orgId, ben.id)).body).toMatchObject({ email: ben.email });
});

it('enterpriseCreateTeam, enterpriseGetTeam, enterpriseGetTeams, enterpriseUpdateTeam and enterpriseDeleteTeam', async () => {
  const { orgId } = sim();
  const team = (await api().enterpriseCreateTeam(orgId, { name: 'Tigers' })).body;
  expect((await api().enterpriseGetTeam(orgId, team.id)).body).toMatchObject({ name: 'Tigers', type: 'team' });
  expect((await api().enterpriseGetTeams(orgId, { name: 'tig', limit: 5 })).body.data).toMatchObject([{ id: team.id }]);
  await api().enterpriseUpdateTeam(orgId, team.id, { name: 'Lions' });
  expect(byId((await state())['teams']!, team.id)).toMatchObject({ name: 'Lions' });
  await api().enterpriseDeleteTeam(orgId, team.id);
  expect(byId((await state())['teams']!, team.id)).toBeUndefined();
});

it('the calls for members of a team invite, read, promote and remove somebody', async () => {
  const { orgId, teamId } = sim();
  const email = 'goran@nordlicht.example';
  const goran = (await api().enterpriseInviteTeamMember(orgId, teamId, { email, role: 'member' })).body;
  const members = async () => byId((await state())['teams']!, teamId)!['members']!;
  expect(byId(await members(), goran.id)).toMatchObject({ role: 'member' });
  expect((await api().enterpriseGetTeamMember(orgId, teamId, goran.id)).body).toMatchObject({ teamId, role: 'member' });
  await api().enterpriseUpdateTeamMember(orgId, teamId, goran.id, { role: 'admin' });
  const admins = (await api().enterpriseGetTeamMembers(orgId, teamId, { role: 'admin', limit: 10 })).body;
  expect(admins.data.map(({ id }) => id)).toContain(goran.id);
  await api().enterpriseDeleteTeamMember(orgId, teamId, goran.id);
  expect(byId(await members(), goran.id)).toBeUndefined();
  await expect(api().enterpriseGetTeamMember(orgId, teamId, goran.id)).rejects.toEqual(refused(404));
});

it('enterpriseUpdateTeamSettings changes a part, enterpriseGetTeamSettings shows all, the defaults stay', async () => {
  const { orgId, teamId } = sim();
  const before = (await api().enterpriseGetDefaultTeamSettings(orgId)).body;
  expect(before.organizationId).toBe(orgId);
  const teamInvitationSettings = { whoCanInvite: 'only_org_admins' };
  await api().enterpriseUpdateTeamSettings(orgId, teamId, { teamInvitationSettings });
  const settings = (await api().enterpriseGetTeamSettings(orgId, teamId)).body;
  expect(settings.teamInvitationSettings).toMatchObject({
    ...before.teamInvitationSettings,
    ...teamInvitationSettings,
  });
  expect(byId((await state())['teams']!, teamId)).toMatchObject({ settings: { teamInvitationSettings } });
  expect((await api().enterpriseGetDefaultTeamSettings(orgId)).body).toEqual(before);
});

it('the calls for projects make, read, rename and delete one', async () => {
  const { orgId, teamId } = sim();
  const project = (await api().enterpriseCreateProject(orgId, teamId, { name: 'Atlas' })).body;
  expect((await api().enterpriseGetProject(orgId, teamId, project.id)).body).toMatchObject({ name: 'Atlas' });
  await api().enterpriseUpdateProject(orgId, teamId, project.id, { name: 'Atlas 2' });
  expect(byId((await state())['projects']!, project.id)).toMatchObject({ name: 'Atlas 2', teamId });
  const listed = (await api().enterpriseGetProjects(orgId, teamId, { limit: 100 })).body.data;
  expect(listed.map(({ name }) => name)).toEqual(['Launch', 'Zukunftswerkstatt', 'Atlas 2']);
  await api().enterpriseDeleteProject(orgId, teamId, project.id);
  expect(byId((await state())['projects']!, project.id)).toBeUndefined();
});

// The client has these as enums of numbers, which Miro doesn't know; a text passes through.
const role = (name: string): ProjectRole => name as unknown as ProjectRole;

it('the calls for members and settings of a project agree with what is kept', async () => {
  const { orgId, teamId } = sim();
  const { id } = (await api().enterpriseCreateProject(orgId, teamId, { name: 'Atlas' })).body;
  const email = 'ben@nordlicht.example';
  const ben = (await api().enterpriseAddProjectMember(orgId, teamId, id, { email, role: role('viewer') })).body;
  const members = async () => byId((await state())['projects']!, id)!['members']!;
  expect(byId(await members(), ben.id)).toMatchObject({ role: 'viewer' });
  await api().enterpriseUpdateProjectMember(orgId, teamId, id, ben.id, { role: role('coowner') });
  expect((await api().enterpriseGetProjectMember(orgId, teamId, id, ben.id)).body).toMatchObject({ role: 'coowner' });
  expect((await api().enterpriseGetProjectMembers(orgId, teamId, id, { limit: 10 })).body.data).toHaveLength(2);
  await api().enterpriseDeleteProjectMember(orgId, teamId, id, ben.id);
  expect(byId(await members(), ben.id)).toBeUndefined();

  const teamAccess = 'view' as unknown as TeamAccess;
  await api().enterpriseUpdateProjectSettings(orgId, teamId, id, { sharingPolicySettings: { teamAccess } });
  expect((await api().enterpriseGetProjectSettings(orgId, teamId, id)).body).toMatchObject({
    sharingPolicySettings: { teamAccess: 'view' },
  });
});

it('the calls for data classification label one board and all boards of a team', async () => {
  const { orgId, teamId } = sim();
  const { labels = [] } = (await api().enterpriseDataclassificationOrganizationSettingsGet(orgId)).body;
  expect(labels.map(({ name }) => name)).toEqual(['Public', 'Internal', 'Confidential']);
  const [first, second, third] = labels.map(({ id }) => id!);

  // the client types these ids as numbers, which lose their last digits: a text passes through it unharmed
  const asNumber = (id: string | undefined) => id as unknown as number;
  const settings = { defaultLabelId: asNumber(second), enabled: true };
  await api().enterpriseDataclassificationTeamSettingsSet(orgId, teamId, settings);
  const team = (await api().enterpriseDataclassificationTeamSettingsGet(orgId, teamId)).body;
  expect(team).toMatchObject({ defaultLabelId: second, enabled: true });

  const board = (await api().createBoard({ name: 'Secret', teamId })).body.id;
  await api().enterpriseDataclassificationBoardSet(orgId, teamId, board, { labelId: third });
  expect((await api().enterpriseDataclassificationBoardGet(orgId, teamId, board)).body.name).toBe('Confidential');

  const others = { labelId: asNumber(first), notClassifiedOnly: true };
  const { body } = await api().enterpriseDataclassificationTeamBoardsBulk(orgId, teamId, others);
  expect(body.numberUpdatedBoards).toBe((await api().getBoards({ teamId })).body.total! - 1);
  expect((await api().enterpriseDataclassificationBoardGet(orgId, teamId, board)).body.name).toBe('Confidential');
});

it('the calls for exports start a job, tell how it goes and where the result is', async () => {
  const { orgId } = sim();
  const board = (await api().createBoard({ name: 'Keep me' })).body.id;
  const jobId = '0b7d1f9e-93a5-4d5c-9a6e-3b0f5f7f1c11';
  const request = { boardIds: [board], boardFormat: 'PDF' };
  expect((await api().enterpriseCreateBoardExport(orgId, jobId, request)).body.jobId).toBe(jobId);
  expect((await api().enterpriseBoardExportJobStatus(orgId, jobId)).body.jobStatus).toBe('CREATED');
  await send('POST', '/_sim/clock', { advanceMs: 2_000 });
  expect((await api().enterpriseBoardExportJobStatus(orgId, jobId)).body.jobStatus).toBe('FINISHED');
  expect((await api().enterpriseBoardExportJobResults(orgId, jobId)).body.results).toMatchObject([
    { boardId: board, status: 'SUCCESS' },
  ]);
});

it('enterpriseGetAuditLogs tells what happened, enterpriseBoardContentItemLogsFetch what changed on boards', async () => {
  const { orgId, teamId } = sim();
  const [from, to] = ['2020-01-01T00:00:00.000Z', '2100-01-01T00:00:00.000Z'];
  const { id } = (await api().createBoard({ name: 'Watched', teamId })).body;
  const note = (await api().createStickyNoteItem(id, { data: { content: 'seen' } })).body;
  const audit = (await api().enterpriseGetAuditLogs(from, to, { sorting: 'DESC', limit: 10 })).body;
  expect(audit.data?.map(({ event }) => event)).toContain('board_created');
  const content = (
    await api().enterpriseBoardContentItemLogsFetch(orgId, new Date(from), new Date(to), { boardIds: [id], limit: 10 })
  ).body;
  expect(content.data).toMatchObject([{ itemId: note.id, actionType: 'create', contentId: id }]);
});

it('enterprisePostUserSessionsReset signs somebody out who exists', async () => {
  expect(statusOf(await api().enterprisePostUserSessionsReset('ben@nordlicht.example'))).toBe(200);
  await expect(api().enterprisePostUserSessionsReset('nobody@nordlicht.example')).rejects.toEqual(refused(404));
});

it('getMetrics and getMetricsTotal tell about the app', async () => {
  const { clientId } = sim();
  expect((await api().getMetrics(clientId, '2026-01-01', '2026-02-01', { period: 'MONTH' })).body).toEqual([]);
  expect((await api().getMetricsTotal(clientId)).body).toMatchObject({ uniqueUsers: 1, installations: 1 });
});

it('the calls for legal cases read cases, holds and what is held', async () => {
  const { orgId } = sim();
  const org = `/v2/orgs/${orgId}`;
  const made = (await send('POST', `${org}/cases`, { name: 'Case 1' })).body;
  const scope = { users: [{ email: 'ben@nordlicht.example' }] };
  const hold = (await send('POST', `${org}/cases/${made['id']}/legal-holds`, { name: 'Hold 1', scope })).body;
  const caseId = String(made['id']);
  expect((await api().getAllCases(10, orgId)).body.data).toMatchObject([{ id: caseId, name: 'Case 1' }]);
  expect((await api().getCase(orgId, caseId)).body).toMatchObject({ name: 'Case 1' });
  expect((await api().getAllLegalHolds(10, orgId, caseId)).body.data).toMatchObject([{ id: hold['id'] }]);
  expect((await api().getLegalHold(orgId, caseId, hold['id']!)).body).toMatchObject({ name: 'Hold 1' });
  const held = (await api().getLegalHoldContentItems(orgId, caseId, hold['id']!, 10)).body;
  expect(held.data).toBeInstanceOf(Array);
});
