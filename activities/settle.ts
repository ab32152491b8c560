import { log } from '@temporalio/activity';
import { openEffects, postponeSweep, unsettled, type Effect } from '../store/effects.js';
import { boardEffect, keepBoard } from './boards.js';
import { connectorEffect } from './connectors.js';
import { settleCreated, type CreateEffect } from './create-effect.js';
import { settleUnseen } from './effects.js';
import { madeBy } from './found-items.js';
import { batchEffect, recordEffect } from './items.js';
import { callerFor, effectId, knownJob, loadJob, type CallingDeps, type JobContext } from './job-context.js';
import { recordUnanswered } from './members.js';
import { record } from './outcomes.js';
import { linkTickets, settleRetro } from './retro-settle.js';
import { plannedIn } from './revision.js';
import { tagEffect } from './tags.js';
import { retryLater } from './failure.js';

/** How many effects one sweep takes; the next one follows within a minute. */
const SWEEP = 200;
/** Well within the minute that the activity has. A look takes seconds. */
const SWEEP_MS = 30_000;

export const createSettleActivities = (deps: CallingDeps) => ({
  /**
   * Finds out what became of every write of the job that had no answer. Looks, and never writes to Miro.
   * @throws ApplicationFailure Effect.settling | Effect.busy, to be retried until the closing's time is up.
   */
  async settleClaims({ jobId }: { jobId: string }): Promise<{ settled: number }> {
    const { kind } = await knownJob(deps, jobId);
    const open = await openEffects(deps.db, { jobId });
    const failures: unknown[] = [];
    for (const effect of open) await settle(deps, effect).catch((error: unknown) => failures.push(error));
    if (kind === 'retroToTickets') await linkTickets(deps, jobId);
    if (failures.length > 0) throw failures[0];
    return { settled: open.length };
  },

  /** The sweeper: what ended and terminated runs left unsettled. One that cannot be settled yet does not hold up the others. */
  async settleLeftovers(_: Record<string, never>): Promise<{ settled: number; left: number }> {
    const until = performance.now() + SWEEP_MS;
    const due = await unsettled(deps.db, { limit: SWEEP });
    let settled = 0;
    for (const effect of due) {
      if (performance.now() > until) break;
      if (await settledNow(deps, effect)) settled += 1;
    }
    return { settled, left: due.length - settled };
  },
});

async function settledNow(deps: CallingDeps, effect: Effect): Promise<boolean> {
  const { effectId, jobId, key } = effect;
  try {
    await settle(deps, effect);
    return true;
  } catch (error) {
    log.warn('a write without an answer cannot be settled yet', { jobId, key, error });
    await postponeSweep(deps.db, { effectId });
    return false;
  }
}

async function settle(deps: CallingDeps, effect: Effect): Promise<void> {
  const { kind } = await knownJob(deps, effect.jobId);
  const settled = kind === 'retroToTickets' ? await settleRetro(deps, effect) : await settleProvision(deps, effect);
  // Its plan is gone with a later revision: without it nothing can be told apart.
  if (!settled)
    throw retryLater('Effect.unknown', `${effect.step} ${effect.subject} is no longer part of the job's plan`, 60_000);
}

/** @returns as {@link settleCreate} */
async function settleProvision(deps: CallingDeps, effect: Effect): Promise<boolean> {
  const job = await loadJob(deps, effect.jobId);
  const id = effectId(job, effect.step, effect.subject);
  if (effect.kind !== 'create') {
    await settleUnseen(deps.db, id, effect.kind);
    if (effect.kind === 'send' && effect.unresolved > 0) await recordUnanswered(deps, job, effect.subject);
    return true;
  }
  return await settleCreate(deps, job, effect);
}

/**
 * Looks for the object of a ledger row, and writes down what it found as the step itself would have.
 * @returns false when the plan no longer has it.
 */
async function settleCreate(deps: CallingDeps, job: JobContext, { step, subject }: Effect): Promise<boolean> {
  const caller = callerFor(deps, job, `settle:${step}:${subject}`);
  switch (step) {
    case 'board': {
      const found = await settleCreated(deps.db, await boardEffect(deps, job, caller));
      if (found) await keepBoard(deps, job, { ...found, outcome: 'made' });
      return true;
    }
    case 'items':
      return await settleParts(deps, job, await itemsEffect(deps, job, caller, subject), ({ result }) =>
        Object.entries(result.items).map(([id, objectId]) => [`item ${id}`, objectId]),
      );
    case 'record': {
      const effect = job.plan.record && (await recordEffect(deps, job, caller));
      return await settleParts(deps, job, effect, ({ objectId }) => [['record card', objectId]]);
    }
    case 'tag': {
      const tag = job.plan.tags.find(({ id }) => id === subject);
      const effect = tag && tagEffect(deps, job, caller, tag);
      return await settleParts(deps, job, effect, ({ objectId }) => [[`tag ${subject}`, objectId]]);
    }
    case 'connector': {
      const planned = job.plan.connectors.find(({ id }) => id === subject);
      const made = await madeBy(deps.db, job.job.jobId);
      const effect = planned && (await connectorEffect(deps, job, caller, planned, made));
      return await settleParts(deps, job, effect, ({ objectId }) => [[`connector ${subject}`, objectId]]);
    }
    default:
      return false;
  }
}

async function settleParts<T, R extends object>(
  deps: CallingDeps,
  job: JobContext,
  effect: CreateEffect<T, R> | undefined,
  partsOf: (found: { objectId: string; result: R }) => [string, string][],
): Promise<boolean> {
  if (!effect) return false;
  const found = await settleCreated(deps.db, effect);
  for (const [part, objectId] of found ? partsOf(found) : []) {
    if (objectId !== '') await record(deps, job, part, { outcome: 'made', objectId });
  }
  return true;
}

async function itemsEffect(deps: CallingDeps, job: JobContext, caller: ReturnType<typeof callerFor>, subject: string) {
  const made = await madeBy(deps.db, job.job.jobId);
  const planned = plannedIn(job, subject).filter(({ frame }) => frame === undefined || made.items[frame]);
  if (planned.length === 0) return undefined;
  return await batchEffect(deps, job, caller, { subject, planned }, made);
}
