/** Effect: set. Read, compare, write, read back. */
import { MiroError } from '../miro/errors.js';
import type { Db } from '../store/db.js';
import { claim, finish, markSent } from '../store/ledger.js';
import type { WriteTimes } from './deps.js';
import { busy, keyOf, recordFailure, type EffectId } from './effects.js';
import { retryLater } from './failure.js';

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
    if (!(await markSent(db, { attemptId })))
      throw retryLater('Effect.late', 'the claim ended, or a pause began, before the write', 1);
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
