/** What became of each part of a job: a refused part is an outcome of that part, not a failure of the job. */
import type { ItemOutcome } from '../contract.js';
import { MiroError } from '../miro/index.js';
import { TicketError } from '../tickets/errors.js';
import { recordItem } from '../store/items.js';
import { requireBoard } from './boards.js';
import type { AnyJob, CallingDeps } from './job-context.js';

/** Refusals of one call that say nothing about its neighbours. */
const REFUSED = new Set(['invalid', 'forbidden', 'not_found', 'conflict', 'too_large']);
export const isRefusal = (error: unknown): error is MiroError => error instanceof MiroError && REFUSED.has(error.kind);
/** The same of a tracker. */
export const isTicketRefusal = (error: unknown): error is TicketError =>
  error instanceof TicketError && REFUSED.has(error.kind);

export interface Recorded {
  outcome: ItemOutcome;
  objectId?: string;
  /** What stands beside the outcome: why, or the key and url of a ticket. */
  detail?: { reason: string; remedy?: string } | { key: string; url?: string };
}
export const skipped = (reason: string): Recorded => ({ outcome: 'skipped', detail: { reason } });
export const refused = (reason: string, remedy?: string): Recorded => ({
  outcome: 'refused',
  detail: { reason, ...(remedy ? { remedy } : {}) },
});

/** Runs one part and writes down what became of it; Miro's refusal of the part is an outcome, not a failure of the job. */
export async function recorded(
  deps: CallingDeps,
  ctx: AnyJob,
  subject: string,
  run: () => Promise<Recorded>,
): Promise<ItemOutcome> {
  let part: Recorded;
  try {
    part = await run();
  } catch (error) {
    if (isTicketRefusal(error)) part = refused(error.message, error.remedy);
    else if (isRefusal(error)) {
      if (error.kind === 'not_found') await requireBoard(deps, ctx);
      part = refused(error.message);
    } else throw error;
  }
  return await record(deps, ctx, subject, part);
}

/** Writes down what became of one part, e.g. `item why-1`; its kind is the first word. */
export async function record(
  deps: Pick<CallingDeps, 'db'>,
  { job }: Pick<AnyJob, 'job'>,
  subject: string,
  part: Recorded,
): Promise<ItemOutcome> {
  const kind = subject.split(' ')[0] ?? subject;
  await recordItem(deps.db, { jobId: job.jobId, tenantId: job.tenantId, subject, kind, ...part });
  return part.outcome;
}
