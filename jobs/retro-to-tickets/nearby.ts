import type { Box } from './geometry.js';
import { gapAcross, gapDown } from './geometry.js';

/**
 * Every pair of boxes that stand at most so far apart, once, by their indexes. A line moves along the longer side of the
 * board, and only boxes under it are compared.
 */
export function forPairsWithin(distance: number, boxes: Box[], visit: (a: number, b: number) => void): void {
  const [start, end] = longerSide(boxes);
  const sorted = boxes.map((box, i) => ({ box, i })).sort((a, b) => a.box[start] - b.box[start]);
  const under: typeof sorted = [];
  for (const next of sorted) {
    let kept = 0;
    for (const other of under) {
      if (other.box[end] + distance < next.box[start]) continue;
      under[kept++] = other;
      if (isWithin(distance, next.box, other.box)) visit(next.i, other.i);
    }
    under.length = kept;
    under.push(next);
  }
}

function isWithin(distance: number, a: Box, b: Box): boolean {
  const [across, down] = [gapAcross(a, b), gapDown(a, b)];
  return across * across + down * down <= distance * distance;
}

function longerSide(boxes: Box[]): ['left', 'right'] | ['top', 'bottom'] {
  const spread = (edge: 'left' | 'top'): number => {
    const [first = 0, ...others] = boxes.map((box) => box[edge]);
    let [least, most] = [first, first];
    for (const at of others) [least, most] = [Math.min(least, at), Math.max(most, at)];
    return most - least;
  };
  return spread('left') >= spread('top') ? ['left', 'right'] : ['top', 'bottom'];
}
