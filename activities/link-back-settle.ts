/** What became of link backs that an ended run left without an answer. */
import type { CardPlan, ListPlan } from '../jobs/retro-to-tickets/link-back.js';
import type { Effect } from '../store/effects.js';
import { settleCreated } from './create-effect.js';
import { settleUnseen } from './effects.js';
import { callerFor, effectId, type CallingDeps } from './job-context.js';
import { cardsEffect } from './link-back-card.js';
import { loadLinkBack } from './link-back-context.js';
import { frameEffect, frameOf, rowsEffect } from './link-back-list.js';
import { ticketedEffect } from './link-back-tag.js';
import type { RetroContext } from './retro-context.js';

/**
 * Looks for the object of a ledger row, and sends nothing. What is found stands in the ledger; the next run tells its tickets.
 * @returns false for a step of somebody else.
 */
export async function settleLinkBack(
  deps: CallingDeps,
  ctx: RetroContext,
  { step, subject, kind }: Pick<Effect, 'step' | 'subject' | 'kind'>,
): Promise<boolean> {
  if (kind !== 'create') {
    await settleUnseen(deps.db, effectId(ctx, step, subject), kind);
    return true;
  }
  const caller = callerFor(deps, ctx, `settle:${step}:${subject}`);
  const number = Number(subject);
  const { jobId } = ctx.job;
  switch (step) {
    case 'ticketed':
      await settleCreated(deps.db, ticketedEffect(deps, ctx, caller, number));
      return true;
    case 'tickets-frame': {
      const back = await loadLinkBack<ListPlan>(deps, jobId, number);
      await settleCreated(deps.db, await frameEffect(deps, back, caller, number));
      return true;
    }
    case 'ticket-rows': {
      const back = await loadLinkBack<ListPlan>(deps, jobId, number);
      const frameId = await frameOf(deps, back);
      if (frameId !== undefined) await settleCreated(deps.db, await rowsEffect(deps, back, caller, frameId));
      return frameId !== undefined;
    }
    case 'ticket-cards': {
      const back = await loadLinkBack<CardPlan>(deps, jobId, number);
      await settleCreated(deps.db, await cardsEffect(deps, back, caller));
      return true;
    }
    default:
      return false;
  }
}
