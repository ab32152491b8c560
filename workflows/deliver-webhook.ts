/** One event to one endpoint. Temporal tries again for about three days; when the next try follows is the activity's to say. */
import { proxyActivities, workflowInfo } from '@temporalio/workflow';
import type { Activities, Delivered } from '../activities/index.js';
import { interactiveQueue } from '../contract.js';

export async function deliverWebhook(delivery: { eventId: string; endpointId: string }): Promise<Delivered> {
  const { sendWebhook } = proxyActivities<Activities>({
    taskQueue: interactiveQueue(workflowInfo().taskQueue),
    // the endpoint has 15 s to answer, the rest is for the store
    startToCloseTimeout: '20s',
    cancellationType: 'WAIT_CANCELLATION_COMPLETED',
    // for what is not the endpoint's doing: the store out of reach, a worker that dies
    retry: { initialInterval: '5s', maximumInterval: '5 minutes' },
  });
  return await sendWebhook(delivery);
}
