/** Revisions of a job's plan: how the ledger names their batches, and what the next one leaves out. */
import type { PlannedItem } from '../jobs/provision-board/plan.js';
import { effectsOf } from '../store/effects.js';
import type { Deps } from './deps.js';
import { madeBy } from './found-items.js';
import type { JobContext } from './job-context.js';

/** The subject of a batch of the job's revision in the ledger; of one of its items, add `:<blueprint id>`. */
export const batchSubject = ({ stored }: JobContext, batch: number): string => `r${stored.revision}:${batch}`;

/** The items that a ledger row of {@link batchSubject} is about; none for another revision, whose plan is gone. */
export function plannedIn({ plan, stored }: JobContext, subject: string): PlannedItem[] {
  const [, revision, index, alone] = /^r(\d+):(\d+)(?::(.+))?$/.exec(subject) ?? [];
  if (Number(revision) !== stored.revision) return [];
  return (plan.batches[Number(index)] ?? []).filter(({ id }) => alone === undefined || id === alone);
}

/** Blueprint ids that the next revision must not make: they are on the board, or may be and nobody can tell. */
export async function idsNotToMake({ db }: Pick<Deps, 'db'>, job: JobContext): Promise<string[]> {
  const { jobId } = job.job;
  const unsure = (await effectsOf(db, jobId)).flatMap(({ step, state, subject, unresolved }) =>
    step === 'items' && state === 'open' && unresolved > 0 ? plannedIn(job, subject) : [],
  );
  return [...Object.keys((await madeBy(db, jobId)).items), ...unsure.map(({ id }) => id)];
}
