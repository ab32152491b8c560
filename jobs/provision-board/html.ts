/** Plain text to and from the small HTML that Miro keeps in its text fields (sticky, shape, text, card, caption). */

const ESCAPES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
const NAMED: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: ' ' };

/** Text that means itself inside an HTML text or a double-quoted attribute. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"]/g, (char) => ESCAPES[char] ?? char);
}

/** A link; the words alone where the address is no web address. */
export const linkHtml = (url: string | undefined, words: string): string =>
  url !== undefined && /^https?:\/\//i.test(url)
    ? `<a href="${escapeHtml(url)}">${escapeHtml(words)}</a>`
    : escapeHtml(words);

/** Plain text as Miro HTML: markup escaped, each new line a `<br>`. */
export function toHtml(text: string): string {
  return escapeHtml(text).replace(/\r\n|\r|\n/g, '<br>');
}

/** What a person reads in a Miro HTML fragment: tags dropped, blocks and `<br>` as new lines, entities decoded. */
export function toPlain(html: string): string {
  const lines = html.replace(/<br\s*\/?>|<\/(?:p|li|div|h[1-6]|blockquote)>/gi, '\n');
  return decodeEntities(lines.replace(/<\/?[a-z][^>]*>/gi, '')).trim();
}

/**
 * Whether two Miro HTML fragments read the same. Miro rewrites what it is sent (`a` becomes `<p>a</p>`), so raw content
 * never compares; blanks and empty lines don't count.
 */
export function sameText(a: string | undefined, b: string | undefined): boolean {
  return normalised(a) === normalised(b);
}

/** Whether a Miro HTML fragment shows no text. */
export const isBlank = (html: string | undefined): boolean => normalised(html) === '';

function normalised(html: string | undefined): string {
  return toPlain(html ?? '')
    .normalize('NFC')
    .replace(/[\s\u00a0]+/g, ' ')
    .trim();
}

function decodeEntities(text: string): string {
  return text.replace(/&(#\d{1,7}|#x[0-9a-f]{1,6}|[a-z]+);/gi, (entity, name: string) => {
    if (!name.startsWith('#')) return NAMED[name.toLowerCase()] ?? entity;
    const code = Number(name.replace(/^#x/i, '0x').replace('#', ''));
    return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : entity;
  });
}
