/**
 * The ledger: who may write an effect now, and what each attempt proved.
 *
 * An effect is one write to the outside. To write it, an attempt claims it (a lease on the database's clock), marks
 * itself sent just before the one request that it may send, and finishes with what came of it. Whoever proves the
 * object first wins the effect, also late and also after another attempt has taken over; every later object is surplus,
 * and its own attempt's row proves whose it is. An attempt that was sent and has neither answered nor been looked for
 * in vain is unresolved: it may have written, so nothing is created beside it.
 */
import { uuidv7 } from 'uuidv7';
import { json, one, storable, type Db, type Queryable } from './db.js';
import { msUntil, SETTLED_AT, UNANSWERED, UNRESOLVED, type EffectKind, type EffectResult } from './effects.js';
import { pauseMatches } from './pauses.js';

export { effectsOf, getEffect, markUnsettled, openEffects, surplusOf, unsettled } from './effects.js';
export type { Effect, EffectKind, EffectResult, Surplus, UnsettledEffect } from './effects.js';

export interface ClaimInput {
  tenantId: string;
  jobId: string;
  /** Unique in the job; from business facts only, never from a run id, attempt number or clock. */
  key: string;
  step: string;
  subject: string;
  kind: EffectKind;
  /** How long the claim is exclusive; longer than the request's deadline. */
  leaseMs: number;
  /** How long after the end of an unresolved attempt its object may still turn up at Miro. */
  settleMs: number;
  runId: string;
  /** Look before the first write too: the job is new to the store. */
  lookFirst?: boolean;
  /**
   * The highest item id known before the send. Kept from the first claim since which something may have been written.
   */
  watermark?: string;
  /** The user at Miro whose token the attempt sends with. */
  sender?: string;
}

export type Claim =
  /** Written already. Never the answer for 'set'. */
  | { state: 'done'; outcome: 'made' | 'found'; objectId: string; result?: EffectResult }
  /** Another attempt's lease lives. */
  | { state: 'busy'; retryAfterMs: number }
  | Claimed;

export interface Claimed {
  state: 'claimed';
  attemptId: string;
  /** 1 for the effect's first attempt. */
  number: number;
  leaseMs: number;
  /** Look before writing: an earlier attempt may have written, or `lookFirst` was given and nobody has looked yet. */
  mustLook: boolean;
  /** Earlier attempts that were sent and never heard of, also where that has been settled since. */
  unanswered: number;
  /** "Absent" counts only when this is 0. */
  settleLeftMs: number;
  /** When the first unresolved attempt was claimed. */
  since?: Date;
  watermark?: string;
  /** Of the first unresolved attempt: what it may have made is this user's. */
  sender?: string;
  /** What the last unresolved attempt ended with, if it could say so. */
  lastError?: string;
}

/** Claims an effect for one attempt, or says why not. */
export async function claim(db: Db, input: ClaimInput): Promise<Claim> {
  return db.tx(async (tx) => {
    const effect = await lockOrMake(tx, input);
    if (effect.state === 'done' && input.kind !== 'set') return doneClaim(effect);
    const past = await pastAttempts(tx, effect.id);
    if (past.lease_left_ms > 0) return { state: 'busy', retryAfterMs: past.lease_left_ms };
    const watermark = past.unresolved > 0 ? effect.watermark : (input.watermark ?? effect.watermark);
    const attemptId = uuidv7();
    const number = past.attempts + 1;
    await tx.query(
      `with lease as (select clock_timestamp() as start, clock_timestamp() + $5 * interval '1 ms' as until),
       attempt as (
         insert into miro.attempts (tenant_id, id, effect_id, number, run_id, settle_ms, sender, claimed_at, lease_until)
         select $1, $2, $3, $4, $6, $7, $9, start, until from lease)
       update miro.effects set state = 'open', owner_attempt = $2, lease_until = until, watermark = $8 from lease where id = $3`,
      [
        ...[input.tenantId, attemptId, effect.id, number, input.leaseMs, input.runId, input.settleMs, watermark],
        input.sender,
      ],
    );
    return {
      state: 'claimed',
      ...{ attemptId, number, leaseMs: input.leaseMs },
      mustLook: (input.lookFirst === true && effect.looked_at === null) || past.unresolved > 0,
      unanswered: past.unanswered,
      settleLeftMs: past.settle_left_ms,
      ...(past.since && { since: past.since }),
      ...(watermark !== null && { watermark }),
      ...(past.sender !== null && { sender: past.sender }),
      ...(past.last_error !== null && { lastError: past.last_error }),
    };
  });
}

/**
 * To be asked immediately before the request. True exactly once per attempt, and only while the attempt holds its
 * claim, the effect is open, nothing pauses its job, and (for 'create') no earlier attempt is unresolved: look, and say
 * {@link resolveAbsent}, first.
 * @returns false: do not send.
 */
export async function markSent(db: Db, { attemptId }: { attemptId: string }): Promise<boolean> {
  const sent = await db.query(
    `with held as (
       select e.id from miro.effects e where e.id = (select effect_id from miro.attempts where id = $1)
         and e.owner_attempt = $1 and e.state = 'open' and e.lease_until > clock_timestamp()
         and (e.kind <> 'create' or not exists (
           select from miro.attempts a where a.effect_id = e.id and a.id <> $1 and ${UNRESOLVED}))
         and not exists (
           select from miro.jobs j join miro.pauses p on ${pauseMatches('j.tenant_id', `j.options->>'connectionId'`, 'j.kind')}
           where j.tenant_id = e.tenant_id and j.id = e.job_id)
       for no key update of e)
     update miro.attempts a set sent_at = clock_timestamp() from held
     where a.effect_id = held.id and a.id = $1 and a.sent_at is null and a.ended_at is null
       and a.lease_until > clock_timestamp() returning a.id`,
    [attemptId],
  );
  return sent.length > 0;
}

export type FinishInput = Evidence & {
  attemptId: string;
  result?: EffectResult | undefined;
} & (
    | {
        /** Proof of the object, or of the sending. */
        outcome: 'made' | 'found';
        /**
         * Tells this object from another one that a second attempt may make: an id at Miro; for a bulk, of its first
         * item.
         */
        objectId: string;
      }
    | {
        /**
         * set: holds, as read back. not_written: a clean 4xx. not_sent: nothing left this process. unknown: it may have
         * been written.
         */
        outcome: 'set' | 'not_written' | 'not_sent' | 'unknown';
        objectId?: undefined;
      }
  );

interface Evidence {
  error?: string | undefined;
  /** HTTP status and Miro's request id. */
  status?: number | undefined;
  requestId?: string | undefined;
}

/**
 * Records what came of an attempt, also late, also twice (the first proof stands; an unknown may still become known),
 * and ends its lease.
 * @returns won: the effect's outcome is this attempt's. surplus: it made an object beside the one that the effect has.
 */
export async function finish(db: Db, input: FinishInput): Promise<{ won: boolean; surplus: boolean }> {
  return db.tx(async (tx) => {
    const effect = await lockByAttempt(tx, input.attemptId);
    const known = one(
      await tx.query<{ outcome: FinishInput['outcome'] | null; surplus: boolean }>(
        'select outcome, surplus from miro.attempts where id = $1',
        [input.attemptId],
      ),
    );
    const isProof = input.outcome === 'made' || input.outcome === 'found';
    const mayChange =
      known.outcome === null || known.outcome === 'unknown' || (isProof && known.outcome.startsWith('not_'));
    if (!mayChange) return { won: effect.done_attempt === input.attemptId, surplus: known.surplus };

    const owns = effect.owner_attempt === input.attemptId;
    const won = effect.kind === 'set' ? owns && input.outcome === 'set' : isProof && effect.state === 'open';
    const sameObject = input.objectId !== undefined && input.objectId === effect.object_id;
    const surplus = effect.kind !== 'set' && input.outcome === 'made' && effect.state === 'done' && !sameObject;
    await writeAttempt(tx, input, surplus);
    if (won) await writeEffect(tx, effect.id, input);
    else if (owns)
      await tx.query('update miro.effects set owner_attempt = null, lease_until = null where id = $1', [effect.id]);
    return { won, surplus };
  });
}

/**
 * Says that the objects of the earlier unresolved attempts were looked for and are absent, so that this attempt may
 * send. Takes effect only for attempts whose settle time is over, and only while the caller holds the claim.
 * A first look (`lookFirst`) counts from then on.
 * @returns whether no earlier attempt is unresolved now.
 */
export async function resolveAbsent(db: Db, { attemptId }: { attemptId: string }): Promise<boolean> {
  return db.tx(async (tx) => {
    const effect = await lockByAttempt(tx, attemptId);
    const { holds } = one(
      await tx.query<{ holds: boolean }>(
        'select coalesce(owner_attempt = $2 and lease_until > clock_timestamp(), false) as holds from miro.effects where id = $1',
        [effect.id, attemptId],
      ),
    );
    if (!holds) return false;
    await tx.query(
      `update miro.attempts a set resolved_at = clock_timestamp()
       where a.effect_id = $1 and a.id <> $2 and ${UNRESOLVED} and ${SETTLED_AT} <= clock_timestamp()`,
      [effect.id, attemptId],
    );
    const left = await tx.query(`select from miro.attempts a where a.effect_id = $1 and a.id <> $2 and ${UNRESOLVED}`, [
      effect.id,
      attemptId,
    ]);
    if (left.length > 0) return false;
    await tx.query('update miro.effects set unsettled_at = null, looked_at = clock_timestamp() where id = $1', [
      effect.id,
    ]);
    return true;
  });
}

interface EffectRow {
  id: string;
  kind: EffectKind;
  state: 'open' | 'done';
  owner_attempt: string | null;
  outcome: 'made' | 'found' | 'set' | null;
  object_id: string | null;
  result: EffectResult | null;
  done_attempt: string | null;
  watermark: string | null;
  looked_at: Date | null;
}

// The update without a change locks the row: claims of one effect take turns, and what they read after it is current.
async function lockOrMake(tx: Queryable, input: ClaimInput): Promise<EffectRow> {
  return one(
    await tx.query<EffectRow>(
      `insert into miro.effects as e (tenant_id, id, job_id, key, step, subject, kind, watermark)
       values ($1, $2, $3, $4, $5, $6, $7, $8)
       on conflict (job_id, key) do update set key = e.key returning *`,
      [...[input.tenantId, uuidv7(), input.jobId, input.key, input.step, input.subject, input.kind], input.watermark],
    ),
  );
}

async function lockByAttempt(tx: Queryable, attemptId: string): Promise<EffectRow> {
  const [effect] = await tx.query<EffectRow>(
    'select * from miro.effects where id = (select effect_id from miro.attempts where id = $1) for no key update',
    [attemptId],
  );
  if (!effect) throw new Error(`there is no attempt ${attemptId}`);
  return effect;
}

interface PastAttempts {
  attempts: number;
  unresolved: number;
  unanswered: number;
  since: Date | null;
  sender: string | null;
  last_error: string | null;
  settle_left_ms: number;
  lease_left_ms: number;
}

/** Reads the clock after the effect's row was locked: waiting for the lock takes time. */
async function pastAttempts(tx: Queryable, effectId: string): Promise<PastAttempts> {
  return one(
    await tx.query<PastAttempts>(
      `select count(a.id)::int as attempts, (count(a.id) filter (where ${UNRESOLVED}))::int as unresolved,
         (count(a.id) filter (where ${UNANSWERED}))::int as unanswered,
         min(a.claimed_at) filter (where ${UNRESOLVED}) as since,
         (array_agg(a.sender order by a.number) filter (where ${UNRESOLVED}))[1] as sender,
         (array_agg(a.error order by a.number desc) filter (where ${UNRESOLVED}))[1] as last_error,
         ${msUntil(`max(${SETTLED_AT}) filter (where ${UNRESOLVED})`)} as settle_left_ms, ${msUntil('e.lease_until')} as lease_left_ms
       from miro.effects e left join miro.attempts a on a.effect_id = e.id where e.id = $1 group by e.tenant_id, e.id`,
      [effectId],
    ),
  );
}

function doneClaim({ id, outcome, object_id: objectId, result }: EffectRow): Claim {
  if (objectId === null) throw new Error(`the effect ${id} is done without an object`);
  return {
    ...{ state: 'done', outcome: outcome === 'found' ? 'found' : 'made', objectId },
    ...(result !== null && { result }),
  };
}

async function writeAttempt(tx: Queryable, input: FinishInput, surplus: boolean): Promise<void> {
  await tx.query(
    `update miro.attempts set outcome = $2, object_id = $3, result = $4, error = $5, status = $6, request_id = $7, surplus = $8,
       ended_at = coalesce(ended_at, clock_timestamp()) where id = $1`,
    [
      ...[input.attemptId, input.outcome, input.objectId, json(input.result)],
      ...[input.error === undefined ? undefined : storable(input.error), input.status, input.requestId, surplus],
    ],
  );
}

async function writeEffect(tx: Queryable, effectId: string, input: FinishInput): Promise<void> {
  await tx.query(
    `update miro.effects set state = 'done', outcome = $3, object_id = $4, result = $5, done_attempt = $2, done_at = clock_timestamp(),
       owner_attempt = null, lease_until = null, unsettled_at = null where id = $1`,
    [effectId, input.attemptId, input.outcome, input.objectId, json(input.result)],
  );
}
