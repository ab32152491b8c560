import type { Call, PageCall } from './call.js';
import { buildCall } from './call.js';
import { buildList } from './pages.js';
import { projectMemberSchema, projectSchema, projectSettingsSchema } from './organization-schemas.js';
import type { Project, ProjectMember, ProjectSettings } from './organization-schemas.js';
import { nothing } from './readers.js';

const teamPath = (orgId: string, teamId: string) => ({ org_id: orgId, team_id: teamId });
const projectPath = (orgId: string, teamId: string, projectId: string) => ({
  ...teamPath(orgId, teamId),
  project_id: projectId,
});

/** Projects are called spaces in Miro's own pages. Enterprise only. @see docs/miro-api.md#projects */
export const projects = {
  list: (orgId: string, teamId: string): PageCall<Project> =>
    buildList('enterprise-get-projects', { path: teamPath(orgId, teamId), query: { limit: 100 } }, projectSchema),

  get: (orgId: string, teamId: string, projectId: string): Call<Project> =>
    buildCall('enterprise-get-project', { path: projectPath(orgId, teamId, projectId) }, projectSchema),

  /** `name` holds 1 to 60 characters. */
  create: (orgId: string, teamId: string, project: { name: string }): Call<Project> =>
    buildCall('enterprise-create-project', { path: teamPath(orgId, teamId), body: project }, projectSchema),

  update: (orgId: string, teamId: string, projectId: string, change: { name: string }): Call<Project> =>
    buildCall(
      'enterprise-update-project',
      { path: projectPath(orgId, teamId, projectId), body: change },
      projectSchema,
    ),

  /** Its boards and people stay in the team. */
  delete: (orgId: string, teamId: string, projectId: string): Call<void> =>
    buildCall('enterprise-delete-project', { path: projectPath(orgId, teamId, projectId) }, nothing),

  settings: (orgId: string, teamId: string, projectId: string): Call<ProjectSettings> =>
    buildCall(
      'enterprise-get-project-settings',
      { path: projectPath(orgId, teamId, projectId) },
      projectSettingsSchema,
    ),

  /** `teamAccess`: whether the team sees the project or only its members do. */
  updateSettings: (
    orgId: string,
    teamId: string,
    projectId: string,
    change: { sharingPolicySettings: { teamAccess: 'private' | 'view' } },
  ): Call<ProjectSettings> =>
    buildCall(
      'enterprise-update-project-settings',
      { path: projectPath(orgId, teamId, projectId), body: change },
      projectSettingsSchema,
    ),
};

/** Boards say *commenter*, projects *commentator*. */
export type ProjectRole = 'owner' | 'coowner' | 'editor' | 'commentator' | 'viewer';

export const projectMembers = {
  list: (orgId: string, teamId: string, projectId: string): PageCall<ProjectMember> =>
    buildList(
      'enterprise-get-project-members',
      { path: projectPath(orgId, teamId, projectId), query: { limit: 100 } },
      projectMemberSchema,
    ),

  add: (
    orgId: string,
    teamId: string,
    projectId: string,
    person: { email: string; role: ProjectRole },
  ): Call<ProjectMember> =>
    buildCall(
      'enterprise-add-project-member',
      { path: projectPath(orgId, teamId, projectId), body: person },
      projectMemberSchema,
    ),

  update: (
    orgId: string,
    teamId: string,
    projectId: string,
    memberId: string,
    change: { role: ProjectRole },
  ): Call<ProjectMember> =>
    buildCall(
      'enterprise-update-project-member',
      { path: { ...projectPath(orgId, teamId, projectId), member_id: memberId }, body: change },
      projectMemberSchema,
    ),

  remove: (orgId: string, teamId: string, projectId: string, memberId: string): Call<void> =>
    buildCall(
      'enterprise-delete-project-member',
      { path: { ...projectPath(orgId, teamId, projectId), member_id: memberId } },
      nothing,
    ),
};
