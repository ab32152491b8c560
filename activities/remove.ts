import type { ItemOutcome } from '../contract.js';
import { isUnaltered } from '../jobs/provision-board/found.js';
import { sameText } from '../jobs/provision-board/html.js';
import type { PlannedItem } from '../jobs/provision-board/plan.js';
import { boardMembers, boards, connectors, items, MiroError, type Call, type Item } from '../miro/index.js';
import { effectsOf, type Effect } from '../store/effects.js';
import { findBoard } from './boards.js';
import type { Caller } from './calls.js';
import { all, itemsOnBoard, madeBy } from './found-items.js';
import { record, recorded, skipped, type Recorded } from './outcomes.js';
import { boardOf, callerFor, loadJob, type CallingDeps, type JobContext } from './job-context.js';
import { report, type StepReport } from './report.js';

export const createRemoveActivities = (deps: CallingDeps) => ({
  /**
   * Takes back what a failed job made, as `onFailure: 'remove'` asks: the board, if nobody has seen its URL and all that is on it is ours;
   * else the items and connectors that the ledger proves to be ours and nobody has changed. Everything else is kept and reported.
   * Effect: set; what is gone already is gone.
   */
  async removeMade({ jobId, urlSeen }: { jobId: string; urlSeen: boolean }): Promise<StepReport> {
    const job = await loadJob(deps, jobId);
    if (!job.job.board) return report([]);
    const caller = callerFor(deps, job, 'remove');
    if (!(await findBoard(caller, job.job.board.boardId))) return report([await record(deps, job, 'board', GONE)]);
    if (!urlSeen && !job.job.urlReturnedAt && (await isWhollyOurs(deps, job, caller))) {
      await gone(caller, boards.delete(boardOf(job).boardId));
      return report([await record(deps, job, 'board', REMOVED)]);
    }
    return await removeParts(deps, job, caller);
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

async function removeParts(deps: CallingDeps, job: JobContext, caller: Caller): Promise<StepReport> {
  const { boardId } = boardOf(job);
  const ours = (await effectsOf(deps.db, job.job.jobId)).filter(({ outcome }) => outcome === 'made');
  const planned = new Map(job.plan.batches.flat().map((item) => [item.id, item]));
  const outcomes: ItemOutcome[] = [];
  for (const [id, miroId] of idsOf(ours, 'connectors')) {
    outcomes.push(await recorded(deps, job, `connector ${id}`, () => removeConnector(caller, boardId, miroId)));
  }
  // children before their frames, which would leave them behind
  for (const [id, miroId] of idsOf(ours, 'items').reverse()) {
    outcomes.push(await recorded(deps, job, `item ${id}`, () => removeItem(caller, boardId, miroId, planned.get(id))));
  }
  return report(outcomes);
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

async function find<T>(caller: Caller, call: Call<T>): Promise<T | undefined> {
  try {
    return await caller.send(call);
  } catch (error) {
    if (error instanceof MiroError && error.kind === 'not_found') return undefined;
    throw error;
  }
}

/** Deletes; what is gone already is as wanted. */
async function gone(caller: Caller, call: Call<void>): Promise<void> {
  try {
    await caller.send(call);
  } catch (error) {
    if (!(error instanceof MiroError && error.kind === 'not_found')) throw error;
  }
}
