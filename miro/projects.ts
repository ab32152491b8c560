import type { Call, PageCall } from './call.js';
import { buildCall } from './call.js';
import { cursorList } from './pages.js';
import { projectSchema } from './schemas.js';
import type { Project } from './schemas.js';

/** Projects are called spaces in Miro's own pages. Enterprise only. @see docs/miro-api.md#projects */
export const projects = {
  list: (orgId: string, teamId: string): PageCall<Project> =>
    cursorList(
      'enterprise-get-projects',
      { path: { org_id: orgId, team_id: teamId }, query: { limit: 100 } },
      projectSchema,
    ),

  get: (orgId: string, teamId: string, projectId: string): Call<Project> =>
    buildCall(
      'enterprise-get-project',
      { path: { org_id: orgId, team_id: teamId, project_id: projectId } },
      projectSchema,
    ),
};
