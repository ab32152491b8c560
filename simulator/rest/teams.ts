import { json, noContent } from '../http/answer.js';
import { conflict, notFound } from '../http/api-error.js';
import { param, type Call, type Handlers } from '../http/call.js';
import { isoSeconds } from '../state/clock.js';
import { deleteBoard } from '../state/delete-board.js';
import { isLastTeamAdmin, leaveTeam } from '../state/offboarding.js';
import { userByEmail } from '../state/invite.js';
import type { Membership, Team, TeamRole, User } from '../state/organisation.js';
import { join, makeTeam, membership } from '../worlds/people.js';
import { orgOf } from './orgs.js';
import { enterprisePage } from './pages.js';

export const teams: Handlers = {
  'enterprise-create-team': (call) => {
    const team = makeTeam(call.sim, orgOf(call), (call.body as { name: string }).name);
    join(call.sim, team, call.actor.user, 'admin');
    return json(201, teamView(team));
  },

  'enterprise-get-teams': (call) => {
    const org = orgOf(call);
    const name = call.query['name']?.toLowerCase() ?? '';
    const found = [...call.sim.world.teams.values()].filter(
      (team) => team.orgId === org.id && team.name.toLowerCase().includes(name),
    );
    return json(
      200,
      enterprisePage(call, found, (team) => team.id, teamView),
    );
  },

  'enterprise-get-team': (call) => json(200, teamView(teamOf(call))),

  'enterprise-update-team': (call) => {
    const team = teamOf(call);
    team.name = (call.body as { name?: string }).name ?? team.name;
    return json(200, teamView(team));
  },

  'enterprise-delete-team': (call) => {
    const team = teamOf(call);
    const { world } = call.sim;
    for (const board of world.boards.values())
      if (board.teamId === team.id && board.deletedAt === undefined) deleteBoard(call.sim, board, call.actor.user.id);
    for (const project of world.projects.values()) if (project.teamId === team.id) world.projects.delete(project.id);
    for (const group of world.userGroups.values()) group.teams.delete(team.id);
    world.teams.delete(team.id);
    return noContent;
  },

  /** The person must be in the organisation already; new people come by SCIM. */
  'enterprise-invite-team-member': (call) => {
    const team = teamOf(call);
    const { email, role = 'member' } = call.body as { email: string; role?: TeamRole };
    const user = userByEmail(call.sim, email);
    if (user?.orgId !== team.orgId) throw notFound('The user is not a member of the organization');
    if (team.members.has(user.id)) throw conflict('The user is already a member of the team');
    const now = call.sim.clock.now();
    team.members.set(user.id, membership(role, now, call.actor.user.id));
    return json(201, teamMemberView(team, user.id));
  },

  'enterprise-get-team-members': (call) => {
    const team = teamOf(call);
    const role = call.query['role'];
    const ids = [...team.members].filter(([, member]) => role === undefined || member.role === role).map(([id]) => id);
    return json(
      200,
      enterprisePage(
        call,
        ids,
        (id) => id,
        (id) => teamMemberView(team, id),
      ),
    );
  },

  'enterprise-get-team-member': (call) => {
    const team = teamOf(call);
    return json(200, teamMemberView(team, teamMemberOf(call, team).id));
  },

  'enterprise-update-team-member': (call) => {
    const team = teamOf(call);
    const { id, member } = teamMemberOf(call, team);
    const { role = member.role } = call.body as { role?: TeamRole };
    if (role !== 'admin') requireAnotherAdmin(team, id);
    Object.assign(member, { role, modifiedAt: call.sim.clock.now(), modifiedBy: call.actor.user.id });
    return json(200, teamMemberView(team, id));
  },

  'enterprise-delete-team-member': (call) => {
    const team = teamOf(call);
    const { id } = teamMemberOf(call, team);
    requireAnotherAdmin(team, id);
    leaveTeam(call.sim, team, call.sim.world.users.get(id) as User);
    return noContent;
  },
};

/** The team of the path, in the organisation of the path, which must be the caller's. */
export function teamOf(call: Call): Team {
  const org = orgOf(call);
  const team = call.sim.world.teams.get(param(call, 'team_id'));
  if (team?.orgId !== org.id) throw notFound('Team not found');
  return team;
}

function teamMemberOf(call: Call, team: Team): { id: string; member: Membership<TeamRole> } {
  const id = param(call, 'member_id');
  const member = team.members.get(id);
  if (!member) throw notFound('Team member not found');
  return { id, member };
}

function requireAnotherAdmin(team: Team, id: string): void {
  if (isLastTeamAdmin(team, id)) throw conflict('The last admin of a team cannot be removed');
}

const teamView = ({ id, name }: Team): Record<string, unknown> => ({ id, name, type: 'team' });

function teamMemberView(team: Team, id: string): Record<string, unknown> {
  const { role, createdAt, createdBy, modifiedAt, modifiedBy } = team.members.get(id) as Membership<TeamRole>;
  return {
    id,
    teamId: team.id,
    role,
    createdAt: isoSeconds(createdAt),
    createdBy,
    modifiedAt: isoSeconds(modifiedAt),
    modifiedBy,
    type: 'team-member',
  };
}
