import type { ItemOutcome } from '../contract.js';
import { fillHtml, placeholdersIn, valueAt } from '../jobs/provision-board/placeholders.js';
import { besideContent } from '../jobs/provision-board/geometry.js';
import { RECORD_ID, RECORD_SIZE, itemBody, type PlannedItem } from '../jobs/provision-board/plan.js';
import { matchBulk, matchCard } from '../jobs/provision-board/recognise.js';
import {
  cards,
  frames,
  items,
  shapes,
  stickyNotes,
  texts,
  type Call,
  type Item,
  type ItemBody,
} from '../miro/index.js';
import { effectsOf, getEffect } from '../store/effects.js';
import type { Caller } from './calls.js';
import { ensureCreated, type CreateEffect, type Ensured, type Look } from './create-effect.js';
import { recordFact } from './effects.js';
import { ensureSet } from './set-effect.js';
import { itemsOnBoard, madeBy, type Made } from './found-items.js';
import { requireBoard, textsOf } from './boards.js';
import { isRefusal, record, recorded, refused, skipped, type Recorded } from './outcomes.js';
import { boardOf, callerFor, effectId, loadJob, type CallingDeps, type JobContext } from './job-context.js';
import { inGroups } from './parallel.js';
import { report, type StepReport } from './report.js';
import { batchSubject } from './revision.js';

export type ItemsResult = { items: Record<string, string> };

export const createItemActivities = (deps: CallingDeps) => ({
  /**
   * Makes one batch of the blueprint's frames or items. Effect: create, all or nothing; found again by what is newer than the ledger knows.
   * A batch that Miro refuses is sent again item by item, so that one bad item does not spoil its neighbours.
   */
  async ensureItems({ jobId, batch }: { jobId: string; batch: number }): Promise<StepReport> {
    const job = await loadJob(deps, jobId);
    const made = await madeBy(deps.db, jobId);
    const { placeable, outcomes } = await withKnownFrames(deps, job, made, job.plan.batches[batch] ?? []);
    const subject = batchSubject(job, batch);
    const split = await getEffect(deps.db, { jobId, key: `split:${subject}` });
    if (placeable.length > 0 && !split) {
      try {
        return report([...outcomes, ...(await ensureTogether(deps, job, made, { subject, planned: placeable }))]);
      } catch (error) {
        if (!isRefusal(error)) throw error;
        await requireBoard(deps, job);
        // Refused was a look after a lost answer: the batch may be on the board.
        const effect = await getEffect(deps.db, { jobId, key: `items:${subject}` });
        if (effect && effect.unresolved > 0) throw error;
        await recordFact(deps.db, effectId(job, 'split', subject));
      }
    }
    for (const item of placeable) outcomes.push(await ensureAlone(deps, job, { subject, item }));
    return report(outcomes);
  },

  /** Makes the card that links back to the caller's record. Effect: create, marked in the card's description. */
  async ensureRecordCard({ jobId }: { jobId: string }): Promise<StepReport> {
    const job = await loadJob(deps, jobId);
    const { record } = job.plan;
    if (!record) return report([]);
    const caller = callerFor(deps, job, 'record');
    return report([
      await recorded(deps, job, 'record card', async () => {
        const ensured = await ensureCreated(deps.db, caller, await recordEffect(deps, job, caller));
        return ensured.outcome === 'ambiguous'
          ? refused(ensured.reason)
          : { outcome: ensured.outcome, objectId: ensured.objectId };
      }),
    ]);
  },

  /** Fills the placeholders in the texts of a copied board. Effect: set, text by text; a text that a person has filled is left alone. */
  async fillCopiedTexts({ jobId }: { jobId: string }): Promise<StepReport> {
    const job = await loadJob(deps, jobId);
    if (!job.spec.placeholders) return report([]);
    const caller = callerFor(deps, job, 'fill');
    const { boardId } = boardOf(job);
    // An earlier attempt may have filled a text and not have heard of it: that one is looked at again.
    const tried = new Set(
      (await effectsOf(deps.db, jobId)).flatMap(({ step, subject }) => (step === 'fill' ? subject : [])),
    );
    const toFill = (await itemsOnBoard(caller, boardId)).filter(
      (item) => tried.has(item.id) || textsOf(item).some((text) => placeholdersIn(text).length > 0),
    );
    const outcomes = await inGroups(
      toFill,
      ({ id }) => id,
      (item) => fillItem(deps, job, boardId, item),
    );
    return report(outcomes);
  },
});

/** An item whose frame was not made has no place to go. */
async function withKnownFrames(
  deps: CallingDeps,
  job: JobContext,
  made: Made,
  batch: PlannedItem[],
): Promise<{ placeable: PlannedItem[]; outcomes: ItemOutcome[] }> {
  const placeable: PlannedItem[] = [];
  const outcomes: ItemOutcome[] = [];
  for (const item of batch) {
    if (item.frame === undefined || made.items[item.frame]) placeable.push(item);
    else
      outcomes.push(
        await record(deps, job, `item ${item.id}`, skipped(`its frame "${item.frame}" is not on the board`)),
      );
  }
  return { placeable, outcomes };
}

interface Batch {
  subject: string;
  planned: PlannedItem[];
}

async function ensureTogether(deps: CallingDeps, job: JobContext, made: Made, batch: Batch): Promise<ItemOutcome[]> {
  const caller = callerFor(deps, job, `items:${batch.subject}`);
  const ensured = await ensureCreated(deps.db, caller, await batchEffect(deps, job, caller, batch, made));
  const outcomes: ItemOutcome[] = [];
  for (const { id } of batch.planned) {
    outcomes.push(await record(deps, job, `item ${id}`, outcomeOf(ensured, id)));
  }
  return outcomes;
}

function outcomeOf(ensured: Ensured<ItemsResult>, id: string): Recorded {
  if (ensured.outcome === 'ambiguous') {
    const remedy = 'look at the board and add by hand what is missing';
    return { outcome: 'failed', detail: { reason: ensured.reason, remedy } };
  }
  const objectId = ensured.result.items[id];
  return objectId
    ? { outcome: ensured.outcome, objectId }
    : skipped('it was made, and a person deleted it before its id was known');
}

async function ensureAlone(
  deps: CallingDeps,
  job: JobContext,
  { subject, item }: { subject: string; item: PlannedItem },
): Promise<ItemOutcome> {
  const made = await madeBy(deps.db, job.job.jobId);
  return await recorded(deps, job, `item ${item.id}`, async () => {
    const alone = { subject: `${subject}:${item.id}`, planned: [item] };
    const caller = callerFor(deps, job, `items:${alone.subject}`);
    const ensured = await ensureCreated(deps.db, caller, await batchEffect(deps, job, caller, alone, made));
    return ensured.outcome === 'ambiguous'
      ? refused(ensured.reason)
      : { outcome: ensured.outcome, objectId: ensured.objectId };
  });
}

/** Also used to settle what an ended run left open. */
export async function batchEffect(
  deps: CallingDeps,
  job: JobContext,
  caller: Caller,
  { subject, planned }: Batch,
  made: Made,
): Promise<CreateEffect<Item[], ItemsResult>> {
  const { boardId } = boardOf(job);
  const { userId } = await caller.token();
  const bodies = planned.map((item) => itemBody(item, item.frame === undefined ? undefined : made.items[item.frame]));
  const itemsById = (ids: string[]): ItemsResult => ({
    items: Object.fromEntries(planned.map(({ id }, i) => [id, ids[i] ?? ''])),
  });
  return {
    id: effectId(job, 'items', subject),
    times: deps.timings.bulk,
    lookFirst: await wasAdopted(deps, job),
    watermark: made.watermark,
    call: () => createCall(boardId, planned, bodies),
    async look({ since, watermark = '0', sender = userId }): Promise<Look<ItemsResult>> {
      const known = (await madeBy(deps.db, job.job.jobId)).all;
      const newer = (await itemsOnBoard(caller, boardId)).filter(
        ({ id }) => BigInt(id) > BigInt(watermark) && !known.has(id),
      );
      const match = matchBulk(planned, newer, { userId: sender, since, frameIds: new Map(Object.entries(made.items)) });
      if (match.kind !== 'made') return match;
      return { kind: 'found', objectId: match.itemIds.find((id) => id !== '') ?? '', result: itemsById(match.itemIds) };
    },
    made: (answer) => ({ objectId: answer[0]?.id ?? '', result: itemsById(answer.map(({ id }) => id)) }),
  };
}

/** Bulk create knows no flowchart shapes; the plan puts each into a batch of its own. */
function createCall(boardId: string, planned: PlannedItem[], bodies: ReturnType<typeof itemBody>[]): Call<Item[]> {
  const [first] = bodies;
  if (!planned[0]?.single || !first) return items.createBulk(boardId, bodies);
  const { type: _, ...body } = first;
  const call = shapes.create(boardId, body);
  return { ...call, schema: call.schema.transform((item) => [item]) };
}

/** Found by its marker without the store having made it: what is on it may come from a run that the store lost. */
async function wasAdopted(deps: CallingDeps, { job }: JobContext): Promise<boolean> {
  return (await getEffect(deps.db, { jobId: job.jobId, key: 'board:board' }))?.outcome === 'found';
}

/** Also used to settle what an ended run left open. */
export async function recordEffect(
  deps: CallingDeps,
  job: JobContext,
  caller: Caller,
): Promise<CreateEffect<Item, ItemsResult>> {
  const { boardId } = boardOf(job);
  const record = job.plan.record;
  if (!record) throw new RangeError('the plan has no record card');
  const { userId } = await caller.token();
  const { type: _, ...body } = record.body;
  const result = (id: string): ItemsResult => ({ items: { [RECORD_ID]: id } });
  return {
    id: effectId(job, 'record', RECORD_ID),
    times: deps.timings.bulk, // a large board takes long to look through
    lookFirst: await wasAdopted(deps, job),
    call: async () => cards.create(boardId, { ...body, position: await recordPosition(job, caller, record) }),
    async look({ sender = userId }) {
      const onBoard = await itemsOnBoard(caller, boardId, { type: 'card' });
      const match = matchCard(onBoard, { marker: job.mark('card', RECORD_ID), userId: sender });
      if (match.kind !== 'made') return match;
      return { kind: 'found', objectId: match.id, result: result(match.id) };
    },
    made: ({ id }) => ({ objectId: id, result: result(id) }),
  };
}

/** Beside what a copied board holds; a blueprint's plan knows the place. */
async function recordPosition(job: JobContext, caller: Caller, record: PlannedItem): Promise<{ x: number; y: number }> {
  if ('blueprint' in job.spec.template) return record.body.position;
  const onBoard = await itemsOnBoard(caller, boardOf(job).boardId);
  const boxes = onBoard.flatMap(({ parent, position, geometry }) =>
    parent
      ? []
      : [{ x: position?.x ?? 0, y: position?.y ?? 0, width: geometry?.width ?? 0, height: geometry?.height ?? 0 }],
  );
  return besideContent(boxes, RECORD_SIZE);
}

const UPDATES: Record<string, (boardId: string, itemId: string, body: ItemBody) => Call<Item>> = {
  sticky_note: stickyNotes.update,
  shape: shapes.update,
  text: texts.update,
  card: cards.update,
  frame: frames.update,
};

/** @returns undefined for types whose text the API cannot change. */
export function updateCall(
  type: string,
): ((boardId: string, itemId: string, body: ItemBody) => Call<Item>) | undefined {
  return UPDATES[type];
}

async function fillItem(deps: CallingDeps, job: JobContext, boardId: string, item: Item): Promise<ItemOutcome> {
  const subject = `text ${item.id}`;
  const values = job.spec.placeholders ?? {};
  const update = updateCall(item.type);
  return await recorded(deps, job, subject, async () => {
    if (!update) return skipped(`Miro's API cannot change the text of a ${item.type}`);
    const caller = callerFor(deps, job, `fill:${item.id}`);
    const open = (now: Item): [string, string][] =>
      Object.entries(now.data).flatMap(([field, text]) => {
        if (typeof text !== 'string') return [];
        const names = placeholdersIn(text);
        return names.length > 0 && names.every((name) => valueAt(values, name) !== undefined)
          ? [[field, fillHtml(text, values)]]
          : [];
      });
    const outcome = await ensureSet(deps.db, caller, {
      id: effectId(job, 'fill', item.id),
      times: deps.timings.single,
      read: () => caller.send(items.get(boardId, item.id)),
      holds: (now) => open(now).length === 0,
      write: async (now, ready) =>
        void (await caller.send(update(boardId, item.id, { data: Object.fromEntries(open(now)) }), ready)),
    });
    return { outcome, objectId: item.id };
  });
}
