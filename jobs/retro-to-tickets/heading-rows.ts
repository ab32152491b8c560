/** Columns under headings. */
import type { Box } from './geometry.js';
import { grouped } from './grouped.js';

export interface Heading {
  id: string;
  box: Box;
  title: string;
  /** Ids of the surfaces that hold it, innermost first. */
  surfaces: string[];
}

type Found = { key: string; title: string; box: Box };

/**
 * By headings in a row, each with what stands below and nearer to it than to its neighbours; without any row, by headings
 * one above the other, each with what follows it.
 * @param side of a usual note. @returns undefined if the headings make no columns: there are none, or one above all.
 */
export function headedBy(
  headings: Heading[],
  items: { box: Box }[],
  side: number,
): ((item: { box: Box }) => Found | undefined) | undefined {
  const all = rowsOf(headings, side);
  const wide = all.filter((row) => row.length > 1);
  if (wide.length === 0 && all.length < 2) return undefined;
  const rows = wide.length > 0 ? wide : all;
  const below = grouped(items, (item) => String(rowAbove(rows, item.box)));
  const cuts = rows.map((row, i) => cutsIn(row, below.get(String(i)) ?? []));
  return ({ box }) => {
    const at = rowAbove(rows, box);
    const heading = rows[at]?.[cuts[at]?.filter((cut) => centre(box).x >= cut).length ?? 0];
    return heading && { key: heading.id, title: heading.title, box: heading.box };
  };
}

const centre = ({ left, top, right, bottom }: Box): { x: number; y: number } => ({
  x: (left + right) / 2,
  y: (top + bottom) / 2,
});

/** From top to bottom, each from left to right. */
function rowsOf(headings: Heading[], side: number): Heading[][] {
  const rows: Heading[][] = [];
  let first = -Infinity;
  for (const heading of [...headings].sort((a, b) => a.box.top - b.box.top)) {
    if (heading.box.top - first <= side / 2) rows.at(-1)?.push(heading);
    else {
      rows.push([heading]);
      first = heading.box.top;
    }
  }
  return rows.map((row) => row.sort((a, b) => centre(a.box).x - centre(b.box).x));
}

/** The last row that begins above the middle of an item, which may also stand beside a heading; else the first. */
function rowAbove(rows: Heading[][], box: Box): number {
  const { y } = centre(box);
  const below = rows.findIndex((row) => row.every((heading) => heading.box.top > y));
  return below === -1 ? rows.length - 1 : Math.max(0, below - 1);
}

/** Between two headings, where one column ends and the next begins: in the widest gap that the fewest items cross. */
function cutsIn(row: Heading[], items: { box: Box }[]): number[] {
  const gaps = gapsBetween(items.map(({ box }) => box));
  let first = 0;
  return row.slice(1).map((heading, i) => {
    const [from, to] = [centre((row[i] as Heading).box).x, centre(heading.box).x];
    while ((gaps[first]?.end ?? Infinity) <= from) first++;
    let last = first;
    while ((gaps[last]?.start ?? Infinity) < to) last++;
    return bestCut(from, to, gaps.slice(first, last));
  });
}

interface Gap {
  start: number;
  end: number;
  /** Items that stand across it. */
  crossing: number;
}

/** The whole width, from edge to edge of items. */
function gapsBetween(boxes: Box[]): Gap[] {
  const edges = boxes.flatMap(({ left, right }) => [
    { at: left, step: 1 },
    { at: right, step: -1 },
  ]);
  const gaps: Gap[] = [];
  let [start, crossing] = [-Infinity, 0];
  for (const { at, step } of [...edges.sort((a, b) => a.at - b.at), { at: Infinity, step: 0 }]) {
    if (at > start) gaps.push({ start, end: at, crossing });
    start = at;
    crossing += step;
  }
  return gaps;
}

/** Gaps that differ by less are equally wide: then the one nearest to the middle counts. */
const AS_WIDE = 0.9;

function bestCut(from: number, to: number, gaps: Gap[]): number {
  const half = (from + to) / 2;
  const within = gaps.map((gap) => ({ ...gap, start: Math.max(gap.start, from), end: Math.min(gap.end, to) }));
  const fewest = Math.min(...within.map(({ crossing }) => crossing));
  const clear = within.filter(({ crossing }) => crossing === fewest);
  const widest = Math.max(...clear.map(({ start, end }) => end - start));
  const off = ({ start, end }: Gap): number => Math.max(0, start - half, half - end);
  const [best] = clear.filter(({ start, end }) => end - start >= AS_WIDE * widest).sort((a, b) => off(a) - off(b));
  return best ? (best.start + best.end) / 2 : half;
}
