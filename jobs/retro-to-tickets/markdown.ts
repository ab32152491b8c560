/** Plain text and links inside Markdown. */

/** They would turn the text after them around, also that of others. */
const TURNS = /[\u202a-\u202e\u2066-\u2069]/g;

/** Text on one line that means itself in Markdown. */
export const escapeMarkdown = (text: string): string =>
  text
    .replace(TURNS, '')
    .replace(/[\\`*_[\]<>|~#]/g, '\\$&')
    .replace(/\s+/g, ' ');

/** @param url without blanks and round brackets, such as an item's. */
export const markdownLink = (text: string, url: string): string => `[${escapeMarkdown(text)}](${url})`;
