/** Tags that Miro keeps in texts. https://developers.miro.com/v1.0/reference/rich-text (read 2026-11-22) */
const KEPT = new Set(
  'p div h1 h2 h3 h4 h5 h6 ul ol li blockquote span a b i font code br s u o strong strike big small sup sub ins del em tt'.split(
    ' ',
  ),
);
const TAG = /<(\/?)([a-zA-Z][a-zA-Z0-9]*)\b([^<>]*)>/g;

/** Removes what Miro's texts can't hold: unknown tags, attributes other than a link's address. */
export function sanitise(content: string): string {
  const marked = content.replace(TAG, (_, slash: string, name: string, attributes: string) => {
    const tag = name.toLowerCase();
    if (!KEPT.has(tag)) return '';
    const href = tag === 'a' && !slash ? /\bhref\s*=\s*("[^"]*"|'[^']*')/i.exec(attributes)?.[1] : undefined;
    return `\u0000${slash}${tag}${href ? ` href=${href}` : ''}${/\/\s*$/.test(attributes) ? ' /' : ''}\u0001`;
  });
  return marked.replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('\u0000', '<').replaceAll('\u0001', '>');
}

/** Stickies, shapes, texts and captions answer with paragraphs, also where plain text was sent. */
export function paragraphs(content: string): string {
  const clean = sanitise(content);
  if (clean === '' || /^\s*<(p|div|h[1-6]|ul|ol|blockquote)\b/.test(clean)) return clean;
  return clean
    .split(/\r?\n/)
    .map((line) => `<p>${line}</p>`)
    .join('');
}

/** What a person reads; used to draw boards. */
export function plainText(content: string): string {
  return content
    .replace(/<br\s*\/?>|<\/(p|div|li|h[1-6])>/gi, '\n')
    .replace(/<[^>]*>/g, '')
    .replace(/&lt;/g, '<')
    .replace(/&gt;/g, '>')
    .replace(/&quot;/g, '"')
    .replace(/&#39;|&apos;/g, "'")
    .replace(/&nbsp;/g, ' ')
    .replace(/&#(\d+);/g, (reference, code: string) =>
      Number(code) > 0x10ffff ? reference : String.fromCodePoint(Number(code)),
    )
    .replace(/&amp;/g, '&')
    .trim();
}

const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** For texts in HTML, XML and SVG, attribute values too. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"]/g, (c) => ENTITIES[c] ?? c);
}
