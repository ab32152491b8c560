/** Asking for a plan: a run of its own that writes nothing, so nothing is left to settle when it is cut off. */
import type { JobKind } from '../contract.js';
import { JobError, toJobError } from './job-error.js';
import { belongingTo, hasWorker, noWorker, type JobClient } from './start.js';

const PLAN_RUN_MS = 5 * 60_000;
export const DEFAULT_PLAN_WAIT_MS = 60_000;

export interface PlanQuestion {
  workflow: string;
  /** Equal questions share a run. */
  workflowId: string;
  tenant: string;
  kind: JobKind;
  input: object;
}

/** @throws JobError, among them `Plan.noAnswer` after `waitMs` */
export async function askForPlan<T>(
  context: JobClient,
  { workflow, workflowId, tenant, kind, input }: PlanQuestion,
  waitMs = DEFAULT_PLAN_WAIT_MS,
): Promise<T> {
  const { client, taskQueue } = context;
  const giveUp = AbortSignal.timeout(waitMs);
  try {
    return (await client.withAbortSignal(giveUp, () =>
      client.workflow.execute(workflow, {
        workflowId,
        workflowIdConflictPolicy: 'USE_EXISTING',
        workflowRunTimeout: PLAN_RUN_MS,
        taskQueue,
        args: [input],
        ...belongingTo(tenant, kind),
      }),
    )) as T;
  } catch (error) {
    if (!giveUp.aborted) throw toJobError(error);
    const slow = 'Miro or the database is slow; ask for the plan again';
    throw new JobError('Plan.noAnswer', (await hasWorker(context)) ? slow : noWorker(taskQueue));
  }
}
