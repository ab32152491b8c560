import { z } from 'zod';
import type { Call, PageCall } from './call.js';
import { buildCall } from './call.js';
import { buildList } from './pages.js';
import { nothing } from './readers.js';
import { tagSchema } from './schemas.js';
import type { Tag } from './schemas.js';

export interface TagBody {
  /** At most 120 characters, unique on the board, case matters. */
  title: string;
  /** Red by default. */
  fillColor?: string;
}

/** Tags belong to a board and hang on its cards and sticky notes, at most 8 on one. @see docs/miro-api.md#tags */
export const tags = {
  list: (boardId: string): PageCall<Tag> =>
    buildList('get-tags-from-board', { path: { board_id: boardId }, query: { limit: 50 } }, tagSchema),

  get: (boardId: string, tagId: string): Call<Tag> =>
    buildCall('get-tag', { path: { board_id: boardId, tag_id: tagId } }, tagSchema),

  create: (boardId: string, tag: TagBody): Call<Tag> =>
    buildCall('create-tag', { path: { board_id: boardId }, body: tag }, tagSchema),

  update: (boardId: string, tagId: string, change: Partial<TagBody>): Call<Tag> =>
    buildCall('update-tag', { path: { board_id: boardId, tag_id: tagId }, body: change }, tagSchema),

  /** Takes it from all items too. */
  delete: (boardId: string, tagId: string): Call<void> =>
    buildCall('delete-tag', { path: { board_id: boardId, tag_id: tagId } }, nothing),

  attach: (boardId: string, itemId: string, tagId: string): Call<void> =>
    buildCall('attach-tag-to-item', tagOnItem(boardId, itemId, tagId), nothing),

  detach: (boardId: string, itemId: string, tagId: string): Call<void> =>
    buildCall('remove-tag-from-item', tagOnItem(boardId, itemId, tagId), nothing),

  ofItem: (boardId: string, itemId: string): Call<Tag[]> =>
    buildCall('get-tags-from-item', { path: { board_id: boardId, item_id: itemId } }, tagsOfItemSchema),
};

const tagOnItem = (boardId: string, itemId: string, tagId: string) => ({
  path: { board_id: boardId, item_id: itemId },
  query: { tag_id: tagId },
});

const tagsOfItemSchema = z
  .preprocess((answer) => (Array.isArray(answer) ? { tags: answer } : answer), z.object({ tags: z.array(tagSchema) }))
  .transform((answer) => answer.tags);
