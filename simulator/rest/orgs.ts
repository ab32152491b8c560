import { json } from '../http/answer.js';
import { invalidField, notFound } from '../http/api-error.js';
import { param, type Call, type Handlers } from '../http/call.js';
import { isoSeconds } from '../state/clock.js';
import type { Org, Plan, User } from '../state/organisation.js';
import { cursorPage } from './pages.js';

const PLANS: Record<Plan, string> = { free: 'free_team_org', business: 'business', enterprise: 'company' };
const MOST_EMAILS = 10;

export const orgs: Handlers = {
  'enterprise-get-organization': (call) => {
    const { id, name, plan, fullLicensesPurchased } = orgOf(call);
    return json(200, { id, name, plan: PLANS[plan], fullLicensesPurchased, type: 'organization' });
  },

  /** With `emails` all other filters are ignored, and the answer is a bare array. */
  'enterprise-get-organization-members': (call) => {
    const org = orgOf(call);
    const { emails, role, license, active } = call.query;
    const members = membersOf(call, org);
    if (emails !== undefined) return json(200, membersByEmail(members, emails).map(orgMemberView));
    const fits = (user: User): boolean =>
      (role === undefined || user.role === role) &&
      (license === undefined || user.license === license) &&
      (active === undefined || String(user.active) === active);
    const rules = { idOf: (user: User) => user.id, show: orgMemberView, defaultLimit: 100, bare: true, idCursor: true };
    return json(200, cursorPage(call, members.filter(fits), rules));
  },

  'enterprise-get-organization-member': (call) => {
    const org = orgOf(call);
    const user = call.sim.world.users.get(param(call, 'member_id'));
    if (user?.orgId !== org.id) throw notFound('Organization member not found');
    return json(200, orgMemberView(user));
  },
};

/** The organisation of the path, which must be the caller's. */
export function orgOf(call: Call): Org {
  const id = param(call, 'org_id');
  const org = call.sim.world.orgs.get(id);
  if (!org || call.actor.user.orgId !== id) throw notFound('Organization not found');
  return org;
}

const membersOf = (call: Call, org: Org): User[] =>
  [...call.sim.world.users.values()].filter((user) => user.orgId === org.id);

function membersByEmail(members: User[], emails: string): User[] {
  const wanted = emails.split(',').map((email) => email.trim().toLowerCase());
  if (wanted.length > MOST_EMAILS) throw invalidField('emails', `At most ${MOST_EMAILS} e-mails can be given`);
  return members.filter((user) => wanted.includes(user.email.toLowerCase()));
}

const PREBUILT = ['Content Admin', 'User Admin', 'Security Admin'];

function orgMemberView(user: User): Record<string, unknown> {
  const { id, email, active, role, license, lastActivityAt, licenseAssignedAt, adminRoles } = user;
  return {
    id,
    email,
    active,
    role,
    license,
    ...(lastActivityAt !== undefined && { lastActivityAt: isoSeconds(lastActivityAt) }),
    ...(licenseAssignedAt !== undefined && { licenseAssignedAt: isoSeconds(licenseAssignedAt) }),
    adminRoles: adminRoles.map((name) => ({ type: PREBUILT.includes(name) ? 'prebuilt' : 'custom', name })),
    type: 'organization-member',
  };
}
