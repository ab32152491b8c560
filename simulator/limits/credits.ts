import type { Clock } from '../state/clock.js';

export interface Budget {
  limit: number;
  remaining: number;
  /** Epoch milliseconds. */
  resetAt: number;
}

/** One budget per (app, user) and window. A call that does not fit is refused whole and costs nothing. */
export class Credits {
  private readonly spent = new Map<string, { window: number; credits: number }>();
  private readonly clock: Clock;
  private readonly windowMs: number;
  private readonly limit: number;

  constructor(clock: Clock, windowMs: number, limit: number) {
    this.clock = clock;
    this.windowMs = windowMs;
    this.limit = limit;
  }

  /** @returns false if the budget does not hold the cost any more */
  charge(key: string, cost: number): boolean {
    const entry = this.entry(key);
    if (entry.credits + cost > this.limit) return false;
    entry.credits += cost;
    return true;
  }

  /** Takes all but `leave`, as another program on the same budget would. */
  drain(key: string, leave: number): void {
    this.entry(key).credits = this.limit - leave;
  }

  budget(key: string): Budget {
    const { window, credits } = this.entry(key);
    return { limit: this.limit, remaining: this.limit - credits, resetAt: (window + 1) * this.windowMs };
  }

  all(): Record<string, Budget> {
    return Object.fromEntries([...this.spent.keys()].map((key) => [key, this.budget(key)]));
  }

  private entry(key: string): { window: number; credits: number } {
    const window = Math.floor(this.clock.now() / this.windowMs);
    const known = this.spent.get(key);
    if (known?.window === window) return known;
    const fresh = { window, credits: 0 };
    this.spent.set(key, fresh);
    return fresh;
  }
}
