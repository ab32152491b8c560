import type { ItemOutcome } from '../contract.js';
import { isUnaltered } from '../jobs/provision-board/found.js';
import { sameText } from '../jobs/provision-board/html.js';
import { RECORD_ID, type PlannedItem } from '../jobs/provision-board/plan.js';
import { boardMembers, boards, connectors, items, type Call, type Item } from '../miro/index.js';
import { effectsOf, getEffect, type Effect } from '../store/effects.js';
import { forgetBoard, forgetPart } from '../store/forget.js';
import { setJobSpec } from '../store/jobs.js';
import { findBoard } from './boards.js';
import { find, type Caller } from './calls.js';
import { ensureSet } from './set-effect.js';
import { all, itemsOnBoard, madeBy } from './found-items.js';
import { record, recorded, skipped, type Recorded } from './outcomes.js';
import {
  boardOf,
  callerFor,
  effectId,
  isMemberMark,
  loadJob,
  type CallingDeps,
  type JobContext,
  type StoredSpec,
} from './job-context.js';
import { report, type StepReport } from './report.js';
import { idsNotToMake } from './revision.js';

export const createRemoveActivities = (deps: CallingDeps) => ({
  /**
   * Takes back what a failed job made, as `onFailure: 'remove'` asks: the board, if nobody has seen its URL and all that is on it is ours;
   * else the items and connectors that the ledger proves to be ours and nobody has changed. Everything else is kept and reported.
   * What was removed is made again when the job is called again. Effect: set; what is gone already is gone.
   */
  async removeMade({ jobId, urlSeen }: { jobId: string; urlSeen: boolean }): Promise<StepReport> {
    const job = await loadJob(deps, jobId);
    if (!job.job.board) return report([]);
    const { boardId } = job.job.board;
    const caller = callerFor(deps, job, 'remove');
    const begun = await getEffect(deps.db, { jobId, key: `remove:${boardId}` });
    const exists = await findBoard(caller, boardId);
    if (!exists && !begun) return report([await record(deps, job, 'board', GONE)]);
    if (exists && (urlSeen || job.job.urlReturnedAt || !(await isWhollyOurs(deps, job, caller)))) {
      return await removeParts(deps, job, caller);
    }
    await removeBoard(deps, job, caller);
    return report([await record(deps, job, 'board', REMOVED)]);
  },
});

const REMOVED = skipped('removed, since the job failed');
/** By an earlier attempt whose answer was lost, or by people. */
const GONE = skipped('no longer there');
const KEPT = { outcome: 'existing' as const, detail: { reason: 'kept: a person has changed it since' } };

/** Made by our claim, and nothing on it that the ledger does not know. */
async function isWhollyOurs(deps: CallingDeps, job: JobContext, caller: Caller): Promise<boolean> {
  const { boardId } = boardOf(job);
  const effects = await effectsOf(deps.db, job.job.jobId);
  if (!effects.some(({ step, outcome }) => step === 'board' && outcome === 'made')) return false;
  const made = await madeBy(deps.db, job.job.jobId);
  const { userId } = await caller.token();
  const invited = new Set([
    userId,
    ...effects.flatMap(({ step, result }) =>
      step === 'share' ? ((result as { successful?: string[] } | undefined)?.successful ?? []) : [],
    ),
  ]);
  const [onBoard, joined, people] = await Promise.all([
    itemsOnBoard(caller, boardId),
    all(caller, connectors.list(boardId)),
    all(caller, boardMembers.list(boardId)),
  ]);
  return [...onBoard, ...joined].every(({ id }) => made.all.has(id)) && people.every(({ id }) => invited.has(id));
}

/** The ledger's row of the removal tells a later attempt that it was us, not people. */
async function removeBoard(deps: CallingDeps, job: JobContext, caller: Caller): Promise<void> {
  const { boardId } = boardOf(job);
  await ensureSet(deps.db, caller, {
    id: effectId(job, 'remove', boardId),
    times: deps.timings.single,
    read: () => findBoard(caller, boardId),
    holds: (board) => board === undefined,
    write: async (_, ready) => void (await find(caller, boards.delete(boardId), ready)),
  });
  const { previous: _, ...stored } = job.stored; // nothing is left that could be changed
  await startRevision(deps, { ...job, stored }, []);
  await forgetBoard(deps.db, job.job);
}

/** The next run plans all anew but what is there already. */
async function startRevision(deps: CallingDeps, { job, stored }: JobContext, before: string[]): Promise<void> {
  const { jobId, specHash } = job;
  const spec: StoredSpec = { ...stored, revision: stored.revision + 1, before };
  await setJobSpec(deps.db, { jobId, fromHash: specHash, spec, toHash: specHash });
}

async function removeParts(deps: CallingDeps, job: JobContext, caller: Caller): Promise<StepReport> {
  const { boardId } = boardOf(job);
  const ours = (await effectsOf(deps.db, job.job.jobId)).filter(({ outcome }) => outcome === 'made');
  const planned = new Map(job.plan.batches.flat().map((item) => [item.id, item]));
  const outcomes: ItemOutcome[] = [];
  try {
    for (const [id, miroId] of idsOf(ours, 'connectors')) {
      const remove = () => removeConnector(caller, boardId, miroId);
      outcomes.push(await removePart(deps, job, { part: 'connectors', id }, remove));
    }
    // children before their frames, which would leave them behind
    for (const [id, miroId] of idsOf(ours, 'items').reverse()) {
      const remove = () => removeItem(caller, boardId, miroId, planned.get(id));
      outcomes.push(await removePart(deps, job, { part: 'items', id }, remove));
    }
  } finally {
    const members = job.stored.before.filter(isMemberMark);
    await startRevision(deps, job, [...(await idsNotToMake(deps, job)), ...members]);
  }
  return report(outcomes);
}

async function removePart(
  deps: CallingDeps,
  job: JobContext,
  { part, id }: { part: 'items' | 'connectors'; id: string },
  remove: () => Promise<Recorded>,
): Promise<ItemOutcome> {
  const subject = part === 'connectors' ? `connector ${id}` : id === RECORD_ID ? 'record card' : `item ${id}`;
  return await recorded(deps, job, subject, async () => {
    const outcome = await remove();
    if (outcome === REMOVED || outcome === GONE) await forgetPart(deps.db, { jobId: job.job.jobId, part, id });
    return outcome;
  });
}

async function removeConnector(caller: Caller, boardId: string, connectorId: string): Promise<Recorded> {
  const connector = await find(caller, connectors.get(boardId, connectorId));
  if (!connector) return GONE;
  if (!isUnaltered(connector)) return { ...KEPT, objectId: connectorId };
  await gone(caller, connectors.delete(boardId, connectorId));
  return REMOVED;
}

async function removeItem(
  caller: Caller,
  boardId: string,
  itemId: string,
  planned: PlannedItem | undefined,
): Promise<Recorded> {
  const item = await find(caller, items.get(boardId, itemId));
  if (!item) return GONE;
  if (!isUntouched(item, planned)) return { ...KEPT, objectId: itemId };
  await gone(caller, items.delete(boardId, itemId));
  return REMOVED;
}

/** As we made it: our words in our place, and nobody else's hand. Times alone do not tell: Miro's have whole seconds. */
function isUntouched(item: Item, planned: PlannedItem | undefined): boolean {
  if (item.modifiedBy?.id !== item.createdBy?.id) return false;
  if (!planned) return isUnaltered(item);
  const { data, position } = planned.body;
  const sameWords = (['content', 'title', 'description'] as const).every((field) =>
    sameText(item.data[field], data[field]),
  );
  return (
    sameWords &&
    Math.abs((item.position?.x ?? 0) - position.x) < 1 &&
    Math.abs((item.position?.y ?? 0) - position.y) < 1
  );
}

function idsOf(effects: Effect[], part: 'items' | 'connectors'): [string, string][] {
  return effects
    .flatMap(({ result }) =>
      Object.entries((result as Partial<Record<typeof part, Record<string, string>>> | undefined)?.[part] ?? {}),
    )
    .filter(([, miroId]) => miroId !== '');
}

/** Deletes; what is gone already is as wanted. */
async function gone(caller: Caller, call: Call<void>): Promise<void> {
  await find(caller, call);
}
