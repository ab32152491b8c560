/** What boards do, in a hundred lines: the other opinion that the simulator's is compared with. */

export interface ModelItem {
  type: string;
  content: string;
  x: number;
  y: number;
  frame?: string;
  tags: string[];
}
export interface ModelBoard {
  id: string;
  name: string;
  /** Roles by e-mail. */
  members: Map<string, string>;
  items: Map<string, ModelItem>;
  /** Titles by id. */
  tags: Map<string, string>;
  groups: Map<string, string[]>;
}
export type Model = Map<string, ModelBoard>;

export const ME = 'admin@generated.example';
export const FRAME = { width: 400, height: 300 };
/** Stickies, cards and shapes of the tests are this wide; stickies follow their own proportions. */
export const WIDTH = 60;
const HEIGHTS: Record<string, number> = { sticky_note: (60 * 228) / 199, card: 40, shape: 40 };
const ROLES = ['viewer', 'commenter', 'editor', 'coowner', 'owner'];

export const newBoard = (id: string, name: string): ModelBoard => ({
  id,
  name,
  members: new Map([[ME, 'owner']]),
  items: new Map(),
  tags: new Map(),
  groups: new Map(),
});

/** Whether the test's user may do what needs the role: a board is closed to whoever is no member. */
export const allowed = (board: ModelBoard, role: string): boolean =>
  ROLES.indexOf(board.members.get(ME) ?? '') >= ROLES.indexOf(role);

/** A child lies wholly inside its frame; it counts from the frame's top-left corner. */
export function fits(type: string, { x, y }: { x: number; y: number }): boolean {
  const [w, h] = [WIDTH / 2, HEIGHTS[type]! / 2];
  return x >= w && x <= FRAME.width - w && y >= h && y <= FRAME.height - h;
}

const corner = (frame: ModelItem) => ({ x: frame.x - FRAME.width / 2, y: frame.y - FRAME.height / 2 });

/** Takes an item out of its frame; it stays where it is. */
export function free(board: ModelBoard, item: ModelItem): void {
  if (item.frame === undefined) return;
  const { x, y } = corner(board.items.get(item.frame)!);
  Object.assign(item, { x: item.x + x, y: item.y + y, frame: undefined });
}

export function removeItem(board: ModelBoard, id: string): void {
  for (const item of board.items.values()) if (item.frame === id) free(board, item);
  board.items.delete(id);
  leaveGroups(board, [id]);
}

/** A group of fewer than two items is none. */
function leaveGroups(board: ModelBoard, ids: string[]): void {
  for (const [id, members] of board.groups) {
    const left = members.filter((member) => !ids.includes(member));
    if (left.length < 2) board.groups.delete(id);
    else board.groups.set(id, left);
  }
}

export function group(board: ModelBoard, id: string, members: string[], replaces?: string): void {
  if (replaces !== undefined) board.groups.delete(replaces);
  leaveGroups(board, members);
  board.groups.set(id, members);
}

export function removeTag(board: ModelBoard, id: string): void {
  board.tags.delete(id);
  for (const item of board.items.values()) item.tags = item.tags.filter((tag) => tag !== id);
}

/** The owner is one: whoever takes over makes the former one a co-owner. */
export function changeRole(board: ModelBoard, email: string, role: string): void {
  if (role === 'owner')
    for (const [other, theirs] of board.members) if (theirs === 'owner') board.members.set(other, 'coowner');
  board.members.set(email, role);
}

/** The copy's ids by the source's; `copyIds` are in the order in which the source's parts were made. */
export function copy(source: ModelBoard, id: string, name: string, ids: Map<string, string>): ModelBoard {
  const to = (old: string): string => ids.get(old)!;
  const made = newBoard(id, name);
  for (const [old, item] of source.items)
    made.items.set(to(old), { ...item, tags: item.tags.map(to), ...(item.frame && { frame: to(item.frame) }) });
  for (const [old, title] of source.tags) made.tags.set(to(old), title);
  for (const [old, members] of source.groups) made.groups.set(to(old), members.map(to));
  return made;
}
