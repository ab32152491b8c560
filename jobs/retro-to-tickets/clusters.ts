/** Notes that people put together. */
import type { Box } from './geometry.js';
import { gapBetween, median } from './geometry.js';

export interface Note {
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
 * @returns ids of notes to a number that is the same for those that stand together.
 */
export function clustersOf(notes: Note[]): Map<string, number> {
  const near = NEAR * sideOf(notes);
  const parents = notes.map((_, i) => i);
  const rootOf = (i: number): number => {
    let root = i;
    while (parents[root] !== root) root = parents[root] ?? root;
    parents[i] = root;
    return root;
  };
  forNeighbours(notes, near, (a, b) => {
    if (notes[a]?.place === notes[b]?.place) parents[rootOf(a)] = rootOf(b);
  });
  const sizes = new Map<number, number>();
  notes.forEach((_, i) => sizes.set(rootOf(i), (sizes.get(rootOf(i)) ?? 0) + 1));
  return new Map(notes.flatMap(({ id }, i) => ((sizes.get(rootOf(i)) ?? 0) > 1 ? [[id, rootOf(i)]] : [])));
}

/** The shorter side of a usual note; what distances on this board are measured by. */
export const sideOf = (notes: { box: Box }[]): number =>
  median(notes.map(({ box }) => Math.min(box.right - box.left, box.bottom - box.top)));

/** Every pair within that distance. A line moves over the board along its longer side; only notes under it are compared. */
function forNeighbours(notes: Note[], near: number, visit: (a: number, b: number) => void): void {
  const [start, end] = longerSide(notes);
  const sorted = notes.map(({ box }, i) => ({ box, i })).sort((a, b) => a.box[start] - b.box[start]);
  let under: typeof sorted = [];
  for (const note of sorted) {
    under = under.filter(({ box }) => box[end] + near >= note.box[start]);
    for (const other of under) if (gapBetween(note.box, other.box) <= near) visit(note.i, other.i);
    under.push(note);
  }
}

function longerSide(notes: Note[]): ['left', 'right'] | ['top', 'bottom'] {
  const spread = (edge: 'left' | 'top'): number => {
    const edges = notes.map(({ box }) => box[edge]).sort((a, b) => a - b);
    return (edges.at(-1) ?? 0) - (edges[0] ?? 0);
  };
  return spread('left') >= spread('top') ? ['left', 'right'] : ['top', 'bottom'];
}
