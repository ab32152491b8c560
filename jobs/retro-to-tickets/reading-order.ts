/** The order in which a person would read the board aloud. */
import type { Box } from './geometry.js';
import { boxAround } from './geometry.js';
import { grouped } from './grouped.js';

export interface Readable {
  id: string;
  box: Box;
  /** Key of the frame and column that it stands in. */
  place: string;
  /** Of the frame or heading of that column. */
  column?: Box;
}

/**
 * Column by column, each from top to bottom and in a row from left to right; independent of the order given.
 * @param side of a usual note.
 */
export function inReadingOrder<T extends Readable>(items: T[], side: number): T[] {
  const columns = [...grouped(items, ({ place }) => place)].map(([id, inside]) => ({
    id,
    inside,
    box: boxAround(inside.flatMap(({ box, column }) => (column ? [box, column] : box))),
  }));
  return columnRows(columns, side)
    .flatMap((row) => row.sort(fromLeft))
    .flatMap(({ inside }) => itemRows(inside, side))
    .flatMap((row) => row.sort(fromLeft));
}

type Boxed = Pick<Readable, 'id' | 'box'>;

/** Columns stand in one row if they begin before the others end. */
function columnRows<T extends Boxed>(columns: T[], side: number): T[][] {
  const rows: T[][] = [];
  let bottom = -Infinity;
  for (const column of [...columns].sort(fromTop)) {
    const row = rows.at(-1);
    if (row && column.box.top < bottom - side / 2) row.push(column);
    else rows.push([column]);
    bottom = Math.max(bottom, column.box.bottom);
  }
  return rows;
}

/** Items stand in one row if they are less than half a note lower than its highest. */
function itemRows<T extends Boxed>(items: T[], side: number): T[][] {
  const rows: T[][] = [];
  let first = -Infinity;
  for (const item of [...items].sort(fromTop)) {
    const row = rows.at(-1);
    if (row && item.box.top <= first + side / 2) row.push(item);
    else {
      rows.push([item]);
      first = item.box.top;
    }
  }
  return rows;
}

const fromTop = (a: Boxed, b: Boxed): number => a.box.top - b.box.top || fromLeft(a, b);
const fromLeft = (a: Boxed, b: Boxed): number =>
  a.box.left - b.box.left || a.box.top - b.box.top || (a.id < b.id ? -1 : 1);
