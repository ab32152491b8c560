/** Rectangles on a board. Canvas units, x to the right, y down. */
import type { BoardItem, Point } from './model.js';

export interface Box {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

/** The upright rectangle that holds the item, which may be turned. */
export function boxOf({ absolute, width, height, rotation }: BoardItem): Box {
  const [cos, sin] = turn(rotation).map(Math.abs) as [number, number];
  const across = (width * cos + height * sin) / 2;
  const down = (width * sin + height * cos) / 2;
  return {
    left: absolute.x - across,
    top: absolute.y - down,
    right: absolute.x + across,
    bottom: absolute.y + down,
  };
}

/** Whether a point of the canvas lies on an item, which may be turned. */
export function liesOn(point: Point, { absolute, width, height, rotation }: BoardItem): boolean {
  const { x, y } = rotation === 0 ? point : turned(point, absolute, -rotation);
  return Math.abs(x - absolute.x) <= width / 2 && Math.abs(y - absolute.y) <= height / 2;
}

/** Where a point goes when it is turned clockwise around another one. */
export function turned({ x, y }: Point, around: Point, degrees: number): Point {
  const [cos, sin] = turn(degrees);
  const [dx, dy] = [x - around.x, y - around.y];
  return { x: around.x + dx * cos - dy * sin, y: around.y + dx * sin + dy * cos };
}

/** Cosine and sine; exact for quarter turns, so that what touches an edge still does. */
function turn(degrees: number): [cos: number, sin: number] {
  const quarter = (((degrees / 90) % 4) + 4) % 4;
  if (Number.isInteger(quarter)) return [[1, 0, -1, 0][quarter] ?? 1, [0, 1, 0, -1][quarter] ?? 0];
  const angle = (degrees * Math.PI) / 180;
  return [Math.cos(angle), Math.sin(angle)];
}

export const areaOf = ({ width, height }: BoardItem): number => width * height;

/** How far two boxes stand apart; 0 where they touch or overlap. */
export const gapAcross = (a: Box, b: Box): number => Math.max(0, a.left - b.right, b.left - a.right);

export const gapDown = (a: Box, b: Box): number => Math.max(0, a.top - b.bottom, b.top - a.bottom);

/** The box around all of them. */
export function boxAround(boxes: Box[]): Box {
  const start = { left: Infinity, top: Infinity, right: -Infinity, bottom: -Infinity };
  return boxes.reduce(
    (all, { left, top, right, bottom }) => ({
      left: Math.min(all.left, left),
      top: Math.min(all.top, top),
      right: Math.max(all.right, right),
      bottom: Math.max(all.bottom, bottom),
    }),
    start,
  );
}

/** The upper one of the middle two; 0 of none. */
export function median(numbers: number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}
