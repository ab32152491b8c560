/** A board that is a duplicate of another: which of its items is which of the other's. */
import { grouped } from './grouped.js';
import type { Point, RetroRecord } from './model.js';
import type { LinkFacts } from './plan.js';

type Placed = Pick<RetroRecord, 'itemId' | 'words' | 'absolute'>;
type OldItem = Pick<LinkFacts, 'itemId' | 'words' | 'x' | 'y'>;

// Of more items with the same words each is compared with each no longer.
const MOST_COMPARED = 30;

/**
 * Same words, then the nearest place; a board that was moved as a whole is compared as if it lay where it was. Each old
 * item is taken once.
 * @returns ids of this board's items to those of the other's.
 */
export function pairDuplicates(records: readonly Placed[], oldLinks: readonly OldItem[]): Map<string, string> {
  const oldByWords = grouped(
    oldLinks.filter(({ words }) => words !== ''),
    ({ words }) => words,
  );
  const groups = [...grouped([...records], ({ words }) => words)].flatMap(([words, here]) => {
    const there = oldByWords.get(words);
    return there ? [{ here, there }] : [];
  });
  const shift = shiftOf(groups);
  const pairs = new Map<string, string>();
  for (const { here, there } of groups) for (const [id, old] of pairsOf({ here, there }, shift)) pairs.set(id, old);
  return pairs;
}

interface Group {
  here: Placed[];
  there: OldItem[];
}

/** How far the board was moved, by those words that stand on each board once. */
function shiftOf(groups: Group[]): Point {
  const single = groups.flatMap(({ here, there }) => {
    const [item, old] = [here[0], there[0]];
    return here.length === 1 && there.length === 1 && item && old ? [{ item, old }] : [];
  });
  const middle = (values: number[]): number => values.sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
  return {
    x: middle(single.map(({ item, old }) => item.absolute.x - old.x)),
    y: middle(single.map(({ item, old }) => item.absolute.y - old.y)),
  };
}

function pairsOf({ here, there }: Group, shift: Point): [string, string][] {
  const [items, olds] = [[...here].sort(byPlace), [...there].sort((a, b) => a.y - b.y || a.x - b.x || byName(a, b))];
  if (items.length * olds.length > MOST_COMPARED ** 2)
    return items.slice(0, olds.length).map(({ itemId }, i) => [itemId, olds[i]?.itemId ?? '']);
  const distances = items.flatMap((item) =>
    olds.map((old) => ({
      item,
      old,
      far: Math.hypot(item.absolute.x - shift.x - old.x, item.absolute.y - shift.y - old.y),
    })),
  );
  const [pairs, taken] = [new Map<string, string>(), new Set<string>()];
  for (const { item, old } of distances.sort(
    (a, b) => a.far - b.far || byName(a.item, b.item) || byName(a.old, b.old),
  )) {
    if (pairs.has(item.itemId) || taken.has(old.itemId)) continue;
    pairs.set(item.itemId, old.itemId);
    taken.add(old.itemId);
  }
  return [...pairs];
}

const byName = (a: { itemId: string }, b: { itemId: string }): number =>
  a.itemId < b.itemId ? -1 : a.itemId > b.itemId ? 1 : 0;
const byPlace = (a: Placed, b: Placed): number =>
  a.absolute.y - b.absolute.y || a.absolute.x - b.absolute.x || byName(a, b);
