/** Follows a retro, or its undo, to its end. */
import type { RetroToTicketsResult, UndoRetroResult } from '../../contract-retro.js';
import { stopSignals } from '../../workers/stop-signals.js';
import type { JobHandle, StartAnswer } from '../index.js';
import { EXIT, type ExitCode } from './exit-codes.js';
import { endOf, isOver, progressLine, progressOf, type JobEnd } from './follow.js';
import { createLiveLine } from './live-line.js';
import type { Output } from './output.js';
import { retroEndText } from './retro-text.js';

type Result = RetroToTicketsResult | UndoRetroResult;

/** @returns the exit code: 3 where it goes on without us, or another run is in the way. */
export async function followRetro(answer: StartAnswer<Result>, wait: boolean, output: Output): Promise<ExitCode> {
  const { handle, state, detail } = answer;
  const { workflowId } = handle;
  if (detail !== undefined) output.note(`${state}: ${detail}`);
  const follows = wait && (state === 'started' || state === 'joined' || state === 'already_undone');
  const end = follows ? await toEnd(handle, output) : undefined;
  output.answer({ workflowId, state, ...(detail === undefined ? {} : { detail }), ...end?.told }, () =>
    end
      ? retroEndText(end.told.result as Partial<Result>, end.told.error)
      : `${state}; follow it with: temporal-miro runs watch ${workflowId}`,
  );
  return end?.exitCode ?? EXIT.notFinished;
}

/** @returns undefined when it goes on without us: parked, waiting for people, or somebody pressed Ctrl-C. */
async function toEnd(handle: JobHandle<Result>, output: Output): Promise<JobEnd | undefined> {
  const line = createLiveLine();
  const { signal, release } = stopSignals();
  try {
    for await (const progress of progressOf(handle, signal)) {
      line.show(progressLine(progress));
      if (progress.state === 'parked' || progress.waiting?.for === 'approval') break;
      if (isOver(progress)) return await endOf(handle);
    }
  } finally {
    release();
    line.close();
  }
  if (signal.aborted) output.note('Not waiting any longer; the job goes on.');
  return undefined;
}
