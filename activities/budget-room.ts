/**
 * What a budget's account has room for. Pure: times are epoch ms on the store's clock.
 *
 * Where headers tell, the account holds what Miro said of one window; windows after it are foretold. Where they do not
 * (SCIM documents none), a call counts for a whole window after its answer, which is right for any window of Miro's.
 */
import type { Account, Place, ToldWindow } from '../store/budgets.js';
import { DATE_STEP_MS, foreignIn, sumOf, turnOf } from './budget-account.js';

/** What may go out now, and when there is new room. */
export interface Room {
  now: number;
  /** Credits a window. */
  limit: number;
  windowMs: number;
  /** Credits that nothing has used or is about to use. */
  left: number;
  /** Of `left`: kept for another program, less and less until the window ends. */
  yielded: number;
  /** What another program is believed to use in a window. */
  foreign: number;
  /** Credits on their way: `left` may count them twice, until they are answered. */
  open: number;
  /** From here on there is new room. */
  endsAt: number;
  /** Until then a part is kept for who waits in person. */
  burstUntil: number;
  /** Nothing may go out. */
  isBlocked: boolean;
  /**
   * Nobody has seen yet that the window turned or that a refusal is over. What was left of the one before may be used in any case, and one call
   * may go alone to find out; `alone` is true until it has gone.
   */
  doubt?: { until: number; left: number; alone: boolean };
  /** Where each call frees its credits by itself: when. Otherwise windows turn as a whole. */
  frees?: { at: number; credits: number }[];
}

/** A turn that nobody has seen is doubted for this part of a window, and so is the end of a refusal. */
const DOUBT = { part: 0.1, mostMs: 1_000 };
/** Who waits for a call that takes longer than a window asks again after so long. */
const LATE_STEP_MS = 1_000;
/** After this part of a window what is kept for who waits in person is released to everybody. */
export const BURST_UNTIL = 0.75;

export function roomOf(account: Account, places: Place[], now: number): Room {
  const granted = places.filter(({ grantedAt }) => grantedAt !== undefined);
  const { told } = account;
  const isKnown = told !== undefined && isBelievable(account, told, now);
  return isKnown ? toldRoom(account, told, granted, now) : untoldRoom(account, granted, now);
}

/** An end that lies further ahead than it can was told before the store's clock was set back. */
const isBelievable = (account: Account, told: ToldWindow, now: number): boolean =>
  turnOf(account, told) <= now + account.windowMs + account.marginMs + DATE_STEP_MS;

function toldRoom(account: Account, told: ToldWindow, granted: Place[], now: number): Room {
  const { limit, windowMs, foreign, blockedUntil = 0 } = account;
  const turn = turnOf(account, told);
  const turns = now < turn ? 0 : Math.floor((now - turn) / windowMs) + 1;
  const endsAt = Math.max(turn + turns * windowMs, blockedUntil);
  const open = sumOf(granted);
  const ahead = Math.min(1, (endsAt - now) / windowMs);
  const seen = turns === 0 ? foreignIn(limit, told, open) : 0;
  const doubt =
    blockedUntil > turn || turns === 0
      ? doubtAfter(account, granted, { from: account.blockedUntil, left: 0, now })
      : doubtAfter(account, granted, { from: turn, left: told.remaining - open, now });
  return {
    ...{ now, limit, windowMs, foreign, open, endsAt, isBlocked: now < blockedUntil },
    left: (turns === 0 ? told.remaining : limit) - open,
    yielded: Math.min(Math.max(0, foreign - seen), foreign * ahead),
    burstUntil: endsAt - windowMs * (1 - BURST_UNTIL),
    ...(doubt && { doubt }),
  };
}

function untoldRoom(account: Account, spent: Place[], now: number): Room {
  const { limit, windowMs, foreign, blockedUntil = 0 } = account;
  const frees = spent
    .map((call) => ({ credits: call.credits, at: freesAt(call, now, windowMs) }))
    .sort((a, b) => a.at - b.at);
  const doubt = doubtAfter(account, spent, { from: account.blockedUntil, left: 0, now });
  return {
    ...{ now, limit, windowMs, foreign, frees, isBlocked: now < blockedUntil },
    ...{ left: limit - sumOf(spent), yielded: 0, open: 0, burstUntil: now },
    endsAt: Math.max(frees[0]?.at ?? now + windowMs, blockedUntil),
    ...(doubt && { doubt }),
  };
}

/** For a while after `from`: a turn that nobody has seen, or the end of a refusal. */
function doubtAfter(
  { windowMs }: Account,
  granted: Place[],
  { from, left, now }: { from: number | undefined; left: number; now: number },
): Room['doubt'] {
  if (from === undefined || now < from) return undefined;
  const until = from + Math.min(windowMs * DOUBT.part, DOUBT.mostMs);
  const alone = !granted.some(({ grantedAt = 0 }) => grantedAt >= from);
  return now < until ? { until, left, alone } : undefined;
}

/** A call that is not answered yet may be charged at any moment from its grant on. */
const freesAt = ({ grantedAt = 0, answeredAt }: Place, now: number, windowMs: number): number =>
  answeredAt === undefined ? Math.max(grantedAt + windowMs, now + LATE_STEP_MS) : answeredAt + windowMs;
