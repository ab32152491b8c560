/** Follows a retro, or its undo, to its end. */
import type { RetroToTicketsResult, UndoRetroResult } from '../../contract-retro.js';
import type { StartAnswer } from '../index.js';
import { EXIT, type ExitCode } from './exit-codes.js';
import { followToEnd } from './follow-to-end.js';
import type { Output } from './output.js';
import { retroEndText } from './retro-text.js';

type Result = RetroToTicketsResult | UndoRetroResult;

/** @returns the exit code: 3 where it goes on without us, or another run is in the way. */
export async function followRetro(answer: StartAnswer<Result>, wait: boolean, output: Output): Promise<ExitCode> {
  const { handle, state, detail } = answer;
  const { workflowId } = handle;
  if (detail !== undefined) output.note(`${state}: ${detail}`);
  const follows = wait && (state === 'started' || state === 'joined' || state === 'already_undone');
  const end = follows ? await followToEnd(handle, output) : undefined;
  output.answer({ workflowId, state, ...(detail === undefined ? {} : { detail }), ...end?.told }, () =>
    end
      ? retroEndText(end.told.result as Partial<Result>, end.told.error)
      : `${state}; follow it with: temporal-miro runs watch ${workflowId}`,
  );
  return end?.exitCode ?? EXIT.notFinished;
}
