/** What runs have left on a board. */
import { TICKETED } from '../jobs/retro-to-tickets/link-back.js';
import type { OwnMarks } from '../jobs/retro-to-tickets/own-marks.js';
import { itemsShownOn, namesOfTickets } from '../store/link-backs.js';
import type { Deps } from './deps.js';

/**
 * Every item, tag and line that shows a ticket on the board, whichever tracker has it, and of tickets that were taken back too: what could not be
 * removed is still ours. A duplicate has brought the lines of the board that it is the same as along. Reads the store only.
 */
export async function ownMarks(
  { db }: Pick<Deps, 'db'>,
  { tenantId, boardId, sameAs }: { tenantId: string; boardId: string; sameAs?: string | undefined },
): Promise<OwnMarks> {
  const boardIds = sameAs === undefined ? [boardId] : [boardId, sameAs];
  const [itemIds, links] = await Promise.all([
    itemsShownOn(db, { tenantId, boardId }),
    namesOfTickets(db, { tenantId, boardIds }),
  ]);
  return { itemIds, tagTitles: [TICKETED], links };
}
