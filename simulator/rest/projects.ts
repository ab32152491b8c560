import { json } from '../http/answer.js';
import { notFound } from '../http/api-error.js';
import { param, type Call, type Handlers } from '../http/call.js';
import type { Project, Team } from '../state/world.js';
import { makeProject } from '../worlds/people.js';
import { cursorPage } from './pages.js';

export const projects: Handlers = {
  'enterprise-create-project': (call) => {
    const team = teamOf(call);
    const { name } = call.body as { name: string };
    return json(201, projectView(makeProject(call.sim, team, name, call.actor.user)));
  },

  'enterprise-get-projects': (call) => {
    const team = teamOf(call);
    const found = [...call.sim.world.projects.values()].filter((p) => p.teamId === team.id);
    return json(200, cursorPage(call, found, { idOf: (p) => p.id, show: projectView, defaultLimit: 100, bare: true }));
  },

  'enterprise-get-project': (call) => json(200, projectView(projectOf(call))),
};

/** The team of the path, in the organisation of the path, which must be the caller's. */
export function teamOf(call: Call): Team {
  const team = call.sim.world.teams.get(param(call, 'team_id'));
  if (!team || team.orgId !== param(call, 'org_id') || team.orgId !== call.actor.user.orgId)
    throw notFound('Team not found');
  return team;
}

export function projectOf(call: Call): Project {
  const team = teamOf(call);
  const project = call.sim.world.projects.get(param(call, 'project_id'));
  if (project?.teamId !== team.id) throw notFound('Project not found');
  return project;
}

export const projectView = ({ id, name }: Project): Record<string, unknown> => ({ id, name, type: 'project' });
