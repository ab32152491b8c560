/** The rows of the "Tickets" frame: a line per ticket, up to 20 lines in one text, since Miro's credits are counted by items. */
import { escapeHtml, isBlank, linkHtml, sameText, toPlain } from '../provision-board/html.js';

export interface TicketRow {
  key: string;
  /** Of the ticket, or of the item where the tracker has no page for it. */
  url: string;
  title: string;
}

export const ROWS_IN_TEXT = 20;
/** Miro does not tell how long a text may be; this much it takes. */
const TEXT_CHARACTERS = 4_000;
/** What fits on one line of the frame; letters of CJK scripts are twice as wide. */
const LINE_CHARACTERS = 76;

/** One line: the key as a link, then the title, cut where the line ends. */
export const rowHtml = (row: TicketRow): string =>
  `<p>${linkHtml(row.url, row.key)} ${escapeHtml(shownTitle(row))}</p>`;

/** Whether one of the lines links that ticket, whatever its title was. */
export const showsRow = (html: string, { key, url }: Omit<TicketRow, 'title'>): boolean =>
  html.includes(`<a href="${escapeHtml(url)}"`) &&
  toPlain(html)
    .split('\n')
    .some((line) => line.startsWith(`${key} `));

/** The content of one text. */
export const rowsHtml = (rows: readonly TicketRow[]): string => rows.map(rowHtml).join('');

/** The rows in their order, as many together as one text holds. */
export function inTexts<Row extends TicketRow>(rows: readonly Row[]): Row[][] {
  const texts: Row[][] = [];
  let left = 0;
  for (const row of rows) {
    const characters = rowHtml(row).length;
    const last = texts.at(-1);
    if (last && last.length < ROWS_IN_TEXT && characters <= left) last.push(row);
    else texts.push([row]);
    left = (texts.at(-1)?.length === 1 ? TEXT_CHARACTERS : left) - characters;
  }
  return texts;
}

/**
 * A text without some of its rows. A line that no longer reads as it was written is a person's, and stays.
 * @returns kept: the rows that were not found. blank: nothing is left to read.
 */
export function withoutRows<Row extends TicketRow>(
  html: string,
  rows: readonly Row[],
): { html: string; kept: Row[]; blank: boolean } {
  const kept = new Set(rows);
  const left = html.replace(PARAGRAPH, (line) => {
    const row = [...kept].find((row) => sameText(line, rowHtml(row)));
    if (row) kept.delete(row);
    return row ? '' : line;
  });
  return { html: left, kept: [...kept], blank: isBlank(left) };
}

const PARAGRAPH = /<p\b[^>]*>(?:(?!<p\b)[\s\S])*?<\/p>/gi;

function shownTitle({ key, title }: TicketRow): string {
  const words = title.replace(/\s+/g, ' ').trim();
  const room = Math.max(20, LINE_CHARACTERS - widthOf(key) - 1);
  if (widthOf(words) <= room) return words;
  let cut = '';
  for (const character of words) {
    if (widthOf(cut + character) > room - 1) break;
    cut += character;
  }
  const atWord = cut.replace(/\s+\S*$/, '');
  return `${atWord.length > cut.length / 2 ? atWord : cut}…`;
}

// East Asian wide letters and emoji.
const WIDE = /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\u{1f000}-\u{3fffd}]/u;
const widthOf = (text: string): number => [...text].reduce((sum, character) => sum + (WIDE.test(character) ? 2 : 1), 0);
