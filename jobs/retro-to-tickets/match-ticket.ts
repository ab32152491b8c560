/** Which of the tickets that carry one marker is ours. */
import type { PlanRow } from '../../contract-retro.js';

/** What tells them apart. */
export interface MarkedFacts {
  id: string;
  /** By the tracker's clock. */
  createdAt: Date;
  /** Made by the account whose credentials we have. */
  byUs: boolean;
}

export interface TicketMatch<T> {
  /** Absent: none of them is ours. */
  ticket?: T;
  /** Made by us within the claims beside that one: a second write of ours, to be reported. */
  surplus: T[];
  /**
   * Made within known claims by other accounts. A copy is younger than its original, so where none is ours one of these
   * may be: our account was another one then.
   */
  others: T[];
}

// Clocks of ours and of a tracker differ by seconds at most; five minutes are beyond doubt.
export const CLOCK_SKEW_MS = 5 * 60_000;

/** An item that is newer than what the store knows of the job has no ticket that the store could have lost. */
export function mayHaveHadTicket({ record }: Pick<PlanRow, 'record'>, openedAt: Date): boolean {
  const at = record?.createdAt;
  return at === undefined || Date.parse(at) < openedAt.getTime() + CLOCK_SKEW_MS;
}

/**
 * The oldest that our account made within the claims is ours. What others made is a person's copy, marker and all: it is
 * neither adopted nor reported.
 * @param claims the time in which we may have sent it; unknown ends are open.
 */
export function matchTicket<T extends MarkedFacts>(
  found: readonly T[],
  { since, until }: { since?: Date | undefined; until?: Date | undefined } = {},
): TicketMatch<T> {
  const from = since ? since.getTime() - CLOCK_SKEW_MS : -Infinity;
  const to = until ? until.getTime() + CLOCK_SKEW_MS : Infinity;
  const timely = found.filter(({ createdAt: at }) => at.getTime() >= from && at.getTime() <= to);
  const [ticket, ...surplus] = timely.filter(({ byUs }) => byUs).sort(byAge);
  const others = since ? timely.filter(({ byUs }) => !byUs) : [];
  return { ...(ticket ? { ticket } : {}), surplus, others };
}

/** Ids of trackers grow; the shorter number is the smaller one. */
const byAge = (a: MarkedFacts, b: MarkedFacts): number =>
  a.createdAt.getTime() - b.createdAt.getTime() || a.id.length - b.id.length || (a.id < b.id ? -1 : 1);
