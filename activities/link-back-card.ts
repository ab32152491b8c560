/** `linkBack: 'card'`: a card beside each item. */
import { matchCard } from '../jobs/provision-board/recognise.js';
import { cardBody, type CardPlan } from '../jobs/retro-to-tickets/link-back.js';
import { items, type Item } from '../miro/index.js';
import { getEffect } from '../store/effects.js';
import { recordItems } from '../store/items.js';
import { endLinkBack, subjectOf } from '../store/link-backs.js';
import type { Caller } from './calls.js';
import { ensureCreated, type CreateEffect, type Look } from './create-effect.js';
import { itemsOnBoard } from './found-items.js';
import { callerFor, effectId, marks, type CallingDeps } from './job-context.js';
import { loadLinkBack, shownPart, type LinkBackContext, type ShownItems } from './link-back-context.js';
import { isRefusal, refused, type Recorded } from './outcomes.js';
import { report, type StepReport } from './report.js';
import type { RetroContext } from './retro-context.js';

type Card = CardPlan['cards'][number];

export const createTicketCardActivities = (deps: CallingDeps) => ({
  /** Makes the cards of up to 20 tickets. Effect: create, all or nothing, each marked in its description. */
  async ensureTicketCards({ jobId, number }: { jobId: string; number: number }): Promise<StepReport> {
    const back = await loadLinkBack<CardPlan>(deps, jobId, number);
    const partOf = back.state === 'dropped' ? notMade : await madeCards(deps, back);
    const parts = back.plan.cards.map((card) => ({ subject: `link ${card.itemId}`, kind: 'link', ...partOf(card) }));
    const { tenantId } = back.ctx.job;
    await recordItems(deps.db, { tenantId, jobId }, parts);
    await endLinkBack(deps.db, { jobId, number, state: 'done' });
    return report(parts.map(({ outcome }) => outcome));
  },
});

const notMade = (): Recorded => refused('Miro took none of these cards', 'run again');

async function madeCards(deps: CallingDeps, back: LinkBackContext<CardPlan>): Promise<(card: Card) => Recorded> {
  const { ctx, number } = back;
  const { jobId } = ctx.job;
  const caller = callerFor(deps, ctx, `ticket-cards:${number}`);
  try {
    const ensured = await ensureCreated(deps.db, caller, await cardsEffect(deps, back, caller));
    return (card) => shownPart(ensured, subjectOf(card));
  } catch (error) {
    if (!isRefusal(error)) throw error;
    // Refused was a look after a lost answer: the cards may be on the board.
    const effect = await getEffect(deps.db, { jobId, key: `ticket-cards:${number}` });
    if (effect && effect.unresolved > 0) throw error;
    await endLinkBack(deps.db, { jobId, number, state: 'dropped' });
    return () => refused(error.message, 'run again');
  }
}

/** The tail of a card's description. */
export const cardMark = (
  deps: Pick<CallingDeps, 'idKey'>,
  { job }: RetroContext,
  card: Pick<Card, 'itemId' | 'episode'>,
): string => marks(deps, job)('ticket-card', subjectOf(card));

/** Also used to settle what an ended run left open. */
export async function cardsEffect(
  deps: CallingDeps,
  { ctx, number, plan }: LinkBackContext<CardPlan>,
  caller: Caller,
): Promise<CreateEffect<Item[], ShownItems>> {
  const { boardId } = ctx;
  const { userId } = await caller.token();
  const { cards, watermark } = plan;
  const result = (ids: (string | undefined)[]): ShownItems => ({
    items: Object.fromEntries(cards.map((card, i) => [subjectOf(card), ids[i] ?? ''])),
  });
  return {
    id: effectId(ctx, 'ticket-cards', String(number)),
    times: deps.timings.bulk,
    lookFirst: false,
    watermark,
    call: () =>
      items.createBulk(
        boardId,
        cards.map((card) => cardBody(card, cardMark(deps, ctx, card))),
      ),
    async look({ sender = userId }): Promise<Look<ShownItems>> {
      const onBoard = await itemsOnBoard(caller, boardId, { type: 'card' });
      const matches = cards.map((card) => matchCard(onBoard, { marker: cardMark(deps, ctx, card), userId: sender }));
      const ids = matches.map((match) => (match.kind === 'made' ? match.id : undefined));
      const first = ids.find((id) => id !== undefined);
      // All are made or none is: one that is there proves the others, which people have deleted.
      if (first !== undefined) return { kind: 'found', objectId: first, result: result(ids) };
      return (matches.find(({ kind }) => kind === 'ambiguous') as Look<ShownItems> | undefined) ?? { kind: 'absent' };
    },
    made: (answer) => ({ objectId: answer[0]?.id ?? '', result: result(answer.map(({ id }) => id)) }),
  };
}
