/** The ticket's link as a line of its own at the end of an item's HTML; everything else in it stays as it is. */
import { isBlank, linkHtml, toPlain } from '../provision-board/html.js';

export interface LinkRef {
  key: string;
  /** Absent where the tracker has no page for the ticket: the line is the key alone. */
  url?: string | undefined;
}

/** The HTML with the link below its last line. Idempotent. */
export function appendLink(html: string, ref: LinkRef): string {
  if (hasLink(html, ref)) return html;
  const line = lineOf(ref);
  return isBlank(html) || BLOCK_AT_END.test(html) ? `${html}<p>${line}</p>` : `${html}<br>${line}`;
}

export const hasLink = (html: string, ref: LinkRef): boolean => stripLink(html, [ref]) !== html;

/** The HTML without the lines that {@link appendLink} wrote for these tickets. A line that a person has added words to is theirs. */
export function stripLink(html: string, refs: readonly LinkRef[]): string {
  const drop = (whole: string, line: string): string => (refs.some((ref) => isLine(line, ref)) ? '' : whole);
  return html.replace(PARAGRAPH, drop).replace(LAST_BREAK, drop);
}

const lineOf = ({ key, url }: LinkRef): string => linkHtml(url, key);

function isLine(line: string, { key, url }: LinkRef): boolean {
  const address = HREF.exec(line)?.[1];
  return toPlain(line) === key.trim() && (address === undefined ? undefined : toPlain(address)) === url;
}

const PARAGRAPH = /<p\b[^>]*>((?:(?!<p\b)[\s\S])*?)<\/p>/gi;
/** A line after a break that ends the text, or its paragraph. */
const LAST_BREAK = /<br\s*\/?>((?:(?!<br\b)[\s\S])*?)(?=(?:<\/p>)?\s*$)/i;
const BLOCK_AT_END = /<\/(?:p|div|h[1-6]|ul|ol|blockquote)>\s*$/i;
const HREF = /<a\b[^>]*?\bhref\s*=\s*["']([^"']*)["']/i;
