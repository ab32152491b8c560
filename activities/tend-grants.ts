import { log } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import { accountOf, MiroError, oauth, orgMembers, scimUsers } from '../miro/index.js';
import { recordGrantFacts } from '../store/grants.js';
import { takeDueGrant, tended, type DueGrant, type Shard } from '../store/tending.js';
import { createCaller, createScimCaller, type Caller } from './calls.js';
import type { ConnectionRef } from './grants.js';
import type { CallingDeps } from './job-context.js';

export interface Tended {
  /** Grants that were looked at and are fine. */
  fine: number;
  /** That need a relink now. */
  dead: number;
  /** That could not be asked about; the next sweep tries again. */
  postponed: number;
  /** Whether grants of the shard may be left. */
  more: boolean;
}

/** At a time: a few that are slow hold up only themselves. */
const LANES = 4;
/** Well within the minute that the activity has. One look takes a second, and no more than its requests' deadlines. */
const TAKE_MS = 20_000;
/** A look is over within so many leases of a single call. */
const LEASES = 10;

export const createTendActivities = (deps: CallingDeps) => ({
  /**
   * Looks at the grants of a shard that are due: renews pairs that nobody has used for a week, and asks Miro whether tokens are still good for what
   * they were good for. Each goes through the gate and the budget like any call; a dead one is told to backends, and does not hold up the others.
   */
  async tendGrants(shard: Shard): Promise<Tended> {
    const until = performance.now() + TAKE_MS;
    const leaseMs = LEASES * deps.timings.single.leaseMs;
    const counts = { fine: 0, dead: 0, postponed: 0 };
    const lane = async (): Promise<boolean> => {
      while (performance.now() < until) {
        const due = await takeDueGrant(deps.db, { ...shard, leaseMs });
        if (!due) return false;
        counts[await outcomeOf(deps, due)] += 1;
      }
      return true;
    };
    const lanes = await Promise.all(Array.from({ length: LANES }, lane));
    return { ...counts, more: lanes.every((more) => more) };
  },
});

async function outcomeOf(deps: CallingDeps, due: DueGrant): Promise<'fine' | 'dead' | 'postponed'> {
  const { grantId, tenantId, connection } = due;
  try {
    await look(deps, due);
    await tended(deps.db, grantId);
    return 'fine';
  } catch (error) {
    if (error instanceof ApplicationFailure && error.type === 'NeedsRelink') return 'dead';
    log.warn('a grant could not be looked at', { grantId, tenantId, connection, error });
    return 'postponed';
  }
}

async function look(
  deps: CallingDeps,
  { grantId, kind, tenantId, connection, generation, isStale, isFresh }: DueGrant,
): Promise<void> {
  const of = { tenantId, connection, jobKind: 'tendGrants' as const, purpose: `tend:${grantId}` };
  if (kind === 'scim') {
    await createScimCaller(deps, of).send(scimUsers.list({ count: 1 }));
    return;
  }
  if (isStale) await renew(deps, of, generation);
  // An idle pair whose access token has run out is not exchanged every day only to ask about it.
  if (isStale || isFresh) await recordWhatMiroSays(deps, createCaller(deps, of));
}

async function renew({ gate, grants }: CallingDeps, ref: ConnectionRef, generation: number): Promise<void> {
  await gate.requireUp('rest');
  try {
    await grants.renew(ref, generation);
  } catch (error) {
    await gate.failed('rest', error);
    throw error;
  }
}

async function recordWhatMiroSays({ db }: CallingDeps, caller: Caller): Promise<void> {
  const account = accountOf(await caller.send(oauth.introspect()));
  const { grant, generation } = await caller.token();
  const { orgId = grant.orgId } = account;
  const role =
    orgId !== undefined &&
    account.scopes.includes('organizations:read') &&
    (await roleOf(caller, orgId, account.userId));
  await recordGrantFacts(db, { grantId: grant.grantId, generation, ...account, ...(role && { role }) });
}

/** Only company admins may ask, and only with an Enterprise plan: who is refused is none, or none any more. */
async function roleOf(caller: Caller, orgId: string, userId: string): Promise<string | undefined> {
  try {
    return (await caller.send(orgMembers.get(orgId, userId))).role;
  } catch (error) {
    if (error instanceof MiroError && (error.kind === 'forbidden' || error.kind === 'not_found'))
      return 'no company admin';
    throw error;
  }
}
