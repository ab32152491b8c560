/** One call that starts the job if needed and answers with the board's URL as soon as the board exists (docs/architecture.md, URL first). */
import { WithStartWorkflowOperation, WorkflowUpdateRPCTimeoutOrCancelledError, type Client } from '@temporalio/client';
import { boardUrl, type BoardUrl, type ProvisionBoardInput, type ProvisionPlan } from '../contract.js';
import { sha256, workflowId as idOf } from '../ids.js';
import { parseProvisionInput } from '../jobs/provision-board/input.js';
import { canonicalJson } from '../jobs/provision-board/spec.js';
import { describeIfThere, jobHandle, stateOf, type JobHandle } from './job-handle.js';
import { JobError, toJobError } from './job-error.js';
import { askForPlan, type PlanPatience } from './plan.js';
import { belongingTo, hasWorker, noWorker, ownCheck, type JobClient } from './start.js';

/** What the caller says; the tenant defaults to `default`, the connection too. */
export type ProvisionRequest = Omit<ProvisionBoardInput, 'tenant' | 'connectionId' | 'idKeyCheck' | 'plaintext'> & {
  tenant?: string;
  connectionId?: string;
};

/** `accepted`: the start reached Temporal; the job goes on although the URL is not there yet. */
export type ProvisionAnswer =
  | ({ state: 'ready' | 'deleted'; accepted: true; handle: JobHandle } & BoardUrl)
  | {
      state: 'queued' | 'no_worker' | 'parked' | 'still_running';
      accepted: boolean;
      detail: string;
      handle: JobHandle;
    };

export const DEFAULT_WAIT_MS = 10_000;

/** @throws InvalidInput */
export function parseRequest(request: ProvisionRequest): ProvisionBoardInput {
  return parseProvisionInput({ tenant: 'default', connectionId: 'default', ...request });
}

/** @throws InvalidInput before anything is started. */
const toInput = (context: JobClient, request: ProvisionRequest): ProvisionBoardInput => ({
  ...parseRequest(request),
  ...ownCheck(context),
});

export async function provisionBoard(
  context: JobClient,
  request: ProvisionRequest,
  { waitMs = DEFAULT_WAIT_MS }: { waitMs?: number } = {},
): Promise<ProvisionAnswer> {
  const { client, idKey, taskQueue } = context;
  const input = toInput(context, request);
  const workflowId = idOf(idKey, { tenant: input.tenant, kind: 'provisionBoard', key: input.key });
  const handle = jobHandle(client, workflowId);
  const giveUp = AbortSignal.timeout(waitMs);
  try {
    const board = await client.withAbortSignal(giveUp, () => askForBoard(context, handle, input));
    return { state: board.outcome === 'deleted' ? 'deleted' : 'ready', accepted: true, handle, ...board };
  } catch (error) {
    if (giveUp.aborted || error instanceof WorkflowUpdateRPCTimeoutOrCancelledError) {
      return await whyNoUrl(client, taskQueue, handle);
    }
    const told = toJobError(error);
    if (told instanceof JobError && told.type === 'Job.stillRunning') {
      return { state: 'still_running', accepted: true, detail: told.message, handle };
    }
    throw told;
  }
}

/** A run that is ending takes no more questions; the run after it answers. */
async function askForBoard(
  { client, taskQueue }: JobClient,
  handle: JobHandle,
  input: ProvisionBoardInput,
): Promise<BoardUrl> {
  for (;;) {
    try {
      return await client.workflow.executeUpdateWithStart(boardUrl, {
        args: [input],
        updateId: await updateIdFor(client, handle.workflowId, input),
        startWorkflowOperation: startOperation(handle.workflowId, taskQueue, input),
      });
    } catch (error) {
      const told = toJobError(error);
      if (!(told instanceof JobError && told.type === 'Job.ending')) throw told;
      await handle.result().catch(() => undefined); // how it ends is of no matter here
    }
  }
}

/** What a run would do, without one write. @throws InvalidInput | JobError, as {@link askForPlan} */
export async function planBoard(
  context: JobClient,
  request: ProvisionRequest,
  patience?: PlanPatience,
): Promise<ProvisionPlan> {
  const input = toInput(context, request);
  const { tenant, key } = input;
  const kind = 'provisionBoard';
  const workflowId = `plan:${idOf(context.idKey, { tenant, kind, key })}:${inputHash(input)}`;
  return await askForPlan(context, { workflow: 'planProvisionBoard', workflowId, tenant, kind, input }, patience);
}

function startOperation(workflowId: string, taskQueue: string, input: ProvisionBoardInput) {
  return new WithStartWorkflowOperation('provisionBoard', {
    workflowId,
    taskQueue,
    args: [input],
    workflowIdConflictPolicy: 'USE_EXISTING',
    workflowIdReusePolicy: 'ALLOW_DUPLICATE',
    ...belongingTo(input.tenant, 'provisionBoard'),
  });
}

/**
 * Equal callers share one update, and so one answer. After a run has closed its updates replay their old outcome,
 * so the next question carries that run's id: it starts one new run, which re-checks the record.
 */
async function updateIdFor(client: Client, workflowId: string, input: ProvisionBoardInput): Promise<string> {
  const described = await describeIfThere(client, workflowId);
  const id = `board-url:${inputHash(input)}`;
  return described && described.status.name !== 'RUNNING' ? `${id}:${described.runId}` : id;
}

function inputHash(input: ProvisionBoardInput): string {
  return sha256(canonicalJson(input)).slice(0, 32);
}

async function whyNoUrl(client: Client, taskQueue: string, handle: JobHandle): Promise<ProvisionAnswer> {
  const described = await describeIfThere(client, handle.workflowId);
  if (!described) {
    return { state: 'queued', accepted: false, detail: 'Temporal did not confirm the start; call again', handle };
  }
  if (stateOf(described) === 'parked') {
    const { waiting } = await handle.status();
    const remedy = waiting?.for === 'relink' ? ` (${waiting.detail})` : '';
    const detail = `the Miro account of this connection must be linked again; the job then goes on by itself${remedy}`;
    return { state: 'parked', accepted: true, detail, handle };
  }
  if (!(await hasWorker({ client, taskQueue }))) {
    return { state: 'no_worker', accepted: true, detail: noWorker(taskQueue), handle };
  }
  return { state: 'queued', accepted: true, detail: 'the job runs; the board does not exist yet', handle };
}
