/** Notes that people put together. */
import type { Box } from './geometry.js';
import { median } from './geometry.js';
import { grouped } from './grouped.js';
import { forPairsWithin } from './nearby.js';

export interface Standing {
  id: string;
  box: Box;
  /** Only notes of one place can be together: the same frame and column. */
  place: string;
}

/** Notes nearer than this part of a usual note's side stand together. */
const NEAR = 0.25;

/**
 * Groups of two or more notes that touch, overlap or nearly so, also by others between them. Who is with whom does not
 * depend on the order of the notes, nor on where on the board they lie.
 * @param side of a usual note.
 * @returns ids of notes to a number that is the same for those that stand together.
 */
export function clustersOf(notes: Standing[], side: number): Map<string, number> {
  const next = notes.map((_, i) => i);
  const rootOf = (i: number): number => {
    let root = i;
    while (next[root] !== root) root = next[root] ?? root;
    next[i] = root;
    return root;
  };
  for (const place of grouped(notes.keys(), (i) => notes[i]?.place ?? '').values()) {
    const boxes = place.flatMap((i) => notes[i]?.box ?? []);
    forPairsWithin(NEAR * side, boxes, (a, b) => {
      next[rootOf(place[a] ?? 0)] = rootOf(place[b] ?? 0);
    });
  }
  const together = [...grouped(notes.keys(), (i) => String(rootOf(i))).values()].filter((all) => all.length > 1);
  return new Map(together.flatMap((all, cluster) => all.map((i) => [notes[i]?.id ?? '', cluster])));
}

/** The shorter side of a usual one of them: what distances on a board are measured by. */
export const usualSide = (boxes: Box[]): number =>
  median(boxes.map(({ left, top, right, bottom }) => Math.min(right - left, bottom - top)));
