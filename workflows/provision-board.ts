/** A board once per business key. Its URL is answered as soon as the board exists; content and people follow. */
import {
  allHandlersFinished,
  ApplicationFailure,
  condition,
  setHandler,
  Trigger,
  upsertSearchAttributes,
} from '@temporalio/workflow';
import {
  boardUrl,
  MIRO_KIND,
  MIRO_STATE,
  MIRO_TENANT,
  status,
  type BoardUrl,
  type Difference,
  type ProvisionBoardInput,
  type ProvisionBoardResult,
  type ProvisionPlan,
} from '../contract.js';
import type { JobOutline, OpenedJob } from '../activities/index.js';
import { batch, plain, plainBulk, single } from './steps.js';
import { closingStep, runUntilDeadline, type RunEnding } from './ending.js';
import { listenForRelinks, showState } from './parking.js';
import { Progress } from './progress.js';

const DAY_MS = 24 * 60 * 60 * 1000;
/** A closing that waits must not keep a run open; what is still unknown then is the sweeper's. */
const CLOSING_MS = 2 * 60 * 1000;

export async function provisionBoard(input: ProvisionBoardInput): Promise<ProvisionBoardResult> {
  const progress = new Progress();
  const url = new Trigger<BoardUrl>();
  const changes: ProvisionBoardInput[] = [];
  listenForRelinks();
  setHandler(status, () => progress.status());
  setHandler(boardUrl, async (asked) => {
    const board = await url;
    progress.urlSeen = true;
    if (sameRequest(asked, input)) return board;
    const differences = await plain.compareSpec({ jobId: progress.jobId(), input: asked });
    if (asked.onChange === 'apply' && differences.length > 0) changes.push(asked);
    return { ...board, differences };
  });
  upsertSearchAttributes([
    { key: MIRO_TENANT, value: input.tenant },
    { key: MIRO_KIND, value: 'provisionBoard' },
    { key: MIRO_STATE, value: 'running' },
  ]);

  const ending = await runUntilDeadline(input.deadlineMs ?? DAY_MS, async () => {
    const job = await plain.openJob({ input });
    progress.open(job);
    const board = await ensureBoard(job, progress);
    url.resolve({ ...board, episode: job.episode, differences: job.differences });
    if (board.outcome === 'deleted') return;
    if (!job.done) await fill(job.jobId, job.outline, progress);
    if (input.onChange === 'apply' && job.differences.length > 0) changes.unshift(input);
    await applyChanges(job.jobId, changes, progress);
  });
  if (ending.kind !== 'done') url.reject(lastWord(ending));
  return await close(input, ending, progress);
}

/** What a run would do, without one write. */
export async function planProvisionBoard(input: ProvisionBoardInput): Promise<ProvisionPlan> {
  return await plainBulk.planBoard({ input });
}

async function ensureBoard(job: OpenedJob, progress: Progress): Promise<Pick<BoardUrl, 'boardId' | 'url' | 'outcome'>> {
  progress.phase = 'board';
  const { jobId } = job;
  if (job.board && !(await single.checkBoard({ jobId })).exists) {
    progress.deleted = true;
    return progress.found({ ...job.board, outcome: 'deleted' });
  }
  if (job.board) return progress.found({ ...job.board, outcome: 'existing' });
  if (job.outline.copy) await batch.checkTemplate({ jobId });
  return progress.found(await (job.outline.copy ? batch : single).ensureBoard({ jobId }));
}

async function fill(jobId: string, outline: JobOutline, progress: Progress): Promise<void> {
  progress.phase = 'content';
  progress.expect(outline);
  if (outline.project) progress.add(await single.ensureProject({ jobId }));
  if (outline.copy) progress.add(await batch.fillCopiedTexts({ jobId }));
  for (let n = 0; n < outline.batches; n += 1) progress.add(await batch.ensureItems({ jobId, batch: n }));
  if (outline.tags > 0) progress.add(await batch.ensureTags({ jobId }));
  if (outline.connectors > 0) progress.add(await batch.ensureConnectors({ jobId }));
  if (outline.record) progress.add(await single.ensureRecordCard({ jobId }));
  progress.phase = 'sharing';
  for (let n = 0; n < outline.shares; n += 1) progress.add(await single.shareBoard({ jobId, share: n }));
  if (outline.memberIds > 0) progress.add(await batch.ensureMembers({ jobId }));
}

/** Later inputs of the same key, in the order they came; the loop also takes those that arrive meanwhile. */
async function applyChanges(jobId: string, changes: ProvisionBoardInput[], progress: Progress): Promise<void> {
  for (let next = changes.shift(); next; next = changes.shift()) {
    progress.phase = 'changing';
    const outline = await plain.adoptSpec({ jobId, input: next });
    const differences: Difference[] = await batch.applyDifferences({ jobId });
    progress.applied(differences);
    await fill(jobId, outline, progress);
  }
}

async function close(input: ProvisionBoardInput, ending: RunEnding, progress: Progress): Promise<ProvisionBoardResult> {
  progress.phase = 'closing';
  const jobId = progress.openedJobId();
  const { urlSeen } = progress;
  const failed = ending.kind === 'done' ? undefined : describe(ending.error);
  const kind = progress.deleted ? ('deleted' as const) : ending.kind;
  let result = progress.result(kind, failed);
  if (jobId !== undefined) {
    await closingStep(CLOSING_MS, () => plainBulk.settleClaims({ jobId })).catch(() => undefined); // the sweeper goes on
    if (kind !== 'done' && kind !== 'deleted' && input.onFailure === 'remove') {
      await closingStep(CLOSING_MS, () => plainBulk.removeMade({ jobId, urlSeen })).catch(() => undefined); // told by the result
    }
    const closed = await closingStep(CLOSING_MS, () => plain.closeJob({ jobId, result, urlSeen }));
    result = closed ?? result;
  }
  progress.phase = 'ended';
  showState(ending.kind);
  await condition(allHandlersFinished);
  if (ending.kind === 'failed') throw lastWord(ending, result);
  return result;
}

/** The failure as callers see it: its own type and words, and the result as far as it goes. */
function lastWord(ending: Exclude<RunEnding, { kind: 'done' }>, result?: ProvisionBoardResult): ApplicationFailure {
  const { type, message } = describe(ending.error);
  const by = { cancelled: 'Job.cancelled', deadline: 'Job.deadline', failed: type }[ending.kind];
  const words = {
    cancelled: 'the job was cancelled',
    deadline: `the job met its deadline; last: ${message}`,
    failed: message,
  }[ending.kind];
  return ApplicationFailure.create({ type: by, message: words, nonRetryable: true, details: result ? [result] : [] });
}

function describe(error: unknown): { type: string; message: string } {
  let at = error;
  while (at instanceof Error && at.cause instanceof Error) at = at.cause;
  if (at instanceof ApplicationFailure) return { type: at.type ?? 'Error', message: at.message };
  return at instanceof Error ? { type: at.name, message: at.message } : { type: 'Error', message: String(at) };
}

// Both come from the same client code, so equal requests have equal JSON; a difference in order only costs one comparison.
function sameRequest(a: ProvisionBoardInput, b: ProvisionBoardInput): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
