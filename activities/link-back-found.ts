/** What already shows tickets on a board, though the store has lost that it was made. */
import { byId } from '../jobs/provision-board/found.js';
import { FRAME_TITLE } from '../jobs/retro-to-tickets/link-back.js';
import { itemUrl } from '../jobs/retro-to-tickets/item-url.js';
import { showsRow } from '../jobs/retro-to-tickets/row-html.js';
import type { Item } from '../miro/index.js';
import { subjectOf } from '../store/link-backs.js';
import type { StoredLink } from '../store/ticket-links.js';
import type { CallingDeps } from './job-context.js';
import { cardMark } from './link-back-card.js';
import type { RetroContext } from './retro-context.js';

export interface FoundOnBoard {
  /** Subjects of the tickets that a row or a card shows. */
  shown: ReadonlySet<string>;
  /** The frame with rows of these tickets. */
  frame?: string;
}

/** Rows of a "Tickets" frame that name a ticket and its address, and cards with our marker; a person's copies show them as well. */
export function foundOnBoard(
  deps: Pick<CallingDeps, 'idKey'>,
  ctx: RetroContext,
  onBoard: readonly Item[],
  links: readonly StoredLink[],
): FoundOnBoard {
  const frames = new Set(
    onBoard.flatMap(({ id, type, data }) => (type === 'frame' && data.title === FRAME_TITLE ? id : [])),
  );
  const rows = onBoard
    .filter(({ type, parent }) => type === 'text' && parent !== undefined && frames.has(parent.id))
    .sort(byId);
  const cards = onBoard.filter(({ type }) => type === 'card');
  const shown = new Set<string>();
  let frame: string | undefined;
  for (const link of links) {
    const { key, url = itemUrl(ctx, link.itemId) } = link.ticket;
    const row = rows.find(({ data }) => showsRow(data.content ?? '', { key, url }));
    const mark = cardMark(deps, ctx, link);
    if (row || cards.some(({ data }) => data.description?.includes(mark))) shown.add(subjectOf(link));
    frame ??= row?.parent?.id;
  }
  return { shown, ...(frame !== undefined && { frame }) };
}
