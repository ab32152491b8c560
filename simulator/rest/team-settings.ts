import { json } from '../http/answer.js';
import type { Handlers } from '../http/call.js';
import type { TeamSettings } from '../state/organisation.js';
import { orgOf } from './orgs.js';
import { teamOf } from './teams.js';

export const defaultTeamSettings: TeamSettings = {
  teamAccountDiscoverySettings: { accountDiscovery: 'hidden' },
  teamCollaborationSettings: { coOwnerRole: 'enabled' },
  teamCopyAccessLevelSettings: { copyAccessLevel: 'anyone', copyAccessLevelLimitation: 'anyone' },
  teamInvitationSettings: { inviteExternalUsers: 'allowed', whoCanInvite: 'all_members' },
  teamSharingPolicySettings: {
    allowListedDomains: [],
    createAssetAccessLevel: 'all_members',
    defaultBoardAccess: 'private',
    defaultBoardSharingAccess: 'team_members_with_editing_rights',
    defaultOrganizationAccess: 'private',
    defaultProjectAccess: 'private',
    moveBoardToAccount: 'allowed',
    restrictAllowedDomains: 'disabled',
    sharingOnAccount: 'allowed',
    sharingOnOrganization: 'allowed',
    sharingViaPublicLink: 'allowed',
  },
};

export const teamSettings: Handlers = {
  'enterprise-get-default-team-settings': (call) => {
    const { id } = orgOf(call);
    return json(200, { ...defaultTeamSettings, organizationId: id, type: 'team-settings' });
  },

  'enterprise-get-team-settings': (call) => {
    const team = teamOf(call);
    return json(200, view(team.orgId, team.id, team.settings ?? defaultTeamSettings));
  },

  'enterprise-update-team-settings': (call) => {
    const team = teamOf(call);
    const changes = call.body as Partial<TeamSettings>;
    const before = team.settings ?? defaultTeamSettings;
    const merged = Object.entries(before).map(([part, values]) => [part, { ...values, ...changes[part] }]);
    team.settings = Object.fromEntries(merged) as TeamSettings;
    return json(200, view(team.orgId, team.id, team.settings));
  },
};

const view = (organizationId: string, teamId: string, settings: TeamSettings): Record<string, unknown> => ({
  ...settings,
  organizationId,
  teamId,
  type: 'team-settings',
});
