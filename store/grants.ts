/** Grants: one secret with a state of its own each. What becomes of it by refreshing is in refresh.ts. */
import { one, type Db } from './db.js';
import { accessPlace, type GrantState } from './grant-facts.js';
import type { Vault } from './vault.js';

export { markNeedsRelink, recordGrantFacts } from './grant-facts.js';
export type { GrantFacts, GrantState } from './grant-facts.js';
export { claimRefresh, commitRefresh, lostRefresh, markRefreshSent, refuseRefresh, releaseRefresh } from './refresh.js';
export type { RefreshClaim, RefreshIntent, RefreshSecret, TokenPair } from './refresh.js';

export interface GrantInfo {
  grantId: string;
  kind: 'rest' | 'scim';
  /** Counts the grant's secrets. */
  generation: number;
  state: GrantState;
  /** Why it is not live. */
  reason?: string;
  /** (app, Miro user): the budget that its calls are paid from. */
  budgetKey: string;
  /** Absent, like team and organisation, until {@link recordGrantFacts} or a refresh has told. */
  miroUserId?: string;
  teamId?: string;
  orgId?: string;
  scopes: string[];
  accessExpiresAt?: Date;
  refreshable: boolean;
}

export interface StoredToken {
  generation: number;
  state: GrantState;
  accessToken: string;
  accessExpiresAt?: Date;
  /** From now to the end on the database's clock; negative when it has expired. */
  leftMs?: number;
  /** Its whole life as Miro gave it. */
  expiresInMs?: number;
  refreshable: boolean;
}

/** The grant's present access token. @throws Error when there is no such grant; VaultError. */
export async function readToken(db: Db, vault: Vault, grantId: string): Promise<StoredToken> {
  const row = one(
    await db.query<TokenRow>(
      `select g.generation, g.state, g.access_token, g.access_expires_at, g.refresh_token is not null as refreshable, t.data_key,
         extract(epoch from g.access_expires_at - clock_timestamp())::float8 * 1000 as left_ms,
         extract(epoch from g.access_expires_at - g.token_at)::float8 * 1000 as life_ms
       from miro.grants g join miro.tenants t on t.id = g.tenant_id where g.id = $1`,
      [grantId],
    ),
  );
  const { generation, state, refreshable, access_expires_at, left_ms, life_ms } = row;
  return {
    ...{ generation, state, refreshable },
    accessToken: await vault.open(row.data_key, accessPlace(grantId), row.access_token),
    ...(access_expires_at && { accessExpiresAt: access_expires_at, leftMs: left_ms ?? 0, expiresInMs: life_ms ?? 0 }),
  };
}

interface TokenRow {
  generation: number;
  state: GrantState;
  access_token: string;
  access_expires_at: Date | null;
  refreshable: boolean;
  data_key: string;
  left_ms: number | null;
  life_ms: number | null;
}
