/** One call that starts the job if needed and answers with the board's URL as soon as the board exists (docs/architecture.md, URL first). */
import { WithStartWorkflowOperation, WorkflowUpdateRPCTimeoutOrCancelledError, type Client } from '@temporalio/client';
import { TypedSearchAttributes } from '@temporalio/common';
import { encrypts } from '../codec.js';
import {
  boardUrl,
  MIRO_KIND,
  MIRO_TENANT,
  type BoardUrl,
  type ProvisionBoardInput,
  type ProvisionPlan,
} from '../contract.js';
import { idKeyCheck, sha256, workflowId as idOf, type IdKey } from '../ids.js';
import { parseProvisionInput } from '../jobs/provision-board/input.js';
import { canonicalJson } from '../jobs/provision-board/spec.js';
import { describeIfThere, jobHandle, stateOf, type JobHandle } from './job-handle.js';
import { JobError, toJobError } from './job-error.js';

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

export interface ProvisionContext {
  client: Client;
  idKey: IdKey;
  taskQueue: string;
}

export const DEFAULT_WAIT_MS = 10_000;

/** @throws InvalidInput */
export function parseRequest(request: ProvisionRequest): ProvisionBoardInput {
  return parseProvisionInput({ tenant: 'default', connectionId: 'default', ...request });
}

/** With what tells the workers that this client is none of theirs. @throws InvalidInput before anything is started. */
function toInput({ client, idKey }: ProvisionContext, request: ProvisionRequest): ProvisionBoardInput {
  const own = { idKeyCheck: idKeyCheck(idKey), ...(!encrypts(client.options.loadedDataConverter) && PLAIN) };
  return { ...parseRequest(request), ...own };
}

const PLAIN = { plaintext: true } as const;

export async function provisionBoard(
  context: ProvisionContext,
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
  { client, taskQueue }: ProvisionContext,
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

/** A plan writes nothing, so nothing is left to settle when its run is cut off. */
const PLAN_RUN_MS = 5 * 60_000;
export const DEFAULT_PLAN_WAIT_MS = 60_000;

/** What a run would do, without one write. @throws InvalidInput | JobError, among them `Plan.noAnswer` after `waitMs` */
export async function planBoard(
  context: ProvisionContext,
  request: ProvisionRequest,
  { waitMs = DEFAULT_PLAN_WAIT_MS }: { waitMs?: number } = {},
): Promise<ProvisionPlan> {
  const { client, idKey, taskQueue } = context;
  const input = toInput(context, request);
  const job = idOf(idKey, { tenant: input.tenant, kind: 'provisionBoard', key: input.key });
  const giveUp = AbortSignal.timeout(waitMs);
  try {
    return (await client.withAbortSignal(giveUp, () =>
      client.workflow.execute('planProvisionBoard', {
        workflowId: `plan:${job}:${inputHash(input)}`,
        workflowIdConflictPolicy: 'USE_EXISTING',
        workflowRunTimeout: PLAN_RUN_MS,
        taskQueue,
        args: [input],
        ...belongingTo(input.tenant),
      }),
    )) as ProvisionPlan;
  } catch (error) {
    if (!giveUp.aborted) throw toJobError(error);
    const worker = await hasWorker(client, taskQueue);
    throw new JobError(
      'Plan.noAnswer',
      worker ? 'Miro or the database is slow; ask for the plan again' : noWorker(taskQueue),
    );
  }
}

function startOperation(workflowId: string, taskQueue: string, input: ProvisionBoardInput) {
  return new WithStartWorkflowOperation('provisionBoard', {
    workflowId,
    taskQueue,
    args: [input],
    workflowIdConflictPolicy: 'USE_EXISTING',
    workflowIdReusePolicy: 'ALLOW_DUPLICATE',
    ...belongingTo(input.tenant),
  });
}

/** Tenants take turns, and all that runs for one can be found. A person waits for it. */
const belongingTo = (tenant: string) => ({
  typedSearchAttributes: new TypedSearchAttributes([
    { key: MIRO_TENANT, value: tenant },
    { key: MIRO_KIND, value: 'provisionBoard' },
  ]),
  priority: { priorityKey: 2, fairnessKey: tenant },
});

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
  if (!(await hasWorker(client, taskQueue))) {
    return { state: 'no_worker', accepted: true, detail: noWorker(taskQueue), handle };
  }
  return { state: 'queued', accepted: true, detail: 'the job runs; the board does not exist yet', handle };
}

/** A poll lasts a minute at most; the server lists a worker for five after its last one. */
const POLL_MS = 70_000;

const noWorker = (taskQueue: string): string =>
  `no worker polls the task queue "${taskQueue}"; start one with: temporal-miro worker`;

async function hasWorker(client: Client, taskQueue: string): Promise<boolean> {
  const { pollers } = await client.workflowService.describeTaskQueue({
    namespace: client.options.namespace,
    taskQueue: { name: taskQueue },
    taskQueueType: 1, // workflow tasks
  });
  return (pollers ?? []).some(({ lastAccessTime }) => Date.now() - Number(lastAccessTime?.seconds) * 1000 < POLL_MS);
}
