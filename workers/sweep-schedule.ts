import { ScheduleAlreadyRunning, ScheduleOverlapPolicy, type Client } from '@temporalio/client';

/**
 * Lets Temporal start the sweeper of this task queue every minute. Every worker asks for it; the first one makes it.
 * A queue that is given up leaves its schedule behind: `temporal schedule delete --schedule-id temporal-miro-sweep:<queue>`.
 */
export async function ensureSweepSchedule(client: Client, taskQueue: string): Promise<void> {
  try {
    await client.schedule.create({
      scheduleId: `temporal-miro-sweep:${taskQueue}`,
      spec: { intervals: [{ every: '1 minute' }] },
      action: { type: 'startWorkflow', workflowType: 'sweep', workflowId: `sweep:${taskQueue}`, taskQueue },
      // One sweep looks at everything that is due: those that were missed need no repeating.
      policies: { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow: '1 minute' },
    });
  } catch (error) {
    if (!(error instanceof ScheduleAlreadyRunning)) throw error;
  }
}
