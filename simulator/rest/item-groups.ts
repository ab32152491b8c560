import { json, noContent } from '../http/answer.js';
import { ApiError, itemNotFound } from '../http/api-error.js';
import { param, type Call, type Handlers } from '../http/call.js';
import { touch } from '../state/boards.js';
import { removeItem } from '../state/items.js';
import type { Simulation } from '../simulation.js';
import type { Board, ItemGroup } from '../state/board.js';
import { boardOf } from './board-access.js';
import { boardPath } from './board-view.js';
import { itemPage } from './items.js';
import { cursorPage } from './pages.js';

export const itemGroups: Handlers = {
  createGroup: (call) => {
    const board = boardOf(call, 'editor');
    return json(201, groupFields(call.sim, board, makeGroup(call, board)));
  },

  'get-all-groups': (call) => {
    const board = boardOf(call, 'viewer');
    const show = (g: ItemGroup): unknown => groupFields(call.sim, board, g);
    return json(200, cursorPage(call, [...board.groups.values()], { idOf: (g) => g.id, show }));
  },

  /** The items lie one level deeper than in other lists. */
  getItemsByGroupId: (call) => {
    const board = boardOf(call, 'viewer');
    const group = groupOf(board, call.query['group_item_id'] ?? '');
    const members = [...board.items.values()].filter((item) => group.itemIds.includes(item.id));
    const page = itemPage(call, board, members);
    return json(200, { ...page, data: { id: group.id, type: 'group', data: page['data'] } });
  },

  getGroupById: (call) => {
    const board = boardOf(call, 'viewer');
    return json(200, groupFields(call.sim, board, groupOf(board, param(call, 'group_id'))));
  },

  /** Replaces the members; the group gets a new id, as live. */
  updateGroup: (call) => {
    const board = boardOf(call, 'editor');
    const before = groupOf(board, param(call, 'group_id'));
    const after = makeGroup(call, board, before.id);
    return json(200, groupFields(call.sim, board, after));
  },

  unGroup: (call) => {
    const board = boardOf(call, 'editor');
    board.groups.delete(groupOf(board, param(call, 'group_id')).id);
    touch(call.sim, call.actor.user.id, board);
    return noContent;
  },

  deleteGroup: (call) => {
    const board = boardOf(call, 'editor');
    const group = groupOf(board, param(call, 'group_id'));
    for (const id of [...group.itemIds]) {
      const item = board.items.get(id);
      if (item) removeItem(call.sim, board, item, call.actor.user.id);
    }
    board.groups.delete(group.id);
    return noContent;
  },
};

/** An item belongs to one group; joining another one leaves the former. */
function makeGroup(call: Call, board: Board, replaces?: string): ItemGroup {
  const itemIds = [...new Set((call.body as { data: { items: string[] } }).data.items)];
  // a group's id among the items isn't found either: groups don't nest
  if (itemIds.some((id) => !board.items.has(id))) throw itemNotFound(board.id);
  if (itemIds.length < 2) throw new ApiError(400, '2.0703', 'Group should have at least two items');
  if (replaces) board.groups.delete(replaces);
  for (const other of board.groups.values()) {
    other.itemIds = other.itemIds.filter((id) => !itemIds.includes(id));
    if (other.itemIds.length < 2) board.groups.delete(other.id);
  }
  const group = { id: call.sim.ids.next(), itemIds };
  board.groups.set(group.id, group);
  touch(call.sim, call.actor.user.id, board);
  return group;
}

function groupOf(board: Board, id: string): ItemGroup {
  const group = board.groups.get(id);
  if (!group) throw itemNotFound(board.id);
  return group;
}

export function groupFields(sim: Simulation, board: Board, { id, itemIds }: ItemGroup): Record<string, unknown> {
  const self = `${sim.baseUrl}${boardPath(board.id)}/groups/${id}`;
  return { id, type: 'group', data: { items: itemIds }, links: { self } };
}
