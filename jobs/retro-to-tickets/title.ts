/** The one line that a ticket is called. */

// They turn the text around them, also where a list shows it among others; and what shows nothing.
const UNSEEN = /[\u061c\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]/gu;
const NEW_LINE = /[\n\r\v\f\u0085\u2028\u2029]+/u;
const BLANKS = /[\s\p{Cc}\p{Cs}]+/gu;
const SAYS_SOMETHING = /[\p{L}\p{N}\p{Extended_Pictographic}]/u;
// Many times what a title holds, and few enough for the searches for Markdown.
const BEGINNING = /^.{0,2000}/su;
// Jira takes 255 UTF-16 units; an emoji may have a dozen.
const MORE_UNITS = 50;
// Latin, Greek, Cyrillic, Chinese, Japanese, Korean, without marks: counting these as people do takes a hundred times as long.
const ONE_UNIT_EACH =
  /^[\u0020-\u02ff\u0370-\u0482\u048a-\u0587\u2010-\u2027\u3000-\u3029\u3041-\u3096\u30a0-\u9fff\uac00-\ud7a3\uff01-\uff60]*$/u;

const graphemes = new Intl.Segmenter('und', { granularity: 'grapheme' });
const words = new Intl.Segmenter('und', { granularity: 'word' });
const sentences = new Intl.Segmenter('und', { granularity: 'sentence' });

/**
 * The first line of a plain text that says something; of one that is too long the sentences that fit, else its beginning, cut at a word,
 * with `…`. Without Markdown, direction marks and new lines.
 * @param most in characters as people count them.
 */
export function titleOf(text: string, most = 200): string {
  const lines = text.split(NEW_LINE).map(plainLine);
  const line = lines.find((one) => SAYS_SOMETHING.test(one)) ?? lines.find((one) => one !== '') ?? '';
  const room = roomIn(line, most);
  if (room === line.length) return line;
  const told = upTo(line, room, sentences);
  if (told !== '') return told;
  const less = roomIn(line, most - 1);
  const cut = upTo(line, less, words);
  // A word may be an address that is longer than all there is room for.
  return `${cut.length * 2 < less ? line.slice(0, less).trimEnd() : cut}…`;
}

/** The segments that end before that place. */
const upTo = (line: string, end: number, by: Intl.Segmenter): string =>
  line.slice(0, by.segment(line.slice(0, end + MORE_UNITS)).containing(end)?.index ?? 0).trimEnd();

/** How many UTF-16 units of the line hold at most so many characters as people count them. */
function roomIn(line: string, most: number): number {
  if (ONE_UNIT_EACH.test(line)) return Math.min(line.length, most);
  let [end, characters] = [0, 0];
  for (const { segment, index } of graphemes.segment(line.slice(0, most + MORE_UNITS + 1))) {
    if (++characters > most || index + segment.length > most + MORE_UNITS) break;
    end = index + segment.length;
  }
  // One character may carry more marks than there is room for.
  return end || most;
}

function plainLine(line: string): string {
  const plain = line.replace(UNSEEN, '').replace(BLANKS, ' ').trim();
  const [beginning = ''] = BEGINNING.exec(plain) ?? [];
  return beginning
    .replace(/^(?:(?:#{1,6}|[-*+•>])\s+)+/u, '')
    .replace(/!?\[([^[\]]+)\]\([^()\s]+\)/gu, '$1')
    .replace(/(\*\*|~~|`{1,3})(?=\S)([^*~`]*[^*~`\s])\1/gu, '$2')
    .trim();
}
