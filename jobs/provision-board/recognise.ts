/**
 * How we find again what an earlier attempt may have made, in lists that people also write to. Markers find, they never
 * prove ownership: a copy carries the marker too. Where two readings are left, the answer is 'ambiguous', never a guess.
 */
import type { Found } from './found.js';
import { byId, isUnaltered, mayBeOurs } from './found.js';
import { sameText } from './html.js';

export { matchBulk } from './match-bulk.js';
export type { BulkMatch, FoundItem } from './match-bulk.js';
export { sameText } from './html.js';

/** The fields of Miro's board that tell boards apart. */
export interface FoundBoard extends Found {
  description?: string | undefined;
}

export type BoardMatch<Board extends FoundBoard> =
  | { kind: 'absent' }
  | {
      kind: 'ours';
      board: Board;
      episode: number;
      /** Younger boards of the same user with the same marker: our own second writes, or that user's copies. To report. */
      surplus: Board[];
      /** Made by other users: copies. */
      copies: Board[];
    }
  | { kind: 'ambiguous'; boards: Board[]; reason: string };

export interface BoardSearch {
  /** From ids.ts, e.g. `[tm:0123456789abcdef0123.`. */
  prefix: string;
  /** Miro user of the grant: boards of others are copies. */
  userId: string;
  /** The job's episode. A job that is new to the store takes the highest that it finds. */
  episode?: number;
  newToStore: boolean;
}

/**
 * The job's board among boards that may carry its marker. A copy is always younger than its original, so the oldest one
 * of the grant's user is ours, if it is older than everybody else's.
 */
export function pickBoard<Board extends FoundBoard>(candidates: Board[], search: BoardSearch): BoardMatch<Board> {
  const marked = candidates.flatMap((board) =>
    episodesIn(board.description, search.prefix).map((episode) => ({ board, episode })),
  );
  const highest = Math.max(0, ...marked.map(({ episode }) => episode));
  const episode = search.newToStore ? highest : (search.episode ?? highest);
  const boards = marked.filter((found) => found.episode === episode).map(({ board }) => board);
  if (boards.length === 0) return { kind: 'absent' };

  const own = boards.filter(({ createdBy }) => createdBy?.id === search.userId).sort((a, b) => age(a) - age(b));
  const [oldest, ...surplus] = own;
  const ambiguous = (reason: string): BoardMatch<Board> => ({ kind: 'ambiguous', boards, reason });
  if (!oldest)
    return ambiguous("the marker is only on boards of other users: copies, or made with another user's grant");
  const others = boards.filter((board) => board !== oldest);
  if (others.some((board) => !(age(oldest) < age(board)))) {
    return ambiguous('boards carry the same marker and their creation times do not tell the original');
  }
  return {
    kind: 'ours',
    board: oldest,
    episode,
    surplus,
    copies: boards.filter(({ createdBy }) => createdBy?.id !== search.userId),
  };
}

// NaN for a board without a time: it compares to nothing, so it is never taken for the older one.
const age = ({ createdAt }: FoundBoard): number => Date.parse(createdAt ?? '');

/** The episodes of the markers in a description; people paste descriptions together, so there may be several. */
function episodesIn(description: string | undefined, prefix: string): number[] {
  const tails = (description ?? '').split(prefix).slice(1);
  return [...new Set(tails.flatMap((tail) => /^(\d{1,9})\]/.exec(tail)?.[1] ?? []).map(Number))];
}

export type SingleMatch =
  | { kind: 'absent' }
  /** `copies`: younger ones of the same look. */
  | { kind: 'made'; id: string; copies: string[] }
  | { kind: 'ambiguous'; reason: string };

/** The fields of Miro's connector that tell connectors apart. */
export interface FoundConnector extends Found {
  startItem?: { id: string } | undefined;
  endItem?: { id: string } | undefined;
  captions?: { content?: string | undefined }[] | undefined;
}

/**
 * The connector that an earlier attempt made, among those that the ledger does not know: same ends, same caption, the
 * grant's user. Several may join the same items, so one whose caption or end a person may have changed is ambiguous.
 */
export function matchConnector(
  planned: { from: string; to: string; caption?: string | undefined },
  unknown: FoundConnector[],
  { userId, since }: { userId: string; since?: Date | undefined },
): SingleMatch {
  const candidates = unknown.filter((found) => mayBeOurs(found, userId, since));
  const caption = ({ captions }: FoundConnector) => captions?.map(({ content }) => content ?? '').join('<br>');
  const ends = (found: FoundConnector) => [found.startItem?.id === planned.from, found.endItem?.id === planned.to];
  const exact = candidates.filter((found) => ends(found).every(Boolean) && sameText(caption(found), planned.caption));
  if (exact.length > 0) return earliest(exact);
  const mayHaveBeen = candidates.some((found) => !isUnaltered(found) && ends(found).some(Boolean));
  return mayHaveBeen
    ? { kind: 'ambiguous', reason: 'a connector of these items is there, changed by people' }
    : { kind: 'absent' };
}

/** The card that carries the marker in its description; the earliest is the original. */
export function matchCard(
  cards: (Found & { data?: { description?: string | undefined } | undefined })[],
  { marker, userId }: { marker: string; userId: string },
): SingleMatch {
  const marked = cards.filter(({ data }) => data?.description?.includes(marker)).sort(byId);
  const original = marked[0];
  if (original && original.createdBy?.id !== userId) {
    return { kind: 'ambiguous', reason: 'the oldest card with the marker was made by another user' };
  }
  return earliest(marked);
}

/** The tag of that title: titles are unique on a board and case-sensitive, so one that is there is the one. */
export function matchTag(title: string, tags: { id: string; title?: string | undefined }[]): SingleMatch {
  const found = tags.find((tag) => tag.title === title);
  return found ? { kind: 'made', id: found.id, copies: [] } : { kind: 'absent' };
}

function earliest(found: Found[]): SingleMatch {
  const [first, ...copies] = found.toSorted(byId).map(({ id }) => id);
  return first === undefined ? { kind: 'absent' } : { kind: 'made', id: first, copies };
}
