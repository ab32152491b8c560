/** The activities as workflows see them: one proxy per kind of step, and one wrapper that parks a run whose grant is dead. */
import { proxyActivities, workflowInfo } from '@temporalio/workflow';
import type { Activities } from '../activities/index.js';
import { bulkQueue, interactiveQueue } from '../contract.js';
import { parking } from './parking.js';

// No maximumAttempts and no scheduleToCloseTimeout: a wait for credits counts as an attempt. What is retryable goes on until the job's deadline.
// Unset, cancellationType behaves as TRY_CANCEL: a run would close while its activity still writes.
const always = {
  cancellationType: 'WAIT_CANCELLATION_COMPLETED',
  retry: { initialInterval: '500ms', maximumInterval: '30s' },
} as const;

const base = (): string => workflowInfo().taskQueue;

// one call: its HTTP deadline is 10 s, its lease 13 s, the rest is for the ledger
const interactive = proxyActivities<Activities>({
  ...always,
  taskQueue: interactiveQueue(base()),
  startToCloseTimeout: '15s',
});

// a batch or a board copy: a dead worker costs 10 s, a stuck one a minute
const bulk = proxyActivities<Activities>({
  ...always,
  taskQueue: bulkQueue(base()),
  startToCloseTimeout: '60s',
  heartbeatTimeout: '10s',
});

/** Single calls to Miro; park on a dead grant. */
export const single = parking(interactive, interactive);
/** Batches; park on a dead grant. */
export const batch = parking(bulk, interactive);
/** Store only, or the closing of a run: never park. */
export const plain = interactive;
export const plainBulk = bulk;
