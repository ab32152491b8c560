/** What each kind of job needs of a connection, and what to do where that is missing. */
import type { JobKind } from '../contract.js';

export interface Requirement {
  /** Of the REST token. */
  scopes: string[];
  /** Whether a SCIM token must be attached. */
  scim: boolean;
  /** Of the person who linked the account. */
  role?: 'company_admin';
  /** Of the organisation. */
  plan?: 'enterprise';
}

export const REQUIREMENTS: Record<JobKind, Requirement> = {
  provisionBoard: { scopes: ['boards:read', 'boards:write'], scim: false },
  retroToTickets: { scopes: ['boards:read', 'boards:write'], scim: false },
};

export const JOB_KINDS = Object.keys(REQUIREMENTS) as JobKind[];

/** What is known of a connection. What nobody has told yet counts as there: Miro refuses it in time. */
export interface ConnectionFacts {
  /** Empty: unknown. */
  scopes: string[];
  hasScim: boolean;
  role?: 'company_admin' | 'other';
  plan?: 'enterprise' | 'other';
}

export interface Missing {
  what: string;
  remedy: string;
}

/** What stands in the way of such a job; empty where it can run. */
export function missingFor(kind: JobKind, facts: ConnectionFacts): Missing[] {
  const needed = REQUIREMENTS[kind];
  return [
    ...missingScopes(needed.scopes, facts.scopes).map((scope) => ({
      what: `the scope ${scope}`,
      remedy: `in Miro open Profile settings > Your apps > the app > Permissions, tick ${scope}, save, and link the account again`,
    })),
    ...(needed.scim && !facts.hasScim ? [NO_SCIM] : []),
    ...(needed.role === 'company_admin' && facts.role === 'other' ? [NO_ADMIN] : []),
    ...(needed.plan === 'enterprise' && facts.plan === 'other' ? [NO_ENTERPRISE] : []),
  ];
}

/** Those of `needed` that a token with `granted` lacks; none while its scopes are unknown. */
export function missingScopes(needed: string[], granted: string[]): string[] {
  return granted.length === 0 ? [] : needed.filter((scope) => !granted.includes(scope));
}

const NO_SCIM: Missing = {
  what: 'a SCIM token',
  remedy:
    'in Miro open Company settings > Security > Authentication > SCIM provisioning, enable it, copy the token, and attach it to the connection',
};
const NO_ADMIN: Missing = {
  what: 'the role Company Admin',
  remedy:
    'let a Company Admin link the account, or let one open Company settings > Active users, and change the role of who did',
};
const NO_ENTERPRISE: Missing = {
  what: 'the Enterprise plan',
  remedy: 'link an account of an organisation on the Enterprise plan; Company settings > Billing shows the plan',
};
