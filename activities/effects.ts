/**
 * The three kinds of effect over an API without idempotency keys (docs/architecture.md, Effects).
 * Order of a create: token, credits, claim, look where an earlier attempt may have written, send.
 */
import { MiroError } from '../miro/errors.js';
import type { Call } from '../miro/index.js';
import type { Db } from '../store/db.js';
import { getEffect } from '../store/effects.js';
import { claim, finish, markSent, resolveAbsent, type Claim } from '../store/ledger.js';
import type { Caller, Prepared } from './calls.js';
import type { WriteTimes } from './deps.js';
import { isUnauthorized, retryLater } from './failure.js';

export interface EffectId {
  tenantId: string;
  jobId: string;
  runId: string;
  /** Step and subject make the effect's key; never a run id, attempt, clock or random number. */
  step: string;
  subject: string;
}

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

export interface CreateEffect<T, R extends object> {
  id: EffectId;
  times: WriteTimes;
  /** Look before the first write too: the store may have been lost. */
  lookFirst: boolean;
  /** Highest item id known before the first send. */
  watermark?: string;
  look(evidence: Evidence): Promise<Look<R>>;
  /** Asked for only when it may be sent. */
  call(): Call<T> | Promise<Call<T>>;
  made(answer: T): { objectId: string; result: R };
}

export type Ensured<R> =
  { outcome: 'made' | 'existing'; objectId: string; result: R } | { outcome: 'ambiguous'; reason: string };

type Claimed = Extract<Claim, { state: 'claimed' }>;

const keyOf = (id: EffectId): string => `${id.step}:${id.subject}`;

/** Another attempt holds the claim; it is retried when that lease ends. */
const busy = (retryAfterMs: number): Error =>
  retryLater('Effect.busy', 'another attempt of this step is still running', retryAfterMs);

/** Makes the effect once, or returns the one already made. Effect: create. */
export async function ensureCreated<T, R extends object>(
  db: Db,
  caller: Caller,
  effect: CreateEffect<T, R>,
): Promise<Ensured<R>> {
  // Spares what is done already the wait for credits; the claim decides.
  const { jobId } = effect.id;
  const before = await getEffect(db, { jobId, key: keyOf(effect.id) });
  if (before?.state === 'done') return known<R>(before);
  const call = await effect.call();
  let prepared = await caller.prepare(call);
  try {
    return await claimLookSend(db, effect, prepared);
  } catch (error) {
    if (!isUnauthorized(error)) throw error;
    prepared = await caller.prepareAfter401(call, prepared);
    return await claimLookSend(db, effect, prepared);
  } finally {
    prepared.release();
  }
}

async function claimLookSend<T, R extends object>(
  db: Db,
  effect: CreateEffect<T, R>,
  prepared: Prepared<T>,
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
  const enough = (): boolean => effect.times.leaseMs - (performance.now() - started) >= effect.times.httpMs;
  // Asked again after the mark: the database's answer may have taken long, or this process may have been frozen.
  if (!enough() || !(await markSent(db, { attemptId })) || !enough()) {
    if (held.mustLook) await resolveAbsent(db, { attemptId }); // the next attempt need not look again, so a slow look ends too
    await finish(db, { attemptId, outcome: 'not_sent' });
    throw retryLater('Effect.late', 'the claim had too little time left for a whole request', 1);
  }
  return await sendClaimed(db, effect, prepared, attemptId);
}

async function claimEffect<T, R extends object>(
  db: Db,
  { id, times, lookFirst, watermark }: CreateEffect<T, R>,
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
async function lookUnder<T, R extends object>(db: Db, effect: CreateEffect<T, R>, held: Claimed): Promise<Look<R>> {
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
        const message = 'an earlier attempt may still be processed by Miro; looking again when that has settled';
        throw retryLater('Effect.settling', message, held.settleLeftMs);
      }
      if (held.since) await resolveAbsent(db, { attemptId });
      return seen;
  }
}

async function sendClaimed<T, R extends object>(
  db: Db,
  effect: CreateEffect<T, R>,
  prepared: Prepared<T>,
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

async function recordFailure(db: Db, attemptId: string, error: unknown): Promise<void> {
  const miro = error instanceof MiroError ? error : undefined;
  await finish(db, {
    attemptId,
    outcome: miro?.written === 'no' ? 'not_written' : 'unknown',
    error: miro?.message ?? 'the attempt ended without an answer',
    ...(miro?.status === undefined ? {} : { status: miro.status }),
    ...(miro?.requestId === undefined ? {} : { requestId: miro.requestId }),
  });
}

function known<R>({ objectId = '', result }: { objectId?: string; result?: unknown }): Ensured<R> {
  return { outcome: 'existing', objectId, result: result as R };
}

/** Writes a decision of ours down for good, such as how a refused batch goes on; nothing is sent. */
export async function recordFact(db: Db, id: EffectId): Promise<void> {
  const held = await claim(db, { ...id, key: keyOf(id), kind: 'create', leaseMs: 10_000, settleMs: 0 });
  if (held.state === 'busy') throw busy(held.retryAfterMs);
  if (held.state === 'claimed') await finish(db, { attemptId: held.attemptId, outcome: 'made', objectId: keyOf(id) });
}

/**
 * Finds out what became of an effect whose attempts had no answer; sends nothing. @throws as {@link ensureCreated} while it cannot be told.
 * @returns the object, or undefined if there surely is none.
 */
export async function settleCreated<T, R extends object>(
  db: Db,
  effect: CreateEffect<T, R>,
): Promise<{ objectId: string; result: R } | undefined> {
  const held = await claimEffect(db, { ...effect, lookFirst: false });
  if (held.state === 'done') return { objectId: held.objectId, result: held.result as R };
  const seen: Look<R> = held.mustLook ? await lookUnder(db, effect, held) : { kind: 'absent' };
  if (seen.kind === 'ambiguous') throw retryLater('Effect.ambiguous', seen.reason, effect.times.settleMs);
  if (seen.kind === 'found') return seen;
  await finish(db, { attemptId: held.attemptId, outcome: 'not_sent' });
  return undefined;
}

/** Ends what no look can tell: a send may have gone out, a set tells itself when it is read next. */
export async function settleUnseen(db: Db, id: EffectId, kind: 'set' | 'send'): Promise<void> {
  const held = await claim(db, { ...id, key: keyOf(id), kind, leaseMs: 10_000, settleMs: 0 });
  if (held.state === 'busy') throw busy(held.retryAfterMs);
  if (held.state !== 'claimed') return;
  await resolveAbsent(db, { attemptId: held.attemptId });
  await finish(db, { attemptId: held.attemptId, outcome: 'not_sent' });
}

export interface SetEffect<V> {
  id: EffectId;
  times: WriteTimes;
  /** The value as Miro has it now. */
  read(): Promise<V>;
  /** Whether `value` is what is wanted. */
  holds(value: V): boolean;
  write(value: V): Promise<void>;
}

/**
 * Read, compare, write, read back, under a leased claim; the ledger is evidence only. Effect: set.
 * @returns whether this call changed something.
 * @throws ApplicationFailure Effect.unchanged (retryable) if Miro shows the old value afterwards; MiroError conflict if it always does.
 */
export async function ensureSet<V>(db: Db, effect: SetEffect<V>): Promise<'existing' | 'changed'> {
  const { id, times } = effect;
  const held = await claim(db, {
    ...id,
    key: keyOf(id),
    kind: 'set',
    leaseMs: times.leaseMs,
    settleMs: 0,
    lookFirst: false,
  });
  if (held.state !== 'claimed') throw busy(held.state === 'busy' ? held.retryAfterMs : 1);
  const { attemptId } = held;
  try {
    const before = await effect.read();
    if (effect.holds(before)) {
      await finish(db, { attemptId, outcome: 'set' });
      return 'existing';
    }
    if (!(await markSent(db, { attemptId }))) throw retryLater('Effect.late', 'the claim ended before the write', 1);
    await effect.write(before);
    if (!effect.holds(await effect.read())) throw unchanged(held.number, id.step, times);
    await finish(db, { attemptId, outcome: 'set' });
    return 'changed';
  } catch (error) {
    await recordFailure(db, attemptId, error);
    throw error;
  }
}

/** How often a value is written that Miro takes and does not show: it may be late, or have a mind of its own. */
const WRITES = 5;

function unchanged(attempt: number, operation: string, times: WriteTimes): Error {
  const message = 'Miro took the write and shows another value';
  if (attempt < WRITES) return retryLater('Effect.unchanged', message, times.httpMs / 10);
  return new MiroError(message, { kind: 'conflict', written: 'no', operation });
}

export interface SendEffect<T, R extends object> {
  id: EffectId;
  times: WriteTimes;
  call: Call<T>;
  result(answer: T): R;
}

/** `repeated`: an earlier attempt may have sent it too. */
export type Sent<R> = R & { repeated: boolean };

/** People are mailed each time: an endpoint that never answers is not asked for ever. About a minute of retries. */
const MOST_UNANSWERED = 6;

/**
 * Sends once; after a lost answer at least once, which `repeated` tells. Effect: send.
 * @returns undefined when it was sent often enough and never answered: nobody knows.
 */
export async function ensureSent<T, R extends object>(
  db: Db,
  caller: Caller,
  effect: SendEffect<T, R>,
): Promise<{ result: Sent<R>; outcome: 'made' | 'existing' } | undefined> {
  const { id, times } = effect;
  let prepared = await caller.prepare(effect.call);
  const once = async () => {
    const started = performance.now();
    const held = await claim(db, {
      ...id,
      key: keyOf(id),
      kind: 'send',
      leaseMs: times.leaseMs,
      settleMs: 0,
      lookFirst: false,
    });
    if (held.state === 'busy') throw busy(held.retryAfterMs);
    if (held.state === 'done') return { result: held.result as Sent<R>, outcome: 'existing' as const };
    const { attemptId } = held;
    if (held.unanswered >= MOST_UNANSWERED) {
      await finish(db, { attemptId, outcome: 'not_sent' });
      return undefined;
    }
    const enough = (): boolean => times.leaseMs - (performance.now() - started) >= times.httpMs;
    if (!enough() || !(await markSent(db, { attemptId })) || !enough()) {
      await finish(db, { attemptId, outcome: 'not_sent' });
      throw retryLater('Effect.late', 'the claim had too little time left for a whole request', 1);
    }
    try {
      const result = { ...effect.result(await prepared.send(times.httpMs)), repeated: held.unanswered > 0 };
      await finish(db, { attemptId, outcome: 'made', objectId: keyOf(id), result });
      return { result, outcome: 'made' as const };
    } catch (error) {
      await recordFailure(db, attemptId, error);
      throw error;
    }
  };
  try {
    return await once();
  } catch (error) {
    if (!isUnauthorized(error)) throw error;
    prepared = await caller.prepareAfter401(effect.call, prepared);
    return await once();
  } finally {
    prepared.release();
  }
}
