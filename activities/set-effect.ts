/** Effect: set. In this order: claim, read, compare, token and credits, write, read back. */
import { MiroError } from '../miro/errors.js';
import type { Db } from '../store/db.js';
import { claim, finish, markSent } from '../store/ledger.js';
import type { Caller } from './calls.js';
import type { WriteTimes } from './deps.js';
import { busy, keyOf, recordFailure, tooLate, type EffectId } from './effects.js';
import { retryLater } from './failure.js';

export interface SetEffect<V> {
  id: EffectId;
  times: WriteTimes;
  /** The value as Miro has it now. */
  read(): Promise<V>;
  /** Whether `value` is what is wanted. */
  holds(value: V): boolean;
  /** Hands `ready` to each of its calls: the first one that has token and credits in hand marks the attempt sent. */
  write(value: V, ready: () => Promise<void>): Promise<void>;
}

/**
 * Read, compare, write, read back, under a leased claim; the ledger is evidence only. Effect: set.
 * @returns whether this call changed something.
 * @throws ApplicationFailure Effect.unchanged (retryable) if Miro shows the old value afterwards; MiroError conflict if it always does.
 */
export async function ensureSet<V>(
  db: Db,
  caller: Pick<Caller, 'requireUnpaused'>,
  effect: SetEffect<V>,
): Promise<'existing' | 'changed'> {
  const { id, times } = effect;
  await caller.requireUnpaused();
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
  let marking: Promise<boolean> | undefined;
  const ready = async (): Promise<void> => {
    if (marking) await caller.requireUnpaused(); // not the first of its calls: a pause may have begun since
    if (!(await (marking ??= markSent(db, { attemptId })))) throw await tooLate(db, attemptId);
  };
  try {
    const before = await effect.read();
    if (effect.holds(before)) {
      await finish(db, { attemptId, outcome: 'set' });
      return 'existing';
    }
    await effect.write(before, ready);
    if (!effect.holds(await effect.read())) throw unchanged(held.number, id.step, times);
    await finish(db, { attemptId, outcome: 'set' });
    return 'changed';
  } catch (error) {
    if (marking) await recordFailure(db, attemptId, error);
    else await finish(db, { attemptId, outcome: 'not_sent' });
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
