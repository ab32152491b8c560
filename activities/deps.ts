import type { IdKey } from '../ids.js';
import type { Miro, OAuthOptions } from '../miro/index.js';
import type { Db } from '../store/db.js';
import type { Vault } from '../store/vault.js';
import type { Budget } from './budget.js';

/** What the worker hands to the activities. */
export interface Deps {
  db: Db;
  vault: Vault;
  miro: Miro;
  /** The connections that `miro` uses too. */
  dispatcher: OAuthOptions['dispatcher'];
  /** Base URL of REST and OAuth token calls, e.g. https://api.miro.com. */
  apiUrl: string;
  idKey: IdKey;
  budget: Budget;
  timings: Timings;
}

/** One write's times in ms. httpMs < leaseMs < startToClose of its activity; see {@link timings}. */
export interface WriteTimes {
  /** Whole request, body included; the request is aborted then. */
  httpMs: number;
  /** How long the claim keeps every other attempt away. */
  leaseMs: number;
  /** Longest that Miro may still process after an abort, plus the lag of the index that a look reads. */
  settleMs: number;
}

export interface Timings {
  single: WriteTimes;
  bulk: WriteTimes;
  copy: WriteTimes;
  /** Reads. */
  readMs: number;
  /** A wait up to this long stays in the activity; a longer one becomes a retry. */
  shortWaitMs: number;
}

/**
 * The times of production, or shrunk by `scale` (0 < scale ≤ 1) for a simulator on this machine.
 * Single calls run under startToClose 15 s, batches and board copies under 60 s.
 */
export function timings(scale = 1): Timings {
  const ms = (value: number): number => Math.max(1, Math.round(value * scale));
  return {
    single: { httpMs: ms(10_000), leaseMs: ms(13_000), settleMs: ms(20_000) },
    bulk: { httpMs: ms(20_000), leaseMs: ms(25_000), settleMs: ms(30_000) },
    // a copy of a large board is processed long after an abort
    copy: { httpMs: ms(45_000), leaseMs: ms(52_000), settleMs: ms(120_000) },
    readMs: ms(10_000),
    shortWaitMs: ms(3_000),
  };
}
