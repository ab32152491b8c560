/**
 * The shared credit budget as this process sees it. `reserve` gives each call a place in a window; the headers of every answer correct the account.
 * Windows and credits: https://developers.miro.com/reference/rate-limiting (100 000 credits per app, user and 60 s).
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { JobKind } from '../contract.js';
import type { Answer } from '../miro/index.js';
import { retryAfter } from './failure.js';

export interface ReserveRequest {
  /** (app, Miro user), see GrantInfo.budgetKey. */
  budget: string;
  credits: number;
  /** Effect and number of its send: a caller that comes back with the same key finds its place kept. */
  key: string;
  tenantId: string;
  jobKind: JobKind;
  /** Temporal's priority key, 1 (first) to 5. */
  priority: number;
  signal?: AbortSignal;
}

/** One permitted send. Exactly one of `answered` and `release` is called. */
export interface Ticket {
  /** The call was sent; the account is corrected by the answer's headers where it has some. */
  answered(answer?: Answer): void;
  /** The call was not sent. */
  release(): void;
}

export interface Budget {
  /** @throws ApplicationFailure `Budget.wait` with nextRetryDelay when the wait is longer than `shortWaitMs`. */
  reserve(request: ReserveRequest): Promise<Ticket>;
}

export interface BudgetOptions {
  /** Credits per window until the first answer tells. */
  limit?: number;
  windowMs?: number;
  shortWaitMs: number;
  now?: () => number;
}

interface Account {
  limit: number;
  windowMs: number;
  /** End of the current window, epoch ms. */
  resetAt: number;
  /** Whether an answer has told that end; until then it is a guess. */
  told: boolean;
  remaining: number;
  /** Sent and not answered, or granted and not sent. */
  open: number;
  /** Places in later windows, by caller's key. */
  waiting: Map<string, { at: number; credits: number }>;
}

/** Waiters of one window start spread over this part of it, so that its reset sees no stampede. */
const SPREAD = 0.7;
/** A place that nobody came back for is given up after this part of a window. */
const KEPT = 0.5;

export function createBudget(options: BudgetOptions): Budget {
  const now = options.now ?? Date.now;
  const accounts = new Map<string, Account>();

  const accountOf = (key: string): Account => {
    const known = accounts.get(key);
    if (known) return known;
    const limit = options.limit ?? 100_000;
    const windowMs = options.windowMs ?? 60_000;
    const fresh: Account = {
      limit,
      windowMs,
      resetAt: now() + windowMs,
      told: false,
      remaining: limit,
      open: 0,
      waiting: new Map(),
    };
    accounts.set(key, fresh);
    return fresh;
  };

  return {
    async reserve({ budget, credits, key, signal }) {
      const account = accountOf(budget);
      turnWindow(account, now());
      const wait = placeFor(account, key, credits, now());
      if (wait > options.shortWaitMs) {
        throw retryAfter('Budget.wait', `waiting for Miro credits: ${credits} of ${account.limit} per window`, wait);
      }
      if (wait > 0) await delay(wait, undefined, signal ? { signal } : {});
      account.waiting.delete(key);
      account.open += credits;
      return ticket(account, credits, now);
    },
  };
}

function ticket(account: Account, credits: number, now: () => number): Ticket {
  let closed = false;
  const close = (): boolean => {
    if (closed) return false;
    closed = true;
    account.open -= credits;
    return true;
  };
  return {
    release: () => void close(),
    answered(answer) {
      if (!close()) return;
      const limits = answer?.rateLimit;
      if (limits?.remaining === undefined || limits.resetAtMs === undefined) account.remaining -= credits;
      else correct(account, { ...limits, remaining: limits.remaining, resetAtMs: limits.resetAtMs }, now());
      // Miro said no: nothing goes out in this window any more, whatever the account believes
      if (answer?.status === 429) account.remaining = 0;
    },
  };
}

/** What the server says is true, except that the answer of an older window may arrive late and answers may overtake each other. */
function correct(
  account: Account,
  said: { limit?: number | undefined; remaining: number; resetAtMs: number },
  at: number,
): void {
  if (said.limit !== undefined) account.limit = said.limit;
  const ahead = said.resetAtMs - account.resetAt;
  const sameWindow = account.told && Math.abs(ahead) < account.windowMs / 4;
  if (sameWindow) account.remaining = Math.min(account.remaining, said.remaining);
  else if (said.resetAtMs > at) account.remaining = said.remaining;
  else return;
  // Resets lie whole windows apart, so the least distance seen is a window.
  if (account.told && !sameWindow && ahead > 0) account.windowMs = Math.min(account.windowMs, ahead);
  account.resetAt = said.resetAtMs;
  account.told = true;
}

function turnWindow(account: Account, at: number): void {
  if (at < account.resetAt) return;
  const windows = Math.floor((at - account.resetAt) / account.windowMs) + 1;
  account.resetAt += windows * account.windowMs;
  account.remaining = account.limit;
  for (const [key, place] of account.waiting) {
    if (place.at < at - account.windowMs * KEPT) account.waiting.delete(key);
  }
}

/** How long to wait for `credits`, in ms; keeps the place for `key`. First come, first served. */
function placeFor(account: Account, key: string, credits: number, at: number): number {
  const kept = account.waiting.get(key);
  if (kept && kept.at > at) return kept.at - at;
  const ahead = [...account.waiting.entries()].filter(([k, p]) => k !== key && p.at <= account.resetAt);
  const promised = ahead.reduce((sum, [, place]) => sum + place.credits, 0);
  const fits = account.remaining - account.open - (kept ? 0 : promised) >= Math.min(credits, account.limit);
  if (fits) return 0;
  const place = { at: nextPlace(account, credits), credits };
  account.waiting.delete(key);
  account.waiting.set(key, place);
  return place.at - at;
}

/** The first later window with room, and a start inside it that follows the credits already promised there. */
function nextPlace(account: Account, credits: number): number {
  for (let n = 0; ; n += 1) {
    const start = account.resetAt + n * account.windowMs;
    let promised = 0;
    for (const place of account.waiting.values()) {
      if (place.at >= start && place.at < start + account.windowMs) promised += place.credits;
    }
    if (promised === 0 || promised + credits <= account.limit) {
      return start + 1 + (promised / account.limit) * account.windowMs * SPREAD;
    }
  }
}
