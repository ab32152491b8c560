/** Effect: create. In this order: token, credits, claim, look where an earlier attempt may have written, send. */
import type { Call } from '../miro/index.js';
import type { Db } from '../store/db.js';
import { getEffect } from '../store/effects.js';
import { claim, finish, resolveAbsent, type Claim } from '../store/ledger.js';
import type { WriteTimes } from './deps.js';
import { busy, keyOf, markInTime, recordFailure, tooLate, type EffectId } from './effects.js';
import { isUnauthorized, retryLater } from './failure.js';

/** What an earlier attempt left behind, as far as Miro shows it. */
export type Look<R> =
  { kind: 'absent' } | { kind: 'found'; objectId: string; result: R } | { kind: 'ambiguous'; reason: string };

/** Since when, and above which item id, an object of an earlier attempt can lie. */
export interface Evidence {
  since?: Date;
  watermark?: string;
  /** Whose object it is, where that is not the present token's user: the account may have been linked anew. */
  sender?: string;
}

/** A request that is ready to go, once; `token.userId`: whose account it is sent with, as far as the other side names one. */
export interface PreparedSend<T> {
  token: { userId?: string | undefined };
  send(deadlineMs: number): Promise<T>;
  release(): void;
}

/** Who sends: a Caller of Miro's, or a tracker's. `C` is what it takes for a call. */
export interface Sender<C, T> {
  prepare(call: C): Promise<PreparedSend<T>>;
  prepareAfter401(call: C, refused: PreparedSend<T>): Promise<PreparedSend<T>>;
}

export interface CreateEffect<T, R extends object, C = Call<T>> {
  id: EffectId;
  times: WriteTimes;
  /** Look before the first write too: the store may have been lost. */
  lookFirst: boolean;
  /** Highest item id known before the first send. */
  watermark?: string;
  look(evidence: Evidence): Promise<Look<R>>;
  /** Asked for only when it may be sent. */
  call(): C | Promise<C>;
  made(answer: T): { objectId: string; result: R };
}

export type Ensured<R> =
  { outcome: 'made' | 'existing'; objectId: string; result: R } | { outcome: 'ambiguous'; reason: string };

type Claimed = Extract<Claim, { state: 'claimed' }>;

/** Makes the effect once, or returns the one already made. Effect: create. */
export async function ensureCreated<T, R extends object, C = Call<T>>(
  db: Db,
  sender: Sender<C, T>,
  effect: CreateEffect<T, R, C>,
): Promise<Ensured<R>> {
  // Spares what is done already the wait for credits; the claim decides.
  const { jobId } = effect.id;
  const before = await getEffect(db, { jobId, key: keyOf(effect.id) });
  if (before?.state === 'done') return known<R>(before);
  const call = await effect.call();
  let prepared = await sender.prepare(call);
  try {
    return await claimLookSend(db, effect, prepared);
  } catch (error) {
    if (!isUnauthorized(error)) throw error;
    prepared = await sender.prepareAfter401(call, prepared);
    return await claimLookSend(db, effect, prepared);
  } finally {
    prepared.release();
  }
}

async function claimLookSend<T, R extends object, C>(
  db: Db,
  effect: CreateEffect<T, R, C>,
  prepared: PreparedSend<T>,
): Promise<Ensured<R>> {
  // Lease and abort come from this one reading, taken before the database starts the lease.
  const started = performance.now();
  const held = await claimEffect(db, effect, prepared.token.userId);
  if (held.state === 'done') return known<R>(held);
  const { attemptId } = held;
  if (held.mustLook) {
    const seen = await lookUnder(db, effect, held);
    if (seen.kind === 'ambiguous') return { outcome: 'ambiguous', reason: seen.reason };
    // Found after a lost answer, it was made by us; found by a first look, it was there.
    if (seen.kind === 'found') {
      return { outcome: held.since ? 'made' : 'existing', objectId: seen.objectId, result: seen.result };
    }
  }
  if (!(await markInTime(db, attemptId, effect.times, started))) {
    if (held.mustLook) await resolveAbsent(db, { attemptId }); // the next attempt need not look again, so a slow look ends too
    throw await tooLate(db, attemptId);
  }
  return await sendClaimed(db, effect, prepared, attemptId);
}

async function claimEffect<T, R extends object, C>(
  db: Db,
  { id, times, lookFirst, watermark }: CreateEffect<T, R, C>,
  sender?: string,
): Promise<Exclude<Claim, { state: 'busy' }>> {
  const held = await claim(db, {
    ...id,
    key: keyOf(id),
    kind: 'create',
    leaseMs: times.leaseMs,
    settleMs: times.settleMs,
    lookFirst,
    ...(watermark === undefined ? {} : { watermark }),
    ...(sender === undefined ? {} : { sender }),
  });
  if (held.state === 'busy') throw busy(held.retryAfterMs);
  return held;
}

/** Looks under the claim. An absence counts only once every earlier attempt has settled; until then the claim is given back. */
async function lookUnder<T, R extends object, C>(
  db: Db,
  effect: CreateEffect<T, R, C>,
  held: Claimed,
): Promise<Look<R>> {
  const { attemptId } = held;
  let seen: Look<R>;
  try {
    seen = await effect.look(held);
  } catch (error) {
    await finish(db, { attemptId, outcome: 'not_sent' });
    throw error;
  }
  switch (seen.kind) {
    case 'found':
      await finish(db, { attemptId, outcome: 'found', objectId: seen.objectId, result: seen.result });
      return seen;
    case 'ambiguous':
      await finish(db, { attemptId, outcome: 'not_sent', error: seen.reason });
      return seen;
    case 'absent':
      if (held.settleLeftMs > 0) {
        await finish(db, { attemptId, outcome: 'not_sent' });
        const cause = held.lastError === undefined ? '' : `: ${held.lastError}`;
        const message = `looking again when an earlier attempt has settled, which the other side may still process${cause}`;
        throw retryLater('Effect.settling', message, held.settleLeftMs);
      }
      if (held.since) await resolveAbsent(db, { attemptId });
      return seen;
  }
}

async function sendClaimed<T, R extends object, C>(
  db: Db,
  effect: CreateEffect<T, R, C>,
  prepared: PreparedSend<T>,
  attemptId: string,
): Promise<Ensured<R>> {
  let answer: T;
  try {
    answer = await prepared.send(effect.times.httpMs);
  } catch (error) {
    await recordFailure(db, attemptId, error);
    throw error;
  }
  const { objectId, result } = effect.made(answer);
  const { won } = await finish(db, { attemptId, outcome: 'made', objectId, result });
  if (won) return { outcome: 'made', objectId, result };
  // A later attempt has the claim or found another object: it decides; what we made is proven by our attempt's row.
  throw retryLater('Effect.superseded', 'this attempt answered after its claim had ended', 1);
}

/**
 * Records an object that a look for many at once has found, under a claim of its own effect; sends nothing.
 * @returns made: by an attempt of ours that had no answer. existing: by nobody that the ledger knows.
 */
export async function adoptFound<T, R extends object, C>(
  db: Db,
  effect: CreateEffect<T, R, C>,
  found: { objectId: string; result: R },
): Promise<Extract<Ensured<R>, { objectId: string }>> {
  const held = await claimEffect(db, { ...effect, lookFirst: false });
  if (held.state === 'done') {
    const { objectId, result } = held;
    return { outcome: held.outcome === 'made' ? 'made' : 'existing', objectId, result: result as R };
  }
  await finish(db, { attemptId: held.attemptId, outcome: 'found', ...found });
  return { outcome: held.unanswered > 0 ? 'made' : 'existing', ...found };
}

function known<R>({ objectId = '', result }: { objectId?: string; result?: unknown }): Ensured<R> {
  return { outcome: 'existing', objectId, result: result as R };
}

/**
 * Finds out what became of an effect whose attempts had no answer; sends nothing. @throws as {@link ensureCreated} while it cannot be told.
 * @returns the object, or undefined if there surely is none.
 */
export async function settleCreated<T, R extends object, C = Call<T>>(
  db: Db,
  effect: CreateEffect<T, R, C>,
): Promise<{ objectId: string; result: R } | undefined> {
  const held = await claimEffect(db, { ...effect, lookFirst: false });
  if (held.state === 'done') return { objectId: held.objectId, result: held.result as R };
  const seen: Look<R> = held.mustLook ? await lookUnder(db, effect, held) : { kind: 'absent' };
  if (seen.kind === 'ambiguous') throw retryLater('Effect.ambiguous', seen.reason, effect.times.settleMs);
  if (seen.kind === 'found') return seen;
  await finish(db, { attemptId: held.attemptId, outcome: 'not_sent' });
  return undefined;
}
