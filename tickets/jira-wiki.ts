/** Jira's document format as the wiki text of Data Center. */
import type { AdfNode } from './jira-adf.js';

/**
 * Wiki text from the same document as Cloud's, so that Markdown is read in one way. What people wrote is escaped: no macro, mention or image of theirs.
 * @see https://jira.atlassian.com/secure/WikiRendererHelpAction.jspa?section=all (read 2026-11)
 */
export function wikiOf(document: AdfNode): string {
  return blocks(document.content ?? []);
}

const blocks = (nodes: readonly AdfNode[]): string => nodes.map((node) => block(node, '')).join('\n\n');

/** @param bullets of the lists around it, such as `*#` */
function block(node: AdfNode, bullets: string): string {
  const content = node.content ?? [];
  switch (node.type) {
    case 'heading':
      return `h${Number(node.attrs?.['level'])}. ${inline(content)}`;
    case 'bulletList':
      return list(content, `${bullets}*`);
    case 'orderedList':
      return list(content, `${bullets}#`);
    case 'taskList':
      return content
        .map((item) => `* ${item.attrs?.['state'] === 'DONE' ? '(/)' : '( )'} ${inline(item.content ?? [])}`)
        .join('\n');
    case 'codeBlock':
      return verbatim(content[0]?.text ?? '');
    case 'blockquote':
      return `{quote}\n${blocks(content)}\n{quote}`;
    case 'rule':
      return '----';
    case 'table':
      return content.map(row).join('\n');
    default:
      return lineStart(inline(content));
  }
}

function list(items: readonly AdfNode[], bullets: string): string {
  return items
    .flatMap((item) => {
      const [first, ...others] = item.content ?? [];
      // An item of Jira's is one line, unless a list is in it.
      const line = first === undefined ? '' : oneLine(block(first, bullets));
      return [`${bullets} ${line}`, ...others.map((node) => insideItem(node, bullets))];
    })
    .join('\n');
}

const insideItem = (node: AdfNode, bullets: string): string =>
  node.type.endsWith('List') ? block(node, bullets) : `\\\\ ${oneLine(block(node, bullets))}`;

const oneLine = (text: string): string => text.replace(/\n+/g, ' ');

const row = ({ content = [] }: AdfNode): string => {
  const bar = content[0]?.type === 'tableHeader' ? '||' : '|';
  return `${bar}${content.map((cell) => ` ${oneLine(blocks(cell.content ?? []))} `).join(bar)}${bar}`;
};

/** Nothing can be escaped in there, so its own end mark is broken by a space without width. */
const verbatim = (code: string): string => `{noformat}\n${code.replace(/\{(?=noformat)/gi, '{\u200b')}\n{noformat}`;

const MARKS: Record<string, [string, string]> = {
  strong: ['*', '*'],
  em: ['_', '_'],
  strike: ['-', '-'],
  code: ['{{', '}}'],
};

const inline = (nodes: readonly AdfNode[]): string => nodes.map(piece).join('');

function piece({ type, text = '', marks = [] }: AdfNode): string {
  if (type === 'hardBreak') return '\n';
  const href = marks.find((mark) => mark.type === 'link')?.attrs?.['href'];
  const shown = marks.reduce((inner, mark) => {
    const [open, close] = MARKS[mark.type] ?? ['', ''];
    return `${open}${inner}${close}`;
  }, escaped(text));
  return typeof href === 'string' ? `[${shown}|${address(href)}]` : shown;
}

/** A hyphen means something only beside a space. A backslash would be a line break where two of them meet. */
const escaped = (text: string): string =>
  text.replace(/\\/g, '&#92;').replace(/[{}[\]*_^~+!|]|\?\?|(?<!\w)-|-(?!\w)/g, (special) => `\\${special}`);

/** What would begin a heading, a quotation or a list. */
const lineStart = (text: string): string => text.replace(/^([^\S\n]*)(#|bq\.|h[1-6]\.)/gm, '$1\\$2');

/** Percent signs for what would end the link. */
const address = (href: string): string => href.replace(/[|[\]{}\s\\]/g, (sign) => encodeURIComponent(sign));
