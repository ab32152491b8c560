/** The activities as workflows see them: one proxy per kind of step, and one wrapper that parks a run whose grant is dead. */
import {
  proxyActivities,
  proxyLocalActivities,
  workflowInfo,
  type ActivityInterfaceFor,
  type ActivityOptions,
} from '@temporalio/workflow';
import type { Activities } from '../activities/index.js';
import { bulkQueue, interactiveQueue } from '../contract.js';
import { parking } from './parking.js';

// No maximumAttempts and no scheduleToCloseTimeout: a wait for credits counts as an attempt. What is retryable goes on until the job's deadline.
// Unset, cancellationType behaves as TRY_CANCEL: a run would close while its activity still writes.
const always = {
  cancellationType: 'WAIT_CANCELLATION_COMPLETED',
  retry: { initialInterval: '500ms', maximumInterval: '30s' },
} as const;

// Resolved at each call, so that this module can be imported outside of a workflow too, e.g. by a client that starts one.
function stepsOn(queueOf: (base: string) => string, options: ActivityOptions): ActivityInterfaceFor<Activities> {
  return new Proxy({} as ActivityInterfaceFor<Activities>, {
    get(_, name: keyof Activities) {
      const taskQueue = queueOf(workflowInfo().taskQueue);
      return proxyActivities<Activities>({ ...always, ...options, taskQueue })[name];
    },
  });
}

// one call: its HTTP deadline is 10 s, its lease 13 s, the rest is for the ledger
const interactive = stepsOn(interactiveQueue, { startToCloseTimeout: '15s' });

// a batch or a board copy: a dead worker costs 10 s, a stuck one a minute
const bulk = stepsOn(bulkQueue, { startToCloseTimeout: '60s', heartbeatTimeout: '10s' });

// Opening touches the store only and takes some ms: inside the workflow task it spares every caller two round trips.
const { openJob, openRetro, openRetroPlan, openUndoRetro } = proxyLocalActivities<Activities>({
  ...always,
  startToCloseTimeout: '10s',
});

/** Single calls to Miro; park on a dead grant. */
export const single = parking(interactive, interactive);
/** Batches; park on a dead grant. */
export const batch = parking(bulk, interactive);
/** Store only, or the closing of a run: never park. */
export const plain = interactive;
export { openJob, openRetro, openRetroPlan, openUndoRetro };
export const plainBulk = bulk;
/** What nobody waits for: batches that come after everybody else's. */
export const background = stepsOn(bulkQueue, {
  startToCloseTimeout: '60s',
  heartbeatTimeout: '10s',
  priority: { priorityKey: 5 },
});
