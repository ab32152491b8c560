import { json, noContent } from '../http/answer.js';
import { conflict, notFound } from '../http/api-error.js';
import { param, type Call, type Handlers } from '../http/call.js';
import { userByEmail } from '../state/invite.js';
import type { Project, ProjectRole } from '../state/organisation.js';
import { membership } from '../worlds/people.js';
import { enterprisePage } from './pages.js';
import { projectOf } from './projects.js';

export const projectMembers: Handlers = {
  'enterprise-add-project-member': (call) => {
    const project = projectOf(call);
    const { email, role } = call.body as { email: string; role: ProjectRole };
    const user = userByEmail(call.sim, email);
    if (!user) throw notFound('User not found');
    if (project.members.has(user.id)) throw conflict('The user is already a member of the project');
    project.members.set(user.id, membership(role, call.sim.clock.now(), call.actor.user.id));
    return json(201, memberView(call, project, user.id));
  },

  'enterprise-get-project-members': (call) => {
    const project = projectOf(call);
    const ids = [...project.members.keys()];
    return json(
      200,
      enterprisePage(
        call,
        ids,
        (id) => id,
        (id) => memberView(call, project, id),
      ),
    );
  },

  'enterprise-get-project-member': (call) => {
    const project = projectOf(call);
    return json(200, memberView(call, project, memberIdOf(call, project)));
  },

  'enterprise-update-project-member': (call) => {
    const project = projectOf(call);
    const id = memberIdOf(call, project);
    const { role } = call.body as { role?: ProjectRole };
    const member = project.members.get(id);
    if (member && role)
      Object.assign(member, { role, modifiedAt: call.sim.clock.now(), modifiedBy: call.actor.user.id });
    return json(200, memberView(call, project, id));
  },

  'enterprise-delete-project-member': (call) => {
    const project = projectOf(call);
    project.members.delete(memberIdOf(call, project));
    return noContent;
  },
};

function memberIdOf(call: Call, project: Project): string {
  const id = param(call, 'member_id');
  if (!project.members.has(id)) throw notFound('Project member not found');
  return id;
}

function memberView({ sim }: Call, project: Project, id: string): Record<string, unknown> {
  const email = sim.world.users.get(id)?.email ?? '';
  return { id, email, role: project.members.get(id)?.role, type: 'project_member' };
}
