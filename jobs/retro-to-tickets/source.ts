/** Which part of the board is meant. What cannot be found, or means two things, is refused with what there is. */
import type { RecordType, RetroSource } from '../../contract-retro.js';
import { liesOn } from './geometry.js';
import { fitsGlob } from './glob.js';
import { frameIdIn } from './input.js';
import { itemUrl } from './item-url.js';
import type { BoardItem, BoardModel } from './model.js';
import { RetroRefused } from './refusal.js';
import type { Surfaces } from './surfaces.js';

const RECORD_TYPES: ReadonlySet<string> = new Set<RecordType>(['sticky_note', 'card', 'text', 'shape', 'app_card']);

/** Whether an item of that type can become a record. */
export const isReadable = ({ type }: BoardItem): boolean => RECORD_TYPES.has(type);

export interface Chosen {
  items: BoardItem[];
  /** Items that could be records, elsewhere on the board. */
  others: BoardItem[];
}

/** @throws RetroRefused */
export function chosenItems(board: BoardModel, source: RetroSource, frames: Surfaces): Chosen {
  const readable = board.items.filter(isReadable);
  const narrowings = [
    source.frames && inFrames(board, source.frames, frames),
    source.tags && withTags(board, source.tags),
    source.colors && ofColors(readable, source.colors),
  ].filter((narrowing) => narrowing !== undefined);
  const isChosen = (item: BoardItem): boolean => narrowings.every((fits) => fits(item));
  const items = readable.filter(isChosen);
  if (items.length === 0 && narrowings.length > 0)
    throw new RetroRefused(
      `Nothing on the board "${board.name}" fits all of the source: ${JSON.stringify(source)}. Leave out a part of it.`,
    );
  return { items, others: readable.filter((item) => !isChosen(item)) };
}

type Fits = (item: BoardItem) => boolean;

function inFrames(board: BoardModel, wishes: string[], surfaces: Surfaces): Fits {
  const all = wishes.map((wish) => {
    const frames = framesFor(wish, board);
    const ids = new Set(frames.map(({ id }) => id));
    const fits: Fits = (item) =>
      surfaces.holding(item).some(({ id }) => ids.has(id)) ||
      // Of frames that overlap the smaller one holds it; it lies on the others too.
      (item.parentId === undefined && frames.some((frame) => liesOn(item.absolute, frame)));
    if (!board.items.some((item) => isReadable(item) && fits(item)))
      throw new RetroRefused(
        `${frames.map((frame) => named(board, frame)).join(' and ')} on the board "${board.name}" holds no sticky notes, cards, texts or shapes. Name a frame that does.`,
      );
    return fits;
  });
  return (item) => all.some((fits) => fits(item));
}

function framesFor(wish: string, board: BoardModel): BoardItem[] {
  const id = frameIdIn(wish) ?? wish.trim();
  const item = board.items.find((one) => one.id === id);
  if (item?.type === 'frame') return [item];
  if (item || id !== wish.trim())
    throw new RetroRefused(
      `The item ${id} on the board "${board.name}" ${item ? `is no frame but a ${item.type}` : 'does not exist'}. ${frameChoice(board)}`,
    );
  const frames = board.items.filter(({ type, title = '' }) => type === 'frame' && fitsGlob(wish, title));
  if (frames.length === 0)
    throw new RetroRefused(`The board "${board.name}" has no frame "${wish}". ${frameChoice(board)}`);
  if (frames.length > 1 && !wish.includes('*'))
    throw new RetroRefused(
      `The board "${board.name}" has ${frames.length} frames "${wish}": ${frames.map((frame) => itemUrl(board, frame.id)).join(' and ')}. Name one of them by its link.`,
    );
  return frames;
}

function withTags(board: BoardModel, wishes: string[]): Fits {
  const wanted = wishes.map((wish) => {
    const ids = board.tags.filter(({ title }) => fitsGlob(wish, title)).map(({ id }) => id);
    const there = list(board.tags.map(({ title }) => `"${title}"`));
    if (ids.length === 0)
      throw new RetroRefused(
        `The board "${board.name}" has no tag "${wish}". ${there ? `Its tags: ${there}` : 'It has no tags'}.`,
      );
    const fits: Fits = (item) => item.tagIds.some((id) => ids.includes(id));
    if (!board.items.some(fits))
      throw new RetroRefused(
        `Nothing on the board "${board.name}" carries the tag "${wish}". Put it on what should become tickets.`,
      );
    return fits;
  });
  return (item) => wanted.some((fits) => fits(item));
}

function ofColors(items: BoardItem[], wishes: string[]): Fits {
  const there = new Set(items.flatMap(({ color }) => color ?? []));
  for (const wish of wishes)
    if (![...there].some((color) => fitsGlob(wish, color)))
      throw new RetroRefused(
        `Nothing on the board is ${wish}. ${there.size > 0 ? `The colors there: ${list([...there].sort())}` : 'Nothing there has a color'}.`,
      );
  return ({ color }) => color !== undefined && wishes.some((wish) => fitsGlob(wish, color));
}

function frameChoice(board: BoardModel): string {
  const frames = board.items.filter(({ type }) => type === 'frame');
  if (frames.length === 0) return 'It has no frames: leave the frame out to take the whole board.';
  return `Its frames: ${list(frames.map((frame) => named(board, frame)))}.`;
}

const named = (board: BoardModel, { id, title = '' }: BoardItem): string => `"${title}" (${itemUrl(board, id)})`;

// A sentence must stay one, also on a board with hundreds of frames.
const MOST_NAMED = 20;

function list(names: string[]): string {
  const more = names.length - MOST_NAMED;
  return names.slice(0, MOST_NAMED).join(', ') + (more > 0 ? ` and ${more} more` : '');
}
