/** What is recorded about a grant's present secret, whoever records it. */
import type { Queryable } from './db.js';

export type GrantState = 'live' | 'needs_relink' | 'revoked';

/** What Miro says about a token. */
export interface GrantFacts {
  userId: string;
  teamId: string;
  orgId?: string | undefined;
  scopes: string[];
}

/**
 * Records that this generation's token is dead and can't be refreshed. Changes nothing when there is a newer one.
 * @returns whether it is dead now.
 */
export async function markNeedsRelink(
  db: Queryable,
  { grantId, generation, reason }: { grantId: string; generation: number; reason: string },
): Promise<boolean> {
  const marked = await db.query(
    `update miro.grants set state = 'needs_relink', reason = $3 where id = $1 and generation = $2 and state <> 'revoked' returning id`,
    [grantId, generation, reason],
  );
  return marked.length > 0;
}

/** Records what Miro says about the grant's token. */
export async function recordGrantFacts(
  db: Queryable,
  {
    grantId,
    userId,
    teamId,
    orgId,
    scopes,
  }: Omit<GrantFacts, 'scopes'> & { grantId: string; scopes?: string[] | undefined },
): Promise<void> {
  await db.query(
    'update miro.grants set miro_user_id = $2, team_id = $3, org_id = coalesce($4, org_id), scopes = coalesce($5, scopes) where id = $1',
    [grantId, userId, teamId, orgId, scopes],
  );
}

/** Where a grant's secrets are sealed for (vault.ts). */
export const accessPlace = (grantId: string): string => `grant:${grantId}:access`;
export const refreshPlace = (grantId: string): string => `grant:${grantId}:refresh`;
