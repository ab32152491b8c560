/** Showing a run's tickets on the board. */
import type { OpenLinkBack, StepReport } from '../activities/index.js';
import type { LinkBack } from '../contract-retro.js';
import { batch } from './steps.js';

/** What an earlier run has left comes first: the new ones see it on the board. @param add is told of each step. */
export async function linkBack(
  jobId: string,
  way: LinkBack | undefined,
  add: (report: StepReport) => void,
): Promise<void> {
  if (way === 'none') return;
  for (const open of await batch.openLinkBacks({ jobId })) await show(jobId, open, add);
  for (const open of await batch.planLinkBack({ jobId })) await show(jobId, open, add);
}

async function show(jobId: string, { number, way }: OpenLinkBack, add: (report: StepReport) => void): Promise<void> {
  switch (way) {
    case 'list':
      await batch.ensureTicketsFrame({ jobId, number });
      add(await batch.ensureTicketRows({ jobId, number }));
      add(await batch.tagTicketed({ jobId, number }));
      return;
    case 'card':
      add(await batch.ensureTicketCards({ jobId, number }));
      return;
    case 'text':
      add(await batch.appendTicketLinks({ jobId, number }));
  }
}
