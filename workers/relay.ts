/**
 * Delivers what transactions have left in the outbox. A row is leased, delivered, then deleted: a relay that dies in between delivers it again. A run
 * does not mind, since `relinked` and `decide` only tell it to look; and a webhook's workflow is known by its id. Any number of relays may run.
 */
import { setTimeout as delay } from 'node:timers/promises';
import {
  WorkflowExecutionAlreadyStartedError,
  WorkflowNotFoundError,
  WorkflowUpdateFailedError,
  type Client,
} from '@temporalio/client';
import { relinked } from '../contract.js';
import { decide } from '../contract-retro.js';
import { endApprovalWaits } from '../store/approval-waits.js';
import type { Db } from '../store/db.js';
import { doneOutbox, retryOutbox, takeOutbox, type OutboxKind, type OutboxRow } from '../store/outbox.js';
import { unparkEnded } from '../store/parked.js';

export interface RelayDeps {
  db: Db;
  client: Client;
  /** Base name of the task queues. */
  taskQueue: string;
  log: (line: string) => void;
}

export interface Relay {
  /** Finishes the deliveries at hand. */
  stop(): Promise<void>;
}

const BATCH = 50;
/** Longer than one call to Temporal may take; a dead relay's rows are free again after it. */
const LEASE_MS = 30_000;
const CALL_MS = 10_000;
/** A parked run has waited for a person; half a second more is nothing, and the query is one index look-up. */
const IDLE_MS = 500;
const RETRY_MS = 5_000;
/** A webhook gives way to whatever people wait for. */
const BEHIND = 4;

/** Runs until stopped; neither the database's nor Temporal's absence ends it. */
export function startRelay(deps: RelayDeps): Relay {
  const stopping = new AbortController();
  // each kind at its own pace: a run that is to be woken never stands behind thousands of webhooks
  const running = [
    relay(deps, 'relinked', signal, stopping.signal),
    relay(deps, 'approval', update, stopping.signal),
    relay(deps, 'webhook', startWebhook, stopping.signal),
  ];
  return {
    async stop() {
      stopping.abort();
      await Promise.all(running);
    },
  };
}

type Deliver<Kind extends OutboxKind> = (deps: RelayDeps, row: OutboxRow<Kind>) => Promise<void>;

async function relay<Kind extends OutboxKind>(
  deps: RelayDeps,
  kind: Kind,
  deliver: Deliver<Kind>,
  stopping: AbortSignal,
): Promise<void> {
  while (!stopping.aborted) {
    const pauseMs = await round(deps, kind, deliver);
    await delay(pauseMs, undefined, { signal: stopping }).catch(() => undefined); // aborted: the loop ends
  }
}

/** @returns how long to wait before the next round, in ms. */
async function round<Kind extends OutboxKind>(deps: RelayDeps, kind: Kind, deliver: Deliver<Kind>): Promise<number> {
  try {
    const rows = await takeOutbox(deps.db, { kind, limit: BATCH, leaseMs: LEASE_MS });
    await Promise.all(rows.map((row) => takeOut(deps, row, deliver)));
    return rows.length === BATCH ? 0 : IDLE_MS;
  } catch (error) {
    deps.log(`the relay could not read the outbox: ${(error as Error).message}`);
    return RETRY_MS;
  }
}

/** Delivers one row and takes it out, or puts it back for later. Safe to repeat. */
async function takeOut<Kind extends OutboxKind>(
  deps: RelayDeps,
  row: OutboxRow<Kind>,
  deliver: Deliver<Kind>,
): Promise<void> {
  try {
    await deps.client.withDeadline(Date.now() + CALL_MS, () => deliver(deps, row));
    await doneOutbox(deps.db, row.outboxId);
  } catch (error) {
    deps.log(`the relay could not deliver message ${row.outboxId}: ${(error as Error).message}`);
    await retryOutbox(deps.db, row.outboxId, RETRY_MS);
  }
}

async function signal({ db, client }: RelayDeps, { outboxId, payload }: OutboxRow<'relinked'>): Promise<void> {
  const { workflowId, grantId, generation } = payload;
  try {
    await client.workflow.getHandle(workflowId).signal(relinked, { grantId, generation });
  } catch (error) {
    // A run that has ended, or is past its retention, waits for nothing.
    if (!(error instanceof WorkflowNotFoundError)) throw error;
    await unparkEnded(db, { workflowId, outboxId });
  }
}

async function update({ db, client }: RelayDeps, { payload }: OutboxRow<'approval'>): Promise<void> {
  const { workflowId, runId, decision } = payload;
  try {
    const run = client.workflow.getHandle(workflowId, runId);
    await run.executeUpdate(decide, { args: [decision], updateId: decision.approvalId });
  } catch (error) {
    // A run that waits for another plan, or for nothing any more, says so.
    if (error instanceof WorkflowUpdateFailedError) return;
    if (!(error instanceof WorkflowNotFoundError)) throw error;
    await endApprovalWaits(db, { runId });
  }
}

async function startWebhook({ client, taskQueue }: RelayDeps, row: OutboxRow<'webhook'>): Promise<void> {
  const { eventId, endpointId, again } = row.payload;
  try {
    await client.workflow.start('deliverWebhook', {
      workflowId: ['webhook', eventId, endpointId, ...(again === undefined ? [] : [again])].join(':'),
      taskQueue,
      args: [{ eventId, endpointId }],
      workflowIdReusePolicy: 'REJECT_DUPLICATE',
      priority: { priorityKey: BEHIND, fairnessKey: row.tenantId },
    });
  } catch (error) {
    // Started by a relay that died before it could take the message out.
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
  }
}
