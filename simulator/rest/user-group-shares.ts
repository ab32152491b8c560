import { json, noContent } from '../http/answer.js';
import { notFound } from '../http/api-error.js';
import { param, type Call, type Handlers } from '../http/call.js';
import type { UserGroup } from '../state/organisation.js';
import { boardOf } from './board-access.js';
import { orgOf } from './orgs.js';
import { enterprisePage } from './pages.js';
import { teamOf } from './teams.js';
import { userGroupOf } from './user-groups.js';

type Place = 'teams' | 'projects' | 'boards';

/** User groups in teams, projects and boards. */
export const userGroupShares: Handlers = {
  'enterprise-groups-get-teams': (call) => {
    const group = userGroupOf(call);
    const show = (id: string): unknown => ({ id, role: group.teams.get(id), type: 'user-group-team' });
    return json(
      200,
      enterprisePage(call, [...group.teams.keys()], (id) => id, show),
    );
  },
  'enterprise-groups-get-team': (call) => {
    const role = userGroupOf(call).teams.get(param(call, 'team_id'));
    if (!role) throw notFound('The user group is not in the team');
    return json(200, { id: param(call, 'team_id'), role, type: 'user-group-team' });
  },

  'enterprise-teams-get-groups': (call) => groupsIn(call, 'teams', teamOf(call).id, 'team-user-group'),
  'enterprise-teams-create-group': (call) => {
    const team = teamOf(call);
    const { userGroupId, role } = call.body as { userGroupId: string; role: string };
    const group = userGroupOf(call, userGroupId);
    group.teams.set(team.id, role);
    return json(201, shareView(group, 'teams', team.id, 'team-user-group'));
  },
  'enterprise-teams-get-group': (call) => {
    const team = teamOf(call);
    return json(200, shareView(sharedGroup(call, 'teams', team.id), 'teams', team.id, 'team-user-group'));
  },
  'enterprise-teams-delete-group': (call) => unshare(call, 'teams', teamOf(call).id),

  'enterprise-boards-get-groups': (call) => groupsIn(call, 'boards', boardId(call, 'viewer'), 'board-user-group'),
  'enterprise-boards-create-group': (call) => share(call, 'boards', boardId(call, 'editor'), 'board-user-group'),
  'enterprise-boards-delete-groups': (call) => unshare(call, 'boards', boardId(call, 'editor')),

  'enterprise-projects-get-groups': (call) => groupsIn(call, 'projects', projectId(call), 'project-user-group'),
  'enterprise-project-create-group': (call) => share(call, 'projects', projectId(call), 'project-user-group'),
  'enterprise-project-delete-groups': (call) => unshare(call, 'projects', projectId(call)),
};

function boardId(call: Call, needed: 'viewer' | 'editor'): string {
  orgOf(call);
  return boardOf(call, needed).id;
}

function projectId(call: Call): string {
  const org = orgOf(call);
  const project = call.sim.world.projects.get(param(call, 'project_id'));
  const team = call.sim.world.teams.get(project?.teamId ?? '');
  if (!project || team?.orgId !== org.id) throw notFound('Project not found');
  return project.id;
}

function groupsIn(call: Call, place: Place, id: string, type: string): ReturnType<typeof json> {
  const org = orgOf(call);
  const found = [...call.sim.world.userGroups.values()].filter((g) => g.orgId === org.id && g[place].has(id));
  return json(
    200,
    enterprisePage(
      call,
      found,
      (g) => g.id,
      (g) => shareView(g, place, id, type),
    ),
  );
}

/** Several groups at once; the answer tells the last one, as the specified schema holds one. */
function share(call: Call, place: Place, id: string, type: string): ReturnType<typeof json> {
  const { userGroupIds, role } = call.body as { userGroupIds: string[]; role: string };
  const groups = userGroupIds.map((groupId) => userGroupOf(call, groupId));
  for (const group of groups) group[place].set(id, role);
  const last = groups.at(-1);
  if (!last) throw notFound('User group not found');
  return json(200, shareView(last, place, id, type));
}

function unshare(call: Call, place: Place, id: string): typeof noContent {
  sharedGroup(call, place, id)[place].delete(id);
  return noContent;
}

function sharedGroup(call: Call, place: Place, id: string): UserGroup {
  const group = userGroupOf(call);
  if (!group[place].has(id)) throw notFound('The user group is not there');
  return group;
}

const shareView = (group: UserGroup, place: Place, id: string, type: string): Record<string, unknown> => ({
  id: group.id,
  role: group[place].get(id),
  type,
});
