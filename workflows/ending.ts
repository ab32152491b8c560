/** Which way a run ends is told by who asked, never by the error that surfaced: a deadline met by a 503 looks like a failure. */
import { ApplicationFailure, CancellationScope, isCancellation, sleep, TemporalFailure } from '@temporalio/workflow';
import type { Ending } from '../contract.js';

export type RunEnding = { kind: 'done' } | { kind: Exclude<Ending, 'done'>; error: TemporalFailure };

/**
 * Runs `story` until it ends, is cancelled, or the business deadline passes.
 * @param deadlineMs from now; asked again when it has passed, since a run may learn on its way that it takes longer
 * @throws what is no Temporal failure: a mistake in workflow code, which holds the run until it is mended.
 */
export async function runUntilDeadline(deadlineMs: () => number, story: () => Promise<void>): Promise<RunEnding> {
  let late = false;
  const root = CancellationScope.current();
  const running = new CancellationScope();
  const clock = new CancellationScope();
  const timer = clock
    .run(async () => {
      for (let slept = 0; slept < deadlineMs();) {
        const rest = deadlineMs() - slept;
        await sleep(rest);
        slept += rest;
      }
      late = true;
      running.cancel();
    })
    .catch(unlessCancelled);
  try {
    await running.run(story);
    return { kind: 'done' };
  } catch (error) {
    if (!(error instanceof TemporalFailure)) throw error;
    if (root.consideredCancelled) return { kind: 'cancelled', error };
    return { kind: late ? 'deadline' : 'failed', error };
  } finally {
    clock.cancel();
    await timer;
  }
}

/** A step that ends something and waits must not keep a run open; what is still unknown then is the sweeper's. */
export const CLOSING_MS = 2 * 60 * 1000;

/** Runs a closing step that cannot be cancelled and never parks, for at most `limitMs`. @returns undefined when the time was up. */
export async function closingStep<T>(limitMs: number, step: () => Promise<T>): Promise<T | undefined> {
  return await CancellationScope.nonCancellable(async () => {
    try {
      return await CancellationScope.withTimeout(limitMs, step);
    } catch (error) {
      if (isCancellation(error)) return undefined;
      throw error;
    }
  });
}

/** Why a run ended without success: the failure's own type and words, unless somebody asked for the end. */
export function wordsOf({ kind, error }: Exclude<RunEnding, { kind: 'done' }>): { type: string; message: string } {
  const last = innermost(error);
  switch (kind) {
    case 'cancelled':
      return { type: 'Job.cancelled', message: 'the job was cancelled' };
    case 'deadline':
      return { type: 'Job.deadline', message: `the job met its deadline; last: ${last.message}` };
    case 'failed':
      return { type: last instanceof ApplicationFailure ? (last.type ?? 'Error') : last.name, message: last.message };
  }
}

/** The last word as callers see it, with the result as far as it goes. */
export function failureOf(ending: Exclude<RunEnding, { kind: 'done' }>, result?: object): ApplicationFailure {
  const { type, message } = wordsOf(ending);
  return ApplicationFailure.create({ type, message, nonRetryable: true, details: result ? [result] : [] });
}

function innermost(error: Error): Error {
  return error.cause instanceof Error ? innermost(error.cause) : error;
}

function unlessCancelled(error: unknown): void {
  if (!isCancellation(error)) throw error;
}
