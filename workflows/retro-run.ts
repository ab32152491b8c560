/** What a retro and its undo share: they are runs of one job, begin alike and end alike. */
import { setHandler, upsertSearchAttributes } from '@temporalio/workflow';
import type { RetroResult } from '../activities/index.js';
import { MIRO_KIND, MIRO_STATE, MIRO_TENANT, status } from '../contract.js';
import { CLOSING_MS, closingStep, failureOf, runUntilDeadline, wordsOf, type RunEnding } from './ending.js';
import { listenForRelinks, showState } from './parking.js';
import type { EndOfRun, RetroProgress } from './retro-progress.js';
import { plain, plainBulk } from './steps.js';

const DAY_MS = 24 * 60 * 60 * 1000;
/** People take their time. */
const DAYS_FOR_PEOPLE = 30;

interface Run<R extends RetroResult> {
  input: { tenant: string; deadlineMs?: number };
  progress: RetroProgress;
  /** The result, with what every run says at its end. */
  resultOf: (end: EndOfRun) => R;
}

/** @throws ApplicationFailure with the result when the story failed */
export async function runRetro<R extends RetroResult>(run: Run<R>, story: () => Promise<void>): Promise<R> {
  const { input, progress } = run;
  listenForRelinks();
  setHandler(status, () => progress.status());
  upsertSearchAttributes([
    { key: MIRO_TENANT, value: input.tenant },
    { key: MIRO_KIND, value: 'retroToTickets' },
    { key: MIRO_STATE, value: 'running' },
  ]);
  const ending = await runUntilDeadline(
    () => input.deadlineMs ?? (progress.asksPeople ? DAYS_FOR_PEOPLE : 1) * DAY_MS,
    story,
  );
  const result = await close(run, ending);
  if (ending.kind === 'failed') throw failureOf(ending, result);
  return result;
}

async function close<R extends RetroResult>({ progress, resultOf }: Run<R>, ending: RunEnding): Promise<R> {
  progress.phase = 'closing';
  const { jobId } = progress;
  let result = resultOf(progress.end(ending.kind, ending.kind === 'done' ? undefined : wordsOf(ending)));
  if (jobId !== undefined) {
    await closingStep(CLOSING_MS, () => plainBulk.settleClaims({ jobId })).catch(() => undefined); // the sweeper goes on
    const told = await closingStep(CLOSING_MS, () => plain.closeRetro({ jobId, result }));
    result = { ...result, ...told };
  }
  progress.phase = 'ended';
  showState(ending.kind);
  return result;
}
