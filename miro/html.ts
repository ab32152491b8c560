/** The HTML of items' texts to and from plain text and Markdown. What is lost: docs/miro-api.md, "Texts". */
import type { Element, ElementContent, Nodes, Root, RootContent } from 'hast';
import { fromHtml } from 'hast-util-from-html';
import { toHtml } from 'hast-util-to-html';
import { toMdast } from 'hast-util-to-mdast';
import { fromMarkdown as parseMarkdown } from 'mdast-util-from-markdown';
import { gfmStrikethroughFromMarkdown, gfmStrikethroughToMarkdown } from 'mdast-util-gfm-strikethrough';
import { toHast } from 'mdast-util-to-hast';
import { toMarkdown as writeMarkdown } from 'mdast-util-to-markdown';
import { gfmStrikethrough } from 'micromark-extension-gfm-strikethrough';

/** Elements after which a person starts a new line. */
const BLOCKS = new Set(['p', 'div', 'li', 'blockquote', 'h1', 'h2', 'h3', 'h4', 'h5', 'h6', 'ul', 'ol', 'tr', 'pre']);
/** Elements whose content nobody reads. */
const UNREAD = new Set(['script', 'style', 'template', 'title']);

/** No text of a person's is as long, has as many tags or is as deep; the time that these take grows faster than they do. */
const MOST_CHARACTERS = 100_000;
const MOST_TAGS = 1_000;
const MOST_LEVELS = 20;

function parse(html: string): Root {
  const read = html.slice(0, MOST_CHARACTERS);
  return fromHtml(read.split('<', MOST_TAGS + 2).length > MOST_TAGS + 1 ? linesOf(read) : read, { fragment: true });
}

/** Without any tags but `<br>`, where a block begins or ends. */
function linesOf(html: string): string {
  const lines = html.replace(/\s+/g, ' ').replace(/<\/?([a-z\d]*)[^<>]*>/gi, (_, name: string) => {
    const tag = name.toLowerCase();
    return tag === 'br' || BLOCKS.has(tag) ? '\n' : '';
  });
  return lines.trim().replaceAll('<', '&lt;').replace(/\n+/g, '<br>');
}

/** What a person reads: blocks and `<br>` as new lines, entities decoded, everything else dropped. */
export function toText(html: string): string {
  return textOf(parse(html))
    .replace(/(?<![ \t])[ \t]*\n[ \t]*/g, '\n')
    .replaceAll('\u00a0', ' ')
    .trim();
}

function textOf(node: Nodes): string {
  if (node.type === 'text') return node.value;
  if (!('children' in node)) return '';
  if (node.type !== 'element') return textOfAll(node.children);
  if (node.tagName === 'br') return '\n';
  if (UNREAD.has(node.tagName)) return '';
  const text = textOfAll(node.children);
  return BLOCKS.has(node.tagName) && text !== '' && !text.endsWith('\n') ? `${text}\n` : text;
}

const textOfAll = (nodes: Nodes[]): string => nodes.reduce((text, node) => joined(text, node), '');

/** A block that follows words on the same line starts a line of its own. */
function joined(before: string, node: Nodes): string {
  const block = node.type === 'element' && BLOCKS.has(node.tagName);
  return `${before}${block && before !== '' && !before.endsWith('\n') ? '\n' : ''}${textOf(node)}`;
}

/** HTML that reads as the text does: each line a paragraph. Characters that HTML can't hold are dropped. */
export function fromText(text: string): string {
  const lines = text.replace(/\r\n?/g, '\n').split('\n');
  return lines.map((line) => `<p>${line === '' ? '<br>' : toHtml({ type: 'text', value: line })}</p>`).join('');
}

/** Turn the text after them around, also that of others. */
const TURNS = /[\u202a-\u202e\u2066-\u2069]/g;

/**
 * HTML as Markdown (CommonMark, with `~~` for struck out words). Links lead to web and mail addresses only, an image is a link: loading it would
 * tell its owner who reads the text.
 */
export function toMarkdown(html: string): string {
  const extensions = [gfmStrikethroughToMarkdown()];
  const tree: Root = { type: 'root', children: kept(parse(html).children, []) };
  return writeMarkdown(toMdast(tree), { extensions, bullet: '-', emphasis: '_' }).replace(TURNS, '').trim();
}

/** What Markdown has a sign for, but blocks; each counts once, however often it is repeated inside of itself. */
const INLINE = new Set(['a', 'b', 'strong', 'i', 'em', 'u', 's', 'del', 'strike', 'code']);

/** The nodes that Markdown can show, of others what is in them. @param open the elements around them */
function kept(nodes: readonly RootContent[], open: readonly string[]): ElementContent[] {
  return nodes.flatMap((node): ElementContent[] => {
    if (node.type === 'text') return [node];
    if (node.type !== 'element' || UNREAD.has(node.tagName)) return [];
    if (open.length >= MOST_LEVELS) return [{ type: 'text', value: textOf(node) }];
    return element(node, open);
  });
}

function element(node: Element, open: readonly string[]): ElementContent[] {
  const { tagName, properties } = node;
  if (tagName === 'br' || tagName === 'hr') return [node];
  if (tagName === 'img') return image(properties, open);
  const children = kept(node.children, [...open, tagName]);
  const isShown = BLOCKS.has(tagName) || (INLINE.has(tagName) && !open.includes(tagName) && children.length > 0);
  if (!isShown || (tagName === 'a' && !isWebAddress(properties['href']))) return children;
  // Markdown has no tables.
  return [{ ...node, tagName: tagName === 'tr' ? 'p' : tagName, children }];
}

function image({ src, alt }: Element['properties'], open: readonly string[]): ElementContent[] {
  const address = isWebAddress(src) ? src : '';
  const words: ElementContent = { type: 'text', value: String(alt || address) };
  return [
    address !== '' && !open.includes('a')
      ? { type: 'element', tagName: 'a', properties: { href: address }, children: [words] }
      : words,
  ];
}

const isWebAddress = (href: unknown): href is string =>
  typeof href === 'string' && /^(?:https?:\/\/|mailto:)/i.test(href);

/** Markdown as HTML of the elements that Miro knows. HTML inside Markdown is shown as the text that it is. */
export function fromMarkdown(markdown: string): string {
  const tree = parseMarkdown(markdown, {
    extensions: [gfmStrikethrough({ singleTilde: false }), { disable: { null: ['htmlFlow', 'htmlText'] } }],
    mdastExtensions: [gfmStrikethroughFromMarkdown()],
  });
  return toHtml(toHast(tree));
}
