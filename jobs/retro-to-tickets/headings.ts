/** Words that name what stands by them, and are no note themselves. */
import type { Box } from './geometry.js';
import { gapAcross, gapDown } from './geometry.js';
import { grouped } from './grouped.js';
import { forPairsWithin } from './nearby.js';

/** Something with words. */
export interface Sign {
  id: string;
  box: Box;
  type: string;
  text: string;
  fontSize?: number;
  color?: string;
  /** Ids of the surfaces that hold it, innermost first; the canvas is the last, `''`. */
  surfaces: string[];
}

/** A heading is short. */
const MOST_CHARACTERS = 80;
const MOST_LINES = 3;
/** Letters as high as this part of a note are written to be read from afar. */
const BIG_FONT = 1 / 5;
/** Farther away, in sides of a note, it belongs to nothing. */
const REACH = 5;
/** Nearer, in sides of a note, two that look alike are lines of one list, or stand in one row. */
const CLOSE = 0.5;

/**
 * Which of these are headings of notes: in big letters near them; or the uppermost above them, or nearer to what is
 * below than to what is above; and what looks like one and stands in a row with it, above an empty column.
 * @param candidates texts and shapes. @param side of a usual note.
 */
export function headingsAmong(candidates: Sign[], notes: Sign[], side: number): Set<string> {
  const short = candidates.filter(
    ({ text }) => text.length <= MOST_CHARACTERS && text.split('\n').length <= MOST_LINES,
  );
  const surroundings = surroundingsOf(short, notes, side);
  const found = short.filter((sign, i) => isHeading(sign, surroundings[i], side));
  const alike = grouped(found, look);
  const inRow = short.filter((sign) =>
    alike
      .get(look(sign))
      ?.some(({ box }) => Math.abs(box.top - sign.box.top) <= CLOSE * side && gapAcross(box, sign.box) > 0),
  );
  return new Set([...found, ...inRow].map(({ id }) => id));
}

/** What stands by a sign: gaps to the nearest notes above and below, and whether it is a line of a list. */
interface Surroundings {
  above: number;
  below: number;
  notes: boolean;
  listed: boolean;
}

function isHeading({ fontSize = 0 }: Sign, by: Surroundings | undefined, side: number): boolean {
  if (!by?.notes) return false;
  if (fontSize >= BIG_FONT * side) return true;
  return !by.listed && by.below < Infinity && by.above > 1.5 * by.below + side / 4;
}

function surroundingsOf(signs: Sign[], notes: Sign[], side: number): Surroundings[] {
  if (signs.length === 0) return [];
  const found = signs.map((): Surroundings => ({ above: Infinity, below: Infinity, notes: false, listed: false }));
  const all = [...signs, ...notes];
  const see = (i: number, other: Sign, isNote: boolean): void => {
    const [sign, by] = [signs[i], found[i]];
    if (!sign || !by) return;
    const over = gapAcross(sign.box, other.box) === 0;
    const gap = gapDown(sign.box, other.box);
    if (!isNote) by.listed ||= over && gap <= CLOSE * side && look(sign) === look(other);
    else if (other.surfaces.includes(sign.surfaces[0] ?? '')) {
      by.notes = true;
      const where = middle(other) > middle(sign) ? 'below' : 'above';
      if (over) by[where] = Math.min(by[where], gap);
    }
  };
  forPairsWithin(
    REACH * side,
    all.map(({ box }) => box),
    (a, b) => {
      const [one, other] = [all[a], all[b]];
      if (!one || !other) return;
      see(a, other, b >= signs.length);
      see(b, one, a >= signs.length);
    },
  );
  return found;
}

const middle = ({ box }: Sign): number => (box.top + box.bottom) / 2;

/** The same for those that look alike and lie on the same surface. */
const look = ({ surfaces, type, fontSize, color }: Sign): string => [surfaces[0], type, fontSize, color].join(' ');
