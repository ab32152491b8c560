/** Words that name what stands below them, and are no note themselves. */
import type { Box } from './geometry.js';
import { gapAcross, gapDown } from './geometry.js';

export interface Sign {
  id: string;
  box: Box;
  type: string;
  text: string;
  fontSize?: number;
  color?: string;
  /** Id of the frame or area that it lies on; '' on the canvas. */
  surface: string;
  /** That one and all around it, '' included. */
  surfaces: ReadonlySet<string>;
}

/** A heading is short. */
const MOST_CHARACTERS = 80;
const MOST_LINES = 3;
/** Letters as high as this part of a note are written to be read from afar. */
const BIG_FONT = 1 / 5;
/** Farther above, in sides of a note, it belongs to nothing. */
const REACH = 5;

/**
 * Which of these stand above notes as their heading: the uppermost, or nearer to what is below than to what is above,
 * or in big letters; and what looks like one and stands in a row with it, above an empty column.
 * @param candidates texts and shapes. @param notes what can stand below. @param side of a usual note.
 */
export function headingsAmong(candidates: Sign[], notes: Sign[], side: number): Set<string> {
  const short = candidates.filter(
    ({ text }) => text.length <= MOST_CHARACTERS && text.split('\n').length <= MOST_LINES,
  );
  const byColumn = stacked(notes, side);
  const alike = stacked(candidates, side);
  const found = short.filter((sign) => {
    const { below, above } = neighbours(sign, byColumn, (note) => note.surfaces.has(sign.surface));
    if (!below || gapDown(sign.box, below.box) > REACH * side) return false;
    if ((sign.fontSize ?? 0) >= BIG_FONT * side) return true;
    const inList = neighbours(sign, alike, (other) => looksLike(sign, other) && other.surface === sign.surface);
    if ([inList.above, inList.below].some((other) => other && gapDown(sign.box, other.box) <= side)) return false;
    return !above || gapDown(sign.box, above.box) > 1.5 * gapDown(sign.box, below.box) + side / 4;
  });
  const rows = short.filter((sign) =>
    found.some(
      (one) =>
        one.surface === sign.surface &&
        looksLike(one, sign) &&
        Math.abs(one.box.top - sign.box.top) <= side / 2 &&
        gapAcross(one.box, sign.box) > 0,
    ),
  );
  return new Set([...found, ...rows].map(({ id }) => id));
}

const looksLike = (a: Sign, b: Sign): boolean =>
  a.id !== b.id && a.type === b.type && a.fontSize === b.fontSize && a.color === b.color;

/** By strips of the board as wide as a note, from top to bottom. */
type Stacks = { width: number; strips: Map<number, Sign[]> };

const middle = ({ box }: Sign): number => (box.top + box.bottom) / 2;

function stacked(signs: Sign[], side: number): Stacks {
  const width = Math.max(side, 1);
  const strips = new Map<number, Sign[]>();
  for (const sign of [...signs].sort((a, b) => middle(a) - middle(b)))
    for (const strip of stripsOf(sign, width)) {
      const stack = strips.get(strip);
      if (stack) stack.push(sign);
      else strips.set(strip, [sign]);
    }
  return { width, strips };
}

/** At most as many as a heading over a whole board needs. */
const MOST_STRIPS = 50;

function stripsOf({ box }: Sign, width: number): number[] {
  const first = Math.floor(box.left / width);
  const count = Math.min(MOST_STRIPS, Math.floor(box.right / width) - first + 1);
  return Array.from({ length: count }, (_, i) => first + i);
}

/** The nearest above and below that share some of its width. */
function neighbours(
  sign: Sign,
  { width, strips }: Stacks,
  counts: (other: Sign) => boolean,
): { above?: Sign; below?: Sign } {
  let [above, below]: [Sign | undefined, Sign | undefined] = [undefined, undefined];
  const fits = (other: Sign): boolean => other.id !== sign.id && gapAcross(sign.box, other.box) === 0 && counts(other);
  for (const strip of stripsOf(sign, width)) {
    const stack = strips.get(strip) ?? [];
    const at = stack.findIndex((other) => middle(other) > middle(sign));
    const from = at === -1 ? stack.length : at;
    const under = stack.slice(from).find(fits);
    const over = stack.slice(0, from).findLast(fits);
    if (under && (!below || middle(under) < middle(below))) below = under;
    if (over && (!above || middle(over) > middle(above))) above = over;
  }
  return { ...(above && { above }), ...(below && { below }) };
}
