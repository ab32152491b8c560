import { json, noContent } from '../http/answer.js';
import { ApiError, invalidField } from '../http/api-error.js';
import { param, type Call, type Handlers } from '../http/call.js';
import { touch } from '../state/boards.js';
import type { Simulation } from '../simulation.js';
import type { Board, Item, Tag } from '../state/board.js';
import { boardOf } from './board-access.js';
import { boardPath } from './board-view.js';
import { itemView } from './item-view.js';
import { itemOf } from './items.js';
import { offsetPage } from './pages.js';

const MOST_TAGS = 8;
const TAGGABLE = ['card', 'sticky_note'];

export const tags: Handlers = {
  'create-tag': (call) => {
    const board = boardOf(call, 'editor');
    const { title, fillColor = 'red' } = call.body as { title: string; fillColor?: string };
    requireNewTitle(board, title);
    const tag = { id: call.sim.ids.next(), title, fillColor };
    board.tags.set(tag.id, tag);
    touch(call.sim, call.actor.user.id, board);
    return json(201, tagWithLinks(call.sim, board, tag));
  },

  'get-tags-from-board': (call) => {
    const board = boardOf(call, 'viewer');
    return json(200, offsetPage(call, [...board.tags.values()], tagView));
  },

  'get-tag': (call) => {
    const board = boardOf(call, 'viewer');
    return json(200, tagWithLinks(call.sim, board, tagOf(board, param(call, 'tag_id'))));
  },

  'update-tag': (call) => {
    const board = boardOf(call, 'editor');
    const tag = tagOf(board, param(call, 'tag_id'));
    const { title = tag.title, fillColor = tag.fillColor } = call.body as Partial<Tag>;
    if (title !== tag.title) requireNewTitle(board, title);
    Object.assign(tag, { title, fillColor });
    touch(call.sim, call.actor.user.id, board);
    return json(200, tagWithLinks(call.sim, board, tag));
  },

  'delete-tag': (call) => {
    const board = boardOf(call, 'editor');
    const tag = tagOf(board, param(call, 'tag_id'));
    board.tags.delete(tag.id);
    for (const item of board.items.values()) item.tagIds = item.tagIds.filter((id) => id !== tag.id);
    touch(call.sim, call.actor.user.id, board);
    return noContent;
  },

  'get-items-by-tag': (call) => {
    const board = boardOf(call, 'viewer');
    const tag = tagOf(board, call.query['tag_id'] ?? '');
    const tagged = [...board.items.values()].filter((item) => item.tagIds.includes(tag.id));
    return json(
      200,
      offsetPage(call, tagged, (item) => itemView(call, board, item)),
    );
  },

  'get-tags-from-item': (call) => {
    const board = boardOf(call, 'viewer');
    return json(200, { tags: itemOf(call, board).tagIds.map((id) => tagView(tagOf(board, id))) });
  },

  'attach-tag-to-item': (call) => {
    const { board, item, tag } = taggedItem(call);
    if (!TAGGABLE.includes(item.type))
      throw invalidField('item_id', 'Tags can be attached to cards and sticky notes only');
    if (!item.tagIds.includes(tag.id)) {
      if (item.tagIds.length >= MOST_TAGS) throw invalidField('tag_id', `An item can have at most ${MOST_TAGS} tags`);
      item.tagIds.push(tag.id);
      touch(call.sim, call.actor.user.id, item, board);
    }
    return noContent;
  },

  'remove-tag-from-item': (call) => {
    const { board, item, tag } = taggedItem(call);
    item.tagIds = item.tagIds.filter((id) => id !== tag.id);
    touch(call.sim, call.actor.user.id, item, board);
    return noContent;
  },
};

function taggedItem(call: Call): { board: Board; item: Item; tag: Tag } {
  const board = boardOf(call, 'editor');
  return { board, item: itemOf(call, board), tag: tagOf(board, call.query['tag_id'] ?? '') };
}

function tagOf(board: Board, id: string): Tag {
  const tag = board.tags.get(id);
  if (!tag) throw new ApiError(404, '3.0201', 'Tag not found', { boardId: { value: board.id } });
  return tag;
}

/** Titles are unique on a board; upper and lower case differ. */
function requireNewTitle(board: Board, title: string): void {
  for (const tag of board.tags.values())
    if (tag.title === title) throw invalidField('title', 'A tag with this title already exists on the board');
}

export const tagView = (tag: Tag): Record<string, unknown> => ({ ...tag, type: 'tag' });

const tagWithLinks = (sim: Simulation, board: Board, tag: Tag): Record<string, unknown> => ({
  ...tagView(tag),
  links: { self: `${sim.baseUrl}${boardPath(board.id)}/tags/${tag.id}` },
});
