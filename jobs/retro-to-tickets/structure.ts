/** How the items of a board stand: on which frames, under which headings, in which columns. */
import { usualSide } from './clusters.js';
import type { Column } from './columns.js';
import { columnsOf } from './columns.js';
import { areaOf, boxOf, liesOn, median } from './geometry.js';
import type { Box } from './geometry.js';
import { headingsAmong } from './headings.js';
import type { Sign } from './headings.js';
import type { BoardItem } from './model.js';
import { surfacesOf } from './surfaces.js';
import { readPrefix } from './prefix.js';

export interface Structure {
  /** Of a usual note; what distances are measured by. */
  side: number;
  /** Ids of items that only name others. */
  headings: ReadonlySet<string>;
  boxOf: (item: BoardItem) => Box;
  columnOf: (item: BoardItem) => Column | undefined;
  /** The innermost. */
  frameOf: (item: BoardItem) => BoardItem | undefined;
  /** Frame or area under an item, and its column: what stands in one place. */
  placeOf: (item: BoardItem) => string;
}

/** @param items that say something. */
export function structureOf(frames: BoardItem[], items: BoardItem[]): Structure {
  const boxes = new Map([...frames, ...items].map((item) => [item.id, boxOf(item)]));
  const boxFor = (item: BoardItem): Box => boxes.get(item.id) ?? boxOf(item);
  const own = items.filter(isNote);
  const notes = own.length > 0 ? own : plainOnes(items);
  const side = usualSide(notes.map(boxFor));
  const areas = areasAmong(items, notes);
  const surfaces = surfacesOf([...frames, ...areas]);
  const idsAround = (item: BoardItem): string[] => surfaces.holding(item).map(({ id }) => id);

  const standing = (item: BoardItem) => ({ ...item, box: boxFor(item), surfaces: idsAround(item) });
  const signOf = (item: BoardItem): Sign => ({ ...standing(item), surfaces: [...idsAround(item), ''] });
  const isArea = new Set(areas.map(({ id }) => id));
  const noteIds = new Set(notes.map(({ id }) => id));
  const candidates = items.filter(
    (item) => !noteIds.has(item.id) && !isArea.has(item.id) && !readPrefix(item.text).prefix,
  );
  const above = headingsAmong(candidates.map(signOf), notes.map(signOf), side);
  const headings = new Set([...isArea, ...above]);

  const titled = (item: BoardItem) => ({ ...standing(item), title: lineOf(item.title ?? item.text) });
  const columns = columnsOf(
    items.filter(({ id }) => !headings.has(id)).map(standing),
    {
      headings: items.filter(({ id }) => above.has(id)).map(titled),
      surfaces: [...frames, ...areas].map(titled),
    },
    side,
  );
  const placeOf = (item: BoardItem): string => `${idsAround(item)[0] ?? ''} ${columns.get(item.id)?.key ?? ''}`;
  const frameOf = (item: BoardItem): BoardItem | undefined =>
    surfaces.holding(item).find(({ type }) => type === 'frame');
  return { side, headings, boxOf: boxFor, columnOf: ({ id }) => columns.get(id), frameOf, placeOf };
}

const isNote = ({ type }: BoardItem): boolean => type !== 'text' && type !== 'shape';

/** Where all is written in texts or shapes, headings have larger letters. */
function plainOnes(items: BoardItem[]): BoardItem[] {
  const usual = median(items.map(({ fontSize = 0 }) => fontSize));
  return items.filter(({ fontSize = 0 }) => fontSize < 1.5 * usual);
}

/** As large as so many notes, and with two of them on it, a shape is used as a frame. */
const AREA = 4;

function areasAmong(items: BoardItem[], notes: BoardItem[]): BoardItem[] {
  const least = AREA * median(notes.map(areaOf));
  const holdsTwo = (shape: BoardItem): boolean => {
    let held = 0;
    return notes.some((note) => note.id !== shape.id && liesOn(note.absolute, shape) && ++held === 2);
  };
  return items.filter((item) => item.type === 'shape' && areaOf(item) >= least && holdsTwo(item));
}

const lineOf = (text: string): string => text.replace(/\s+/gu, ' ').trim();
