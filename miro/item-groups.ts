import type { Call, PageCall } from './call.js';
import { buildCall } from './call.js';
import { buildList } from './pages.js';
import { nothing } from './readers.js';
import { itemGroupSchema } from './schemas.js';
import type { ItemGroup } from './schemas.js';

const groupPath = (boardId: string, groupId: string) => ({ board_id: boardId, group_id: groupId });
/** The specification shows the body of a user group here; this is what Miro takes and answers. */
const groupBody = (itemIds: string[]) => ({ data: { items: itemIds } });

/** Groups of items on a board; groups of people are `userGroups`. @see docs/miro-api.md#groups-of-items */
export const itemGroups = {
  list: (boardId: string): PageCall<ItemGroup> =>
    buildList('get-all-groups', { path: { board_id: boardId }, query: { limit: 50 } }, itemGroupSchema),

  get: (boardId: string, groupId: string): Call<ItemGroup> =>
    buildCall('getGroupById', { path: groupPath(boardId, groupId) }, itemGroupSchema),

  /** Two items at least, no groups among them. */
  create: (boardId: string, itemIds: string[]): Call<ItemGroup> =>
    buildCall('createGroup', { path: { board_id: boardId }, body: groupBody(itemIds) }, itemGroupSchema),

  /** The group that comes back has a new id. */
  replace: (boardId: string, groupId: string, itemIds: string[]): Call<ItemGroup> =>
    buildCall('updateGroup', { path: groupPath(boardId, groupId), body: groupBody(itemIds) }, itemGroupSchema),

  /** Its items stay. */
  ungroup: (boardId: string, groupId: string): Call<void> =>
    buildCall('unGroup', { path: groupPath(boardId, groupId) }, nothing),

  /** Deletes its items too, locked ones included. */
  deleteWithItems: (boardId: string, groupId: string): Call<void> =>
    buildCall('deleteGroup', { path: groupPath(boardId, groupId), query: { delete_items: true } }, nothing),
};
