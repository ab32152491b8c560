import { Faults } from './faults/rules.js';
import { RequestLog } from './http/request-log.js';
import { Credits } from './limits/credits.js';
import { DEFAULTS, type SimulatorOptions } from './options.js';
import { Clock } from './state/clock.js';
import { Ids } from './state/ids.js';
import { Random } from './state/random.js';
import { emptyWorld, type World } from './state/world.js';
import { fillWorld } from './worlds/fill.js';

/** https://developers.miro.com/reference/rate-limits (read 2026-11-22) */
const SCIM_CREDITS = 10_000;

/** The first account of a world: what the ready line tells, stable for a seed and over resets. */
export interface Account {
  accessToken: string;
  refreshToken: string;
  scimToken: string;
  clientId: string;
  clientSecret: string;
  orgId: string;
  teamId: string;
}

/** One simulated Miro: state, time, budgets and faults. Everything the handlers touch hangs here. */
export class Simulation {
  readonly options: SimulatorOptions;
  baseUrl = 'https://api.miro.com';
  world!: World;
  clock!: Clock;
  random!: Random;
  ids!: Ids;
  credits!: Credits;
  /** SCIM has windows of half the length, one per kind of call. */
  scimCredits!: Credits;
  faults!: Faults;
  log!: RequestLog;
  account!: Account;

  constructor(options: Partial<SimulatorOptions>) {
    this.options = { ...DEFAULTS, ...options };
    this.reset();
  }

  /** What Miro accepts now and finishes later. */
  private later: { dueAt: number; finish: () => void }[] = [];

  finishLater(delayMs: number, finish: () => void): void {
    this.later.push({ dueAt: this.clock.now() + delayMs, finish });
  }

  /** Finishes what is due; called before each request, so that a moved clock is obeyed. */
  finishDue(): void {
    if (this.later.length === 0) return;
    const now = this.clock.now();
    const due = this.later.filter(({ dueAt }) => dueAt <= now);
    this.later = this.later.filter(({ dueAt }) => dueAt > now);
    for (const { finish } of due) finish();
  }

  /** Back to the first moment: same seed, same world, same tokens. */
  reset(): void {
    const { seed, windowMs, creditLimit, faults } = this.options;
    this.clock = new Clock();
    this.random = new Random(seed);
    this.ids = new Ids(this.random);
    this.credits = new Credits(this.clock, windowMs, creditLimit);
    this.scimCredits = new Credits(this.clock, Math.max(1, windowMs / 2), SCIM_CREDITS);
    this.faults = new Faults(seed, faults);
    this.log = new RequestLog();
    this.later = [];
    this.world = emptyWorld();
    this.account = fillWorld(this);
  }
}
