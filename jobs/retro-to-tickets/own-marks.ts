/** What we left on the board ourselves: never a record, never a change. */
import type { BoardModel } from './model.js';

export interface OwnMarks {
  /** The frame of tickets, its rows, cards beside items. */
  itemIds: ReadonlySet<string>;
  /** Of tags that tell that an item has a ticket. */
  tagTitles: readonly string[];
  /** Addresses and keys of tickets, whose line at the end of a text is ours. */
  links: readonly string[];
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
