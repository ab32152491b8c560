/**
 * The credit budgets that all worker processes share through the store. `reserve` gives each call a place in a window;
 * the headers of every answer correct the account.
 * Windows and credits: https://developers.miro.com/reference/rate-limiting (100 000 credits per app, user and 60 s).
 */
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { CreditUse } from '../contract.js';
import type { Answer, RateLimit } from '../miro/index.js';
import { isContended, type BudgetId, type BudgetKind } from '../store/budgets.js';
import type { Db } from '../store/db.js';
import type { Told } from './budget-account.js';
import type { Timings } from './deps.js';
import { openChannel, type Channel } from './budget-channel.js';
import { createUsageWriter, type UsageWriter } from './budget-usage.js';
import { retryAfter, retryLater } from './failure.js';

export interface ReserveRequest {
  /** REST: (app, Miro user), see GrantInfo.budgetKey. SCIM: organisation token and kind of call. */
  budget: string;
  /** Default `rest`. */
  kind?: BudgetKind;
  credits: number;
  /** Effect and number of its send: a caller that comes back with the same key finds its place kept. */
  key: string;
  tenantId: string;
  jobKind: CreditUse;
  /** Temporal's priority key, 1 (first) to 5; from 2 on a person waits for the call. */
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
  /** Hands what was told over to the store. */
  close(): Promise<void>;
}

export interface BudgetDeps {
  db: Db;
  /** How long a wait stays in the activity, and the longest that a call may take. */
  timings: Pick<Timings, 'copy' | 'readMs' | 'shortWaitMs'>;
  /** Until the first answer tells, of a REST budget. */
  limit?: number;
  windowMs?: number;
  /** What an operator should know of; default: nothing is said. */
  log?: (line: string) => void;
}

/** Until Miro tells. https://developers.miro.com/reference/rate-limits for SCIM, which documents no headers. */
const WINDOWS = {
  rest: { limit: 100_000, windowMs: 60_000 },
  scim: { limit: 10_000, windowMs: 30_000 },
} as const;

/** A statement or two of another process are always waited for. */
const LEAST_PATIENCE_MS = 500;
/** Who could not get at the account asks again after so long. */
const CONTENDED_MS = 1_000;

/** A reset further away is none that one can wait for: the header is not understood. */
const MOST_WINDOW_MS = 3_600_000;
/** A limit that is told to be larger is none. */
const MOST_CREDITS = 1_000_000_000;

export function createBudget({ db, timings, log = () => undefined, ...options }: BudgetDeps): Budget {
  // A ticket whose process died counts as spent for as long as its call might have taken.
  const longestMs = Math.max(timings.copy.leaseMs, timings.readMs);
  const patienceMs = Math.max(timings.shortWaitMs, LEAST_PATIENCE_MS);
  const channels = new Map<string, Channel>();
  const usage = createUsageWriter(db);
  const channelOf = ({ budget: key, kind = 'rest' }: ReserveRequest): Channel => {
    const known = channels.get(key);
    if (known) return known;
    const id: BudgetId = { key, kind, ...WINDOWS[kind], ...(kind === 'rest' ? options : {}) };
    const opened = openChannel(id, { db, longestMs, patienceMs, log });
    channels.set(key, opened);
    return opened;
  };

  return {
    async reserve(request) {
      const channel = channelOf(request);
      const { key, tenantId, priority, credits, signal } = request;
      const patientUntil = performance.now() + timings.shortWaitMs;
      for (;;) {
        const verdict = await channel.ask({ id: randomUUID(), key, tenantId, priority, credits }).catch(waitInstead);
        if (verdict.granted) return ticket(channel, verdict.placeId, { request, usage });
        const { placeId, waitMs, limit } = verdict;
        if (performance.now() + waitMs > patientUntil) throw tooLong({ credits, limit, waitMs });
        await delay(waitMs, undefined, signal ? { signal } : {}).catch((error: unknown) => {
          channel.release(placeId);
          throw error;
        });
      }
    },
    async close() {
      await Promise.all([...channels.values()].map((channel) => channel.close()));
      await usage.close();
    },
  };
}

function tooLong({ credits, limit, waitMs }: { credits: number; limit: number; waitMs: number }): Error {
  const about = new Date(Date.now() + waitMs).toISOString().replace(/\.\d+/, '');
  const message = `waiting for Miro credits: ${credits} of ${limit} per window, with a place at about ${about}`;
  return retryAfter('Budget.wait', message, waitMs);
}

/** Other processes kept the account to themselves for all the time that a wait may take. */
function waitInstead(error: unknown): never {
  if (!isContended(error)) throw error;
  throw retryLater('Budget.wait', 'waiting for the account of Miro credits, which others are writing', CONTENDED_MS);
}

interface Sending {
  request: ReserveRequest;
  usage: UsageWriter;
}

function ticket(channel: Channel, placeId: string, { request, usage }: Sending): Ticket {
  let isClosed = false;
  const release = (): void => {
    if (!isClosed) channel.release(placeId);
    isClosed = true;
  };
  return {
    release,
    answered(answer) {
      if (answer?.sent === false) return release();
      if (isClosed) return;
      isClosed = true;
      const { credits, tenantId, jobKind } = request;
      channel.tell(toldBy(placeId, credits, answer));
      const refused = answer?.status === 429 ? 1 : 0;
      usage.add(request.budget, { tenantId, jobKind, credits: refused ? 0 : credits, calls: 1, refused });
    },
  };
}

/** Times as `performance.now()` has them: the process's own clock may be hours off. */
function toldBy(id: string, credits: number, answer: Answer | undefined): Told {
  const receivedAt = performance.now();
  const { status, tookMs = 0, rateLimit } = answer ?? {};
  const { retryAfterMs } = rateLimit ?? {};
  const window = rateLimit && windowBy(rateLimit);
  return {
    ...{ id, credits, sentAt: receivedAt - tookMs, receivedAt },
    ...(status !== undefined && { status }),
    ...(window && { window }),
    ...(retryAfterMs !== undefined && { retryAfterMs: Math.min(retryAfterMs, MOST_WINDOW_MS) }),
  };
}

/** Headers come from outside: whole numbers of a size that can be counted with. */
function windowBy({ window: name, endsInMs, remaining, limit }: RateLimit): Told['window'] {
  if (name === undefined || endsInMs === undefined || remaining === undefined) return undefined;
  if (Math.abs(endsInMs) >= MOST_WINDOW_MS) return undefined;
  const whole = (credits: number, least: number): number =>
    Math.max(least, Math.min(Math.floor(credits), MOST_CREDITS));
  return {
    ...{ name: Math.round(name), endsInMs, remaining: whole(remaining, 0) },
    ...(limit !== undefined && { limit: whole(limit, 1) }),
  };
}
