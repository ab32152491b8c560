/** What is left on the board when no ticket is shown any more: an empty frame, a tag that nothing has. */
import type { ItemOutcome } from '../contract.js';
import { FRAME_TITLE, TICKETED, type ListPlan } from '../jobs/retro-to-tickets/link-back.js';
import { items, tags, type Item } from '../miro/index.js';
import { madeObjects, tagsMadeOn } from '../store/link-backs.js';
import { findBoard } from './boards.js';
import { find, type Caller } from './calls.js';
import { all } from './found-items.js';
import { DELETED, hideItem, isWhereWePutIt, kept, STAYS, type Verdict } from './hide-item.js';
import { callerFor, effectId, type CallingDeps } from './job-context.js';
import { loadLinkBack } from './link-back-context.js';
import { record, refused } from './outcomes.js';
import { report, type StepReport } from './report.js';
import { loadRetro, type RetroContext } from './retro-context.js';
import { ensureSet } from './set-effect.js';

export const createTidyTicketActivities = (deps: CallingDeps) => ({
  /** Deletes the job's own frames that nothing is in, and the tag that nothing has any more, if it was ours. Effect: set; what people have changed is kept and told. */
  async tidyTickets({ jobId }: { jobId: string }): Promise<StepReport> {
    const ctx = await loadRetro(deps, jobId);
    const caller = callerFor(deps, ctx, 'tidy');
    if (!(await findBoard(caller, ctx.boardId))) return report([]);
    const outcomes: ItemOutcome[] = [];
    for (const { subject, objectId } of await madeObjects(deps.db, { jobId, step: 'tickets-frame' })) {
      const reason = await tidyFrame(deps, ctx, caller, Number(subject), objectId);
      if (reason !== undefined) outcomes.push(await record(deps, ctx, `frame ${objectId}`, refused(reason)));
    }
    const { tenantId } = ctx.job;
    const own = await tagsMadeOn(deps.db, { tenantId, boardId: ctx.boardId });
    if (own.size > 0) await tidyTag(deps, ctx, caller, own);
    return report(outcomes);
  },
});

/** @returns why it was kept, if it was. */
async function tidyFrame(
  deps: CallingDeps,
  ctx: RetroContext,
  caller: Caller,
  number: number,
  frameId: string,
): Promise<string | undefined> {
  const { boardId } = ctx;
  if (!(await find(caller, items.get(boardId, frameId)))) return undefined;
  const inside = await find(caller, items.list(boardId, { parentId: frameId, limit: 10 }));
  if (!inside || inside.items.length > 0) return undefined;
  const { plan } = await loadLinkBack<ListPlan>(deps, ctx.job.jobId, number);
  const verdictOn = (frame: Item): Verdict => {
    const { frameBox: box } = plan;
    if (!box) return STAYS;
    // It may have grown since: its corner has stayed.
    const grown = {
      x: (frame.geometry?.width ?? box.width) - box.width,
      y: (frame.geometry?.height ?? box.height) - box.height,
    };
    const place = { x: box.x + grown.x / 2, y: box.y + grown.y / 2 };
    const isOurs = frame.data.title === FRAME_TITLE && isWhereWePutIt(frame, place);
    return isOurs ? DELETED : kept('kept: a person has changed or moved the empty frame of tickets');
  };
  return await hideItem(deps, ctx, { step: 'unframe', subject: frameId, itemId: frameId, verdictOn });
}

async function tidyTag(deps: CallingDeps, ctx: RetroContext, caller: Caller, own: ReadonlySet<string>): Promise<void> {
  const { boardId } = ctx;
  const unused = async (): Promise<string | undefined> => {
    const tag = (await all(caller, tags.list(boardId))).find(({ id, title }) => own.has(id) && title === TICKETED);
    if (!tag) return undefined;
    const having = await find(caller, items.list(boardId, { tagId: tag.id, limit: 10 }));
    return having && having.items.length === 0 ? tag.id : undefined;
  };
  await ensureSet(deps.db, caller, {
    id: effectId(ctx, 'untag', TICKETED),
    times: deps.timings.single,
    read: unused,
    holds: (tagId) => tagId === undefined,
    write: async (tagId, ready) => void (await find(caller, tags.delete(boardId, tagId ?? ''), ready)),
  });
}
