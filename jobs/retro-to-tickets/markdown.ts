/** Plain text and links inside Markdown. */

/** Text that means itself in Markdown. */
export const escapeMarkdown = (text: string): string => text.replace(/[\\`*_[\]<>|~#]/g, '\\$&').replace(/\s+/g, ' ');

/** @param url without blanks and round brackets, such as an item's. */
export const markdownLink = (text: string, url: string): string => `[${escapeMarkdown(text)}](${url})`;
