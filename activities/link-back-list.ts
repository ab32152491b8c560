/** `linkBack: 'list'`: one frame with a linked row per ticket, and a tag on the items. */
import { byId, isUnaltered, mayBeOurs } from '../jobs/provision-board/found.js';
import { itemBody } from '../jobs/provision-board/planned-items.js';
import { matchBulk } from '../jobs/provision-board/recognise.js';
import { FRAME_TITLE, frameBody, plannedTexts, type ListPlan } from '../jobs/retro-to-tickets/link-back.js';
import { frames, items, type Item } from '../miro/index.js';
import { getEffect } from '../store/effects.js';
import { recordItems } from '../store/items.js';
import { endLinkBack, shownItems } from '../store/link-backs.js';
import type { Caller } from './calls.js';
import { ensureCreated, type CreateEffect, type Ensured, type Look } from './create-effect.js';
import { itemsOnBoard } from './found-items.js';
import { callerFor, effectId, type CallingDeps } from './job-context.js';
import { loadLinkBack, shownPart, type LinkBackContext, type ShownItems } from './link-back-context.js';
import { isRefusal, recorded, refused, type Recorded } from './outcomes.js';
import { report, type StepReport } from './report.js';
import { ensureSet } from './set-effect.js';

type ListContext = LinkBackContext<ListPlan>;

export const createTicketListActivities = (deps: CallingDeps) => ({
  /**
   * Makes the frame that a list needs, or gives an earlier one room for more. Effect: create, found again by title, author and id; then set.
   * A frame that Miro refuses, or that people have deleted, is no failure: its rows tell.
   */
  async ensureTicketsFrame({ jobId, number }: { jobId: string; number: number }): Promise<StepReport> {
    const back = await loadLinkBack<ListPlan>(deps, jobId, number);
    const { frame } = back.plan;
    const outcome = await recorded(deps, back.ctx, `frame ${'id' in frame ? frame.id : frame.number}`, async () => {
      const caller = callerFor(deps, back.ctx, `tickets-frame:${number}`);
      if ('id' in frame) return await grownFrame(deps, back, caller, frame.id);
      const ensured = await ensureCreated(deps.db, caller, await frameEffect(deps, back, caller, frame.number));
      if (ensured.outcome === 'ambiguous') return { outcome: 'failed', detail: { reason: ensured.reason } };
      return { outcome: ensured.outcome, objectId: ensured.objectId };
    });
    return report([outcome]);
  },

  /** Makes the rows of a list. Effect: create, all or nothing; found again by what is newer than was known. */
  async ensureTicketRows({ jobId, number }: { jobId: string; number: number }): Promise<StepReport> {
    const back = await loadLinkBack<ListPlan>(deps, jobId, number);
    const made = await madeRows(deps, back);
    if ('refused' in made && back.state === 'open') await endLinkBack(deps.db, { jobId, number, state: 'dropped' });
    const parts = back.plan.texts.flatMap(({ rows }, i) => {
      const part = 'refused' in made ? made.refused : shownPart(made, String(i));
      return rows.map(({ itemId }) => ({ subject: `link ${itemId}`, kind: 'link', ...part }));
    });
    const { tenantId } = back.ctx.job;
    await recordItems(deps.db, { tenantId, jobId }, parts);
    return report(parts.map(({ outcome }) => outcome));
  },
});

/** Also used to settle what an ended run left open. */
export async function frameEffect(
  deps: CallingDeps,
  { ctx, plan: { frameBox, watermark } }: ListContext,
  caller: Caller,
  number: number,
): Promise<CreateEffect<Item, ShownItems>> {
  const { boardId, job } = ctx;
  const { userId } = await caller.token();
  const result = (id: string): ShownItems => ({ items: { frame: id } });
  return {
    id: effectId(ctx, 'tickets-frame', String(number)),
    times: deps.timings.bulk, // a large board takes long to look through
    lookFirst: false,
    watermark,
    call: () => {
      if (!frameBox) throw new RangeError(`link back ${number} has no frame of its own`);
      return frames.create(boardId, frameBody(frameBox));
    },
    async look({ since, sender = userId }): Promise<Look<ShownItems>> {
      const known = await shownItems(deps.db, job);
      const candidates = (await itemsOnBoard(caller, boardId, { type: 'frame' }))
        .filter((frame) => isNewer(frame, watermark) && !known.has(frame.id) && mayBeOurs(frame, sender, since))
        .sort(byId);
      const ours = candidates.find(({ data }) => data.title === FRAME_TITLE);
      if (ours) return { kind: 'found', objectId: ours.id, result: result(ours.id) };
      const renamed = candidates.some((frame) => !isUnaltered(frame));
      return renamed ? { kind: 'ambiguous', reason: 'a frame is there that may be ours, renamed' } : { kind: 'absent' };
    },
    made: ({ id }) => ({ objectId: id, result: result(id) }),
  };
}

const isNewer = ({ id }: Item, watermark: string): boolean => BigInt(id) > BigInt(watermark);

/** Its corner and what is in it stay where they are. */
async function grownFrame(
  deps: CallingDeps,
  { ctx, number, plan: { frameSize } }: ListContext,
  caller: Caller,
  frameId: string,
): Promise<Recorded> {
  const { boardId } = ctx;
  const sizeOf = ({ geometry }: Item) => ({
    width: Math.max(frameSize.width, geometry?.width ?? 0),
    height: Math.max(frameSize.height, geometry?.height ?? 0),
  });
  const outcome = await ensureSet(deps.db, caller, {
    id: effectId(ctx, 'grow-frame', String(number)),
    times: deps.timings.single,
    read: () => caller.send(frames.get(boardId, frameId)),
    holds: (frame) => {
      const { width, height } = sizeOf(frame);
      return width - (frame.geometry?.width ?? 0) < 1 && height - (frame.geometry?.height ?? 0) < 1;
    },
    write: async (frame, ready) => {
      const geometry = sizeOf(frame);
      const { width = 0, height = 0 } = frame.geometry ?? {};
      const { x = 0, y = 0 } = frame.position ?? {};
      const position = { x: x + (geometry.width - width) / 2, y: y + (geometry.height - height) / 2 };
      await caller.send(frames.update(boardId, frameId, { geometry, position }), ready);
    },
  });
  return { outcome, objectId: frameId };
}

type MadeRows = Ensured<ShownItems> | { refused: Recorded };

async function madeRows(deps: CallingDeps, back: LinkBackContext<ListPlan>): Promise<MadeRows> {
  const { ctx, number } = back;
  const { jobId } = ctx.job;
  const frameId = await frameOf(deps, back);
  const remedy = 'run again: the rows get a new frame';
  if (frameId === undefined || back.state === 'dropped')
    return { refused: refused('there is no frame of tickets that takes them', remedy) };
  const caller = callerFor(deps, ctx, `ticket-rows:${number}`);
  try {
    return await ensureCreated(deps.db, caller, await rowsEffect(deps, back, caller, frameId));
  } catch (error) {
    if (!isRefusal(error)) throw error;
    // Refused was a look after a lost answer: the rows may be on the board.
    const effect = await getEffect(deps.db, { jobId, key: `ticket-rows:${number}` });
    if (effect && effect.unresolved > 0) throw error;
    return { refused: refused(error.message, remedy) };
  }
}

/** @returns undefined where it was not made. */
export async function frameOf({ db }: CallingDeps, { ctx, plan: { frame } }: ListContext): Promise<string | undefined> {
  if ('id' in frame) return frame.id;
  return (await getEffect(db, { jobId: ctx.job.jobId, key: `tickets-frame:${frame.number}` }))?.objectId;
}

/** Also used to settle what an ended run left open. */
export async function rowsEffect(
  deps: CallingDeps,
  { ctx, number, plan }: ListContext,
  caller: Caller,
  frameId: string,
): Promise<CreateEffect<Item[], ShownItems>> {
  const { boardId, job } = ctx;
  const { userId } = await caller.token();
  const planned = plannedTexts(plan);
  const result = (ids: string[]): ShownItems => ({
    items: Object.fromEntries(planned.map(({ id }, i) => [id, ids[i] ?? ''])),
  });
  return {
    id: effectId(ctx, 'ticket-rows', String(number)),
    times: deps.timings.bulk,
    lookFirst: false,
    watermark: plan.watermark,
    call: () =>
      items.createBulk(
        boardId,
        planned.map((text) => itemBody(text, frameId)),
      ),
    async look({ since, sender = userId }): Promise<Look<ShownItems>> {
      const known = await shownItems(deps.db, job);
      const newer = (await itemsOnBoard(caller, boardId, { type: 'text' })).filter(
        (item) => isNewer(item, plan.watermark) && !known.has(item.id),
      );
      const match = matchBulk(planned, newer, { userId: sender, since, frameIds: new Map([['frame', frameId]]) });
      if (match.kind !== 'made') return match;
      return { kind: 'found', objectId: match.itemIds.find((id) => id !== '') ?? '', result: result(match.itemIds) };
    },
    made: (answer) => ({ objectId: answer[0]?.id ?? '', result: result(answer.map(({ id }) => id)) }),
  };
}
