import { ScheduleAlreadyRunning, ScheduleOverlapPolicy, type Client } from '@temporalio/client';
import type { Duration } from '@temporalio/common';

/** What runs by itself, for the whole fleet of a task queue and not for each tenant. */
const SCHEDULES: { workflowType: string; name: string; every: Duration }[] = [
  { workflowType: 'sweep', name: 'sweep', every: '1 minute' },
  { workflowType: 'tendGrants', name: 'tend-grants', every: '1 hour' },
];

/** Comes after whatever people wait for. */
const BEHIND = 4;

/**
 * Lets Temporal start the sweepers of this task queue. Every worker asks for them; the first one makes them.
 * A queue that is given up leaves its schedules behind: `temporal schedule delete --schedule-id temporal-miro-sweep:<queue>`.
 */
export async function ensureSchedules(client: Client, taskQueue: string): Promise<void> {
  for (const { workflowType, name, every } of SCHEDULES) {
    try {
      await client.schedule.create({
        scheduleId: `temporal-miro-${name}:${taskQueue}`,
        spec: { intervals: [{ every }] },
        action: {
          type: 'startWorkflow',
          ...{ workflowType, workflowId: `${name}:${taskQueue}`, taskQueue, priority: { priorityKey: BEHIND } },
        },
        // One sweep looks at everything that is due: those that were missed need no repeating.
        policies: { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow: '1 minute' },
      });
    } catch (error) {
      if (!(error instanceof ScheduleAlreadyRunning)) throw error;
    }
  }
}
