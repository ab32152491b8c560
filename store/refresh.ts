/**
 * Around the exchange of one grant's refresh token, which runs at the caller, outside any transaction, between {@link
 * markRefreshSent} and {@link commitRefresh}. Who may exchange is in refresh-intent.ts.
 */
import { appPlace } from './apps.js';
import type { Db } from './db.js';
import { recordGrantEvent } from './grant-events.js';
import { accessPlace, buryToken, refreshPlace, writeFacts, type GrantState } from './grant-facts.js';
import { wakeParked } from './outbox.js';
import { HELD, heldBy, lockGrant, type RefreshIntent } from './refresh-intent.js';
import { ensureDataKey } from './tenants.js';
import type { Vault } from './vault.js';

export interface RefreshSecret {
  refreshToken: string;
  clientId: string;
  clientSecret: string;
}

/** Miro's answer to an exchange. */
export interface TokenPair {
  accessToken: string;
  refreshToken?: string | undefined;
  expiresInMs?: number | undefined;
  userId?: string | undefined;
  teamId?: string | undefined;
  scopes?: string[] | undefined;
}

/**
 * To be asked immediately before the exchange: what to send, once per claim and only while it lasts. The lease begins
 * anew, so that what came before takes nothing from the exchange's time.
 * @returns undefined: do not send.
 */
export async function markRefreshSent(
  db: Db,
  vault: Vault,
  { leaseMs, ...intent }: RefreshIntent & { leaseMs: number },
): Promise<RefreshSecret | undefined> {
  // Opened first: once the intent is marked, only the exchange itself may fail.
  const secret = await readSecret(db, vault, intent);
  if (!secret) return undefined;
  const sent = await db.query(
    `update miro.refreshes r set sent_at = clock_timestamp(), lease_until = clock_timestamp() + $4 * interval '1 ms'
     from miro.grants g where ${HELD} and r.sent_at is null and r.lease_until > clock_timestamp()
       and g.tenant_id = r.tenant_id and g.id = r.grant_id and g.generation = r.generation and g.state = 'live' returning r.grant_id`,
    [...heldBy(intent), leaseMs],
  );
  return sent.length > 0 ? secret : undefined;
}

/**
 * Stores the new pair as the next generation, if none came meanwhile; also after the claim's end, and over
 * `needs_relink`, whose waiting runs are then woken. To be done before the pair is used. Without a new refresh token
 * the old one stays good (RFC 6749 §6). What was erased counts as revoked.
 */
export async function commitRefresh(
  db: Db,
  vault: Vault,
  { grantId, generation, pair }: { grantId: string; generation: number; pair: TokenPair },
): Promise<{ committed: boolean; generation: number; state: GrantState }> {
  const [known] = await db.query<{ tenantId: string; erased: boolean }>(
    `select g.tenant_id as "tenantId", t.data_key is null as erased from miro.grants g join miro.tenants t on t.id = g.tenant_id
     where g.id = $1`,
    [grantId],
  );
  if (!known || known.erased) return { committed: false, generation, state: 'revoked' };
  const { tenantId } = known;
  const dataKey = await ensureDataKey(db, vault, tenantId);
  const access = await vault.seal(dataKey, accessPlace(grantId), pair.accessToken);
  const refresh =
    pair.refreshToken === undefined ? null : await vault.seal(dataKey, refreshPlace(grantId), pair.refreshToken);
  return db.tx(async (tx) => {
    const grant = await lockGrant(tx, grantId);
    if (grant.generation !== generation || grant.state === 'revoked') {
      const { generation: present, state } = grant;
      return { committed: false, generation: present, state };
    }
    await tx.query(
      `update miro.grants set generation = generation + 1, state = 'live', reason = null, dead_at = null, access_token = $2,
         refresh_token = coalesce($3, refresh_token), token_at = now(), access_expires_at = now() + $4::float8 * interval '1 ms' where id = $1`,
      [grantId, access, refresh, pair.expiresInMs],
    );
    await tx.query('delete from miro.refreshes where grant_id = $1 and generation <= $2', [grantId, generation]);
    const { userId, teamId, scopes } = pair;
    if (userId !== undefined && teamId !== undefined)
      await writeFacts(tx, { grantId, generation: generation + 1, userId, teamId, scopes });
    // Who was told that it is dead must hear that it lives.
    if (grant.state === 'needs_relink') await recordGrantEvent(tx, 'connection.linked', { grantId });
    await wakeParked(tx, { tenantId, grantId, generation: generation + 1 });
    return { committed: true, generation: generation + 1, state: 'live' };
  });
}

/** Miro refused the refresh token: the grant needs a relink, unless there is a newer generation by now. */
export async function refuseRefresh(
  db: Db,
  { grantId, generation, reason }: RefreshIntent & { reason: string },
): Promise<{ state: 'needs_relink' } | { state: 'newer'; generation: number }> {
  return db.tx(async (tx) => {
    const grant = await lockGrant(tx, grantId);
    if (grant.generation !== generation) return { state: 'newer', generation: grant.generation };
    await buryToken(tx, { grantId, generation, reason });
    return { state: 'needs_relink' };
  });
}

async function readSecret(
  db: Db,
  vault: Vault,
  { grantId, generation }: RefreshIntent,
): Promise<RefreshSecret | undefined> {
  const [row] = await db.query<{ data_key: string; refresh_token: string; client_id: string; client_secret: string }>(
    `select t.data_key, g.refresh_token, a.client_id, a.client_secret from miro.grants g join miro.tenants t on t.id = g.tenant_id
     join miro.apps a on a.tenant_id = g.tenant_id and a.id = g.app_id
     where g.id = $1 and g.generation = $2 and g.refresh_token is not null`,
    [grantId, generation],
  );
  if (!row) return undefined;
  return {
    clientId: row.client_id,
    clientSecret: await vault.open(row.data_key, appPlace(row.client_id), row.client_secret),
    refreshToken: await vault.open(row.data_key, refreshPlace(grantId), row.refresh_token),
  };
}
