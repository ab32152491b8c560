import { describe, expect, it } from 'vitest';
import {
  auditLogs,
  boardExports,
  boardUserGroups,
  classification,
  contentLogs,
  docs,
  itemGroups,
  organizations,
  projectMembers,
  projects,
  projectUserGroups,
  sessions,
  teamMembers,
  teams,
  teamUserGroups,
  userGroupMembers,
  userGroups,
  userGroupTeams,
} from '../../miro/index.js';
import type { Call } from '../../miro/index.js';
import { jsonMiro, sendTo } from './fake-miro.js';

const from = new Date('2026-03-01T00:00:00Z');
const to = new Date('2026-03-02T00:00:00Z');

describe('calls about an organisation', () => {
  it.each<[Call<unknown>, string, string, number]>([
    [organizations.get('1'), 'GET', '/v2/orgs/1', 500],
    [teams.list('1', { name: 'Design' }), 'GET', '/v2/orgs/1/teams', 50],
    [teams.create('1', { name: 'Design' }), 'POST', '/v2/orgs/1/teams', 50],
    [teams.delete('1', '2'), 'DELETE', '/v2/orgs/1/teams/2', 2000],
    [teams.defaultSettings('1'), 'GET', '/v2/orgs/1/default_teams_settings', 50],
    [teamMembers.invite('1', '2', { email: 'a@x.de' }), 'POST', '/v2/orgs/1/teams/2/members', 100],
    [teamMembers.remove('1', '2', '3'), 'DELETE', '/v2/orgs/1/teams/2/members/3', 50],
    [projects.delete('1', '2', '3'), 'DELETE', '/v2/orgs/1/teams/2/projects/3', 2000],
    [projectMembers.remove('1', '2', '3', '4'), 'DELETE', '/v2/orgs/1/teams/2/projects/3/members/4', 2000],
    [userGroups.create('1', { name: 'Ops' }), 'POST', '/v2/orgs/1/groups', 50],
    [userGroupMembers.remove('1', '2', '3'), 'DELETE', '/v2/orgs/1/groups/2/members/3', 2000],
    [userGroupTeams.list('1', '2'), 'GET', '/v2/orgs/1/groups/2/teams', 50],
    [teamUserGroups.add('1', '2', '3'), 'POST', '/v2/orgs/1/teams/2/groups', 50],
    [boardUserGroups.remove('1', 'b=', '3'), 'DELETE', '/v2/orgs/1/boards/b%3D/groups/3', 50],
    [projectUserGroups.list('1', '2'), 'GET', '/v2/orgs/1/projects/2/groups', 50],
    [classification.ofBoard('1', '2', 'b='), 'GET', '/v2/orgs/1/teams/2/boards/b%3D/data-classification', 100],
    [boardExports.status('1', 'j'), 'GET', '/v2/orgs/1/boards/export/jobs/j', 2000],
    [boardExports.createLink('1', 'j', 't'), 'POST', '/v2/orgs/1/boards/export/jobs/j/tasks/t/export-link', 2000],
    [sessions.resetAll('a@x.de'), 'POST', '/v2/sessions/reset_all', 500],
    [itemGroups.ungroup('b', 'g'), 'DELETE', '/v2/boards/b/groups/g', 500],
    [docs.get('b', 'd'), 'GET', '/v2/boards/b/docs/d', 50],
  ])('%#: method, path and price', (call, method, path, credits) => {
    expect(call).toMatchObject({ method, path, credits });
  });

  it('ask for logs of a window of time in UTC with milliseconds', () => {
    expect(auditLogs.list({ from, to, sorting: 'ASC' }).query).toEqual({
      createdAfter: '2026-03-01T00:00:00.000Z',
      createdBefore: '2026-03-02T00:00:00.000Z',
      sorting: 'ASC',
      limit: '100',
    });
  });

  it('send a list in a query as a parameter given several times', async () => {
    const server = await jsonMiro(200, { data: [] });
    await sendTo(server, contentLogs.list('1', { from, to, boardIds: ['a=', 'b='] }));
    expect(server.requests[0]?.url).toMatch(/&board_ids=a%3D&board_ids=b%3D$/);
  });

  it('delete the items of a group only where that is asked for', () => {
    expect(itemGroups.ungroup('b', 'g').query).toEqual({});
    expect(itemGroups.deleteWithItems('b', 'g').query).toEqual({ delete_items: 'true' });
  });

  it('send label ids as integers with all digits where Miro wants integers', async () => {
    const server = await jsonMiro(200, { numberUpdatedBoards: '12' });
    const change = { labelId: '3458764517517819001', notClassifiedOnly: true };
    const { value } = await sendTo(server, classification.labelTeamBoards('1', '2', change));
    expect(server.requests[0]?.body).toBe('{"notClassifiedOnly":true,"labelId":3458764517517819001}');
    expect(value).toEqual({ numberUpdatedBoards: 12 });
  });
});

describe('answers about an organisation', () => {
  it('of changed memberships tell what succeeded and what did not', async () => {
    const server = await jsonMiro(207, [
      { operation: 'addMembers', status: 200, affectedUsers: [{ id: 1, email: 'a@x.de' }] },
      { operation: 'removeMembers', status: 404, error: { code: 'notFound', message: 'No such member' } },
    ]);
    const { value } = await sendTo(server, userGroupMembers.change('1', '2', { membersToAdd: ['a@x.de'] }));
    expect(value).toMatchObject([
      { operation: 'addMembers', affectedUsers: [{ id: '1' }] },
      { operation: 'removeMembers', status: 404, affectedUsers: [], error: { code: 'notFound' } },
    ]);
  });

  it('of groups of items are the ids of the items', async () => {
    const server = await jsonMiro(201, { id: 9, type: 'group', data: { items: [1, '2'] } });
    const { value } = await sendTo(server, itemGroups.create('b', ['1', '2']));
    expect(value).toEqual({ id: '9', itemIds: ['1', '2'] });
    expect(JSON.parse(server.requests[0]?.body ?? '')).toEqual({ data: { items: ['1', '2'] } });
  });

  it('of teams pass with a picture that the specification mistypes', async () => {
    const { value } = await sendTo(
      await jsonMiro(200, { data: [{ id: '1', name: 'T', picture: { id: '12' } }] }),
      teams.list('1'),
    );
    expect(value?.items).toEqual([{ id: '1', name: 'T' }]);
  });
});
