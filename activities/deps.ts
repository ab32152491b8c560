import type { IdKey } from '../ids.js';
import type { Miro, OAuthOptions, Scim } from '../miro/index.js';
import type { Db } from '../store/db.js';
import type { Vault } from '../store/vault.js';
import type { Budget } from './budget.js';

/** What the worker hands to the activities. */
export interface Deps {
  db: Db;
  vault: Vault;
  miro: Miro;
  scim: Scim;
  /** The connections that `miro` and `scim` use too. */
  dispatcher: OAuthOptions['dispatcher'];
  /** Base URL of REST and OAuth token calls, e.g. https://api.miro.com. */
  apiUrl: string;
  /** Base URL of SCIM calls, e.g. https://miro.com/api/v1/scim. */
  scimUrl: string;
  idKey: IdKey;
  /** This worker encrypts what Temporal keeps, and takes no start from a client that doesn't. */
  encrypts?: boolean | undefined;
  budget: Budget;
  /** Where people reach the gateway; without it nothing carries a relink URL. */
  publicUrl?: string | undefined;
  /** Webhooks may go to addresses that are not public. */
  allowPrivateWebhooks?: boolean | undefined;
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

export interface WebhookTimes {
  /** How long an endpoint has to answer. */
  httpMs: number;
  /** From each try that failed to the next one; when there is none left, the delivery is given up. */
  retryMs: readonly number[];
}

export interface TrackerTimes {
  httpMs: number;
  leaseMs: number;
  /** Factor on the settle time that a tracker names itself. */
  settleScale: number;
}

export interface Timings {
  single: WriteTimes;
  bulk: WriteTimes;
  copy: WriteTimes;
  tracker: TrackerTimes;
  /** Reads. */
  readMs: number;
  webhook: WebhookTimes;
  /** A wait up to this long stays in the activity; a longer one becomes a retry. */
  shortWaitMs: number;
  /** How soon a paused write asks again. */
  pausedMs: number;
  /** From one probe of a Miro that is down to the next: at first, then twice as long each time, at most. */
  probe: { firstMs: number; longestMs: number };
}

const MINUTE_S = 60;
const HOUR_S = 60 * MINUTE_S;
/** The schedule that Standard Webhooks recommends: about three days. https://www.standardwebhooks.com */
const WEBHOOK_RETRY_S = [...[5, 5 * MINUTE_S, 30 * MINUTE_S], ...[2, 5, 10, 14, 20, 24].map((hours) => hours * HOUR_S)];

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
    // runs in batches, as bulk
    tracker: { httpMs: ms(20_000), leaseMs: ms(25_000), settleScale: scale },
    readMs: ms(10_000),
    webhook: { httpMs: ms(15_000), retryMs: WEBHOOK_RETRY_S.map((seconds) => ms(seconds * 1_000)) },
    shortWaitMs: ms(3_000),
    pausedMs: ms(5_000),
    probe: { firstMs: ms(1_000), longestMs: ms(30_000) },
  };
}
