/** The HTML of items' texts to and from plain text and Markdown. What is lost: docs/miro-api.md, "Texts". */
import type { Nodes, Root } from 'hast';
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

const parse = (html: string): Root => fromHtml(html, { fragment: true });

/** What a person reads: blocks and `<br>` as new lines, entities decoded, everything else dropped. */
export function toText(html: string): string {
  return textOf(parse(html))
    .replace(/[ \t]*\n[ \t]*/g, '\n')
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

/** HTML as Markdown (CommonMark, with `~~` for struck out words). */
export function toMarkdown(html: string): string {
  const extensions = [gfmStrikethroughToMarkdown()];
  return writeMarkdown(toMdast(parse(html)), { extensions, bullet: '-', emphasis: '_' }).trim();
}

/** Markdown as HTML of the elements that Miro knows. HTML inside Markdown is shown as the text that it is. */
export function fromMarkdown(markdown: string): string {
  const tree = parseMarkdown(markdown, {
    extensions: [gfmStrikethrough({ singleTilde: false }), { disable: { null: ['htmlFlow', 'htmlText'] } }],
    mdastExtensions: [gfmStrikethroughFromMarkdown()],
  });
  return toHtml(toHast(tree));
}
