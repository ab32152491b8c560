import { json, noContent } from '../http/answer.js';
import { forbidden, itemNotFound } from '../http/api-error.js';
import { param, type Call, type Handlers } from '../http/call.js';
import { addItem, buildItem, removeItem, updateItem, type Author, type ItemInput } from '../state/items.js';
import type { Board, Item } from '../state/board.js';
import { boardOf } from './board-access.js';
import { itemView } from './item-view.js';
import { cursorPage } from './pages.js';

export const authorOf = ({ actor }: Call): Author => ({ userId: actor.user.id, appId: actor.app.id });

/** The item of the path. Connectors, tags and groups are no items; neither is an item of another type. */
export function itemOf(call: Call, board: Board, type?: string): Item {
  const item = board.items.get(param(call, 'item_id'));
  if (!item || (type && item.type !== type)) throw itemNotFound(board.id);
  return item;
}

/** Only the app that made an app card may change it. */
function requireOwnAppCard(call: Call, item: Item): void {
  if (item.type === 'app_card' && item.appId !== call.actor.app.id)
    throw forbidden('Only the app that created the app card can modify it');
}

/** The four operations of one type, named as in the specification, e.g. `create-sticky-note-item`. */
function operationsOf(type: string, name: string, names: Partial<Record<'create' | 'update', string>> = {}): Handlers {
  return {
    [names.create ?? `create-${name}`]: (call) => {
      const board = boardOf(call, 'editor');
      const item = buildItem(call.sim, board, type, call.body as ItemInput, authorOf(call));
      return json(201, itemView(call, board, addItem(call.sim, board, item)));
    },
    [`get-${name}`]: (call) => {
      const board = boardOf(call, 'viewer');
      return json(200, itemView(call, board, itemOf(call, board, type)));
    },
    [names.update ?? `update-${name}`]: (call) => {
      const board = boardOf(call, 'editor');
      const item = itemOf(call, board, type);
      requireOwnAppCard(call, item);
      updateItem(call.sim, board, item, call.body as ItemInput, authorOf(call));
      return json(200, itemView(call, board, item));
    },
    [`delete-${name}`]: (call) => {
      const board = boardOf(call, 'editor');
      removeItem(call.sim, board, itemOf(call, board, type), call.actor.user.id);
      return noContent;
    },
  };
}

const byUrl = (name: string): Partial<Record<'create' | 'update', string>> => ({
  create: `create-${name}-using-url`,
  update: `update-${name}-using-url`,
});

export const items: Handlers = {
  ...operationsOf('sticky_note', 'sticky-note-item'),
  ...operationsOf('shape', 'shape-item'),
  ...operationsOf('text', 'text-item'),
  ...operationsOf('frame', 'frame-item'),
  ...operationsOf('card', 'card-item'),
  ...operationsOf('app_card', 'app-card-item'),
  ...operationsOf('embed', 'embed-item'),
  ...operationsOf('image', 'image-item', byUrl('image-item')),
  ...operationsOf('document', 'document-item', byUrl('document-item')),

  'get-items': (call) => {
    const board = boardOf(call, 'viewer');
    return json(200, itemPage(call, board, itemsOfType(board, call.query['type'])));
  },

  'get-items-within-frame': (call) => {
    const board = boardOf(call, 'viewer');
    const frame = board.items.get(call.query['parent_item_id'] ?? '');
    if (frame?.type !== 'frame') throw itemNotFound(board.id);
    const children = itemsOfType(board, call.query['type']).filter((item) => item.parentId === frame.id);
    return json(200, itemPage(call, board, children));
  },

  'get-specific-item': (call) => {
    const board = boardOf(call, 'viewer');
    return json(200, itemView(call, board, itemOf(call, board)));
  },

  'update-item-position-or-parent': (call) => {
    const board = boardOf(call, 'editor');
    const item = itemOf(call, board);
    updateItem(call.sim, board, item, call.body as ItemInput, authorOf(call));
    return json(200, itemView(call, board, item));
  },

  'delete-item': (call) => {
    const board = boardOf(call, 'editor');
    removeItem(call.sim, board, itemOf(call, board), call.actor.user.id);
    return noContent;
  },
};

/** Mind map nodes and code widgets have lists of their own. */
const UNLISTED = ['mindmap_node', 'code_widget'];

function itemsOfType(board: Board, type: string | undefined): Item[] {
  const all = [...board.items.values()].filter((item) => !UNLISTED.includes(item.type));
  return type === undefined ? all : all.filter((item) => item.type === type);
}

export const itemPage = (call: Call, board: Board, found: Item[]): Record<string, unknown> =>
  cursorPage(call, found, { idOf: (item) => item.id, show: (item) => itemView(call, board, item) });
