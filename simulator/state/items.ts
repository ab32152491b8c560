import { invalidField, itemNotFound } from '../http/api-error.js';
import type { Simulation } from '../simulation.js';
import { stamps, touch } from './boards.js';
import { absolutePosition, requireInside, toCanvas, toFrame, type Point } from './geometry.js';
import { itemType, type SentGeometry } from './item-types.js';
import type { Board, Item } from './board.js';

/** What a request may say about an item. */
export interface ItemInput {
  data?: Record<string, unknown>;
  style?: Record<string, unknown>;
  position?: { x?: number; y?: number };
  geometry?: SentGeometry;
  parent?: { id?: string | number | null } | null;
}

/** Who writes: the user, and the app that they use; people in the browser have none. */
export interface Author {
  userId: string;
  appId: string;
}

/**
 * Builds an item without putting it on the board, so that a bulk request can fail as a whole.
 * @throws ApiError 400 or 404 as Miro refuses it
 */
export function buildItem(sim: Simulation, board: Board, type: string, input: ItemInput, author: Author): Item {
  const kind = itemType(type);
  const data = cleanData(type, { ...kind.data, ...input.data });
  const style = kind.style && { ...kind.style, ...input.style };
  // a basic shape with a colour but no opacity is opaque; with neither it is invisible
  if (type === 'shape' && style && input.style?.['fillColor'] !== undefined && input.style['fillOpacity'] === undefined)
    style['fillOpacity'] = '1.0';
  const geometry = kind.geometry(input.geometry ?? {}, data, style ?? {});
  const frame = frameOf(board, input.parent);
  const at: Point = { x: input.position?.x ?? 0, y: input.position?.y ?? 0 };
  if (frame) requireInside(frame, geometry, at);
  const id = sim.ids.next();
  return {
    id,
    type,
    data: kind.stored?.(data, id) ?? data,
    ...(style && { style: asStrings(style) }),
    geometry,
    ...at,
    ...(frame && { parentId: frame.id }),
    ...stamps(sim.clock.now(), author.userId),
    tagIds: [],
    appId: author.appId,
  };
}

export function addItem(sim: Simulation, board: Board, item: Item): Item {
  board.items.set(item.id, item);
  touch(sim, item.createdBy, board);
  return item;
}

/** Changes an item in place. Moving a frame takes its children along, since they count from its corner. */
export function updateItem(sim: Simulation, board: Board, item: Item, input: ItemInput, author: Author): void {
  const kind = itemType(item.type);
  const sent = cleanData(item.type, { ...input.data });
  const data = { ...item.data, ...(kind.stored?.(sent, item.id) ?? sent) };
  const style = item.style && { ...item.style, ...asStrings(input.style ?? {}) };
  const geometry = kind.geometry(input.geometry ?? {}, data, style ?? {}, item.geometry);
  const placed = placeItem(board, item, input, geometry);
  Object.assign(item, { data, geometry, ...placed }, style && { style });
  touch(sim, author.userId, item, board);
}

function placeItem(board: Board, item: Item, input: ItemInput, geometry: Item['geometry']): Partial<Item> {
  const before = item.parentId ? board.items.get(item.parentId) : undefined;
  const frame = input.parent === undefined ? before : frameOf(board, input.parent);
  if (frame && item.type === 'frame') throw invalidField('parent.id', 'A frame cannot be put into a frame');
  const kept = frame === before ? { x: item.x, y: item.y } : converted(absolutePosition(board, item), frame);
  const at = { x: input.position?.x ?? kept.x, y: input.position?.y ?? kept.y };
  const moved = input.position ?? input.parent ?? input.geometry;
  if (frame && moved) requireInside(frame, geometry, at);
  return { ...at, parentId: frame?.id };
}

const converted = (at: Point, frame: Item | undefined): Point => (frame ? toFrame(frame, at) : at);

/** An empty or null id takes an item out of its frame. */
function frameOf(board: Board, parent: ItemInput['parent']): Item | undefined {
  const id = parent?.id;
  if (id === undefined || id === null || id === '') return undefined;
  const frame = board.items.get(String(id));
  if (!frame) throw itemNotFound(board.id);
  if (frame.type !== 'frame') throw invalidField('parent.id', 'The parent of an item must be a frame');
  return frame;
}

/** Removes an item. Children of a frame stay where they are, connectors keep their other end. */
export function removeItem(sim: Simulation, board: Board, item: Item, userId: string): void {
  board.items.delete(item.id);
  for (const other of board.items.values())
    if (other.parentId === item.id) Object.assign(other, toCanvas(item, other), { parentId: undefined });
  for (const connector of board.connectors.values()) {
    if (connector.startItem?.id === item.id) connector.startItem = undefined;
    if (connector.endItem?.id === item.id) connector.endItem = undefined;
  }
  for (const group of board.groups.values()) {
    group.itemIds = group.itemIds.filter((id) => id !== item.id);
    if (group.itemIds.length < 2) board.groups.delete(group.id);
  }
  touch(sim, userId, board);
}

function cleanData(type: string, data: Record<string, unknown>): Record<string, unknown> {
  for (const [field, clean] of Object.entries(itemType(type).html))
    if (typeof data[field] === 'string') data[field] = clean(data[field]);
  return data;
}

/** Style values are strings in answers, also where a number was sent. */
const asStrings = (style: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(style).map(([key, value]) => [key, String(value)]));
