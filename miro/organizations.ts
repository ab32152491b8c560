import type { Call, PageCall } from './call.js';
import { buildCall } from './call.js';
import { buildList } from './pages.js';
import { organizationSchema, orgMemberSchema } from './organization-schemas.js';
import type { Organization, OrgMember } from './organization-schemas.js';

/** Enterprise, company admins. @see docs/miro-api.md#organisations-and-teams */
export const organizations = {
  get: (orgId: string): Call<Organization> =>
    buildCall('enterprise-get-organization', { path: { org_id: orgId } }, organizationSchema),
};

export interface OrgMemberFilter {
  /** At most 10; Miro ignores all other filters beside it. */
  emails?: string[];
  role?: string;
  license?: string;
  active?: boolean;
  /** 1 to 100, default 100. */
  limit?: number;
}

/** Everybody in the organisation, guests included; without names. Read-only: changes go through SCIM. */
export const orgMembers = {
  list: (orgId: string, { emails, limit = 100, ...filter }: OrgMemberFilter = {}): PageCall<OrgMember> => {
    const query = emails ? { emails: emails.join(',') } : { ...filter, limit };
    return buildList('enterprise-get-organization-members', { path: { org_id: orgId }, query }, orgMemberSchema);
  },

  get: (orgId: string, memberId: string): Call<OrgMember> =>
    buildCall('enterprise-get-organization-member', { path: { org_id: orgId, member_id: memberId } }, orgMemberSchema),
};
