import type { Call, PageCall } from './call.js';
import { buildCall } from './call.js';
import type { OperationId } from './operations.js';
import { buildList } from './pages.js';
import { nothing, pageOf } from './readers.js';
import { itemSchema } from './schemas.js';
import type { Item } from './schemas.js';

export type NewItemType =
  'app_card' | 'card' | 'document' | 'embed' | 'frame' | 'image' | 'shape' | 'sticky_note' | 'text';

/** Fields that Miro does not know are refused. */
export interface ItemBody {
  data?: Record<string, unknown>;
  style?: Record<string, string>;
  /** The item's centre: from the board's centre, or from the top-left corner of the frame that is its parent. */
  position?: { x: number; y: number };
  /** Sticky notes take a width or a height, texts no height. */
  geometry?: { width?: number; height?: number; rotation?: number };
  /** The frame that holds the item. */
  parent?: { id: string };
}
export interface NewItem extends ItemBody {
  type: NewItemType;
}

export interface ItemFilter {
  type?: string;
  /** Children of this frame. */
  parentId?: string;
  /** Items with this tag; Miro takes no type or parent beside it. */
  tagId?: string;
  /** 10 to 50, default 50. */
  limit?: number;
}

/** Items of any type; connectors, tags and groups are none. @see docs/miro-api.md#items */
export const items = {
  /** In the order of ids; by cursor, with `tagId` by offset. */
  list: (boardId: string, { type, parentId, tagId, limit = 50 }: ItemFilter = {}): PageCall<Item> => {
    const path = { board_id: boardId };
    if (tagId !== undefined) {
      return buildList('get-items-by-tag', { path, query: { tag_id: tagId, limit } }, itemSchema);
    }
    if (parentId === undefined) return buildList('get-items', { path, query: { type, limit } }, itemSchema);
    const query = { parent_item_id: parentId, type, limit };
    return buildList('get-items-within-frame', { path, query }, itemSchema);
  },

  get: (boardId: string, itemId: string): Call<Item> =>
    buildCall('get-specific-item', { path: itemPath(boardId, itemId) }, itemSchema),

  /** All or nothing; 1 to 20 items, paid one by one, answered in their order. */
  createBulk: (boardId: string, newItems: NewItem[]): Call<Item[]> =>
    buildCall(
      'create-items',
      { path: { board_id: boardId }, body: newItems },
      pageOf(itemSchema)
        .transform((page) => page.items)
        .refine((made) => made.length === newItems.length),
    ),

  move: (boardId: string, itemId: string, to: Pick<ItemBody, 'position' | 'parent'>): Call<Item> =>
    buildCall('update-item-position-or-parent', { path: itemPath(boardId, itemId), body: to }, itemSchema),

  delete: (boardId: string, itemId: string): Call<void> =>
    buildCall('delete-item', { path: itemPath(boardId, itemId) }, nothing),
};

const itemPath = (boardId: string, itemId: string) => ({ board_id: boardId, item_id: itemId });

type ItemOperation<Verb extends string> = Extract<OperationId, `${Verb}-${string}-item${'' | '-using-url'}`>;

/** The calls of one item type: all four have the same form. */
function itemsOfType(operations: {
  create: Exclude<ItemOperation<'create'>, 'create-code-widget-item'>;
  get: ItemOperation<'get'>;
  update: ItemOperation<'update'>;
  delete: ItemOperation<'delete'>;
}) {
  return {
    create: (boardId: string, body: ItemBody): Call<Item> =>
      buildCall(operations.create, { path: { board_id: boardId }, body }, itemSchema),
    get: (boardId: string, itemId: string): Call<Item> =>
      buildCall(operations.get, { path: itemPath(boardId, itemId) }, itemSchema),
    update: (boardId: string, itemId: string, body: ItemBody): Call<Item> =>
      buildCall(operations.update, { path: itemPath(boardId, itemId), body }, itemSchema),
    delete: (boardId: string, itemId: string): Call<void> =>
      buildCall(operations.delete, { path: itemPath(boardId, itemId) }, nothing),
  };
}

export const stickyNotes = itemsOfType({
  create: 'create-sticky-note-item',
  get: 'get-sticky-note-item',
  update: 'update-sticky-note-item',
  delete: 'delete-sticky-note-item',
});
export const shapes = itemsOfType({
  create: 'create-shape-item',
  get: 'get-shape-item',
  update: 'update-shape-item',
  delete: 'delete-shape-item',
});
export const texts = itemsOfType({
  create: 'create-text-item',
  get: 'get-text-item',
  update: 'update-text-item',
  delete: 'delete-text-item',
});
/** Deleting a frame leaves its children on the board, without a parent. */
export const frames = itemsOfType({
  create: 'create-frame-item',
  get: 'get-frame-item',
  update: 'update-frame-item',
  delete: 'delete-frame-item',
});
export const cards = itemsOfType({
  create: 'create-card-item',
  get: 'get-card-item',
  update: 'update-card-item',
  delete: 'delete-card-item',
});
/** Only the app that made an app card can change it. */
export const appCards = itemsOfType({
  create: 'create-app-card-item',
  get: 'get-app-card-item',
  update: 'update-app-card-item',
  delete: 'delete-app-card-item',
});
/** By address; Miro keeps a copy and does not tell the address again. */
export const images = itemsOfType({
  create: 'create-image-item-using-url',
  get: 'get-image-item',
  update: 'update-image-item-using-url',
  delete: 'delete-image-item',
});
/** By address, as images. */
export const documents = itemsOfType({
  create: 'create-document-item-using-url',
  get: 'get-document-item',
  update: 'update-document-item-using-url',
  delete: 'delete-document-item',
});
export const embeds = itemsOfType({
  create: 'create-embed-item',
  get: 'get-embed-item',
  update: 'update-embed-item',
  delete: 'delete-embed-item',
});

/** Documents written in Miro, from Markdown; they can't be changed, only made anew. */
export const docs = {
  create: (boardId: string, markdown: string, place: Pick<ItemBody, 'position' | 'parent'> = {}): Call<Item> => {
    const body = { data: { contentType: 'markdown', content: markdown }, ...place };
    return buildCall('create-doc-format-item', { path: { board_id: boardId }, body }, itemSchema);
  },
  get: (boardId: string, itemId: string, as: 'html' | 'markdown' = 'markdown'): Call<Item> =>
    buildCall('get-doc-format-item', { path: itemPath(boardId, itemId), query: { textContentType: as } }, itemSchema),
  delete: (boardId: string, itemId: string): Call<void> =>
    buildCall('delete-doc-format-item', { path: itemPath(boardId, itemId) }, nothing),
};
