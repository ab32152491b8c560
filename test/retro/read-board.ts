import type { BoardPages } from '../../activities/board-model.js';
import type { PageCall } from '../../miro/index.js';
import {
  boardMembers,
  boards,
  connectors,
  createMiro,
  itemGroups,
  items,
  pages,
  restToken,
  tags,
} from '../../miro/index.js';

/** Everything on a board, read from a Miro that answers at that address. */
export async function readBoard(baseUrl: string, accessToken: string, boardId: string): Promise<BoardPages> {
  const miro = createMiro({ baseUrl });
  const how = { token: restToken(accessToken), deadlineMs: 10_000 };
  const all = async <Item>(list: PageCall<Item>): Promise<Item[]> => {
    const found: Item[] = [];
    for await (const page of pages((call: PageCall<Item>) => miro.send(call, how), list)) found.push(...page);
    return found;
  };
  try {
    const found = await all(tags.list(boardId));
    const tagged: Record<string, string[]> = {};
    for (const { id } of found) tagged[id] = (await all(items.list(boardId, { tagId: id }))).map((item) => item.id);
    return {
      board: await miro.send(boards.get(boardId), how),
      items: await all(items.list(boardId)),
      connectors: await all(connectors.list(boardId)),
      groups: await all(itemGroups.list(boardId)),
      tags: found,
      tagged,
      members: await all(boardMembers.list(boardId)),
    };
  } finally {
    await miro.close();
  }
}
