import type { Call, PageCall } from './call.js';
import { buildCall } from './call.js';
import { cursorList } from './pages.js';
import { orgMemberSchema } from './schemas.js';
import type { OrgMember } from './schemas.js';

export interface OrgMemberFilter {
  /** At most 10; Miro ignores all other filters beside it. */
  emails?: string[];
  role?: string;
  license?: string;
  active?: boolean;
  /** 1 to 100, default 100. */
  limit?: number;
}

/** Everybody in the organisation, guests included; without names. Enterprise, company admins. */
export const orgMembers = {
  list: (orgId: string, { emails, role, license, active, limit = 100 }: OrgMemberFilter = {}): PageCall<OrgMember> => {
    const query = emails ? { emails: emails.join(',') } : { role, license, active, limit };
    return cursorList('enterprise-get-organization-members', { path: { org_id: orgId }, query }, orgMemberSchema);
  },

  get: (orgId: string, memberId: string): Call<OrgMember> =>
    buildCall('enterprise-get-organization-member', { path: { org_id: orgId, member_id: memberId } }, orgMemberSchema),
};
