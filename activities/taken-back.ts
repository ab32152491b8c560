/** Which tickets of a run an undo has taken back, and not yet written off. */
import type { Db } from '../store/db.js';
import { getJob } from '../store/jobs.js';
import { doneSubjects, subjectOf } from '../store/link-backs.js';
import { linksOfRun, type StoredLink } from '../store/ticket-links.js';

/** The links whose ticket is gone, and whose traces on the board are to go. */
export async function takenBack(db: Db, { jobId, undone }: { jobId: string; undone: string }): Promise<StoredLink[]> {
  const [job, done] = await Promise.all([getJob(db, jobId), doneSubjects(db, { jobId, step: 'untake' })]);
  if (!job) return [];
  const links = await linksOfRun(db, { tenantId: job.tenantId, runId: undone });
  return links.filter((link) => link.jobId === jobId && !link.undoneAt && done.has(subjectOf(link)));
}
