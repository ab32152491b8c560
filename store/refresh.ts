/**
 * Refreshing one grant: an intent per generation, held by one owner at a time, sent at most once per owner. The
 * exchange itself runs at the caller, outside any transaction, between {@link markRefreshSent} and {@link
 * commitRefresh}. A refresh token works once: an exchange whose answer is lost may have used it up, so after one such
 * loss there is one last try.
 */
import { one, type Db, type Queryable } from './db.js';
import { msUntil } from './effects.js';
import { recordGrantEvent } from './grant-events.js';
import { accessPlace, buryToken, refreshPlace, writeFacts } from './grant-facts.js';
import { wakeParked } from './outbox.js';
import { ensureDataKey } from './tenants.js';
import type { Vault } from './vault.js';

export interface RefreshIntent {
  grantId: string;
  /** Of the token that is to be replaced. */
  generation: number;
  /** A UUID of the caller's own, new for each claim. */
  owner: string;
}

export type RefreshClaim =
  | { state: 'newer'; generation: number }
  | { state: 'busy'; retryAfterMs: number }
  | { state: 'dead'; reason: string }
  /** lastTry: an earlier exchange of this token was sent and never answered. */
  | { state: 'claimed'; lastTry: boolean };

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

const LOST = 'Miro never answered two exchanges of this refresh token';

/** Asks for the right to exchange this generation's refresh token. `leaseMs` must outlast the exchange's deadline. */
export async function claimRefresh(
  db: Db,
  { grantId, generation, owner, leaseMs }: RefreshIntent & { leaseMs: number },
): Promise<RefreshClaim> {
  return db.tx(async (tx) => {
    const grant = await lockGrant(tx, grantId);
    if (grant.generation !== generation) return { state: 'newer', generation: grant.generation };
    if (grant.state !== 'live') return { state: 'dead', reason: grant.reason ?? grant.state };
    if (grant.refresh_token === null) return { state: 'dead', reason: 'this token cannot be refreshed' };
    const [held] = await tx.query<{ lease_left_ms: number; sent: boolean; lost: number }>(
      `select ${msUntil('lease_until')} as lease_left_ms, sent_at is not null as sent, lost from miro.refreshes
       where grant_id = $1 and generation = $2 for no key update`,
      [grantId, generation],
    );
    if (held && held.lease_left_ms > 0) return { state: 'busy', retryAfterMs: held.lease_left_ms };
    const lost = (held?.lost ?? 0) + (held?.sent ? 1 : 0);
    if (lost > 1) {
      await buryToken(tx, { grantId, generation, reason: LOST });
      return { state: 'dead', reason: LOST };
    }
    await tx.query(
      `insert into miro.refreshes (tenant_id, grant_id, generation, owner, lease_until, lost)
       values ($1, $2, $3, $4, clock_timestamp() + $5 * interval '1 ms', $6)
       on conflict (grant_id, generation)
         do update set owner = excluded.owner, lease_until = excluded.lease_until, lost = excluded.lost, sent_at = null`,
      [grant.tenant_id, grantId, generation, owner, leaseMs, lost],
    );
    return { state: 'claimed', lastTry: lost > 0 };
  });
}

/**
 * To be asked immediately before the exchange: what to send, once per claim and only while it lasts.
 * @returns undefined: do not send.
 */
export async function markRefreshSent(db: Db, vault: Vault, intent: RefreshIntent): Promise<RefreshSecret | undefined> {
  // Opened first: once the intent is marked, only the exchange itself may fail.
  const secret = await readSecret(db, vault, intent);
  if (!secret) return undefined;
  const sent = await db.query(
    `update miro.refreshes r set sent_at = clock_timestamp() from miro.grants g
     where ${HELD} and r.sent_at is null and r.lease_until > clock_timestamp()
       and g.tenant_id = r.tenant_id and g.id = r.grant_id and g.generation = r.generation and g.state = 'live' returning r.grant_id`,
    heldBy(intent),
  );
  return sent.length > 0 ? secret : undefined;
}

/**
 * Stores the new pair as the next generation, if none came meanwhile; also after the claim's end, and over
 * `needs_relink`, whose waiting runs are then woken. To be done before the pair is used.
 */
export async function commitRefresh(
  db: Db,
  vault: Vault,
  { grantId, generation, pair }: { grantId: string; generation: number; pair: TokenPair },
): Promise<{ committed: boolean; generation: number }> {
  const { tenant_id: tenantId } = one(
    await db.query<{ tenant_id: string }>('select tenant_id from miro.grants where id = $1', [grantId]),
  );
  const dataKey = await ensureDataKey(db, vault, tenantId);
  const access = await vault.seal(dataKey, accessPlace(grantId), pair.accessToken);
  const refresh =
    pair.refreshToken === undefined ? null : await vault.seal(dataKey, refreshPlace(grantId), pair.refreshToken);
  return db.tx(async (tx) => {
    const stored = await tx.query(
      `update miro.grants set generation = generation + 1, state = 'live', reason = null, access_token = $3, refresh_token = $4,
         token_at = now(), access_expires_at = now() + $5::float8 * interval '1 ms'
       where id = $1 and generation = $2 and state <> 'revoked' returning id`,
      [grantId, generation, access, refresh, pair.expiresInMs],
    );
    if (stored.length === 0) return { committed: false, generation: (await lockGrant(tx, grantId)).generation };
    const { userId, teamId, scopes } = pair;
    if (userId !== undefined && teamId !== undefined)
      await writeFacts(tx, { grantId, generation: generation + 1, userId, teamId, scopes });
    await wakeParked(tx, { tenantId, grantId, generation: generation + 1 });
    return { committed: true, generation: generation + 1 };
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

/** The exchange surely did not reach Miro: the intent is free again, as if it had not been sent. */
export async function releaseRefresh(db: Db, intent: RefreshIntent): Promise<void> {
  await db.query(
    `update miro.refreshes r set sent_at = null, lease_until = clock_timestamp() where ${HELD}`,
    heldBy(intent),
  );
}

/**
 * Nobody knows whether Miro has used the token up: the next claim is the last try, and after a last try the grant needs
 * a relink.
 */
export async function lostRefresh(db: Db, intent: RefreshIntent): Promise<void> {
  await db.tx(async (tx) => {
    const grant = await lockGrant(tx, intent.grantId);
    const [held] = await tx.query<{ lost: number }>(
      `update miro.refreshes r set lease_until = clock_timestamp() where ${HELD} and r.sent_at is not null returning r.lost`,
      heldBy(intent),
    );
    if (held && held.lost > 0 && grant.generation === intent.generation)
      await buryToken(tx, { ...intent, reason: LOST });
  });
}

const HELD = 'r.grant_id = $1 and r.generation = $2 and r.owner = $3';
const heldBy = ({ grantId, generation, owner }: RefreshIntent): unknown[] => [grantId, generation, owner];

interface GrantRow {
  tenant_id: string;
  generation: number;
  state: 'live' | 'needs_relink' | 'revoked';
  reason: string | null;
  refresh_token: string | null;
}

async function lockGrant(tx: Queryable, grantId: string): Promise<GrantRow> {
  const sql =
    'select tenant_id, generation, state, reason, refresh_token from miro.grants where id = $1 for no key update';
  return one(await tx.query<GrantRow>(sql, [grantId]));
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
    clientSecret: await vault.open(row.data_key, `app:${row.client_id}`, row.client_secret),
    refreshToken: await vault.open(row.data_key, refreshPlace(grantId), row.refresh_token),
  };
}
