import { z } from 'zod';
import type { Call, PageCall } from './call.js';
import { buildCall } from './call.js';
import { buildList } from './pages.js';
import {
  groupAccessSchema,
  membershipChangeSchema,
  userGroupMemberSchema,
  userGroupSchema,
} from './organization-schemas.js';
import type { GroupAccess, MembershipChange, UserGroup, UserGroupMember } from './organization-schemas.js';
import { nothing } from './readers.js';

const groupPath = (orgId: string, groupId: string) => ({ org_id: orgId, group_id: groupId });
const PAGE = { limit: 100 };

export interface UserGroupBody {
  /** 1 to 60 characters. */
  name: string;
  /** At most 300 characters. */
  description?: string;
}

/** Groups of people of an organisation; groups of items are `itemGroups`. @see docs/miro-api.md#user-groups */
export const userGroups = {
  list: (orgId: string): PageCall<UserGroup> =>
    buildList('enterprise-get-groups', { path: { org_id: orgId }, query: PAGE }, userGroupSchema),

  get: (orgId: string, groupId: string): Call<UserGroup> =>
    buildCall('enterprise-get-group', { path: groupPath(orgId, groupId) }, userGroupSchema),

  create: (orgId: string, group: UserGroupBody): Call<UserGroup> =>
    buildCall('enterprise-create-group', { path: { org_id: orgId }, body: group }, userGroupSchema),

  update: (orgId: string, groupId: string, change: Partial<UserGroupBody>): Call<UserGroup> =>
    buildCall('enterprise-update-group', { path: groupPath(orgId, groupId), body: change }, userGroupSchema),

  delete: (orgId: string, groupId: string): Call<void> =>
    buildCall('enterprise-delete-group', { path: groupPath(orgId, groupId) }, nothing),
};

export const userGroupMembers = {
  list: (orgId: string, groupId: string): PageCall<UserGroupMember> =>
    buildList('enterprise-get-group-members', { path: groupPath(orgId, groupId), query: PAGE }, userGroupMemberSchema),

  get: (orgId: string, groupId: string, memberId: string): Call<UserGroupMember> =>
    buildCall(
      'enterprise-get-group-member',
      { path: { ...groupPath(orgId, groupId), member_id: memberId } },
      userGroupMemberSchema,
    ),

  add: (orgId: string, groupId: string, person: { email: string }): Call<UserGroupMember> =>
    buildCall(
      'enterprise-create-group-member',
      { path: groupPath(orgId, groupId), body: person },
      userGroupMemberSchema,
    ),

  remove: (orgId: string, groupId: string, memberId: string): Call<void> =>
    buildCall(
      'enterprise-delete-group-member',
      { path: { ...groupPath(orgId, groupId), member_id: memberId } },
      nothing,
    ),

  /** At most 500 ids or e-mails, paid one by one. Read each part of the answer: they succeed and fail apart. */
  change: (
    orgId: string,
    groupId: string,
    members: { membersToAdd?: string[]; membersToRemove?: string[] },
  ): Call<MembershipChange[]> =>
    buildCall(
      'enterprise-update-group-members',
      { path: groupPath(orgId, groupId), body: members },
      z.array(membershipChangeSchema),
    ),
};

/** User groups of a team; `id` of what comes back is the group's. */
export const teamUserGroups = {
  list: (orgId: string, teamId: string): PageCall<GroupAccess> =>
    buildList(
      'enterprise-teams-get-groups',
      { path: { org_id: orgId, team_id: teamId }, query: PAGE },
      groupAccessSchema,
    ),

  add: (orgId: string, teamId: string, groupId: string): Call<GroupAccess> =>
    buildCall(
      'enterprise-teams-create-group',
      { path: { org_id: orgId, team_id: teamId }, body: { userGroupId: groupId, role: 'member' } },
      groupAccessSchema,
    ),

  remove: (orgId: string, teamId: string, groupId: string): Call<void> =>
    buildCall('enterprise-teams-delete-group', { path: { ...groupPath(orgId, groupId), team_id: teamId } }, nothing),
};

/** Teams of a user group; `id` of what comes back is the team's. */
export const userGroupTeams = {
  list: (orgId: string, groupId: string): PageCall<GroupAccess> =>
    buildList('enterprise-groups-get-teams', { path: groupPath(orgId, groupId), query: PAGE }, groupAccessSchema),

  get: (orgId: string, groupId: string, teamId: string): Call<GroupAccess> =>
    buildCall(
      'enterprise-groups-get-team',
      { path: { ...groupPath(orgId, groupId), team_id: teamId } },
      groupAccessSchema,
    ),
};

export interface GroupSharing {
  userGroupIds: string[];
  role: 'VIEWER' | 'COMMENTER' | 'EDITOR';
}

export const boardUserGroups = {
  list: (orgId: string, boardId: string): PageCall<GroupAccess> =>
    buildList(
      'enterprise-boards-get-groups',
      { path: { org_id: orgId, board_id: boardId }, query: PAGE },
      groupAccessSchema,
    ),

  share: (orgId: string, boardId: string, sharing: GroupSharing): Call<void> =>
    buildCall('enterprise-boards-create-group', { path: { org_id: orgId, board_id: boardId }, body: sharing }, nothing),

  remove: (orgId: string, boardId: string, groupId: string): Call<void> =>
    buildCall(
      'enterprise-boards-delete-groups',
      { path: { ...groupPath(orgId, groupId), board_id: boardId } },
      nothing,
    ),
};

export const projectUserGroups = {
  list: (orgId: string, projectId: string): PageCall<GroupAccess> =>
    buildList(
      'enterprise-projects-get-groups',
      { path: { org_id: orgId, project_id: projectId }, query: PAGE },
      groupAccessSchema,
    ),

  share: (orgId: string, projectId: string, sharing: GroupSharing): Call<void> =>
    buildCall(
      'enterprise-project-create-group',
      { path: { org_id: orgId, project_id: projectId }, body: sharing },
      nothing,
    ),

  remove: (orgId: string, projectId: string, groupId: string): Call<void> =>
    buildCall(
      'enterprise-project-delete-groups',
      { path: { ...groupPath(orgId, groupId), project_id: projectId } },
      nothing,
    ),
};
