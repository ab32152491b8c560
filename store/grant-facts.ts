/** What is recorded about a grant's present secret, whoever records it. */
import type { Db, Queryable } from './db.js';
import { json } from './db.js';
import { recordGrantEvent } from './grant-events.js';

export type GrantState = 'live' | 'needs_relink' | 'revoked';

/** Names and plan, for people who look at a connection: personal, so they stand in the store only and never in an event. */
export interface AccountNames {
  userName?: string | undefined;
  teamName?: string | undefined;
  orgName?: string | undefined;
  /** As Miro calls it. */
  plan?: string | undefined;
  /** The user's role in the organisation, where the token may read it. */
  role?: string | undefined;
}

/** What Miro says about a token. */
export interface GrantFacts extends AccountNames {
  userId: string;
  teamId: string;
  orgId?: string | undefined;
  scopes: string[];
}

export interface DeadToken {
  grantId: string;
  generation: number;
  reason: string;
}

/**
 * Records that this generation's token is dead and can't be refreshed. Changes nothing when there is a newer one.
 * @returns whether it is dead now.
 */
export function markNeedsRelink(db: Db, dead: DeadToken): Promise<boolean> {
  return db.tx((tx) => buryToken(tx, dead));
}

/** {@link markNeedsRelink} inside a transaction. Backends are told when the grant was alive until now. */
export async function buryToken(tx: Queryable, { grantId, generation, reason }: DeadToken): Promise<boolean> {
  const [grant] = await tx.query<{ state: GrantState }>(
    'select state from miro.grants where id = $1 and generation = $2 for no key update',
    [grantId, generation],
  );
  if (!grant || grant.state === 'revoked') return false;
  if (grant.state === 'needs_relink') return true;
  await tx.query(`update miro.grants set state = 'needs_relink', reason = $2, dead_at = now() where id = $1`, [
    grantId,
    reason,
  ]);
  await recordGrantEvent(tx, 'connection.needs_relink', { grantId });
  return true;
}

export interface FactsOfGrant extends Omit<GrantFacts, 'scopes'> {
  grantId: string;
  /** Of the token that Miro was asked about; a newer one has facts of its own. */
  generation: number;
  /** Absent: unknown. */
  scopes?: string[] | undefined;
}

/** Records what Miro has just said about the grant's token. */
export function recordGrantFacts(db: Db, facts: FactsOfGrant): Promise<void> {
  return db.tx(async (tx) => {
    await writeFacts(tx, facts);
    await tx.query('update miro.grants set checked_at = clock_timestamp() where id = $1 and generation = $2', [
      ...[facts.grantId, facts.generation],
    ]);
  });
}

/** {@link recordGrantFacts} inside a transaction. Backends are told when scopes or role were known to be others. */
export async function writeFacts(
  tx: Queryable,
  { grantId, generation, userId, teamId, orgId, scopes, ...names }: FactsOfGrant,
): Promise<void> {
  const [known] = await tx.query<{ scopes: string[]; facts: AccountNames }>(
    'select scopes, facts from miro.grants where id = $1 and generation = $2 for no key update',
    [grantId, generation],
  );
  if (!known) return;
  await tx.query(
    `update miro.grants set miro_user_id = $2, team_id = $3, org_id = coalesce($4, org_id), scopes = coalesce($5, scopes),
       facts = facts || $6 where id = $1`,
    [grantId, userId, teamId, orgId, scopes, json(names)],
  );
  const scopesChanged = scopes !== undefined && known.scopes.length > 0 && !isSame(scopes, known.scopes);
  const roleChanged = names.role !== undefined && known.facts.role !== undefined && names.role !== known.facts.role;
  if (scopesChanged || roleChanged) await recordGrantEvent(tx, 'connection.scopes_changed', { grantId });
}

const isSame = (some: string[], others: string[]): boolean =>
  [...some].sort().join(' ') === [...others].sort().join(' ');

/** Where a grant's secrets are sealed for (vault.ts). */
export const accessPlace = (grantId: string): string => `grant:${grantId}:access`;
export const refreshPlace = (grantId: string): string => `grant:${grantId}:refresh`;
