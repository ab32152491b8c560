import { forgetEvents } from '../store/events.js';
import type { Deps } from './deps.js';

/** One sweep's share; the next one follows within a minute. */
const SWEEP = 2_000;

/** Store only. */
export const createEventActivities = ({ db }: Pick<Deps, 'db'>) => ({
  /** Deletes events that are past their retention. Safe to repeat. */
  async forgetEvents(_: Record<string, never>): Promise<{ forgotten: number }> {
    return await forgetEvents(db, { limit: SWEEP });
  },
});
