/**
 * Delivers what transactions have left in the outbox. A row is leased, delivered, then deleted: a relay that dies in between delivers it again,
 * which a run does not mind, since `relinked` only tells it to look. Any number of relays may run.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { WorkflowNotFoundError, type Client } from '@temporalio/client';
import { relinked } from '../contract.js';
import type { Db } from '../store/db.js';
import { doneOutbox, retryOutbox, takeOutbox, type OutboxRow } from '../store/outbox.js';

export interface RelayDeps {
  db: Db;
  client: Client;
  log: (line: string) => void;
}

export interface Relay {
  /** Finishes the delivery at hand. */
  stop(): Promise<void>;
}

const BATCH = 50;
/** Longer than one signal may take; a dead relay's rows are free again after it. */
const LEASE_MS = 30_000;
const SIGNAL_MS = 10_000;
/** A parked run has waited for a person; half a second more is nothing, and the query is one index look-up. */
const IDLE_MS = 500;
const RETRY_MS = 5_000;

/** Runs until stopped; neither the database's nor Temporal's absence ends it. */
export function startRelay(deps: RelayDeps): Relay {
  const stopping = new AbortController();
  const running = relay(deps, stopping.signal);
  return {
    async stop() {
      stopping.abort();
      await running;
    },
  };
}

async function relay(deps: RelayDeps, stopping: AbortSignal): Promise<void> {
  while (!stopping.aborted) {
    const pauseMs = await round(deps, stopping);
    await delay(pauseMs, undefined, { signal: stopping }).catch(() => undefined); // aborted: the loop ends
  }
}

/** @returns how long to wait before the next round, in ms. */
async function round(deps: RelayDeps, stopping: AbortSignal): Promise<number> {
  try {
    const rows = await takeOutbox(deps.db, { limit: BATCH, leaseMs: LEASE_MS });
    for (const row of rows) if (!stopping.aborted) await deliver(deps, row);
    return rows.length === BATCH ? 0 : IDLE_MS;
  } catch (error) {
    deps.log(`the relay could not read the outbox: ${(error as Error).message}`);
    return RETRY_MS;
  }
}

/** Delivers one row and takes it out, or puts it back for later. Safe to repeat. */
export async function deliver({ db, client, log }: RelayDeps, row: OutboxRow): Promise<void> {
  try {
    await signal(client, row);
    await doneOutbox(db, row.outboxId);
  } catch (error) {
    log(`the relay could not reach ${row.payload.workflowId}: ${(error as Error).message}`);
    await retryOutbox(db, row.outboxId, RETRY_MS);
  }
}

async function signal(client: Client, { payload: { workflowId, grantId, generation } }: OutboxRow): Promise<void> {
  try {
    const handle = client.workflow.getHandle(workflowId);
    await client.withDeadline(Date.now() + SIGNAL_MS, () => handle.signal(relinked, { grantId, generation }));
  } catch (error) {
    // A run that has ended, or is past its retention, waits for nothing.
    if (!(error instanceof WorkflowNotFoundError)) throw error;
  }
}
