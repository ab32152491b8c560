/** Markdown as Jira Cloud's document format. https://developer.atlassian.com/cloud/jira/platform/apis/document/structure/ (read 2026-11) */
import { markdownToAdf } from 'marklassian';

export interface AdfNode {
  type: string;
  text?: string;
  attrs?: Record<string, unknown>;
  marks?: { type: string; attrs?: Record<string, unknown> }[];
  content?: AdfNode[];
}
export interface AdfDocument extends AdfNode {
  type: 'doc';
  version: 1;
  content: AdfNode[];
}

/** Keeps what looks like a tag from being read as one; taken out again afterwards. */
const WORD_JOINER = '\u2060';

const PARAGRAPH_AND_LISTS = ['paragraph', 'bulletList', 'orderedList', 'codeBlock'];
/** What Jira accepts inside of what; it refuses a whole text for one wrong node. */
const ALLOWED: Record<string, readonly string[]> = {
  doc: [...PARAGRAPH_AND_LISTS, 'heading', 'taskList', 'blockquote', 'rule', 'table'],
  blockquote: PARAGRAPH_AND_LISTS,
  listItem: PARAGRAPH_AND_LISTS,
  tableCell: [...PARAGRAPH_AND_LISTS, 'heading', 'blockquote', 'rule'],
  tableHeader: [...PARAGRAPH_AND_LISTS, 'heading', 'blockquote', 'rule'],
  table: ['tableRow'],
  tableRow: ['tableHeader', 'tableCell'],
  bulletList: ['listItem'],
  orderedList: ['listItem'],
  taskList: ['taskItem'],
};
const INLINE = ['text', 'hardBreak'];
const HOLDS_INLINE = ['paragraph', 'heading', 'taskItem'];

/**
 * What is longer stays plain: Jira takes no more in one field. So does what holds more signs of Markdown's: marklassian's time grows with their
 * square and with what stands behind each, and no note of a person's has as many.
 */
const MOST_CHARACTERS = 32_767;
const MOST_SIGNS = 1_000;
const MOST_SIGNS_BY_CHARACTERS = 4_000_000;
const SIGNS = /[*_~`[\]()<>!|&\\]/g;

/** Whether a text is read as Markdown; else it goes as it stands, in paragraphs. */
function isReadable(markdown: string): boolean {
  if (markdown.length > MOST_CHARACTERS) return false;
  const signs = markdown.match(SIGNS)?.length ?? 0;
  return signs <= MOST_SIGNS && signs * markdown.length <= MOST_SIGNS_BY_CHARACTERS;
}

/**
 * What people wrote stays text: neither HTML nor marklassian's `<adf>` tags, through which any node of Jira's could be put in, are read as such.
 * An image becomes a link: loading it would tell its owner who reads the ticket.
 */
export function adfOf(markdown: string): AdfDocument {
  if (!isReadable(markdown)) return plain(markdown);
  // Autolinks are left alone. marklassian reads a tag only where it stands whole in the source, so none is left after this.
  const guarded = markdown.replace(/<(?=[a-z/!?])(?!https?:|mailto:)/gi, `<${WORD_JOINER}`);
  try {
    const { content } = markdownToAdf(guarded) as unknown as AdfNode;
    return { type: 'doc', version: 1, content: fitted(content ?? [], 'doc') };
  } catch (error) {
    // Its readers go down a level by calling themselves: for thousands of lists in each other there is no room.
    if (error instanceof RangeError) return plain(markdown);
    throw error;
  }
}

/** A paragraph a line. */
function plain(text: string): AdfDocument {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  const content = lines.map((line) => ({ type: 'paragraph', content: [{ type: 'text', text: line }] }));
  return { type: 'doc', version: 1, content };
}

/** The document's words, a line a block. */
export function textOf(node: AdfNode): string {
  if (node.type === 'hardBreak') return '\n';
  const inside = (node.content ?? []).map(textOf).join(HOLDS_INLINE.includes(node.type) ? '' : '\n');
  return (node.text ?? '') + inside;
}

function fitted(nodes: readonly AdfNode[], parent: string): AdfNode[] {
  return nodes.flatMap((node) => fit(node, parent));
}

/** The node as its parent may hold it; else what is in it. */
function fit(node: AdfNode, parent: string): AdfNode[] {
  if (node.type === 'mediaSingle') return fit(linkToImage(node), parent);
  if (HOLDS_INLINE.includes(parent)) return inline(node);
  if (!ALLOWED[parent]?.includes(node.type)) {
    const isText = HOLDS_INLINE.includes(node.type);
    return isText
      ? fit({ type: 'paragraph', content: node.content ?? [] }, parent)
      : fitted(node.content ?? [], parent);
  }
  switch (node.type) {
    case 'codeBlock': {
      const code = node.content?.[0]?.text ?? '';
      return [{ ...node, content: code === '' ? [] : [{ type: 'text', text: withoutGuard(code) }] }];
    }
    case 'rule':
      return [node];
    default:
      return [{ ...node, content: orParagraph(withoutGuards(fitted(node.content ?? [], node.type)), node.type) }];
  }
}

/** Items and cells must not be empty. */
function orParagraph(content: AdfNode[], type: string): AdfNode[] {
  const mustHold = ['blockquote', 'listItem', 'tableCell', 'tableHeader'].includes(type);
  const first = content[0]?.type;
  // A list item does not begin with a list.
  const needsParagraph = first === undefined || (type === 'listItem' && first.endsWith('List'));
  return mustHold && needsParagraph ? [{ type: 'paragraph', content: [] }, ...content] : content;
}

/** @returns nodes for inside a paragraph; of blocks their words */
function inline(node: AdfNode): AdfNode[] {
  if (!INLINE.includes(node.type)) return (node.content ?? []).flatMap(inline);
  if (node.text === undefined) return [node];
  const { marks = [] } = node;
  const isCode = marks.some(({ type }) => type === 'code');
  const text = withoutGuard(isCode ? node.text : decoded(node.text));
  const kept = marks.filter(({ type, attrs }) => type !== 'link' || isWebAddress(attrs?.['href']));
  const { marks: _, ...rest } = node;
  return [{ ...rest, text, ...(kept.length > 0 && { marks: kept }) }];
}

function linkToImage(node: AdfNode): AdfNode {
  const { url, alt } = node.content?.[0]?.attrs ?? {};
  const href = String(url);
  const text = typeof alt === 'string' && alt !== '' ? alt : href;
  return { type: 'paragraph', content: [{ type: 'text', text, marks: [{ type: 'link', attrs: { href } }] }] };
}

const isWebAddress = (href: unknown): boolean => typeof href === 'string' && /^(?:https?|mailto):/i.test(href);

const withoutGuard = (text: string): string => text.replaceAll(`<${WORD_JOINER}`, '<');

/** marklassian ends a text at an escaped `<`: the guard begins the next. */
const withoutGuards = (nodes: readonly AdfNode[]): AdfNode[] =>
  nodes.flatMap((node, i) => {
    const isGuarded = nodes[i - 1]?.text?.endsWith('<') && node.text?.startsWith(WORD_JOINER);
    const text = isGuarded ? node.text?.slice(WORD_JOINER.length) : node.text;
    return text === '' ? [] : [{ ...node, ...(text !== undefined && { text }) }];
  });

const NAMED: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: '\u00a0' };

/** marklassian leaves character references as they stand in the source. */
function decoded(text: string): string {
  return text.replace(
    /&(?:#x([0-9a-f]{1,6})|#(\d{1,7})|(amp|lt|gt|quot|apos|nbsp));/gi,
    (whole, hex, decimal, name) => {
      if (name !== undefined) return NAMED[String(name).toLowerCase()] ?? whole;
      const code = hex === undefined ? Number(decimal) : parseInt(String(hex), 16);
      return code > 0 && code <= 0x10ffff && (code < 0xd800 || code > 0xdfff) ? String.fromCodePoint(code) : whole;
    },
  );
}
