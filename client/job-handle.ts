/** One job as its caller sees it: result, status, cancel. Retry waits are invisible to workflow code, so `status` joins both sides. */
import { WorkflowNotFoundError, type Client, type WorkflowExecutionDescription } from '@temporalio/client';
import { decodeOptionalFailureToOptionalError } from '@temporalio/common/lib/internal-non-workflow/index.js';
import { CodecError } from '../codec.js';
import {
  MIRO_STATE,
  status,
  type JobStatus,
  type MiroState,
  type ProvisionBoardResult,
  type Waiting,
} from '../contract.js';
import { JobError, toJobError } from './job-error.js';

/** A query needs a worker; without one it would hang. */
const QUERY_MS = 3_000;

/** A step that is running or waits for its next attempt. */
export interface PendingStep {
  step: string;
  attempt: number;
  lastFailure?: string;
  /** ISO 8601. */
  nextAttemptAt?: string;
}

/** `state` comes from Temporal and needs no worker; the rest is there when a worker answered. */
export interface JobProgress extends Partial<JobStatus> {
  workflowId: string;
  runId: string;
  state: MiroState | 'failed' | 'terminated';
  startedAt: string;
  closedAt?: string;
  pending: PendingStep[];
}

export interface JobHandle<R = ProvisionBoardResult> {
  readonly workflowId: string;
  /** Waits for everything. @throws JobError when the job failed; `Job.unknown` when there is no such job. */
  result(): Promise<R>;
  /** Phase, counts, current wait. @throws JobError `Job.unknown` when there is no such job. */
  status(): Promise<JobProgress>;
  /** Stops at the next safe point; what exists is told by `result()`. A job that has ended stays as it is. @throws JobError `Job.unknown` */
  cancel(): Promise<void>;
}

export function jobHandle<R = ProvisionBoardResult>(client: Client, workflowId: string, runId?: string): JobHandle<R> {
  const handle = client.workflow.getHandle(workflowId, runId);
  return {
    workflowId,
    async result() {
      try {
        return (await handle.result()) as R;
      } catch (error) {
        throw error instanceof WorkflowNotFoundError ? unknownJob(workflowId) : toJobError(error);
      }
    },
    async status() {
      const described = await describeIfThere(client, workflowId, runId);
      if (!described) throw unknownJob(workflowId);
      const answered =
        described.status.name === 'RUNNING' ? await asked(client, () => handle.query<JobStatus>(status)) : undefined;
      const pending = await pendingSteps(client, described);
      const waiting = answered?.waiting ?? waitOf(pending);
      return {
        workflowId,
        runId: described.runId,
        state: stateOf(described),
        startedAt: described.startTime.toISOString(),
        ...(described.closeTime ? { closedAt: described.closeTime.toISOString() } : {}),
        ...answered,
        ...(waiting ? { waiting } : {}),
        pending,
      };
    },
    async cancel() {
      try {
        await handle.cancel();
      } catch (error) {
        if (!(error instanceof WorkflowNotFoundError)) throw error;
        if (!(await describeIfThere(client, workflowId, runId))) throw unknownJob(workflowId);
      }
    },
  };
}

export function stateOf(described: WorkflowExecutionDescription): JobProgress['state'] {
  const told = described.typedSearchAttributes.get(MIRO_STATE) as MiroState | undefined;
  switch (described.status.name) {
    case 'RUNNING':
      return told === 'parked' ? 'parked' : 'running';
    case 'COMPLETED':
      return told ?? 'done';
    case 'CANCELLED':
      return 'cancelled';
    case 'TERMINATED':
      return 'terminated';
    default:
      return 'failed';
  }
}

/** undefined when the workflow does not exist (any more). */
export async function describeIfThere(
  client: Client,
  workflowId: string,
  runId?: string,
): Promise<WorkflowExecutionDescription | undefined> {
  try {
    return await client.workflow.getHandle(workflowId, runId).describe();
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return undefined;
    throw error;
  }
}

const unknownJob = (workflowId: string): JobError =>
  new JobError(
    'Job.unknown',
    `Temporal knows no job ${workflowId}; check the key and the tenant, or ask the store for older runs`,
  );

async function asked(client: Client, query: () => Promise<JobStatus>): Promise<JobStatus | undefined> {
  try {
    return await client.withDeadline(Date.now() + QUERY_MS, query);
  } catch (error) {
    if (error instanceof CodecError) throw error;
    return undefined; // no worker: what Temporal itself knows is still worth telling
  }
}

/** What of a run is under way, or waits for its next attempt; nothing of its local steps. */
export function pendingSteps(client: Client, { raw }: WorkflowExecutionDescription): Promise<PendingStep[]> {
  const steps = (raw.pendingActivities ?? []).map(async (activity) => {
    const next = activity.scheduledTime?.seconds;
    const lastFailure = await textOf(client, activity.lastFailure);
    return {
      step: activity.activityType?.name ?? 'unknown',
      attempt: activity.attempt ?? 1,
      ...(lastFailure ? { lastFailure } : {}),
      ...(next === undefined || next === null ? {} : { nextAttemptAt: new Date(Number(next) * 1000).toISOString() }),
    };
  });
  return Promise.all(steps);
}

type Failure = Parameters<typeof decodeOptionalFailureToOptionalError>[1];

/** `<type>: <message>`. The type is plain on the server; the message only the client's data converter can read. */
async function textOf({ options }: Client, failure: Failure): Promise<string | undefined> {
  const error = await decodeOptionalFailureToOptionalError(options.loadedDataConverter, failure);
  return error?.message ? `${failure?.applicationFailureInfo?.type ?? 'Error'}: ${error.message}` : undefined;
}

/** What a pending retry waits for, by the type of its last failure. */
function waitOf(pending: PendingStep[]): Waiting | undefined {
  const step = pending.find((p) => p.lastFailure !== undefined);
  if (!step?.lastFailure) return undefined;
  const detail = step.lastFailure;
  const reason = WAITS.find(([prefix]) => detail.startsWith(prefix))?.[1] ?? 'retry';
  return { for: reason, detail, ...(step.nextAttemptAt ? { until: step.nextAttemptAt } : {}) };
}

const WAITS: [string, Waiting['for']][] = [
  ['Budget.wait', 'credits'],
  ['Miro.rate_limited', 'credits'],
  ['Tracker.', 'tracker'],
  ['Effect.settling', 'settling'],
  ['Effect.busy', 'settling'],
  ['Job.paused', 'paused'],
  ['Miro.down', 'miro_down'],
  ['Miro.unavailable', 'miro_down'],
  ['Miro.timeout', 'miro_down'],
];
