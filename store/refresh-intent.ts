/**
 * The intent to exchange a grant's refresh token: one per generation, held by one owner at a time, sent at most once per
 * owner. A refresh token works once: an exchange whose answer is lost may have used it up, so after one such loss there
 * is one last try.
 */
import { one, type Db, type Queryable } from './db.js';
import { msUntil } from './effects.js';
import { buryToken, type GrantState } from './grant-facts.js';

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

/** The exchange surely did not reach Miro: the intent is free again, as if it had not been sent. */
export async function releaseRefresh(db: Db, intent: RefreshIntent): Promise<void> {
  await db.query(
    `update miro.refreshes r set sent_at = null, lease_until = clock_timestamp() where ${HELD}`,
    heldBy(intent),
  );
}

/** The exchange without an answer was not processed: the next one is not the last try. */
export async function forgiveRefresh(db: Db, intent: RefreshIntent): Promise<void> {
  await db.query(`update miro.refreshes r set lost = 0 where ${HELD}`, heldBy(intent));
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

/** An intent's row, as its owner's: $1 to $3 are {@link heldBy}. */
export const HELD = 'r.grant_id = $1 and r.generation = $2 and r.owner = $3';
export const heldBy = ({ grantId, generation, owner }: RefreshIntent): unknown[] => [grantId, generation, owner];

interface GrantRow {
  tenant_id: string;
  generation: number;
  state: GrantState;
  reason: string | null;
  refresh_token: string | null;
}

export async function lockGrant(tx: Queryable, grantId: string): Promise<GrantRow> {
  const sql =
    'select tenant_id, generation, state, reason, refresh_token from miro.grants where id = $1 for no key update';
  return one(await tx.query<GrantRow>(sql, [grantId]));
}
