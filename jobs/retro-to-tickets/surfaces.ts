/** Which surface holds an item: a frame, or a large shape that people use as one. */
import { areaOf, liesOn } from './geometry.js';
import type { BoardItem } from './model.js';

export interface Surfaces {
  /** From the innermost outwards. */
  holding: (item: BoardItem) => BoardItem[];
}

/**
 * An item belongs to its parent; one without parent lies on the smallest surface under its centre. Surfaces lie on
 * larger ones in the same way, so what is on an inner one is on the outer one too.
 */
export function surfacesOf(surfaces: BoardItem[]): Surfaces {
  // The first that fits is the smallest, of equals the one on top.
  const bySize = surfaces.map((item, i) => ({ item, i })).sort((a, b) => areaOf(a.item) - areaOf(b.item) || b.i - a.i);
  const rank = new Map(bySize.map(({ item }, i) => [item.id, i]));
  const byId = new Map(surfaces.map((item) => [item.id, item]));
  const known = new Map<string, BoardItem[]>();

  const under = (item: BoardItem): BoardItem | undefined => {
    const parent = item.parentId === undefined ? undefined : byId.get(item.parentId);
    const from = (rank.get(item.id) ?? -1) + 1;
    const inside = (rank.get(parent?.id ?? '') ?? Infinity) - 1;
    for (let i = from; i < bySize.length && i <= inside; i++) {
      const { item: surface } = bySize[i] as { item: BoardItem };
      if (parent && !isChildOf(surface, parent)) continue;
      if (areaOf(surface) > areaOf(item) && liesOn(item.absolute, surface)) return surface;
    }
    return parent;
  };
  const isChildOf = (surface: BoardItem, parent: BoardItem): boolean => surface.parentId === parent.id;

  const holding = (item: BoardItem): BoardItem[] => {
    const found = known.get(item.id);
    if (found) return found;
    known.set(item.id, []); // a parent that is its own child ends here
    const surface = under(item);
    const chain = surface ? [surface, ...holding(surface)] : [];
    known.set(item.id, chain);
    return chain;
  };
  return { holding };
}
