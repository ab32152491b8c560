import { json, noContent } from '../http/answer.js';
import { itemNotFound } from '../http/api-error.js';
import type { Call, Handlers } from '../http/call.js';
import { addItem, buildItem, removeItem, updateItem, type ItemInput } from '../state/items.js';
import type { Board, Item } from '../state/board.js';
import { boardOf } from './board-access.js';
import { stampsView } from './item-view.js';
import { authorOf, itemOf, itemPage, items } from './items.js';
import { cursorPage } from './pages.js';

const MINDMAP = 'mindmap_node';
const CODE = 'code_widget';

/** `/v2-experimental`: shapes and items as in v2, mind map nodes and code widgets. */
export const experimental: Handlers = {
  'create-shape-item-flowchart': items['create-shape-item']!,
  'get-shape-item-flowchart': items['get-shape-item']!,
  'update-shape-item-flowchart': items['update-shape-item']!,
  'delete-shape-item-flowchart': items['delete-shape-item']!,
  'get-specific-item-experimental': items['get-specific-item']!,
  'delete-item-experimental': items['delete-item']!,
  'get-items-experimental': (call) => {
    const board = boardOf(call, 'viewer');
    return json(200, itemPage(call, board, ofType(board, 'shape')));
  },

  'create-mindmap-nodes-experimental': (call) => {
    const board = boardOf(call, 'editor');
    const { data, position, parent } = call.body as ItemInput;
    const author = authorOf(call);
    const node = buildItem(call.sim, board, MINDMAP, { data, position }, author);
    if (parent?.id) node.data['parentNode'] = nodeOf(board, String(parent.id)).id;
    return json(201, nodeView(addItem(call.sim, board, node)));
  },
  'get-mindmap-nodes-experimental': (call) => {
    const board = boardOf(call, 'viewer');
    return json(200, cursorPage(call, ofType(board, MINDMAP), { idOf: ({ id }) => id, show: nodeView }));
  },
  'get-mindmap-node-experimental': (call) => {
    const board = boardOf(call, 'viewer');
    return json(200, nodeView(itemOf(call, board, MINDMAP)));
  },
  /** A node takes its branch along. */
  'delete-mindmap-node-experimental': (call) => {
    const board = boardOf(call, 'editor');
    removeBranch(call, board, itemOf(call, board, MINDMAP));
    return noContent;
  },

  'create-code-widget-item': (call) => {
    const board = boardOf(call, 'editor');
    const item = buildItem(call.sim, board, CODE, call.body as ItemInput, authorOf(call));
    return json(201, codeView(addItem(call.sim, board, item)));
  },
  'get-code-widget-items': (call) => {
    const board = boardOf(call, 'viewer');
    return json(200, cursorPage(call, ofType(board, CODE), { idOf: ({ id }) => id, show: codeView }));
  },
  'get-code-widget-item': (call) => json(200, codeView(itemOf(call, boardOf(call, 'viewer'), CODE))),
  'update-code-widget-item': (call) => changeCode(call, call.body as ItemInput),
  'move-code-widget-item': (call) => changeCode(call, { position: call.body as ItemInput['position'] }),
  'delete-code-widget-item': (call) => {
    const board = boardOf(call, 'editor');
    removeItem(call.sim, board, itemOf(call, board, CODE), call.actor.user.id);
    return noContent;
  },
};

const ofType = (board: Board, type: string): Item[] => [...board.items.values()].filter((item) => item.type === type);

function nodeOf(board: Board, id: string): Item {
  const node = board.items.get(id);
  if (node?.type !== MINDMAP) throw itemNotFound(board.id);
  return node;
}

function removeBranch(call: Call, board: Board, node: Item): void {
  for (const child of ofType(board, MINDMAP))
    if (child.data['parentNode'] === node.id) removeBranch(call, board, child);
  removeItem(call.sim, board, node, call.actor.user.id);
}

function nodeView(item: Item): Record<string, unknown> {
  const { parentNode, nodeView: view } = item.data as {
    parentNode?: string;
    nodeView?: { data?: { content?: string } };
  };
  return {
    id: item.id,
    type: MINDMAP,
    data: {
      nodeView: {
        type: 'text',
        data: { content: view?.data?.content ?? '' },
        style: { color: '#1a1a1a', fontSize: '14' },
      },
      isRoot: parentNode === undefined,
      direction: 'end',
    },
    style: { nodeColor: '#1a1a1a', shape: 'pill', fontSize: '14' },
    position: { x: item.x, y: item.y, origin: 'center', relativeTo: 'canvas_center' },
    geometry: item.geometry,
    ...(parentNode && { parent: { id: parentNode } }),
    ...stampsView(item),
  };
}

function changeCode(call: Call, input: ItemInput): ReturnType<typeof json> {
  const board = boardOf(call, 'editor');
  const item = itemOf(call, board, CODE);
  updateItem(call.sim, board, item, input, authorOf(call));
  return json(200, codeView(item));
}

const codeView = (item: Item): Record<string, unknown> => ({
  id: item.id,
  type: CODE,
  data: item.data,
  position: { x: item.x, y: item.y, origin: 'center', relativeTo: item.parentId ? 'parent_top_left' : 'canvas_center' },
  geometry: item.geometry,
  ...stampsView(item),
});
