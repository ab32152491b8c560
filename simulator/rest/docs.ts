import { json, noContent } from '../http/answer.js';
import type { Call, Handlers } from '../http/call.js';
import { escapeHtml } from '../state/content.js';
import { addItem, buildItem, removeItem, type ItemInput } from '../state/items.js';
import type { Board, Item } from '../state/board.js';
import { boardOf } from './board-access.js';
import { itemView } from './item-view.js';
import { authorOf, itemOf } from './items.js';

/** Documents that are written in Miro; made from Markdown, never changed by REST. */
export const docs: Handlers = {
  'create-doc-format-item': (call) => {
    const board = boardOf(call, 'editor');
    const item = buildItem(call.sim, board, 'doc_format', call.body as ItemInput, authorOf(call));
    return json(201, docView(call, board, addItem(call.sim, board, item)));
  },

  'get-doc-format-item': (call) => {
    const board = boardOf(call, 'viewer');
    return json(200, docView(call, board, itemOf(call, board, 'doc_format')));
  },

  'delete-doc-format-item': (call) => {
    const board = boardOf(call, 'editor');
    removeItem(call.sim, board, itemOf(call, board, 'doc_format'), call.actor.user.id);
    return noContent;
  },
};

function docView(call: Call, board: Board, item: Item): Record<string, unknown> {
  const view = itemView(call, board, item);
  if (call.query['textContentType'] !== 'html') return view;
  return { ...view, data: { ...item.data, contentType: 'html', content: htmlOf(item.data['content'] as string) } };
}

/** Headings and paragraphs; the rest of Markdown stays as it was written. */
function htmlOf(markdown: string): string {
  return markdown
    .split(/\n{2,}/)
    .map((block) => {
      const heading = /^(#{1,6})\s+(.*)$/.exec(block.trim());
      const level = heading?.[1]?.length;
      return level ? `<h${level}>${escapeHtml(heading[2]!)}</h${level}>` : `<p>${escapeHtml(block.trim())}</p>`;
    })
    .join('');
}
