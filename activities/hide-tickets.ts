/** Taking from the board what showed tickets that were taken back. What people have changed or added stays, and is told. */
import type { ItemOutcome } from '../contract.js';
import { sameText, escapeHtml } from '../jobs/provision-board/html.js';
import { cardBody, type CardPlan, type ListPlan, type TextPlan } from '../jobs/retro-to-tickets/link-back.js';
import { withoutRows } from '../jobs/retro-to-tickets/row-html.js';
import { stripLink } from '../jobs/retro-to-tickets/text-link.js';
import { tags, texts, type Item } from '../miro/index.js';
import { getEffect } from '../store/effects.js';
import { doneSubjects, hungByLists, subjectOf } from '../store/link-backs.js';
import { itemsOfOtherJobs } from '../store/ticket-links.js';
import { DELETED, hideItem, isWhereWePutIt, kept, STAYS, type Verdict } from './hide-item.js';
import type { CallingDeps } from './job-context.js';
import { onceForEach, TAGGED_TOGETHER } from './link-back-tag.js';
import { cardMark } from './link-back-card.js';
import { loadLinkBack, type LinkBackContext, type ShownItems } from './link-back-context.js';
import { fieldOf, htmlOf, refOf, textCall } from './link-back-text.js';
import { isRefusal, recorded, refused, type Recorded } from './outcomes.js';
import { despiteFailures, inGroups } from './parallel.js';
import { report, type StepReport } from './report.js';
import type { RetroContext } from './retro-context.js';
import { takenBack } from './taken-back.js';
import { jobOf } from './tickets.js';

export interface Hide {
  jobId: string;
  undone: string;
  number: number;
}

export const createHideTicketActivities = (deps: CallingDeps) => ({
  /** Takes the rows of tickets that were taken back out of their texts, and texts without rows from the board. Effect: set, text by text. */
  async hideTicketRows(hide: Hide): Promise<StepReport> {
    const { back, taken } = await loadHiding<ListPlan>(deps, hide);
    const { ctx, number, plan } = back;
    const made = await shownBy(deps, back, 'ticket-rows');
    const outcomes: (ItemOutcome | undefined)[] = [];
    for (const [i, { rows, place }] of plan.texts.entries()) {
      const itemId = made[String(i)];
      const toHide = rows.filter((row) => taken.has(subjectOf(row)));
      if (!itemId || toHide.length === 0) continue;
      const verdictOn = (text: Item): Verdict => {
        const { html, blank, kept: left } = withoutRows(htmlOf(text), toHide);
        if (html === htmlOf(text)) {
          const changed = left.filter(({ url }) => html.includes(escapeHtml(url)));
          return changed.length === 0 ? STAYS : kept(`a person has changed the row of ${keysOf(changed)}`);
        }
        if (!blank) return { kind: 'changed', by: texts.update(ctx.boardId, itemId, { data: { content: html } }) };
        return isWhereWePutIt(text, place) ? DELETED : kept(`a person has moved the rows of ${keysOf(toHide)}`);
      };
      const subject = `${number}.${i}`;
      outcomes.push(await told(deps, ctx, `rows ${subject}`, { step: 'unrow', subject, itemId, verdictOn }));
    }
    return report(outcomes.flatMap((outcome) => outcome ?? []));
  },

  /**
   * Takes the tag off the items of tickets that were taken back, where a list hung it there, and no other tracker has a ticket of theirs. Effect:
   * set; who has no such tag has none.
   */
  async untagTickets(hide: Hide): Promise<void> {
    const { back, taken } = await loadHiding<ListPlan>(deps, hide);
    const { ctx, number, plan } = back;
    const tagId = 'id' in plan.tag ? plan.tag.id : await madeTag(deps, ctx, plan.tag.number);
    const shown = plan.texts.flatMap(({ rows }) => rows).filter((row) => taken.has(subjectOf(row)));
    const hung = await hungByLists(deps.db, { tenantId: ctx.job.tenantId, itemIds: shown.map(({ itemId }) => itemId) });
    const others = await itemsOfOtherJobs(deps.db, { ...jobOf(ctx), itemIds: hung });
    const itemIds = hung.filter((itemId) => !others.has(itemId));
    if (tagId === undefined) return;
    const done = await doneSubjects(deps.db, { jobId: ctx.job.jobId, step: 'untag' });
    const parts = Array.from({ length: Math.ceil(itemIds.length / TAGGED_TOGETHER) }, (_, n) =>
      itemIds.slice(n * TAGGED_TOGETHER, (n + 1) * TAGGED_TOGETHER),
    )
      .map((part) => ({ subject: `${number}.${part.join('.')}`, itemIds: part, tagId }))
      .filter(({ subject }) => !done.has(subject));
    await despiteFailures(parts, (part) => detach(deps, ctx, part));
  },

  /** Deletes the cards of tickets that were taken back, as far as they are as we made them. Effect: set, card by card. */
  async hideTicketCards(hide: Hide): Promise<StepReport> {
    const { back, taken } = await loadHiding<CardPlan>(deps, hide);
    const made = await shownBy(deps, back, 'ticket-cards');
    const outcomes = await inGroups(
      back.plan.cards.filter((card) => taken.has(subjectOf(card))),
      subjectOf,
      async (card) => {
        const subject = subjectOf(card);
        const itemId = made[subject];
        const { data } = cardBody(card, cardMark(deps, back.ctx, card));
        const verdictOn = (item: Item): Verdict =>
          isWhereWePutIt(item, card.position) &&
          sameText(item.data.title, data.title) &&
          sameText(item.data.description, data.description)
            ? DELETED
            : kept(`a person has changed or moved the card of ${card.key}`);
        if (!itemId) return undefined;
        return await told(deps, back.ctx, `card ${subject}`, { step: 'uncard', subject, itemId, verdictOn });
      },
    );
    return report(outcomes.flatMap((outcome) => outcome ?? []));
  },

  /** Takes the links of tickets that were taken back out of their items' texts. Effect: set, text by text. */
  async removeTicketLinks(hide: Hide): Promise<StepReport> {
    const { back, taken } = await loadHiding<TextPlan>(deps, hide);
    const { ctx } = back;
    const outcomes = await inGroups(
      back.plan.tickets.filter((ticket) => taken.has(subjectOf(ticket))),
      ({ itemId }) => itemId,
      async (ticket) => {
        const { itemId } = ticket;
        const verdictOn = (item: Item): Verdict => {
          const html = stripLink(htmlOf(item), [refOf(ticket)]);
          const update = textCall(item.type);
          if (html === htmlOf(item) || !update) return STAYS;
          return { kind: 'changed', by: update(ctx.boardId, itemId, { data: { [fieldOf(item)]: html } }) };
        };
        const subject = subjectOf(ticket);
        return await told(deps, ctx, `text ${subject}`, { step: 'untext', subject, itemId, verdictOn });
      },
    );
    return report(outcomes.flatMap((outcome) => outcome ?? []));
  },
});

const keysOf = (rows: { key: string }[]): string => rows.map(({ key }) => key).join(', ');

async function loadHiding<Plan extends object>(
  deps: CallingDeps,
  { jobId, undone, number }: Hide,
): Promise<{ back: LinkBackContext<Plan>; taken: ReadonlySet<string> }> {
  const [back, links] = await Promise.all([
    loadLinkBack<Plan>(deps, jobId, number),
    takenBack(deps.db, { jobId, undone }),
  ]);
  return { back, taken: new Set(links.map(subjectOf)) };
}

async function shownBy(
  { db }: CallingDeps,
  { ctx, number }: LinkBackContext<object>,
  step: string,
): Promise<Record<string, string>> {
  const effect = await getEffect(db, { jobId: ctx.job.jobId, key: `${step}:${number}` });
  return (effect?.result as ShownItems | undefined)?.items ?? {};
}

/** Writes down only what is kept: that the rest is gone, its ticket tells. */
async function told(
  deps: CallingDeps,
  ctx: RetroContext,
  subject: string,
  hiding: Parameters<typeof hideItem>[2],
): Promise<ItemOutcome | undefined> {
  try {
    const reason = await hideItem(deps, ctx, hiding);
    return reason === undefined
      ? undefined
      : await recorded(deps, ctx, subject, () => Promise.resolve(keptPart(reason)));
  } catch (error) {
    if (!isRefusal(error)) throw error;
    return await recorded(deps, ctx, subject, () => Promise.reject(error));
  }
}

const keptPart = (reason: string): Recorded =>
  refused(`kept: ${reason}`, 'delete it on the board by hand if nobody needs it');

const madeTag = async ({ db }: CallingDeps, { job }: RetroContext, number: number): Promise<string | undefined> =>
  (await getEffect(db, { jobId: job.jobId, key: `ticketed:${number}` }))?.objectId;

async function detach(
  deps: CallingDeps,
  ctx: RetroContext,
  { tagId, ...part }: { subject: string; itemIds: string[]; tagId: string },
): Promise<void> {
  await onceForEach(deps, ctx, { step: 'untag', ...part }, async (caller, itemId, ready) => {
    try {
      await caller.send(tags.detach(ctx.boardId, itemId, tagId), ready);
    } catch (error) {
      if (!isRefusal(error)) throw error; // the item is gone, or the tag
    }
  });
}
