/** What became of each part of a job: a refused part is an outcome of that part, not a failure of the job. */
import type { ItemOutcome } from '../contract.js';
import { MiroError } from '../miro/index.js';
import { recordItem } from '../store/items.js';
import { requireBoard } from './boards.js';
import type { CallingDeps, JobContext } from './job-context.js';

/** Refusals of one call that say nothing about its neighbours. */
const REFUSED = new Set(['invalid', 'forbidden', 'not_found', 'conflict', 'too_large']);
export const isRefusal = (error: unknown): error is MiroError => error instanceof MiroError && REFUSED.has(error.kind);

export interface Recorded {
  outcome: ItemOutcome;
  objectId?: string;
  detail?: { reason: string; remedy?: string };
}
export const skipped = (reason: string): Recorded => ({ outcome: 'skipped', detail: { reason } });
export const refused = (reason: string, remedy?: string): Recorded => ({
  outcome: 'refused',
  detail: { reason, ...(remedy ? { remedy } : {}) },
});

/** Runs one part and writes down what became of it; Miro's refusal of the part is an outcome, not a failure of the job. */
export async function recorded(
  deps: CallingDeps,
  ctx: JobContext,
  subject: string,
  run: () => Promise<Recorded>,
): Promise<ItemOutcome> {
  let part: Recorded;
  try {
    part = await run();
  } catch (error) {
    if (!isRefusal(error)) throw error;
    if (error.kind === 'not_found') await requireBoard(deps, ctx);
    part = refused(error.message);
  }
  return await record(deps, ctx, subject, part);
}

/** Writes down what became of one part, e.g. `item why-1`; its kind is the first word. */
export async function record(
  deps: Pick<CallingDeps, 'db'>,
  { job }: JobContext,
  subject: string,
  part: Recorded,
): Promise<ItemOutcome> {
  const kind = subject.split(' ')[0] ?? subject;
  await recordItem(deps.db, { jobId: job.jobId, tenantId: job.tenantId, subject, kind, ...part });
  return part.outcome;
}
