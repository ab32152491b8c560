import type { Call, PageCall } from './call.js';
import { buildCall } from './call.js';
import { buildList } from './pages.js';
import { teamMemberSchema, teamSchema, teamSettingsSchema } from './organization-schemas.js';
import type { Team, TeamMember, TeamSettings } from './organization-schemas.js';
import { nothing } from './readers.js';

const teamPath = (orgId: string, teamId: string) => ({ org_id: orgId, team_id: teamId });
const memberPath = (orgId: string, teamId: string, memberId: string) => ({
  ...teamPath(orgId, teamId),
  member_id: memberId,
});

/** Enterprise, company admins. @see docs/miro-api.md#organisations-and-teams */
export const teams = {
  /** `name` finds parts of names, whatever their case. */
  list: (orgId: string, { name }: { name?: string } = {}): PageCall<Team> =>
    buildList('enterprise-get-teams', { path: { org_id: orgId }, query: { name, limit: 100 } }, teamSchema),

  get: (orgId: string, teamId: string): Call<Team> =>
    buildCall('enterprise-get-team', { path: teamPath(orgId, teamId) }, teamSchema),

  /** `name` holds 1 to 60 characters. */
  create: (orgId: string, team: { name: string }): Call<Team> =>
    buildCall('enterprise-create-team', { path: { org_id: orgId }, body: team }, teamSchema),

  update: (orgId: string, teamId: string, change: { name: string }): Call<Team> =>
    buildCall('enterprise-update-team', { path: teamPath(orgId, teamId), body: change }, teamSchema),

  delete: (orgId: string, teamId: string): Call<void> =>
    buildCall('enterprise-delete-team', { path: teamPath(orgId, teamId) }, nothing),

  settings: (orgId: string, teamId: string): Call<TeamSettings> =>
    buildCall('enterprise-get-team-settings', { path: teamPath(orgId, teamId) }, teamSettingsSchema),

  updateSettings: (orgId: string, teamId: string, change: TeamSettings): Call<TeamSettings> =>
    buildCall('enterprise-update-team-settings', { path: teamPath(orgId, teamId), body: change }, teamSettingsSchema),

  /** What new teams of the organisation start with. */
  defaultSettings: (orgId: string): Call<TeamSettings> =>
    buildCall('enterprise-get-default-team-settings', { path: { org_id: orgId } }, teamSettingsSchema),
};

export const teamMembers = {
  list: (orgId: string, teamId: string, { role }: { role?: string } = {}): PageCall<TeamMember> =>
    buildList(
      'enterprise-get-team-members',
      { path: teamPath(orgId, teamId), query: { role, limit: 100 } },
      teamMemberSchema,
    ),

  get: (orgId: string, teamId: string, memberId: string): Call<TeamMember> =>
    buildCall('enterprise-get-team-member', { path: memberPath(orgId, teamId, memberId) }, teamMemberSchema),

  /** Only people who are in the organisation already; new ones come through SCIM. */
  invite: (orgId: string, teamId: string, person: { email: string; role?: 'member' | 'admin' }): Call<TeamMember> =>
    buildCall('enterprise-invite-team-member', { path: teamPath(orgId, teamId), body: person }, teamMemberSchema),

  update: (orgId: string, teamId: string, memberId: string, change: { role: 'member' | 'admin' }): Call<TeamMember> =>
    buildCall(
      'enterprise-update-team-member',
      { path: memberPath(orgId, teamId, memberId), body: change },
      teamMemberSchema,
    ),

  /** The last admin of a team is refused as 'conflict'. */
  remove: (orgId: string, teamId: string, memberId: string): Call<void> =>
    buildCall('enterprise-delete-team-member', { path: memberPath(orgId, teamId, memberId) }, nothing),
};
