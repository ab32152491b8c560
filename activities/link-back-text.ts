/** `linkBack: 'text'`: the link as the last line of each item's own text. */
import type { ItemOutcome } from '../contract.js';
import { appendLink, hasLink, type LinkRef } from '../jobs/retro-to-tickets/text-link.js';
import type { ShownTicket, TextPlan } from '../jobs/retro-to-tickets/link-back.js';
import { items, type Item } from '../miro/index.js';
import { endLinkBack, doneSubjects, subjectOf } from '../store/link-backs.js';
import { updateCall } from './items.js';
import { callerFor, effectId, type CallingDeps } from './job-context.js';
import { loadLinkBack } from './link-back-context.js';
import { recorded, skipped } from './outcomes.js';
import { inGroups } from './parallel.js';
import { report, type StepReport } from './report.js';
import type { RetroContext } from './retro-context.js';
import { ensureSet } from './set-effect.js';

export const createTicketTextActivities = (deps: CallingDeps) => ({
  /** Appends the links of up to 20 tickets, once: who takes a line out again has their way. Effect: set, text by text. */
  async appendTicketLinks({ jobId, number }: { jobId: string; number: number }): Promise<StepReport> {
    const { ctx, state, plan } = await loadLinkBack<TextPlan>(deps, jobId, number);
    const done = await doneSubjects(deps.db, { jobId, step: 'ticket-text' });
    const open = state === 'open' ? plan.tickets.filter((ticket) => !done.has(subjectOf(ticket))) : [];
    const outcomes = await inGroups(
      open,
      ({ itemId }) => itemId,
      (ticket) => append(deps, ctx, ticket),
    );
    await endLinkBack(deps.db, { jobId, number, state: 'done' });
    return report(outcomes);
  },
});

async function append(deps: CallingDeps, ctx: RetroContext, ticket: ShownTicket): Promise<ItemOutcome> {
  const { itemId } = ticket;
  const ref = refOf(ticket);
  return await recorded(deps, ctx, `link ${itemId}`, async () => {
    const caller = callerFor(deps, ctx, `ticket-text:${subjectOf(ticket)}`);
    let type = '';
    const outcome = await ensureSet(deps.db, caller, {
      id: effectId(ctx, 'ticket-text', subjectOf(ticket)),
      times: deps.timings.single,
      read: async () => {
        const item = await caller.send(items.get(ctx.boardId, itemId));
        type = item.type;
        return item;
      },
      holds: (now) => !textCall(now.type) || hasLink(htmlOf(now), ref),
      write: async (now, ready) => {
        const data = { [fieldOf(now)]: appendLink(htmlOf(now), ref) };
        const update = textCall(now.type);
        if (update) await caller.send(update(ctx.boardId, itemId, { data }), ready);
      },
    });
    if (!textCall(type)) return skipped(`Miro's API cannot change the text of a ${type}`);
    return { outcome: outcome === 'changed' ? 'made' : 'existing', objectId: itemId };
  });
}

/** The texts of frames are titles. */
export const textCall = (type: string) => (type === 'frame' ? undefined : updateCall(type));

export const refOf = ({ key, ticketUrl }: ShownTicket): LinkRef => ({ key, url: ticketUrl });

/** Where the link goes: the one text of an item, the second one of a card. */
export const fieldOf = ({ type }: Item): 'content' | 'description' => (type === 'card' ? 'description' : 'content');
export const htmlOf = (item: Item): string => item.data[fieldOf(item)] ?? '';
