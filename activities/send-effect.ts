/** Effect: send. What goes out to people cannot be looked for or taken back. */
import type { Call } from '../miro/index.js';
import type { Db } from '../store/db.js';
import { claim, finish } from '../store/ledger.js';
import type { Caller } from './calls.js';
import type { WriteTimes } from './deps.js';
import { busy, keyOf, markInTime, recordFailure, tooLate, type EffectId } from './effects.js';
import { isUnauthorized } from './failure.js';

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
    if (!(await markInTime(db, attemptId, times, started))) throw await tooLate(db, attemptId);
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
