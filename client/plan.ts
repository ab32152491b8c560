/** Asking for a plan: a run of its own that writes nothing, so nothing is left to settle when it is cut off. */
import { setTimeout as delay } from 'node:timers/promises';
import type { JobKind } from '../contract.js';
import { describeIfThere, pendingSteps, type PendingStep } from './job-handle.js';
import { JobError, toJobError } from './job-error.js';
import { belongingTo, hasWorker, noWorker, type JobClient } from './start.js';

const PLAN_RUN_MS = 5 * 60_000;
export const DEFAULT_PLAN_WAIT_MS = 60_000;
const LOOK_EVERY_MS = 1_000;

export interface PlanQuestion {
  workflow: string;
  /** Equal questions share a run. */
  workflowId: string;
  tenant: string;
  kind: JobKind;
  input: object;
}

/** How long the caller waits for a plan, and who hears meanwhile why it is not there. */
export interface PlanPatience {
  waitMs?: number;
  /** What a step has failed with that is tried again, as `<type>: <message>`; called when that changes. */
  onWaiting?: (why: string) => void;
}

/**
 * @throws JobError; after `waitMs` with the type of what the plan waits for, such as `Tracker.unavailable`, or `Plan.noAnswer` where it is not
 * known to wait
 */
export async function askForPlan<T>(
  context: JobClient,
  { workflow, workflowId, tenant, kind, input }: PlanQuestion,
  { waitMs = DEFAULT_PLAN_WAIT_MS, onWaiting }: PlanPatience = {},
): Promise<T> {
  const { client, taskQueue } = context;
  const giveUp = AbortSignal.timeout(waitMs);
  const answered = new AbortController();
  if (onWaiting) void tellWaits(context, workflowId, onWaiting, answered.signal);
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
    throw giveUp.aborted ? await noAnswer(context, workflowId) : toJobError(error);
  } finally {
    answered.abort();
  }
}

async function tellWaits(
  context: JobClient,
  workflowId: string,
  onWaiting: (why: string) => void,
  answered: AbortSignal,
): Promise<void> {
  let last: string | undefined;
  while (!answered.aborted) {
    await delay(LOOK_EVERY_MS, undefined, { signal: answered }).catch(() => undefined); // aborted: the loop ends
    const steps = answered.aborted ? [] : await stepsOf(context, workflowId).catch(() => []); // who asks for the plan hears of it
    const why = failureIn(steps);
    if (why !== undefined && why !== last && !answered.aborted) onWaiting(why);
    last = why ?? last;
  }
}

async function stepsOf({ client }: JobClient, workflowId: string): Promise<PendingStep[]> {
  const described = await describeIfThere(client, workflowId);
  return described ? await pendingSteps(client, described) : [];
}

const failureIn = (steps: PendingStep[]): string | undefined =>
  steps.map(({ lastFailure }) => lastFailure).find((failure) => failure !== undefined);

/** Why there is no plan yet, as far as Temporal knows. */
async function noAnswer(context: JobClient, workflowId: string): Promise<JobError> {
  const steps = await stepsOf(context, workflowId);
  const [, type, why] = /^(\S+): ([^]*)$/.exec(failureIn(steps) ?? '') ?? [];
  if (type !== undefined && why !== undefined)
    return new JobError(type, `there is no plan yet: ${why}; then ask for the plan again`);
  if (!(await hasWorker(context))) return new JobError('Plan.noAnswer', noWorker(context.taskQueue));
  const slow = 'Miro, the tracker or the database is slow; ask for the plan again';
  return new JobError('Plan.noAnswer', steps.length > 0 ? slow : NOT_BEGUN);
}

/** The first step is the store's, and shows nowhere until it is done. */
const NOT_BEGUN =
  'the workers have not begun with it: they are busy, or do not reach the database; look at their log, and ask for the plan again';
