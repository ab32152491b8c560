/** A retro as its caller starts it, plans it and takes it back. All runs of one board and tracker share a workflow id, so that only one of them works. */
import { randomUUID } from 'node:crypto';
import type { PlanPage, PlanRow, RetroPlan, RetroToTicketsInput, RetroToTicketsResult } from '../contract-retro.js';
import type { UndoRetroInput, UndoRetroResult } from '../contract-retro.js';
import { sha256, workflowId as idOf, type IdKey } from '../ids.js';
import { canonicalJson } from '../jobs/provision-board/spec.js';
import { boardIdOf, parseRetroInput, parseUndoInput } from '../jobs/retro-to-tickets/input.js';
import { retroKey } from '../jobs/retro-to-tickets/key.js';
import { describeIfThere, jobHandle, type JobHandle } from './job-handle.js';
import { askForPlan, type PlanPatience } from './plan.js';
import { belongingTo, hasWorker, noWorker, ownCheck, type JobClient } from './start.js';

/** Which job: the tenant defaults to `default`, the tracker to `builtin`. `board` is Miro's id or an address of the board. */
export interface RetroJob {
  board: string;
  tracker?: string;
  tenant?: string;
}

/** What the caller says; the connection defaults to `default`. */
export type RetroRequest = RetroJob &
  Omit<RetroToTicketsInput, 'tenant' | 'connectionId' | 'boardId' | 'tracker' | 'idKeyCheck' | 'plaintext'> & {
    connectionId?: string;
  };

export type UndoRetroRequest = RetroJob & Pick<UndoRetroInput, 'runId' | 'deadlineMs'>;

/**
 * started: by this call. joined: the same input runs already. no_worker: it is started, and waits for one. still_running: this call has started nothing,
 * since a run with another input, or its undo, works on that board and tracker; the handle is that run's. already_undone: nor has this one, since the
 * newest run was an undo already; the handle is that undo's.
 */
export interface StartAnswer<R> {
  state: 'started' | 'joined' | 'no_worker' | 'still_running' | 'already_undone';
  /** What to do, where there is something. */
  detail?: string;
  handle: JobHandle<R>;
}

/** @throws InvalidInput before anything is started */
export async function retroToTickets(
  context: JobClient,
  request: RetroRequest,
): Promise<StartAnswer<RetroToTicketsResult>> {
  const input = { ...parseRequest(request), ...ownCheck(context) };
  return await startRun(context, 'retroToTickets', input);
}

/**
 * Takes back what a run has made; see docs/retro.md. Asked again, it takes back no earlier run: that one is to be named.
 * @throws InvalidInput before anything is started
 */
export async function undoRetro(context: JobClient, request: UndoRetroRequest): Promise<StartAnswer<UndoRetroResult>> {
  const input = { ...parseUndoInput(withNames(request)), ...ownCheck(context) };
  const handle = input.runId === undefined ? await undoneJustNow(context, input) : undefined;
  if (handle) return { state: 'already_undone', detail: ALREADY_UNDONE, handle };
  return await startRun(context, 'undoRetroToTickets', input);
}

const ALREADY_UNDONE = 'the last run is taken back already; give the id of an earlier one to take that back too';

/** The job's newest run, where that is an undo which took back all that it was to. */
async function undoneJustNow(
  { client, idKey }: JobClient,
  input: UndoRetroInput,
): Promise<JobHandle<UndoRetroResult> | undefined> {
  const workflowId = jobIdOf(idKey, input);
  const newest = await describeIfThere(client, workflowId);
  if (newest?.type !== 'undoRetroToTickets' || newest.status.name !== 'COMPLETED') return undefined;
  const handle = jobHandle<UndoRetroResult>(client, workflowId, newest.runId);
  const { ending, runId, problems } = await handle.result();
  return ending === 'done' && runId !== undefined && problems.length === 0 ? handle : undefined;
}

/** What a run would do, without one write. @throws InvalidInput | JobError, as {@link askForPlan} */
export async function planRetro(
  context: JobClient,
  request: RetroRequest,
  patience?: PlanPatience,
): Promise<RetroPlan> {
  const input = { ...parseRequest(request), ...ownCheck(context) };
  const workflowId = `plan:${jobIdOf(context.idKey, input)}:${inputHash(input).slice(0, 32)}`;
  const { tenant } = input;
  const question = { workflow: 'planRetroToTickets', workflowId, tenant, kind: 'retroToTickets' as const, input };
  return await askForPlan<RetroPlan>(context, question, patience);
}

/** The rows of a plan, in its order, page by page. @throws JobError, among them `Plan.unknown` */
export async function* retroPlanRows(
  context: JobClient,
  { tenant = 'default', planId }: { tenant?: string; planId: string },
): AsyncGenerator<PlanRow> {
  let from: number | undefined = 0;
  while (from !== undefined) {
    const page: PlanPage = await askForPlan<PlanPage>(context, {
      ...{ workflow: 'readRetroPlan', workflowId: `plan-rows:${planId}:${from}` },
      ...{ tenant, kind: 'retroToTickets', input: { tenant, planId, from, ...ownCheck(context) } },
    });
    yield* page.rows;
    from = page.next;
  }
}

/** Of the newest run of the job. @throws InvalidInput */
export function retroJob(context: JobClient, job: RetroJob): JobHandle<RetroToTicketsResult> {
  const { board, tracker, tenant } = { tracker: 'builtin', tenant: 'default', ...job };
  return jobHandle(context.client, jobIdOf(context.idKey, { boardId: boardIdOf(board), tracker, tenant }));
}

/** @throws InvalidInput */
export const parseRequest = (request: RetroRequest): RetroToTicketsInput =>
  parseRetroInput(withNames({ connectionId: 'default', ...request }));

const withNames = ({ board, ...request }: RetroJob): object => ({
  ...{ tenant: 'default', tracker: 'builtin' },
  ...request,
  boardId: board,
});

const jobIdOf = (
  idKey: IdKey,
  { tenant, boardId, tracker }: Pick<UndoRetroInput, 'tenant' | 'boardId' | 'tracker'>,
): string => idOf(idKey, { tenant, kind: 'retroToTickets', key: retroKey(boardId, tracker) });

const inputHash = (input: object): string => sha256(canonicalJson(input));

/** The memo tells who started the run that has the id: this call, one with the same input, or another. */
async function startRun<R>(
  context: JobClient,
  type: 'retroToTickets' | 'undoRetroToTickets',
  input: RetroToTicketsInput | UndoRetroInput,
): Promise<StartAnswer<R>> {
  const { client, taskQueue, idKey } = context;
  const workflowId = jobIdOf(idKey, input);
  const own = { input: inputHash({ type, ...input }), start: randomUUID() };
  const { firstExecutionRunId: runId } = await client.workflow.start(type, {
    ...{ workflowId, taskQueue, args: [input], memo: own },
    ...{ workflowIdConflictPolicy: 'USE_EXISTING', workflowIdReusePolicy: 'ALLOW_DUPLICATE' },
    ...belongingTo(input.tenant, 'retroToTickets'),
  });
  const handle = jobHandle<R>(client, workflowId, runId);
  const [run, worker] = await Promise.all([describeIfThere(client, workflowId, runId), hasWorker(context)]);
  const { memo } = run ?? {};
  if (run && memo?.['input'] !== own.input) return { state: 'still_running', detail: stillRunning(run.type), handle };
  if (!worker) return { state: 'no_worker', detail: noWorker(taskQueue), handle };
  return { state: memo?.['start'] === own.start ? 'started' : 'joined', handle };
}

function stillRunning(type: string): string {
  const works = type === 'undoRetroToTickets' ? 'an earlier run is being taken back' : 'a run with another input works';
  return `${works} on this board and tracker; call again when it has ended`;
}
