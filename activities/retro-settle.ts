/** What became of the writes of a retro that had no answer. */
import { plannedRowOf } from '../store/plans.js';
import type { Effect } from '../store/effects.js';
import type { TicketState } from '../tickets/tracker.js';
import { settleCreated } from './create-effect.js';
import { settleUnseen } from './effects.js';
import { effectId, type CallingDeps } from './job-context.js';
import { settleLinkBack } from './link-back-settle.js';
import { record } from './outcomes.js';
import { loadRetro } from './retro-context.js';
import { detailOf, jobOf, linkTicket, openTicketStep, subjectOf, ticketEffect } from './tickets.js';

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

async function settleTicket(deps: CallingDeps, { jobId, subject }: Effect): Promise<boolean> {
  const [, itemId = '', episode = ''] = /^(.+)\.(\d+)$/.exec(subject) ?? [];
  const step = await openTicketStep(deps, jobId);
  const planned = await plannedRowOf(deps.db, { ...jobOf(step.retro), kind: 'retroToTickets', itemId });
  if (!planned) return false;
  const found = await settleCreated<TicketState, TicketState, unknown>(
    deps.db,
    ticketEffect(deps, step, planned.row, Number(episode)),
  );
  if (!found) return true;
  const ticket = found.result;
  await linkTicket(deps, step.retro, planned, { episode: Number(episode), ticket, outcome: 'made' });
  await record(deps, step.retro, subjectOf(itemId), { outcome: 'made', objectId: ticket.id, detail: detailOf(ticket) });
  return true;
}
