/** One budget as one process sees it: all that is asked and told at the same time goes to the store together. */
import { setTimeout as delay } from 'node:timers/promises';
import {
  lockBudget,
  readBudget,
  writeBudget,
  type Account,
  type BudgetId,
  type BudgetState,
  type Known,
  type Place,
} from '../store/budgets.js';
import type { Db, Queryable } from '../store/db.js';
import type { Told } from './budget-account.js';
import { allocate, type Ask, type Verdict } from './budget-allocator.js';

export interface Channel {
  /** @throws Error when the store can't be reached. */
  ask(ask: Ask): Promise<Verdict>;
  /** What came of a call, at times of `performance.now()`. It reaches the store with the next ask, or soon by itself. */
  tell(told: Told): void;
  /** The place's call will not be sent. */
  release(placeId: string): void;
  /** Hands over what was told. */
  close(): Promise<void>;
}

interface Asking {
  ask: Ask;
  resolve: (verdict: Verdict) => void;
  reject: (error: unknown) => void;
}

/** Goes to the store together. */
interface Gathered {
  asks: Asking[];
  answers: Told[];
  released: string[];
}

/** What was told waits so long for an ask to go with. */
const LINGER_MS = 10;
/** After each time that the store was away twice as long, up to this. */
const MOST_LINGER_MS = 5_000;
/** After another process was quicker: up to so many ms for each try so far. */
const BACK_OFF_MS = 3;
/** So often others may be quicker. */
const FREE_TRIES = 3;
/** So long this process goes by what it wrote itself, and by the store's clock as it saw it. */
const TRUST_MS = 1_000;

const nothing = (): Gathered => ({ asks: [], answers: [], released: [] });

interface ChannelDeps {
  db: Db;
  /** The longest from a grant to its answer. */
  longestMs: number;
  /** How long a try may wait for other processes. */
  patienceMs: number;
  log: (line: string) => void;
}

export function openChannel(budget: BudgetId, { db, longestMs, patienceMs, log }: ChannelDeps): Channel {
  let gathered = nothing();
  let known: Remembered | undefined;
  let running: Promise<void> | undefined;
  let lingering: NodeJS.Timeout | undefined;
  /** In a row. */
  let failures = 0;

  const run = async (): Promise<void> => {
    await new Promise(setImmediate); // all that is asked in this turn of the event loop goes along
    const batch = gathered;
    gathered = nothing();
    try {
      const settled = await settle(db, { budget, batch, longestMs, patienceMs, known });
      known = settled.known;
      batch.asks.forEach(({ resolve }, n) => resolve(settled.verdicts[n] as Verdict));
      failures = 0;
    } catch (error) {
      known = undefined;
      for (const { reject } of batch.asks) reject(error);
      if (isOfData(error)) {
        // It would be refused again, and everything after it too: the calls count as spent until they are over.
        const { length } = batch.answers;
        log(`the store refused what ${length} answers told about the budget "${budget.key}": ${error.message}`);
        return;
      }
      // Who asked learns that the store is away; what was told goes with a later ask.
      gathered.answers.unshift(...batch.answers);
      gathered.released.unshift(...batch.released);
      failures += 1;
    }
  };
  const start = (): void => {
    clearTimeout(lingering);
    lingering = undefined;
    running ??= run().finally(() => {
      running = undefined;
      if (gathered.asks.length > 0) start();
      else linger();
    });
  };
  const linger = (): void => {
    const isEmpty = gathered.answers.length + gathered.released.length === 0;
    const lingerMs = Math.min(LINGER_MS * 2 ** failures, MOST_LINGER_MS);
    if (!isEmpty && !running) lingering ??= setTimeout(start, lingerMs);
  };

  return {
    ask: (ask) =>
      new Promise((resolve, reject) => {
        gathered.asks.push({ ask, resolve, reject });
        start();
      }),
    tell(told) {
      gathered.answers.push(told);
      linger();
    },
    release(placeId) {
      gathered.released.push(placeId);
      linger();
    },
    async close() {
      await running;
      start();
      await running;
      clearTimeout(lingering);
    },
  };
}

/** A value that no column takes. https://www.postgresql.org/docs/current/errcodes-appendix.html, class 22 */
const isOfData = (error: unknown): error is Error =>
  error instanceof Error && String((error as { code?: unknown }).code).startsWith('22');

/** The state as this process has left it. */
interface Remembered extends Known {
  account: Account;
  /** From `performance.now()` to the store's clock, as it was read. */
  toStore: number;
  readAt: number;
  /** Nobody else had written since the time before. */
  isAlone: boolean;
}

interface Settling {
  budget: BudgetId;
  batch: Gathered;
  longestMs: number;
  patienceMs: number;
  known: Remembered | undefined;
}

interface Settled {
  verdicts: Verdict[];
  known: Remembered;
}

/**
 * Reads, decides and writes. Where others were quicker each time, they wait in the end: a process that is far from the
 * store would never win against near ones.
 */
async function settle(db: Db, { patienceMs, ...settling }: Settling): Promise<Settled> {
  for (let tries = 1; tries <= FREE_TRIES; tries += 1) {
    const settled = await trySettle(db, settling);
    if (settled) return settled;
    settling.known &&= { ...settling.known, isAlone: false };
    await delay(Math.random() * BACK_OFF_MS * tries);
  }
  const { budget } = settling;
  return await db.tx(async (tx) => {
    await lockBudget(tx, budget.key, patienceMs);
    const settled = await trySettle(tx, settling);
    if (!settled) throw new Error(`the budget "${budget.key}" was deleted while it was in use; the call asks again`);
    return settled;
  });
}

/** @returns undefined where somebody else has written in between. */
async function trySettle(
  db: Queryable,
  { budget, batch, longestMs, known }: Omit<Settling, 'patienceMs'>,
): Promise<Settled | undefined> {
  const asks = batch.asks.map(({ ask }) => ask);
  const recalled = recall(known);
  const state = recalled ?? (await readBudget(db, budget, known));
  const toStore = state.now - performance.now();
  const answers = batch.answers.map((told) => movedBy(told, toStore));
  const outcome = allocate(state, { asks, answers, released: batch.released }, longestMs);
  const { account, put, gone, verdicts } = outcome;
  const version = await writeBudget(db, { key: budget.key, version: state.version, account, put, gone });
  if (version === undefined) return undefined;
  const readAt = recalled && known ? known.readAt : performance.now();
  const isAlone = state.places === known?.places;
  return {
    verdicts,
    known: { version, places: placesAfter(state.places, put, gone), account, toStore, readAt, isAlone },
  };
}

/** Where only this process uses the budget, what it wrote last is what stands there; if not, its write is refused, and it reads. */
function recall(known: Remembered | undefined): BudgetState | undefined {
  if (!known?.isAlone || performance.now() > known.readAt + TRUST_MS) return undefined;
  const { version, account, places, toStore } = known;
  return { version, account, places, now: performance.now() + toStore };
}

function placesAfter(before: Place[], put: Place[], gone: string[]): Place[] {
  const changed = new Set([...gone, ...put.map(({ id }) => id)]);
  return [...before.filter(({ id }) => !changed.has(id)), ...put];
}

const movedBy = (told: Told, ms: number): Told => ({
  ...told,
  sentAt: told.sentAt + ms,
  receivedAt: told.receivedAt + ms,
});
