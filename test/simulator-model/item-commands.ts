import { NAMES, onBoard, pick, type Command, type Planned } from './command.js';
import { FRAME, fits, free, group, removeItem, removeTag, WIDTH, type ModelBoard } from './model.js';

/** Where a type of item is made, and what of it holds its text. */
const TYPES: Record<string, { at: string; text: string; geometry: object }> = {
  sticky_note: { at: '/sticky_notes', text: 'content', geometry: { width: WIDTH } },
  card: { at: '/cards', text: 'title', geometry: { width: WIDTH, height: 40 } },
  shape: { at: '/shapes', text: 'content', geometry: { width: WIDTH, height: 40 } },
  frame: { at: '/frames', text: 'title', geometry: FRAME },
};
const TAGGABLE = ['card', 'sticky_note'];

/** Inside a frame, at its edge, or beyond. */
const place = (x = 0, y = 0): { x: number; y: number } => ({ x: (x % 64) * 7 - 20, y: (y % 64) * 7 - 20 });

const framesOf = (board: ModelBoard): string[] =>
  [...board.items].filter(([, { type }]) => type === 'frame').map(([id]) => id);

export const ITEM_COMMANDS: Record<string, Command> = {
  addItem: ({ board, chance: [a, b, x, y] }) => {
    const [type, { at, text, geometry }] = pick(Object.entries(TYPES), a)!;
    const frame = type === 'frame' || (x ?? 0) % 3 === 0 ? undefined : pick(framesOf(board), b);
    const content = pick(NAMES, b)!;
    const position = place(x, y);
    const body = { data: { [text]: content }, position, geometry, ...(frame && { parent: { id: frame } }) };
    const status = frame === undefined || fits(type, position) ? 201 : 400;
    const done: Planned['done'] = ({ id }) => board.items.set(id!, { type, content, ...position, frame, tags: [] });
    return onBoard(board, 'editor', { method: 'POST', at, body, status, done });
  },

  moveItem: ({ board, chance: [a, x, y] }) => {
    const [id, item] = pick(board.items, a) ?? [];
    if (!item) return undefined;
    const position = place(x, y);
    const status = item.frame === undefined || fits(item.type, position) ? 200 : 400;
    const done = (): unknown => Object.assign(item, position);
    return onBoard(board, 'editor', { method: 'PATCH', at: `/items/${id}`, body: { position }, status, done });
  },

  enterFrame: ({ board, chance: [a, b, x, y] }) => {
    const [id, item] = pick(board.items, a) ?? [];
    const frame = pick(framesOf(board), b);
    if (!item || frame === undefined) return undefined;
    const position = place(x, y);
    const status = item.type !== 'frame' && fits(item.type, position) ? 200 : 400;
    const done = (): unknown => Object.assign(item, position, { frame });
    const body = { position, parent: { id: frame } };
    return onBoard(board, 'editor', { method: 'PATCH', at: `/items/${id}`, body, status, done });
  },

  leaveFrame: ({ board, chance: [a] }) => {
    const [id, item] = pick(board.items, a) ?? [];
    if (!item) return undefined;
    const done = (): void => free(board, item);
    const body = { parent: { id: null } };
    return onBoard(board, 'editor', { method: 'PATCH', at: `/items/${id}`, body, status: 200, done });
  },

  deleteItem: ({ board, chance: [a] }) => {
    const id = pick(board.items.keys(), a);
    if (id === undefined) return undefined;
    const done = (): void => removeItem(board, id);
    return onBoard(board, 'editor', { method: 'DELETE', at: `/items/${id}`, status: 204, done });
  },
};

const taken = (board: ModelBoard, title: string): boolean => [...board.tags.values()].includes(title);

export const TAG_COMMANDS: Record<string, Command> = {
  createTag: ({ board, chance: [a] }) => {
    const title = pick(NAMES, a)!;
    const status = taken(board, title) ? 400 : 201;
    const done: Planned['done'] = ({ id }) => board.tags.set(id!, title);
    return onBoard(board, 'editor', { method: 'POST', at: '/tags', body: { title }, status, done });
  },

  renameTag: ({ board, chance: [a, b] }) => {
    const [id, before] = pick(board.tags, a) ?? [];
    if (id === undefined) return undefined;
    const title = pick(NAMES, b)!;
    const status = title !== before && taken(board, title) ? 400 : 200;
    const done = (): unknown => board.tags.set(id, title);
    return onBoard(board, 'editor', { method: 'PATCH', at: `/tags/${id}`, body: { title }, status, done });
  },

  deleteTag: ({ board, chance: [a] }) => {
    const id = pick(board.tags.keys(), a);
    if (id === undefined) return undefined;
    const done = (): void => removeTag(board, id);
    return onBoard(board, 'editor', { method: 'DELETE', at: `/tags/${id}`, status: 204, done });
  },

  attachTag: ({ board, chance: [a, b] }) => {
    const [id, item] = pick(board.items, a) ?? [];
    const tag = pick(board.tags.keys(), b);
    if (!item || tag === undefined) return undefined;
    const status = TAGGABLE.includes(item.type) ? 204 : 400;
    const done = (): unknown => (item.tags = [...new Set([...item.tags, tag])]);
    return onBoard(board, 'editor', { method: 'POST', at: `/items/${id}?tag_id=${tag}`, status, done });
  },

  detachTag: ({ board, chance: [a, b] }) => {
    const [id, item] = pick(board.items, a) ?? [];
    const tag = pick(board.tags.keys(), b);
    if (!item || tag === undefined) return undefined;
    const done = (): unknown => (item.tags = item.tags.filter((other) => other !== tag));
    return onBoard(board, 'editor', { method: 'DELETE', at: `/items/${id}?tag_id=${tag}`, status: 204, done });
  },
};

/** Up to three items; frames can be grouped too. */
function some(board: ModelBoard, chance: readonly number[]): string[] {
  const picked = chance.slice(0, 3).map((n) => pick(board.items.keys(), n));
  return [...new Set(picked)].filter((id) => id !== undefined);
}

export const GROUP_COMMANDS: Record<string, Command> = {
  group: ({ board, chance }) => {
    const items = some(board, chance);
    const done: Planned['done'] = ({ id }) => group(board, id!, items);
    const [status, body] = [items.length < 2 ? 400 : 201, { data: { items } }];
    return onBoard(board, 'editor', { method: 'POST', at: '/groups', body, status, done });
  },

  regroup: ({ board, chance }) => {
    const old = pick(board.groups.keys(), chance[3]);
    if (old === undefined) return undefined;
    const items = some(board, chance);
    const done: Planned['done'] = ({ id }) => group(board, id!, items, old);
    const [status, body] = [items.length < 2 ? 400 : 200, { data: { items } }];
    return onBoard(board, 'editor', { method: 'PUT', at: `/groups/${old}`, body, status, done });
  },

  ungroup: ({ board, chance: [a] }) => {
    const id = pick(board.groups.keys(), a);
    if (id === undefined) return undefined;
    const done = (): unknown => board.groups.delete(id);
    return onBoard(board, 'editor', { method: 'DELETE', at: `/groups/${id}`, status: 204, done });
  },

  deleteGroup: ({ board, chance: [a] }) => {
    const [id, items] = pick(board.groups, a) ?? [];
    if (id === undefined) return undefined;
    const done = (): void => items!.forEach((item) => removeItem(board, item));
    return onBoard(board, 'editor', { method: 'DELETE', at: `/groups/${id}?delete_items=true`, status: 204, done });
  },
};
