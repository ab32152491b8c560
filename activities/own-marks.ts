/** What the runs of a job have left on its board. */
import { TICKETED } from '../jobs/retro-to-tickets/link-back.js';
import type { OwnMarks } from '../jobs/retro-to-tickets/own-marks.js';
import { findJob } from '../store/jobs.js';
import { namesOfTickets, shownItems } from '../store/link-backs.js';
import type { Deps } from './deps.js';

/** Every item, tag and line that shows a ticket, of tickets that were taken back too: what could not be removed is still ours. Reads the store only. */
export async function ownMarks(
  { db }: Pick<Deps, 'db'>,
  { tenantId, keyHash }: { tenantId: string; keyHash: string },
): Promise<OwnMarks> {
  const job = await findJob(db, { tenantId, kind: 'retroToTickets', keyHash });
  const [itemIds, links] = await Promise.all([
    job ? shownItems(db, job) : new Set<string>(),
    namesOfTickets(db, { tenantId, keyHash }),
  ]);
  return { itemIds, tagTitles: [TICKETED], links };
}
