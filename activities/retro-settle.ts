/** What became of the writes of a retro that had no answer. */
import { plannedRowOf } from '../store/plans.js';
import { postponeSweep, type Effect } from '../store/effects.js';
import { linkDone } from '../store/ticket-links.js';
import { settleCreated } from './create-effect.js';
import { settleUnseen } from './effects.js';
import { effectId, type CallingDeps } from './job-context.js';
import { settleLinkBack } from './link-back-settle.js';
import { record } from './outcomes.js';
import { loadRetro } from './retro-context.js';
import { jobOf, openTicketStep, subjectOf, ticketEffect, ticketOutcome } from './tickets.js';

/**
 * Looks, and writes down what it found as the step itself would have.
 * @returns false when nothing tells any more what it was about.
 */
export async function settleRetro(deps: CallingDeps, effect: Effect): Promise<boolean> {
  const { jobId, step, subject, kind } = effect;
  switch (step) {
    case 'ticket':
      return await settleTicket(deps, effect);
    case 'comment':
    case 'relate':
    case 'update':
      // The tracker recognises a comment and a relation when it is asked again, and an update is read first.
      await settleUnseen(deps.db, effectId(await loadRetro(deps, jobId), step, subject), kind);
      return true;
    default:
      return await settleLinkBack(deps, await loadRetro(deps, jobId), effect);
  }
}

async function settleTicket(deps: CallingDeps, { effectId, jobId, subject }: Effect): Promise<boolean> {
  const [, itemId = '', episode = ''] = /^(.+)\.(\d+)$/.exec(subject) ?? [];
  const step = await openTicketStep(deps, jobId);
  if (step.tracker.capabilities.createdOnce === 'idempotent') {
    // Only sending it again tells, which the next run does.
    await postponeSweep(deps.db, { effectId });
    return true;
  }
  const planned = await plannedRowOf(deps.db, { ...jobOf(step.retro), kind: 'retroToTickets', itemId });
  if (!planned) return false;
  await settleCreated(deps.db, ticketEffect(deps, step, planned.row, Number(episode)));
  await linkTickets(deps, jobId);
  return true;
}

/** Links what only the ledger knows of, and writes down what the run that works on the job, or did last, has made of it. */
export async function linkTickets(deps: CallingDeps, jobId: string): Promise<void> {
  const { job } = await loadRetro(deps, jobId);
  for (const { itemId, runId, outcome, ticket } of await linkDone(deps.db, { jobId }))
    if (runId === job.runId)
      await record(deps, { job }, subjectOf(itemId), ticketOutcome(outcome === 'made' ? 'made' : 'existing', ticket));
}
