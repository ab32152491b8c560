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
  type ProvisionBoardInput,
  type ProvisionBoardResult,
  type ProvisionPlan,
} from '../contract.js';
import type { JobOutline, OpenedJob } from '../activities/index.js';
import { batch, openJob, plain, plainBulk, single } from './steps.js';
import { CLOSING_MS, closingStep, failureOf, runUntilDeadline, wordsOf, type RunEnding } from './ending.js';
import { listenForRelinks, showState } from './parking.js';
import { Progress } from './progress.js';

const DAY_MS = 24 * 60 * 60 * 1000;

export async function provisionBoard(input: ProvisionBoardInput): Promise<ProvisionBoardResult> {
  const progress = new Progress();
  const url = new Trigger<BoardUrl>();
  const changes: ProvisionBoardInput[] = [];
  listenForRelinks();
  answerCallers(input, { url, changes, progress }); // before the first await: else the update that came with the start is refused
  upsertSearchAttributes([
    { key: MIRO_TENANT, value: input.tenant },
    { key: MIRO_KIND, value: 'provisionBoard' },
    { key: MIRO_STATE, value: 'running' },
  ]);

  const ending = await runUntilDeadline(
    () => input.deadlineMs ?? DAY_MS,
    async () => {
      const job = await openJob({ input });
      progress.open(job);
      const board = await ensureBoard(job, progress);
      url.resolve({ ...board, episode: job.episode, differences: job.differences });
      if (board.outcome === 'deleted') return;
      if (!job.done) await finish(job, progress);
      if (input.onChange === 'apply' && job.differences.length > 0) changes.unshift(input);
      await applyChanges(job.jobId, changes, progress);
    },
  );
  if (ending.kind !== 'done') url.reject(failureOf(ending));
  return await close(input, ending, progress);
}

/** What a run would do, without one write. */
export async function planProvisionBoard(input: ProvisionBoardInput): Promise<ProvisionPlan> {
  return await plainBulk.planBoard({ input });
}

interface Answering {
  url: PromiseLike<BoardUrl>;
  /** Later inputs that are to be applied. */
  changes: ProvisionBoardInput[];
  progress: Progress;
}

function answerCallers(input: ProvisionBoardInput, { url, changes, progress }: Answering): void {
  setHandler(status, () => progress.status());
  setHandler(boardUrl, async (asked) => {
    const isSame = sameRequest(asked, input);
    const board = await url.then(undefined, (failed) => {
      throw isSame ? failed : runIsEnding(); // another input may fare better in the next run
    });
    if (progress.isClosing()) throw runIsEnding();
    progress.urlSeen = true;
    if (isSame) return board;
    const differences = await plain.compareSpec({ jobId: progress.jobId(), input: asked });
    if (asked.onChange === 'apply' && differences.length > 0) changes.push(asked);
    return { ...board, differences };
  });
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

/** Goes on where an earlier run of the job was ended, be it in the middle of a change. */
async function finish({ jobId, revised, outline }: OpenedJob, progress: Progress): Promise<void> {
  if (revised) progress.applied(await batch.applyDifferences({ jobId }));
  await fill(jobId, outline, progress);
}

async function fill(jobId: string, outline: JobOutline, progress: Progress): Promise<void> {
  progress.phase = 'content';
  progress.expect(outline);
  if (outline.project) progress.add(await single.ensureProject({ jobId }));
  if (outline.copy) progress.add(await batch.fillCopiedTexts({ jobId }));
  for (let n = 0; n < outline.batches; n += 1) progress.add(await batch.ensureItems({ jobId, batch: n }));
  if (outline.tags > 0) progress.add(await batch.ensureTags({ jobId }));
  if (outline.connectors > 0) progress.add(await batch.ensureConnectors({ jobId }));
  if (outline.record) progress.add(await batch.ensureRecordCard({ jobId }));
  progress.phase = 'sharing';
  for (let n = 0; n < outline.shares; n += 1) progress.add(await single.shareBoard({ jobId, share: n }));
  if (outline.memberIds > 0) progress.add(await batch.ensureMembers({ jobId }));
}

/** Later inputs of the same key, in the order they came. Ends with no caller half answered, so none is forgotten by the closing. */
async function applyChanges(jobId: string, changes: ProvisionBoardInput[], progress: Progress): Promise<void> {
  for (;;) {
    await condition(allHandlersFinished);
    const next = changes.shift();
    if (!next) return;
    progress.phase = 'changing';
    const outline = await plain.adoptSpec({ jobId, input: next });
    progress.applied(await batch.applyDifferences({ jobId }));
    await fill(jobId, outline, progress);
  }
}

async function close(input: ProvisionBoardInput, ending: RunEnding, progress: Progress): Promise<ProvisionBoardResult> {
  progress.phase = 'closing';
  const jobId = progress.openedJobId();
  const { urlSeen } = progress;
  const kind = progress.deleted ? 'deleted' : ending.kind;
  let result = progress.result(kind, ending.kind === 'done' ? undefined : wordsOf(ending));
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
  await closingStep(CLOSING_MS, () => condition(allHandlersFinished));
  if (ending.kind === 'failed') throw failureOf(ending, result);
  return result;
}

const runIsEnding = (): ApplicationFailure =>
  ApplicationFailure.create({
    type: 'Job.ending',
    message: 'this run is ending; the next one answers',
    nonRetryable: true,
  });

// Both come from the same client code, so equal requests have equal JSON; a difference in order only costs one comparison.
function sameRequest(a: ProvisionBoardInput, b: ProvisionBoardInput): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
