import { WorkflowFailedError, WorkflowUpdateFailedError } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import type { ProvisionBoardResult } from '../contract.js';
import type { RetroToTicketsResult, UndoRetroResult } from '../contract-retro.js';

/** Of any kind of job. */
export type JobResult = ProvisionBoardResult | RetroToTicketsResult | UndoRetroResult;

/** A job ended without doing what was asked; the message says what failed, on which object, why, and what to do. */
export class JobError extends Error {
  /** E.g. `Input.refused`, `Template.missing`, `Miro.forbidden`, `Job.deadline`. */
  readonly type: string;
  /** How far the job came, where that is known. */
  readonly result: JobResult | undefined;

  constructor(type: string, message: string, result?: JobResult) {
    super(message);
    this.name = 'JobError';
    this.type = type;
    this.result = result;
  }
}

/** The innermost application failure of what Temporal threw, as a JobError; anything else as it is. */
export function toJobError(error: unknown): unknown {
  if (!(error instanceof WorkflowFailedError || error instanceof WorkflowUpdateFailedError)) return error;
  let at: Error | undefined = error;
  while (at && !(at instanceof ApplicationFailure)) at = at.cause instanceof Error ? at.cause : undefined;
  if (!at) return error;
  const result = at.details?.[0];
  return new JobError(at.type ?? 'Error', at.message, isResult(result) ? result : undefined);
}

function isResult(value: unknown): value is JobResult {
  return typeof value === 'object' && value !== null && 'ending' in value && 'counts' in value;
}
