/** The one line that a ticket is called. */

// They turn the text around them, also where a list shows it among others; and what shows nothing.
const UNSEEN = /[\u061c\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]/gu;
const NEW_LINE = /[\n\r\v\f\u0085\u2028\u2029]+/u;
const BLANKS = /[\s\p{Cc}\p{Cs}]+/gu;
const SAYS_SOMETHING = /[\p{L}\p{N}\p{Extended_Pictographic}]/u;
// Jira takes 255 UTF-16 units; an emoji may have a dozen.
const MORE_UNITS = 50;

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
  if (fits(line, most)) return line;
  const told = joined(line, most, sentences);
  if (told !== '') return told;
  const cut = joined(line, most - 1, words);
  // A word may be an address that is longer than all there is room for.
  return `${lengthOf(cut) * 2 < most ? joined(line, most - 1, graphemes) : cut}…`;
}

/** The segments from the beginning that fit, without blanks at the end. */
function joined(line: string, most: number, by: Intl.Segmenter): string {
  let [end, characters] = [0, 0];
  for (const { segment, index } of by.segment(line)) {
    characters += lengthOf(segment.trimEnd(), most);
    if (characters > most || index + segment.trimEnd().length > most + MORE_UNITS) break;
    characters += segment.length - segment.trimEnd().length;
    end = index + segment.length;
  }
  return line.slice(0, end).trimEnd();
}

const fits = (line: string, most: number): boolean =>
  line.length <= most || (line.length <= most + MORE_UNITS && lengthOf(line, most) <= most);

/** In characters as people count them; stops counting above `most`. */
function lengthOf(text: string, most = Infinity): number {
  let characters = 0;
  for (const _ of graphemes.segment(text)) if (++characters > most) break;
  return characters;
}

function plainLine(line: string): string {
  const plain = line.replace(UNSEEN, '').replace(BLANKS, ' ').trim();
  return plain
    .replace(/^(?:(?:#{1,6}|[-*+•>])\s+)+/u, '')
    .replace(/!?\[([^[\]]+)\]\([^()\s]+\)/gu, '$1')
    .replace(/(\*\*|~~|`+)(?=\S)([^*~`]*[^*~`\s])\1/gu, '$2')
    .trim();
}
