/** Takes back what a run has made: its tickets, where nobody has touched them since, and what shows them on the board. */
import type { OpenLinkBack, StepReport } from '../activities/index.js';
import type { UndoRetroInput, UndoRetroResult } from '../contract-retro.js';
import { RetroProgress } from './retro-progress.js';
import { runRetro } from './retro-run.js';
import { batch, openUndoRetro, plain } from './steps.js';

export async function undoRetroToTickets(input: UndoRetroInput): Promise<UndoRetroResult> {
  const progress = new RetroProgress();
  let undone: string | undefined;
  const resultOf = (end: ReturnType<RetroProgress['end']>): UndoRetroResult =>
    undone === undefined ? end : { ...end, runId: undone };
  return await runRetro({ input, progress, resultOf }, async () => {
    const { jobId } = await openUndoRetro({ input });
    progress.jobId = jobId;
    progress.phase = 'undoing';
    await batch.settleClaims({ jobId }); // a ticket or a row of which nobody knows could not be taken back
    ({ undone } = await plain.runToUndo({ jobId, runId: input.runId }));
    if (undone !== undefined) await takeBack({ jobId, undone }, progress);
  });
}

interface Undo {
  jobId: string;
  undone: string;
}

async function takeBack({ jobId, undone }: Undo, progress: RetroProgress): Promise<void> {
  for (let from: number | undefined = 0; from !== undefined;) {
    const step: StepReport & { next?: number } = await batch.takeBackTickets({ jobId, undone, from });
    progress.add(step);
    from = step.next;
  }
  await hideTakenBack({ jobId, undone }, progress);
}

/** The end of an undo, also of one that was cut off: the board shows no more of the tickets that are taken back. */
export async function hideTakenBack({ jobId, undone }: Undo, progress: RetroProgress): Promise<void> {
  for (const open of await plain.linkBacksToHide({ jobId, undone })) await hide({ jobId, undone }, open, progress);
  await plain.noteTakenBack({ jobId, undone });
  progress.add(await batch.tidyTickets({ jobId }));
}

async function hide(undo: Undo, { number, way }: OpenLinkBack, progress: RetroProgress): Promise<void> {
  switch (way) {
    case 'list':
      progress.add(await batch.hideTicketRows({ ...undo, number }));
      await batch.untagTickets({ ...undo, number });
      return;
    case 'card':
      progress.add(await batch.hideTicketCards({ ...undo, number }));
      return;
    case 'text':
      progress.add(await batch.removeTicketLinks({ ...undo, number }));
  }
}
