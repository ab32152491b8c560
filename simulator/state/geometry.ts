import { invalidField } from '../http/api-error.js';
import type { Board, Geometry, Item } from './board.js';

export interface Point {
  x: number;
  y: number;
}

/** The item's centre on the canvas. */
export function absolutePosition(board: Board, item: Item): Point {
  const frame = item.parentId ? board.items.get(item.parentId) : undefined;
  return frame ? toCanvas(frame, item) : { x: item.x, y: item.y };
}

export const toCanvas = (frame: Item, { x, y }: Point): Point => ({
  x: frame.x - frame.geometry.width / 2 + x,
  y: frame.y - frame.geometry.height / 2 + y,
});

export const toFrame = (frame: Item, { x, y }: Point): Point => ({
  x: x - frame.x + frame.geometry.width / 2,
  y: y - frame.y + frame.geometry.height / 2,
});

/** Size of the upright box around a turned item. */
function boundingBox({ width, height, rotation = 0 }: Geometry): { width: number; height: number } {
  const angle = (rotation * Math.PI) / 180;
  const cos = Math.abs(Math.cos(angle));
  const sin = Math.abs(Math.sin(angle));
  return { width: width * cos + height * sin, height: width * sin + height * cos };
}

// sums of fractions may miss the edge by a rounding error
const TOLERANCE = 0.01;

/** @throws ApiError 400 where the child would not lie wholly inside its frame */
export function requireInside(frame: Item, geometry: Geometry, { x, y }: Point): void {
  const box = boundingBox(geometry);
  const { width, height } = frame.geometry;
  const fits = (at: number, size: number, space: number): boolean =>
    at - size / 2 >= -TOLERANCE && at + size / 2 <= space + TOLERANCE;
  if (fits(x, box.width, width) && fits(y, box.height, height)) return;
  throw invalidField('position', 'The new position is outside of parent boundaries');
}
