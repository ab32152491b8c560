/** In which column an item stands: people make them of frames, of headings, or only of space between. */
import type { Box } from './geometry.js';
import { grouped } from './grouped.js';
import { headedBy } from './heading-rows.js';
import type { Heading } from './heading-rows.js';

export interface Column {
  /** The same for all of one column. */
  key: string;
  title: string;
  /** Of the frame or heading that makes it; absent where only space does. */
  box?: Box;
}

/** Something on the board, with the ids of the surfaces that hold it, innermost first. */
export interface Standing {
  id: string;
  box: Box;
  surfaces: string[];
}

/** A frame, or an area that people use as one. */
export interface Surface extends Standing {
  title: string;
}

type ColumnFor = (item: Standing) => Column | undefined;

const CANVAS = '';
const placeOf = ({ surfaces }: Standing): string => surfaces[0] ?? CANVAS;

/**
 * Ids of items to their columns; absent for what stands in none. What is nearest to an item decides: headings on the
 * surface that holds it, then that surface, if another one stands beside it, then the same of the surface around it;
 * else the space between the items.
 * @param side of a usual note.
 */
export function columnsOf(
  items: Standing[],
  { headings, surfaces }: { headings: Heading[]; surfaces: Surface[] },
  side: number,
): Map<string, Column> {
  const columns = new Map<string, Column>();
  const used = new Set(items.flatMap((item) => item.surfaces));
  const beside = new Map(sideBySide(surfaces.filter(({ id }) => used.has(id))).map((surface) => [surface.id, surface]));
  const headingsOn = grouped(headings, placeOf);
  for (const [place, inside] of grouped(items, placeOf)) {
    const around = [...(inside[0]?.surfaces ?? []), CANVAS];
    const found = around.flatMap((id): ColumnFor[] => {
      const own = headingsOn.get(id) ?? [];
      const by = headedBy(own, inside, side) ?? named(beside.get(id), own);
      return by ? [by] : [];
    });
    const columnFor = found[0] ?? spaced(place, inside, headingsOn.get(place) ?? [], side);
    for (const item of inside) {
      const column = columnFor(item);
      if (column) columns.set(item.id, column);
    }
  }
  return columns;
}

// ---------------------------------------------------------------- frames

/** Those that have another one of the same holder beside them. */
function sideBySide(surfaces: Surface[]): Surface[] {
  const beside = (a: Surface, b: Surface): boolean =>
    a !== b &&
    placeOf(a) === placeOf(b) &&
    2 * overlap(a.box, b.box, 'top', 'bottom') >= least(a.box, b.box, 'top', 'bottom') &&
    2 * overlap(a.box, b.box, 'left', 'right') <= least(a.box, b.box, 'left', 'right');
  return surfaces.filter((a) => surfaces.some((b) => beside(a, b)));
}

type Edge = keyof Box;

const overlap = (a: Box, b: Box, start: Edge, end: Edge): number =>
  Math.max(0, Math.min(a[end], b[end]) - Math.max(a[start], b[start]));
const least = (a: Box, b: Box, start: Edge, end: Edge): number => Math.min(a[end] - a[start], b[end] - b[start]);

/** What Miro calls a frame that nobody named. */
const UNNAMED = /^(?:frame \d*)?$/iu;

function named(surface: Surface | undefined, [heading]: Heading[]): ColumnFor | undefined {
  if (!surface) return undefined;
  const title = UNNAMED.test(surface.title) ? heading?.title : surface.title;
  return title === undefined ? undefined : () => ({ key: surface.id, title, box: surface.box });
}

// ---------------------------------------------------------------- space

/** Wider than this part of a note's side, a gap parts two columns. */
const WIDE_GAP = 0.5;

/** Columns with space between them; a single one has a title only if a heading gives it. */
function spaced(place: string, items: Standing[], [heading]: Heading[], side: number): ColumnFor {
  const starts: number[] = [];
  let right = -Infinity;
  for (const { box } of [...items].sort((a, b) => a.box.left - b.box.left)) {
    if (box.left - right > WIDE_GAP * side) starts.push(box.left);
    right = Math.max(right, box.right);
  }
  if (starts.length > 1)
    return ({ box }) => {
      const number = starts.filter((start) => start <= box.left).length;
      return { key: `${place} ${number}`, title: `Column ${number}` };
    };
  return () => heading && { key: heading.id, title: heading.title, box: heading.box };
}
