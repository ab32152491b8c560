import type { Counts, ItemOutcome } from '../contract.js';

/** What one step did: counts for the status, problems for the result; item by item it is in the store. */
export interface StepReport {
  counts: Counts;
}

export const noCounts = (): Counts => ({ made: 0, existing: 0, changed: 0, skipped: 0, refused: 0, failed: 0 });

export function report(outcomes: Iterable<ItemOutcome>): StepReport {
  const counts = noCounts();
  for (const outcome of outcomes) counts[outcome] += 1;
  return { counts };
}

/** How many problems a result names; all are in the store. */
export const NAMED_PROBLEMS = 50;
