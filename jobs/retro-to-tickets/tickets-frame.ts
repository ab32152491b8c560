/** Where the "Tickets" frame and its texts lie. Canvas units, y down; boxes and positions by their centres, as in Miro. */
import type { Box, Point, Size } from '../provision-board/geometry.js';
import { ROWS_IN_TEXT } from './row-html.js';

/** As large as what stands on a sticky note. */
const FONT_SIZE = 24;
/** Width and font of each text; Miro sets its height. */
export const TEXT_WIDTH = 1100;
export const TEXT_STYLE = { fontSize: String(FONT_SIZE) };
// Miro computes a text's height from its lines and does not say how: 1.43 of the font is what its own texts have.
const LINE_HEIGHT = FONT_SIZE * 1.43;
const PADDING = 40;
/** A place for one text, with room for lines that take two. */
const CELL: Size = { width: TEXT_WIDTH + PADDING, height: Math.ceil(ROWS_IN_TEXT * LINE_HEIGHT * 1.15) };
const GAP = 100;
/** Rounding, Miro's own included. */
const TOLERANCE = 0.5;

/** A frame with room for so many texts, to the right of everything, its top in line with the topmost. */
export function newFrame(content: readonly Box[], texts: number): Box {
  const rows = Math.ceil(Math.sqrt(texts));
  const { width, height } = sizeFor({ columns: Math.ceil(texts / rows), rows });
  if (content.length === 0) return { x: 0, y: 0, width, height };
  const right = Math.max(...content.map((box) => box.x + box.width / 2));
  const top = Math.min(...content.map((box) => box.y - box.height / 2));
  return { x: right + GAP + width / 2, y: top + height / 2, width, height };
}

export interface Room {
  /** Free cells, column by column: their top-left corners, from the frame's. */
  cells: Point[];
  /** What the frame must have; it grows to the right and downwards. */
  size: Size;
}

/**
 * Room for so many texts in a frame that is there, which grows if it must.
 * @param content everything else on the board. @returns undefined if the frame cannot grow without covering some of it.
 */
export function roomIn(frame: Box, content: readonly Box[], texts: number): Room | undefined {
  const corner = { x: frame.x - frame.width / 2, y: frame.y - frame.height / 2 };
  const rows = Math.max(1, Math.floor((frame.height - PADDING + TOLERANCE) / CELL.height));
  const cells: Point[] = [];
  for (let at = 0; cells.length < texts; at += 1) {
    const [column, row] = [Math.floor(at / rows), at % rows];
    const cell = { x: PADDING + column * CELL.width, y: PADDING + row * CELL.height };
    const box = boxAt({ x: corner.x + cell.x, y: corner.y + cell.y }, CELL);
    if (!content.some((other) => covered(box, other) > 0)) cells.push(cell);
    else if (cell.x >= frame.width) return undefined;
  }
  const last = cells.at(-1)?.x ?? 0;
  const needed = sizeFor({ columns: Math.round((last - PADDING) / CELL.width) + 1, rows });
  const size = { width: Math.max(needed.width, frame.width), height: Math.max(needed.height, frame.height) };
  const grown = boxAt(corner, size);
  return content.some((other) => covered(grown, other) > covered(frame, other) + TOLERANCE)
    ? undefined
    : { cells, size };
}

/** Where the centre of a text with so many lines goes in its cell: at the top. */
export const textPlace = (cell: Point, lines: number): Point => ({
  x: cell.x + TEXT_WIDTH / 2,
  y: cell.y + (lines * LINE_HEIGHT) / 2,
});

/** The area in which two boxes lie over each other. */
export function covered(one: Box, other: Box): number {
  const overlap = (a: number, b: number, extents: number, most: number): number =>
    Math.max(0, Math.min(most, extents / 2 - Math.abs(a - b)));
  const width = overlap(one.x, other.x, one.width + other.width, Math.min(one.width, other.width));
  return width * overlap(one.y, other.y, one.height + other.height, Math.min(one.height, other.height));
}

const sizeFor = ({ columns, rows }: { columns: number; rows: number }): Size => ({
  width: PADDING + columns * CELL.width,
  height: PADDING + rows * CELL.height,
});

const boxAt = (corner: Point, { width, height }: Size): Box => ({
  ...{ x: corner.x + width / 2, y: corner.y + height / 2 },
  ...{ width, height },
});
