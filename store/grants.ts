/** Grants: one secret with a state of its own each. What becomes of it by refreshing is in refresh.ts. */
import { one, type Db, type Queryable } from './db.js';
import { accessPlace, type AccountNames, type GrantState } from './grant-facts.js';
import type { Vault } from './vault.js';

export { markNeedsRelink, recordGrantFacts } from './grant-facts.js';
export type { AccountNames, GrantFacts, GrantState } from './grant-facts.js';
export { claimRefresh, forgiveRefresh, lostRefresh, releaseRefresh } from './refresh-intent.js';
export type { RefreshClaim, RefreshIntent } from './refresh-intent.js';
export { commitRefresh, markRefreshSent, refuseRefresh } from './refresh.js';
export type { RefreshSecret, TokenPair } from './refresh.js';

export interface GrantInfo {
  grantId: string;
  kind: 'rest' | 'scim';
  /** Counts the grant's secrets. */
  generation: number;
  state: GrantState;
  /** Why it is not live, and since when. */
  reason?: string;
  deadSince?: Date;
  /**
   * The budget that its calls are paid from: (app, Miro user), or the organisation of a SCIM token. Until they are known,
   * and for a static token, whose app nobody tells, the grant itself.
   */
  budgetKey: string;
  /** Absent, like team and organisation, until {@link recordGrantFacts} or a refresh has told. */
  miroUserId?: string;
  teamId?: string;
  orgId?: string;
  scopes: string[];
  accessExpiresAt?: Date;
  refreshable: boolean;
  /** Since when the secret is this one. */
  tokenAt: Date;
  /** When Miro was last asked about this secret. */
  checkedAt?: Date;
  names: AccountNames;
}

export interface StoredToken {
  generation: number;
  state: GrantState;
  /** Empty when it was revoked and erased. */
  accessToken: string;
  accessExpiresAt?: Date;
  /** Since when the secret is this one, on the database's clock. */
  ageMs: number;
  /** From now to the end on the database's clock; negative when it has expired. */
  leftMs?: number;
  /** Its whole life as Miro gave it. */
  expiresInMs?: number;
  refreshable: boolean;
}

/** The grant's present access token. @throws Error when there is no such grant; VaultError. */
export async function readToken(db: Db, vault: Vault, grantId: string): Promise<StoredToken> {
  const sql = `select g.id, ${TOKEN} from miro.grants g join miro.tenants t on t.id = g.tenant_id where g.id = $1`;
  return toToken(vault, one(await db.query<TokenRow>(sql, [grantId])));
}

/** A connection's grant and its present token, read at one moment. */
export interface HeldGrant {
  connectionId: string;
  grant: GrantInfo;
  current: StoredToken;
}

/** The grant of that kind that the tenant's connection points to. @throws VaultError */
export async function holdGrant(
  db: Db,
  vault: Vault,
  { tenantId, name, kind }: { tenantId: string; name: string; kind: GrantInfo['kind'] },
): Promise<HeldGrant | undefined> {
  const [row] = await db.query<GrantRow & TokenRow & { connection_id: string }>(
    `select c.id as connection_id, ${FACTS}, ${TOKEN} from miro.connections c
       join miro.grants g on g.tenant_id = c.tenant_id and g.id = case $3 when 'rest' then c.rest_grant_id else c.scim_grant_id end
       join miro.tenants t on t.id = g.tenant_id left join miro.apps a on a.tenant_id = g.tenant_id and a.id = g.app_id
     where c.tenant_id = $1 and c.name = $2`,
    [tenantId, name, kind],
  );
  return row && { connectionId: row.connection_id, grant: toInfo(row), current: await toToken(vault, row) };
}

/** What is known of the grants with these ids; never a secret. */
export async function readGrants(db: Queryable, grantIds: (string | null)[]): Promise<GrantInfo[]> {
  const rows = await db.query<GrantRow>(
    `select ${FACTS} from miro.grants g left join miro.apps a on a.tenant_id = g.tenant_id and a.id = g.app_id
     where g.id = any ($1::uuid[])`,
    [grantIds],
  );
  return rows.map(toInfo);
}

const TOKEN = `g.generation, g.state, g.access_token, g.access_expires_at, g.refresh_token is not null as refreshable, t.data_key,
  extract(epoch from clock_timestamp() - g.token_at)::float8 * 1000 as age_ms,
  extract(epoch from g.access_expires_at - clock_timestamp())::float8 * 1000 as left_ms,
  extract(epoch from g.access_expires_at - g.token_at)::float8 * 1000 as life_ms`;

interface TokenRow {
  id: string;
  generation: number;
  state: GrantState;
  access_token: string | null;
  access_expires_at: Date | null;
  refreshable: boolean;
  data_key: string;
  age_ms: number;
  left_ms: number | null;
  life_ms: number | null;
}

async function toToken(vault: Vault, row: TokenRow): Promise<StoredToken> {
  const { generation, state, refreshable, access_token: sealed, access_expires_at, left_ms, life_ms } = row;
  return {
    ...{ generation, state, refreshable, ageMs: row.age_ms },
    accessToken: sealed === null ? '' : await vault.open(row.data_key, accessPlace(row.id), sealed),
    ...(access_expires_at && { accessExpiresAt: access_expires_at, leftMs: left_ms ?? 0, expiresInMs: life_ms ?? 0 }),
  };
}

const FACTS = `g.id, g.kind, g.generation, g.state, g.reason, g.dead_at, a.client_id, g.miro_user_id, g.team_id, g.org_id, g.scopes,
  g.access_expires_at, g.refresh_token is not null as refreshable, g.token_at, g.checked_at, g.facts`;

interface GrantRow {
  id: string;
  kind: 'rest' | 'scim';
  generation: number;
  state: GrantState;
  reason: string | null;
  dead_at: Date | null;
  client_id: string | null;
  miro_user_id: string | null;
  team_id: string | null;
  org_id: string | null;
  scopes: string[];
  access_expires_at: Date | null;
  refreshable: boolean;
  token_at: Date;
  checked_at: Date | null;
  facts: AccountNames;
}

function toInfo(row: GrantRow): GrantInfo {
  const { kind, generation, state, scopes, refreshable } = row;
  return {
    ...{ grantId: row.id, kind, generation, state, scopes, refreshable, tokenAt: row.token_at, names: row.facts },
    ...(row.reason !== null && { reason: row.reason }),
    ...(row.dead_at && { deadSince: row.dead_at }),
    budgetKey: budgetKeyOf(row),
    ...(row.miro_user_id !== null && { miroUserId: row.miro_user_id }),
    ...(row.team_id !== null && { teamId: row.team_id }),
    ...(row.org_id !== null && { orgId: row.org_id }),
    ...(row.access_expires_at && { accessExpiresAt: row.access_expires_at }),
    ...(row.checked_at && { checkedAt: row.checked_at }),
  };
}

function budgetKeyOf({ kind, id, client_id: app, miro_user_id: user, org_id: org }: GrantRow): string {
  if (kind === 'scim') return `scim:${org ?? id}`;
  return app === null ? `static:${id}` : `${app}:${user ?? id}`;
}
