/** Whether a connection can run each kind of job, and if not, what is missing and where to click in Miro to mend it. */
import type { JobKind } from '../contract.js';
import { JOB_KINDS, missingFor, type ConnectionFacts, type Missing } from '../jobs/requirements.js';
import { MiroError } from '../miro/index.js';
import type { Connection, GrantFacts } from '../store/connections.js';
import { readToken, recordGrantFacts, type GrantInfo, type StoredToken } from '../store/grants.js';
import type { AccountDeps } from './deps.js';
import { factsOf } from './link.js';

export interface ConnectionCheck {
  /** What Miro said about the REST token within two minutes. `idle`: it has ended, and its refresh before the next use tells whether the account has. */
  token: 'live' | 'refused' | 'idle' | 'not_asked' | 'none';
  /** Why Miro could not be asked, or what it said against the token. */
  reason?: string;
  jobs: { kind: JobKind; canRun: boolean; missing: Missing[] }[];
}

/** Asks Miro where the token allows it, unless it was asked within two minutes; otherwise judges by what is known. What Miro says is recorded. */
export async function checkConnection(deps: AccountDeps, { rest, scim }: Connection): Promise<ConnectionCheck> {
  const { known, ...asked } = await askAbout(deps, rest);
  const facts = { scopes: known.scopes, hasScim: scim?.state === 'live', ...rankOf(known) };
  const gone = asked.token === 'none' ? [NO_ACCOUNT] : asked.token === 'refused' ? [DEAD_LINK] : [];
  const jobs = JOB_KINDS.map((kind) => {
    const missing = gone.length > 0 ? gone : missingFor(kind, facts);
    return { kind, canRun: missing.length === 0, missing };
  });
  return { ...asked, jobs };
}

type Known = Pick<GrantFacts, 'scopes' | 'role' | 'plan'>;
type Asked = Omit<ConnectionCheck, 'jobs'> & { known: Known };

async function askAbout(deps: AccountDeps, grant: GrantInfo | undefined): Promise<Asked> {
  if (!grant || grant.state === 'revoked') return { token: 'none', known: { scopes: [] } };
  const { grantId, reason = '' } = grant;
  const known = { ...grant.names, scopes: grant.scopes };
  if (grant.state === 'needs_relink') return { token: 'refused', reason, known };
  if (grant.checkedAt && Date.now() - Number(grant.checkedAt) < FRESH_MS) return { token: 'live', known };
  const current = await readToken(deps.db, deps.vault, grantId);
  const asked = await askWith(deps, { grantId, known, current });
  if (asked.token !== 'refused') return asked;
  // A worker may have refreshed it meanwhile.
  const newer = await readToken(deps.db, deps.vault, grantId);
  if (newer.generation !== current.generation) return await askWith(deps, { grantId, known, current: newer });
  return current.refreshable ? { ...asked, token: 'idle' } : asked;
}

/** Who looks at a check often does not make Miro answer often. */
const FRESH_MS = 120_000;

async function askWith(
  deps: AccountDeps,
  { grantId, known, current }: { grantId: string; known: Known; current: StoredToken },
): Promise<Asked> {
  const { accessToken, generation, leftMs = Infinity } = current;
  if (leftMs <= 0) return { token: 'idle', known };
  try {
    const facts = await factsOf(deps, accessToken, known);
    await recordGrantFacts(deps.db, { grantId, generation, ...facts });
    return { token: 'live', known: { ...known, ...facts } };
  } catch (error) {
    if (!(error instanceof MiroError)) throw error;
    return { token: error.kind === 'unauthorized' ? 'refused' : 'not_asked', reason: error.message, known };
  }
}

function rankOf({ role, plan = 'unknown' }: Known): Pick<ConnectionFacts, 'role' | 'plan'> {
  return {
    ...(role !== undefined && { role: role === 'organization_internal_admin' ? 'company_admin' : 'other' }),
    ...(!UNCERTAIN_PLANS.has(plan) && { plan: plan === ENTERPRISE ? 'enterprise' : 'other' }),
  };
}

/** As the specification names the plans of organisations. */
const ENTERPRISE = 'company';
const UNCERTAIN_PLANS: ReadonlySet<string> = new Set(['unknown', 'dev_team_org', 'integration_org']);

const NO_ACCOUNT: Missing = {
  what: 'a Miro account',
  remedy: 'link one: POST /v1/link-sessions, or temporal-miro connections link',
};
const DEAD_LINK: Missing = {
  what: 'a token that Miro takes',
  remedy:
    'link the account again; the connection shows its relink URL as soon as a job or the sweep has met the dead token',
};
