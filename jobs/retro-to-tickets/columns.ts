/** In which column an item stands: people make them of frames, of headings, or only of space between. */
import type { Box } from './geometry.js';
import { grouped } from './grouped.js';

export interface Column {
  /** The same for all of one column. */
  key: string;
  title: string;
  /** Where it begins; columns of one surface are read by it. */
  left: number;
}

export interface Standing {
  id: string;
  box: Box;
  /** Ids of the surfaces that hold it, innermost first. */
  surfaces: string[];
}

export interface Surface {
  id: string;
  title: string;
  box: Box;
  /** Ids of the surfaces around it, innermost first. */
  surfaces: string[];
}

export interface Heading extends Standing {
  title: string;
}

/** Ids of items to their columns; absent for what stands in none. */
export function columnsOf(
  items: Standing[],
  headings: Heading[],
  surfaces: Surface[],
  side: number,
): Map<string, Column> {
  const columns = new Map<string, Column>();
  const aside = sideBySide(surfaces.filter(({ id }) => items.some((item) => item.surfaces.includes(id))));
  const known = new Map(surfaces.map((surface) => [surface.id, surface]));
  for (const [place, inside] of grouped(items, placeOf)) {
    const chain = [place, ...(inside[0]?.surfaces.slice(1) ?? []), ...(place === CANVAS ? [] : [CANVAS])];
    const columnFor = chain
      .map((id) => headed(id, headings, inside, side) ?? named(known.get(id), aside, headings))
      .find(Boolean);
    const found = columnFor ?? spaced(place, inside, headings, side);
    for (const item of inside) {
      const column = found(item);
      if (column) columns.set(item.id, column);
    }
  }
  return columns;
}

const CANVAS = '';
const placeOf = ({ surfaces }: Standing): string => surfaces[0] ?? CANVAS;

type ColumnFor = (item: Standing) => Column | undefined;

// ---------------------------------------------------------------- frames

/** Surfaces with another one of the same holder beside them. */
function sideBySide(surfaces: Surface[]): Set<string> {
  const beside = (a: Surface, b: Surface): boolean =>
    a !== b &&
    placeOf(a) === placeOf(b) &&
    2 * overlapDown(a.box, b.box) >= Math.min(height(a.box), height(b.box)) &&
    2 * overlapAcross(a.box, b.box) <= Math.min(width(a.box), width(b.box));
  return new Set(surfaces.filter((a) => surfaces.some((b) => beside(a, b))).map(({ id }) => id));
}

const width = ({ left, right }: Box): number => right - left;
const height = ({ top, bottom }: Box): number => bottom - top;
const overlapAcross = (a: Box, b: Box): number => Math.max(0, Math.min(a.right, b.right) - Math.max(a.left, b.left));
const overlapDown = (a: Box, b: Box): number => Math.max(0, Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top));

/** What Miro calls a frame that nobody named. */
const UNNAMED = /^(?:frame \d*|)$/iu;

function named(surface: Surface | undefined, aside: Set<string>, headings: Heading[]): ColumnFor | undefined {
  if (!surface || !aside.has(surface.id)) return undefined;
  const heading = headings.find((one) => placeOf(one) === surface.id);
  const title = UNNAMED.test(surface.title) ? heading?.title : surface.title;
  return title === undefined ? undefined : () => ({ key: surface.id, title, left: surface.box.left });
}

// ---------------------------------------------------------------- headings

/** By headings in a row; without any row, by headings one above the other, each with what is below it. */
function headed(place: string, headings: Heading[], items: Standing[], side: number): ColumnFor | undefined {
  const all = rowsOf(
    headings.filter((heading) => placeOf(heading) === place),
    side,
  );
  const rows = all.filter((row) => row.length > 1);
  if (rows.length === 0 && all.length < 2) return undefined;
  const used = rows.length > 0 ? rows : all;
  const cuts = used.map((row, i) =>
    cutsOf(
      row,
      items.filter((item) => rowAbove(used, item) === i),
    ),
  );
  return (item) => {
    const row = rowAbove(used, item);
    const at = (cuts[row] ?? []).filter((cut) => centre(item.box).x >= cut).length;
    const heading = used[row]?.[at];
    return heading && { key: heading.id, title: heading.title, left: heading.box.left };
  };
}

const centre = ({ left, top, right, bottom }: Box): { x: number; y: number } => ({
  x: (left + right) / 2,
  y: (top + bottom) / 2,
});

/** From top to bottom, each from left to right. */
function rowsOf(headings: Heading[], side: number): Heading[][] {
  const rows: Heading[][] = [];
  for (const heading of [...headings].sort((a, b) => centre(a.box).y - centre(b.box).y)) {
    const row = rows.at(-1);
    const first = row?.[0];
    if (row && first && centre(heading.box).y - centre(first.box).y <= side / 2) row.push(heading);
    else rows.push([heading]);
  }
  return rows.map((row) => row.sort((a, b) => centre(a.box).x - centre(b.box).x));
}

/** The nearest row above, or the first. */
function rowAbove(rows: Heading[][], { box }: Standing): number {
  const below = rows.findIndex(([first]) => first !== undefined && centre(first.box).y > centre(box).y);
  return below === -1 ? rows.length - 1 : Math.max(0, below - 1);
}

/** Where one column ends and the next begins: between two headings the widest gap that the fewest items cross. */
function cutsOf(row: Heading[], items: Standing[]): number[] {
  return row.slice(1).map((heading, i) => {
    const [from, to] = [centre((row[i] as Heading).box).x, centre(heading.box).x];
    return bestCut(
      from,
      to,
      items.map(({ box }) => box),
    );
  });
}

/** Gaps that differ by less are equally wide. */
const AS_WIDE = 0.9;

function bestCut(from: number, to: number, boxes: Box[]): number {
  const gaps = gapsBetween(from, to, boxes);
  const fewest = Math.min(...gaps.map(({ crossing }) => crossing));
  const clear = gaps.filter(({ crossing }) => crossing === fewest);
  const widest = Math.max(...clear.map((gap) => gap.end - gap.start));
  const half = (from + to) / 2;
  const off = ({ start, end }: Gap): number => Math.max(0, start - half, half - end);
  const [best] = clear.filter(({ start, end }) => end - start >= AS_WIDE * widest).sort((a, b) => off(a) - off(b));
  return best ? (best.start + best.end) / 2 : half;
}

interface Gap {
  start: number;
  end: number;
  /** Items that stand across it. */
  crossing: number;
}

function gapsBetween(from: number, to: number, boxes: Box[]): Gap[] {
  const edges = boxes.flatMap(({ left, right }) => [
    { at: left, step: 1 },
    { at: right, step: -1 },
  ]);
  edges.sort((a, b) => a.at - b.at || a.step - b.step);
  const gaps: Gap[] = [];
  let [start, crossing] = [from, 0];
  for (const { at, step } of [...edges, { at: Infinity, step: 0 }]) {
    const end = Math.min(at, to);
    if (end > start) gaps.push({ start, end, crossing });
    start = Math.max(start, Math.min(at, to));
    crossing += step;
  }
  return gaps;
}

// ---------------------------------------------------------------- space

/** Wider than this part of a note's side, a gap parts two columns. */
const WIDE_GAP = 0.5;

/** Columns with space between them; a single one has a title only if a heading gives it. */
function spaced(place: string, items: Standing[], headings: Heading[], side: number): ColumnFor {
  const starts: number[] = [];
  let right = -Infinity;
  for (const { box } of [...items].sort((a, b) => a.box.left - b.box.left)) {
    if (box.left - right > WIDE_GAP * side) starts.push(box.left);
    right = Math.max(right, box.right);
  }
  const [heading, ...more] = headings.filter((one) => placeOf(one) === place);
  if (starts.length === 1) {
    if (!heading || more.length > 0) return () => undefined;
    return () => ({ key: heading.id, title: heading.title, left: heading.box.left });
  }
  return ({ box }) => {
    const at = starts.filter((start) => start <= box.left).length;
    return { key: `${place} ${at}`, title: `Column ${at}`, left: starts[at - 1] ?? 0 };
  };
}
