/** Miro, our calls and the store's account of them in made-up time: days of waiting pass in milliseconds, and every run can be repeated. */
import { allocate, type Ask, type Batch, type Verdict } from '../../activities/budget-allocator.js';
import type { Told } from '../../activities/budget-account.js';
import type { Account, Place } from '../../store/budgets.js';

export interface WorldOptions {
  limit?: number;
  windowMs?: number;
  /** What the account believes before Miro has told. */
  believed?: { limit?: number; windowMs?: number };
  /** How far Miro's clock is ahead of the store's. */
  miroAheadMs?: number;
  /** Whether answers have rate-limit headers. */
  headers?: boolean;
  /** The reset is told in whole seconds, cut off rather than rounded up. */
  cutsReset?: boolean;
  /** How far after a whole number of windows Miro's windows begin. */
  phaseMs?: number;
  seed?: number;
}

export interface Sender {
  tenantId?: string;
  priority?: number;
  credits: number;
  latencyMs?: number;
  /** How late it comes back to its slot, at most. */
  lateMs?: number;
}

/** Credits that reached Miro in one of its windows. */
export interface Window {
  used: number;
  foreign: number;
  refused: number;
  calls: { tenantId: string; at: number; credits: number }[];
}

export type World = ReturnType<typeof createWorld>;

const LONGEST_MS = 52_000;

export function createWorld(options: WorldOptions = {}) {
  const { limit = 10_000, windowMs = 60_000, miroAheadMs = 0, headers = true, seed = 1, phaseMs = 0 } = options;
  const random = randomFrom(seed);
  let now = 1_800_000_000_000;
  let account: Account = { limit, windowMs, ...options.believed, marginMs: 20, foreign: 0 };
  let places = new Map<string, Place>();
  let ids = 0;
  const events: { at: number; order: number; run: () => void }[] = [];
  const windows = new Map<number, Window>();

  const at = (time: number, run: () => void): void => {
    events.push({ at: time, order: (ids += 1), run });
  };
  const numberOf = (time: number): number => Math.floor((time + miroAheadMs - phaseMs) / windowMs);
  const windowOf = (time: number): Window => {
    const n = numberOf(time);
    const window = windows.get(n) ?? { used: 0, foreign: 0, refused: 0, calls: [] };
    windows.set(n, window);
    return window;
  };
  const settle = (batch: Partial<Batch>): Verdict[] => {
    const state = { version: '0', now, account, places: [...places.values()] };
    const outcome = allocate(state, { asks: [], answers: [], released: [], ...batch }, LONGEST_MS);
    for (const place of outcome.put) places.set(place.id, place);
    for (const id of outcome.gone) places.delete(id);
    account = outcome.account;
    return outcome.verdicts;
  };
  /** Miro's side of one call; its answer as our process takes it. */
  const charge = (credits: number, tenantId: string): Pick<Told, 'status' | 'window'> => {
    const window = windowOf(now);
    const fits = window.used + window.foreign + credits <= limit;
    if (fits) {
      window.used += credits;
      window.calls.push({ tenantId, at: now, credits });
    } else window.refused += 1;
    const miroNow = now + miroAheadMs;
    const ends = (numberOf(now) + 1) * windowMs + phaseMs;
    const reset = (options.cutsReset ? Math.floor(ends / 1000) : Math.ceil(ends / 1000)) * 1000;
    const date = Math.floor(miroNow / 1000) * 1000;
    const remaining = limit - window.used - window.foreign;
    return {
      status: fits ? 200 : 429,
      ...(headers && { window: { name: reset, endsInMs: reset - date, remaining, limit } }),
    };
  };
  const send = (placeId: string, { credits, latencyMs = 0, tenantId = 'a' }: Sender, then?: () => void): void => {
    const sentAt = now;
    at(now + latencyMs / 2, () => {
      const answer = charge(credits, tenantId);
      at(sentAt + latencyMs, () => {
        settle({ answers: [{ id: placeId, credits, sentAt, receivedAt: now, ...answer }] });
        then?.();
      });
    });
  };
  const ask = (key: string, { credits, tenantId = 'a', priority = 3 }: Sender): Verdict => {
    const [verdict] = settle({ asks: [{ id: id(), key, tenantId, priority, credits }] });
    if (!verdict) throw new Error('no verdict');
    return verdict;
  };
  const id = (): string => `${String((ids += 1)).padStart(9, '0')}`;

  /** One call after the other; `stop` is asked before each. */
  const keepSending = (name: string, sender: Sender, stop: () => boolean = () => false): void => {
    let n = 0;
    const next = (): void => {
      if (stop()) return;
      n += 1;
      attempt(`${name}:${n}`);
    };
    const attempt = (key: string): void => {
      const verdict = ask(key, sender);
      if (verdict.granted) send(verdict.placeId, sender, next);
      else at(now + verdict.waitMs + random() * (sender.lateMs ?? 0), () => attempt(key));
    };
    next();
  };
  const runUntil = (time: number): void => {
    for (;;) {
      events.sort((a, b) => a.at - b.at || a.order - b.order);
      const event = events[0];
      if (!event || event.at > time) break;
      events.shift();
      now = Math.max(now, event.at);
      event.run();
    }
    now = time;
  };

  return {
    ask,
    asks: (asks: (Sender & { key: string })[]): Verdict[] =>
      settle({
        asks: asks.map((a): Ask => ({ id: id(), tenantId: 'a', priority: 3, ...a })),
      }),
    send,
    settle,
    keepSending,
    /** Another program uses credits. */
    useElsewhere: (credits: number): void =>
      void (windowOf(now).foreign += Math.min(credits, limit - windowOf(now).used)),
    at: (inMs: number, run: () => void) => at(now + inMs, run),
    run: (ms: number) => runUntil(now + ms),
    /** To the next turn of Miro's window, and `ms` beyond. */
    runToTurn: (ms = 0) => runUntil((numberOf(now) + 1) * windowMs + phaseMs - miroAheadMs + ms),
    /** The store's clock, not Miro's. */
    setBack: (ms: number) => void (now -= ms),
    now: () => now,
    account: () => account,
    places: () => [...places.values()],
    forget: () => (places = new Map()),
    /** Whole windows so far, the first of them and the current one left out. */
    wholeWindows: () => [...windows.values()].slice(1, -1),
    windows: () => [...windows.values()],
  };
}

export const refusals = (world: World): number => world.windows().reduce((sum, { refused }) => sum + refused, 0);

/** Numbers from 0 to 1, the same ones for the same seed. https://en.wikipedia.org/wiki/Linear_congruential_generator */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
