import { json, noContent } from '../http/answer.js';
import { notFound } from '../http/api-error.js';
import { param, type Call, type Handlers } from '../http/call.js';
import type { Project } from '../state/organisation.js';
import { makeProject } from '../worlds/people.js';
import { enterprisePage } from './pages.js';
import { teamOf } from './teams.js';

/** Projects, which the product now calls Spaces. */
export const projects: Handlers = {
  'enterprise-create-project': (call) => {
    const { name } = call.body as { name: string };
    return json(201, projectView(makeProject(call.sim, teamOf(call), name, call.actor.user)));
  },

  'enterprise-get-projects': (call) => {
    const team = teamOf(call);
    const found = [...call.sim.world.projects.values()].filter((project) => project.teamId === team.id);
    return json(
      200,
      enterprisePage(call, found, (project) => project.id, projectView),
    );
  },

  'enterprise-get-project': (call) => json(200, projectView(projectOf(call))),

  'enterprise-update-project': (call) => {
    const project = projectOf(call);
    project.name = (call.body as { name?: string }).name ?? project.name;
    return json(200, projectView(project));
  },

  /** Boards and people stay in the team. */
  'enterprise-delete-project': (call) => {
    const project = projectOf(call);
    for (const board of call.sim.world.boards.values()) if (board.projectId === project.id) board.projectId = undefined;
    for (const group of call.sim.world.userGroups.values()) group.projects.delete(project.id);
    call.sim.world.projects.delete(project.id);
    return noContent;
  },

  'enterprise-get-project-settings': (call) => json(200, settingsView(projectOf(call))),

  'enterprise-update-project-settings': (call) => {
    const project = projectOf(call);
    const { sharingPolicySettings } = call.body as { sharingPolicySettings?: Partial<Pick<Project, 'teamAccess'>> };
    project.teamAccess = sharingPolicySettings?.teamAccess ?? project.teamAccess;
    return json(200, settingsView(project));
  },
};

export function projectOf(call: Call): Project {
  const team = teamOf(call);
  const project = call.sim.world.projects.get(param(call, 'project_id'));
  if (project?.teamId !== team.id) throw notFound('Project not found');
  return project;
}

export const projectView = ({ id, name }: Project): Record<string, unknown> => ({ id, name, type: 'project' });

const settingsView = ({ teamAccess }: Project): Record<string, unknown> => ({
  sharingPolicySettings: { teamAccess },
  type: 'project_settings',
});
