/** What we left on the board ourselves: never a record, never a change. */
import { FRAME_TITLE } from './link-back.js';
import type { BoardItem, BoardModel } from './model.js';

export interface OwnMarks {
  /** The frame of tickets, its rows, cards beside items. */
  itemIds: ReadonlySet<string>;
  /** Of tags that tell that an item has a ticket. */
  tagTitles: readonly string[];
  /** Addresses and keys of tickets, whose line at the end of a text is ours. */
  links: readonly string[];
}

/**
 * The same with what reads as ours does: people copy items and boards, rows of tickets and cards come along, and they ask for no tickets. They are
 * left alone like ours, and nothing of them is ever removed.
 */
export function withCopies(board: BoardModel, own: OwnMarks): OwnMarks {
  const frames = new Set(board.items.flatMap(({ id, title }) => (title === FRAME_TITLE ? [id] : [])));
  const copies = board.items.filter((item) => isMarkedCard(item) || isOfRows(item, frames));
  return { ...own, itemIds: new Set([...own.itemIds, ...copies.map(({ id }) => id)]) };
}

/** The marker at the end of a card's description, see ids.ts. */
const isMarkedCard = ({ type, text }: BoardItem): boolean =>
  type === 'card' && /\[tm:[0-9a-f]{20}\.\d+\]\s*$/.test(text);

/** A text in a frame of tickets whose every line begins with a link. */
function isOfRows({ type, parentId, markdown }: BoardItem, frames: ReadonlySet<string>): boolean {
  if (type !== 'text' || parentId === undefined || !frames.has(parentId)) return false;
  const lines = markdown.split('\n').filter((line) => line.trim() !== '');
  return lines.length > 0 && lines.every((line) => /^\[.+?\]\(.+?\) /.test(line));
}

/** The board as people wrote it. */
export function withoutOwn(board: BoardModel, own: OwnMarks): BoardModel {
  const links = new Set(own.links);
  const tags = board.tags.filter(({ title }) => !own.tagTitles.includes(title));
  const theirs = new Set(tags.map(({ id }) => id));
  const items = board.items
    .filter(({ id }) => !own.itemIds.has(id))
    .map((item) => ({
      ...item,
      text: withoutLinks(item.text, links),
      markdown: withoutLinks(item.markdown, links),
      tagIds: item.tagIds.filter((id) => theirs.has(id)),
    }));
  return { ...board, tags, items };
}

/** A person may name a ticket in their own words: only last lines are cut that hold nothing else, and never the first. */
function withoutLinks(text: string, links: ReadonlySet<string>): string {
  const lines = text.split('\n');
  let length = lines.length;
  for (let i = lines.length - 1; i > 0; i--) {
    const line = lines[i]?.trim() ?? '';
    if (isOurs(line, links)) length = i;
    else if (line !== '') break;
  }
  // Markdown breaks a line with a backslash at its end.
  return length === lines.length
    ? text
    : lines
        .slice(0, length)
        .join('\n')
        .replace(/[\s\\]+$/u, '');
}

function isOurs(line: string, links: ReadonlySet<string>): boolean {
  const [, label = line, address] = /^\[(.*)\]\(<?(.*?)>?\)$/u.exec(line) ?? [];
  const written = label.replace(/\\(?=[!-/:-@[-`{-~])/gu, '');
  return links.has(written) && (address === undefined || links.has(address));
}
