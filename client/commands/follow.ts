/** Follows one job to its end, live. */
import { setTimeout as delay } from 'node:timers/promises';
import { WorkflowFailedError } from '@temporalio/client';
import type { Counts } from '../../contract.js';
import { JobError, type JobHandle, type JobProgress, type JobResult } from '../index.js';
import { codeOfJob, EXIT, type ExitCode } from './exit-codes.js';

const EVERY_MS = 400;

/** What is known of the job each time that something has changed; ends with the job, or when `signal` is aborted. */
export async function* progressOf(handle: JobHandle<JobResult>, signal: AbortSignal): AsyncGenerator<JobProgress> {
  let last = '';
  while (!signal.aborted) {
    const progress = withReason(await handle.status());
    const text = JSON.stringify(progress);
    if (text !== last) yield progress;
    if (isOver(progress)) return;
    last = text;
    await delay(EVERY_MS, undefined, { signal }).catch(() => undefined); // aborted: the loop ends
  }
}

/** The first step is the store's: what it waits for shows nowhere else. */
function withReason(progress: JobProgress): JobProgress {
  const { state, phase = 'opening', startedAt, waiting, pending } = progress;
  const opening = state === 'running' && phase === 'opening' && !waiting && pending.length === 0;
  if (!opening || Date.now() - Date.parse(startedAt) < OPENING_MS) return progress;
  return { ...progress, waiting: { for: 'retry', detail: NOT_OPENED } };
}

/** Opening takes some ms. */
const OPENING_MS = 5_000;
const NOT_OPENED = 'no worker has begun with it, or the workers do not reach the database; look at their log';

export const isOver = ({ state }: JobProgress): boolean => state !== 'running' && state !== 'parked';

/** What the results of jobs of all kinds have, and what only some have. */
type Told = JobResult & { url?: string };

/** How a job ended, with the exit code that says so. */
export interface JobEnd {
  exitCode: ExitCode;
  told: { result?: Told; error?: { type: string; message: string } };
}

/** For a job that is over. */
export async function endOf(handle: JobHandle<JobResult>): Promise<JobEnd> {
  try {
    const result = await handle.result();
    return { exitCode: isAsAsked(result) ? EXIT.done : EXIT.notDone, told: { result } };
  } catch (error) {
    if (error instanceof JobError) {
      const { type, message, result } = error;
      return { exitCode: codeOfJob(type), told: { error: { type, message }, ...(result ? { result } : {}) } };
    }
    if (!(error instanceof WorkflowFailedError)) throw error;
    const { name, message } = error.cause ?? error;
    return { exitCode: EXIT.notDone, told: { error: { type: name, message } } };
  }
}

/** A board is there even where a part of it was refused; of a retro and its undo each ticket counts. */
function isAsAsked(result: JobResult): boolean {
  const { ending, counts } = result;
  return ending === 'done' && ('episode' in result || counts.refused + counts.failed === 0);
}

/** One line: phase, how far, what came of it, what it waits for. */
export function progressLine({ state, phase, finished = 0, total = 0, counts, waiting }: JobProgress): string {
  const amount = total > 0 ? `${bar(finished / total)} ${finished}/${total}` : '';
  const until = waiting?.until === undefined ? '' : `, until ${waiting.until.slice(11, 19)}`;
  const wait = waiting && `waits (${waiting.for}${until}): ${waiting.detail}`;
  const where = phase === undefined || state === 'parked' ? state : phase;
  return [where.padEnd(8), amount, counts && countsText(counts), wait].filter(Boolean).join('  ');
}

/** `15 made, 2 existing`. */
export function countsText(counts: Counts): string {
  const parts = Object.entries(counts).filter(([, count]) => count > 0);
  return parts.map(([outcome, count]) => `${count} ${outcome}`).join(', ');
}

function bar(done: number): string {
  const full = Math.round(Math.min(1, done) * 20);
  return '█'.repeat(full) + '░'.repeat(20 - full);
}

/** How a job ended, for people. */
export function endText({ result, error }: JobEnd['told']): string {
  const problems = (result?.problems ?? []).map(
    ({ subject, outcome, reason, remedy }) => `- ${subject} ${outcome}: ${reason}${remedy ? `; ${remedy}` : ''}`,
  );
  return [
    result?.url && `Board    ${result.url}`,
    `Ended    ${result?.ending ?? 'failed'}${error ? `: ${error.message}` : ''}`,
    result && countsText(result.counts) && `Outcome  ${countsText(result.counts)}`,
    ...problems,
  ]
    .filter(Boolean)
    .join('\n');
}
