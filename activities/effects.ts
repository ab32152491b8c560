/**
 * What the three kinds of effect over an API without idempotency keys share (docs/architecture.md, Effects): create-effect.ts, set-effect.ts,
 * send-effect.ts.
 */
import { MiroError } from '../miro/errors.js';
import type { Db } from '../store/db.js';
import { claim, finish, markSent, resolveAbsent, type EffectKind } from '../store/ledger.js';
import { TicketError } from '../tickets/errors.js';
import type { WriteTimes } from './deps.js';
import { retryLater } from './failure.js';

export interface EffectId {
  tenantId: string;
  jobId: string;
  runId: string;
  /** Step and subject make the effect's key; never a run id, attempt, clock or random number. */
  step: string;
  subject: string;
}

/** The effect's key in the ledger. */
export const keyOf = (id: EffectId): string => `${id.step}:${id.subject}`;

/** Another attempt holds the claim; it is retried when that lease ends. */
export const busy = (retryAfterMs: number): Error =>
  retryLater('Effect.busy', 'another attempt of this step is still running', retryAfterMs);

/**
 * Marks an attempt sent, if a whole request still fits into its lease. Asked again after the mark: the database's answer may have taken long, or
 * this process may have been frozen. @param started reading of `performance.now()` from before the claim.
 */
export async function markInTime(db: Db, attemptId: string, times: WriteTimes, started: number): Promise<boolean> {
  const enough = (): boolean => times.leaseMs - (performance.now() - started) >= times.httpMs;
  return enough() && (await markSent(db, { attemptId })) && enough();
}

/** For the attempt that could not be marked: gives the claim back. */
export async function tooLate(db: Db, attemptId: string): Promise<Error> {
  await finish(db, { attemptId, outcome: 'not_sent' });
  return retryLater('Effect.late', 'the claim had too little time left for a whole request, or a pause began', 1);
}

/** What a failed request says of its attempt. */
export async function recordFailure(db: Db, attemptId: string, error: unknown): Promise<void> {
  const known = error instanceof MiroError || error instanceof TicketError ? error : undefined;
  await finish(db, {
    attemptId,
    outcome: known?.written === 'no' ? 'not_written' : 'unknown',
    error: known?.message ?? 'the attempt ended without an answer',
    ...(known?.status === undefined ? {} : { status: known.status }),
    ...(known?.requestId === undefined ? {} : { requestId: known.requestId }),
  });
}

/** Writes a decision of ours down for good, such as how a refused batch goes on; nothing is sent. */
export async function recordFact(db: Db, id: EffectId): Promise<void> {
  const held = await claim(db, { ...id, key: keyOf(id), kind: 'create', leaseMs: 10_000, settleMs: 0 });
  if (held.state === 'busy') throw busy(held.retryAfterMs);
  if (held.state === 'claimed') await finish(db, { attemptId: held.attemptId, outcome: 'made', objectId: keyOf(id) });
}

/** Ends what no look can tell: a send may have gone out, a set tells itself when it is read next, and some creates are harmless to repeat. */
export async function settleUnseen(db: Db, id: EffectId, kind: EffectKind): Promise<void> {
  const held = await claim(db, { ...id, key: keyOf(id), kind, leaseMs: 10_000, settleMs: 0 });
  if (held.state === 'busy') throw busy(held.retryAfterMs);
  if (held.state !== 'claimed') return;
  await resolveAbsent(db, { attemptId: held.attemptId });
  await finish(db, { attemptId: held.attemptId, outcome: 'not_sent' });
}
