/** Which surface holds an item: a frame, or a large shape that people use as one. */
import { areaOf, liesOn } from './geometry.js';
import type { BoardItem } from './model.js';

export interface Surfaces {
  /** From the innermost outwards. */
  holding: (item: BoardItem) => BoardItem[];
}

/**
 * An item belongs to its parent, or to what lies in that under the item's centre; one without parent to the smallest
 * surface under its centre. So do surfaces, and what is on an inner one is on those around it too.
 */
export function surfacesOf(surfaces: BoardItem[]): Surfaces {
  // The first that fits is the smallest, of equals the one on top.
  const bySize = [...surfaces].reverse().sort((a, b) => areaOf(a) - areaOf(b));
  const byId = new Map(surfaces.map((surface) => [surface.id, surface]));
  const known = new Map<string, BoardItem[]>();

  const innermost = (item: BoardItem): BoardItem | undefined => {
    const parent = byId.get(item.parentId ?? '');
    const isUnder = (surface: BoardItem): boolean => areaOf(surface) > areaOf(item) && liesOn(item.absolute, surface);
    if (!parent) return bySize.find(isUnder);
    return bySize.find((surface) => surface.parentId === parent.id && isUnder(surface)) ?? parent;
  };

  const holding = (item: BoardItem): BoardItem[] => {
    const found = known.get(item.id);
    if (found) return found;
    known.set(item.id, []); // a parent that is its own child ends here
    const surface = innermost(item);
    const chain = surface ? [surface, ...holding(surface)] : [];
    known.set(item.id, chain);
    return chain;
  };
  return { holding };
}
