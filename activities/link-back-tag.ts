/** The tag that tells that an item has a ticket. */
import type { ItemOutcome } from '../contract.js';
import { matchTag } from '../jobs/provision-board/recognise.js';
import { TICKETED, type ListPlan } from '../jobs/retro-to-tickets/link-back.js';
import { tags, type MiroError, type Tag } from '../miro/index.js';
import { doneSubjects, endLinkBack } from '../store/link-backs.js';
import { requireBoard } from './boards.js';
import type { Caller } from './calls.js';
import { ensureCreated, type CreateEffect, type Look } from './create-effect.js';
import { all } from './found-items.js';
import { callerFor, effectId, type CallingDeps } from './job-context.js';
import { loadLinkBack, type LinkBackContext } from './link-back-context.js';
import { isRefusal, record, recorded, refused, skipped } from './outcomes.js';
import { despiteFailures, inGroups } from './parallel.js';
import { report, type StepReport } from './report.js';
import type { RetroContext } from './retro-context.js';
import { ensureSet } from './set-effect.js';

/** How many items one claim covers: few enough that all of them can go well where one call in twenty does not. */
export const TAGGED_TOGETHER = 10;

export const createTicketTagActivities = (deps: CallingDeps) => ({
  /**
   * Hangs the tag on the items of a list, once: who takes it off again has their way. Effects: create (titles are unique on a board), then set:
   * a tag that is attached twice is attached. What cannot have it is told item by item.
   */
  async tagTicketed({ jobId, number }: { jobId: string; number: number }): Promise<StepReport> {
    const back = await loadLinkBack<ListPlan>(deps, jobId, number);
    const outcomes = back.state === 'open' ? await tagAll(deps, back) : [];
    await endLinkBack(deps.db, { jobId, number, state: 'done' });
    return report(outcomes);
  },
});

async function tagAll(deps: CallingDeps, { ctx, number, plan }: LinkBackContext<ListPlan>): Promise<ItemOutcome[]> {
  const outcomes: ItemOutcome[] = [];
  for (const itemId of plan.untaggable)
    outcomes.push(await record(deps, ctx, `tag ${itemId}`, skipped('Miro has tags on sticky notes and cards only')));
  if (plan.toTag.length === 0) return outcomes;
  const tagId = 'id' in plan.tag ? plan.tag.id : await ensureTag(deps, ctx, plan.tag.number, outcomes);
  if (tagId === undefined) return outcomes;
  const done = await doneSubjects(deps.db, { jobId: ctx.job.jobId, step: 'tag-tickets' });
  const parts = Array.from({ length: Math.ceil(plan.toTag.length / TAGGED_TOGETHER) }, (_, n) => n * TAGGED_TOGETHER)
    .map((from) => ({ subject: `${number}.${from}`, itemIds: plan.toTag.slice(from, from + TAGGED_TOGETHER), tagId }))
    .filter(({ subject }) => !done.has(subject));
  await despiteFailures(parts, async (part) => {
    for (const [itemId, error] of await attach(deps, ctx, part))
      outcomes.push(await record(deps, ctx, `tag ${itemId}`, refused(error.message)));
  });
  return outcomes;
}

/** @returns undefined where Miro refuses the tag. */
async function ensureTag(
  deps: CallingDeps,
  ctx: RetroContext,
  number: number,
  outcomes: ItemOutcome[],
): Promise<string | undefined> {
  let tagId: string | undefined;
  const outcome = await recorded(deps, ctx, `tag ${TICKETED}`, async () => {
    const caller = callerFor(deps, ctx, `ticketed:${number}`);
    const ensured = await ensureCreated(deps.db, caller, ticketedEffect(deps, ctx, caller, number));
    if (ensured.outcome === 'ambiguous') return { outcome: 'failed', detail: { reason: ensured.reason } };
    tagId = ensured.objectId;
    return { outcome: ensured.outcome, objectId: tagId };
  });
  outcomes.push(outcome);
  return tagId;
}

/** Also used to settle what an ended run left open. A title that is there already is the tag, whoever made it. */
export function ticketedEffect(
  deps: CallingDeps,
  ctx: RetroContext,
  caller: Caller,
  number: number,
): CreateEffect<Tag, object> {
  return {
    id: effectId(ctx, 'ticketed', String(number)),
    times: deps.timings.single,
    lookFirst: true,
    call: () => tags.create(ctx.boardId, { title: TICKETED, fillColor: 'green' }),
    async look(): Promise<Look<object>> {
      const match = matchTag(TICKETED, await all(caller, tags.list(ctx.boardId)));
      return match.kind === 'made' ? { kind: 'found', objectId: match.id, result: {} } : match;
    },
    made: ({ id }) => ({ objectId: id, result: {} }),
  };
}

interface Attaching {
  subject: string;
  itemIds: string[];
  tagId: string;
}

/** @returns what Miro refuses: an item that is gone, one with eight tags. */
async function attach(
  deps: CallingDeps,
  ctx: RetroContext,
  { tagId, ...part }: Attaching,
): Promise<Map<string, MiroError>> {
  const { boardId } = ctx;
  const untaggable = new Map<string, MiroError>();
  await onceForEach(deps, ctx, { step: 'tag-tickets', ...part }, async (caller, itemId, ready) => {
    try {
      await caller.send(tags.attach(boardId, itemId, tagId), ready);
    } catch (error) {
      if (!isRefusal(error)) throw error;
      if (!(await hasTag(caller, boardId, itemId, tagId))) untaggable.set(itemId, error);
    }
  });
  if (untaggable.size > 0) await requireBoard(deps, ctx);
  return untaggable;
}

/** Runs `send` for each item under one claim. Effect: set; an answer is proof, so nothing is read back. */
export async function onceForEach(
  deps: CallingDeps,
  ctx: RetroContext,
  { step, subject, itemIds }: { step: string; subject: string; itemIds: string[] },
  send: (caller: Caller, itemId: string, ready: () => Promise<void>) => Promise<void>,
): Promise<void> {
  const caller = callerFor(deps, ctx, `${step}:${subject}`);
  let answered = 0;
  await ensureSet(deps.db, caller, {
    id: effectId(ctx, step, subject),
    times: deps.timings.bulk,
    read: () => Promise.resolve(answered),
    holds: (now) => now === itemIds.length,
    write: async (_, ready) =>
      void (await inGroups(
        itemIds,
        (itemId) => itemId,
        async (itemId) => {
          await send(caller, itemId, ready);
          answered += 1;
        },
      )),
  });
}

/** Whether Miro refused a tag because an earlier attempt has attached it. */
async function hasTag(caller: Caller, boardId: string, itemId: string, tagId: string): Promise<boolean> {
  try {
    return (await caller.send(tags.ofItem(boardId, itemId))).some(({ id }) => id === tagId);
  } catch (error) {
    if (isRefusal(error)) return false;
    throw error;
  }
}
