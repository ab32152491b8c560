/** Which one of several items with the same words is the record. */
import type { DroppedItem, RetroRecord } from './model.js';

/** Of a ticket's item: its words, and the items that said the same when the board was last planned. */
interface Linked {
  itemId: string;
  words: string;
  merged: readonly string[];
}

interface Items {
  records: readonly RetroRecord[];
  dropped: readonly DroppedItem[];
}

/**
 * An item that has a ticket already stands for those that say the same: words that come to stand elsewhere too are no
 * second ticket, whichever of the items is the oldest, and whichever of them goes: a ticket whose item is gone is that of
 * an item that was merged into it, whose record then goes by the old id.
 */
export function withTickets(
  { records, dropped }: Items,
  links: ReadonlyMap<string, Linked>,
): { records: RetroRecord[]; dropped: DroppedItem[] } {
  const items = new Map(dropped.map((item) => [item.itemId, item]));
  const renamed = new Map<string, string>();
  const heirs = heirsOf({ records, dropped }, links);
  const chosen = records.map((record) => {
    const { itemId, duplicates } = record;
    const other = links.has(itemId) ? undefined : duplicates.find((id) => links.has(id));
    const item = other === undefined ? undefined : items.get(other);
    const gone = heirs.get(itemId);
    const now = item
      ? swapped(record, item, items)
      : gone
        ? { ...record, itemId: gone, duplicates: [itemId, ...duplicates] }
        : record;
    if (now.itemId !== itemId) renamed.set(itemId, now.itemId);
    return now;
  });
  const relate = (record: RetroRecord): RetroRecord => ({
    ...record,
    relations: record.relations.map((to) => ({ ...to, itemId: renamed.get(to.itemId) ?? to.itemId })),
  });
  return { records: renamed.size === 0 ? chosen : chosen.map(relate), dropped: [...items.values()] };
}

/** Records to the items that are gone and whose tickets they take over; of several that were merged, the one whose words stayed. */
function heirsOf({ records, dropped }: Items, links: ReadonlyMap<string, Linked>): Map<string, string> {
  const there = new Set([...records, ...dropped].map(({ itemId }) => itemId));
  const free = records.filter(({ itemId, duplicates }) => ![itemId, ...duplicates].some((id) => links.has(id)));
  const heirs = new Map<string, string>();
  for (const { itemId: gone, words, merged } of links.values()) {
    if (there.has(gone) || merged.length === 0) continue;
    const heir = free
      .filter(
        ({ itemId, duplicates }) => !heirs.has(itemId) && [itemId, ...duplicates].some((id) => merged.includes(id)),
      )
      .sort((a, b) => Number(b.words === words) - Number(a.words === words) || a.order - b.order)[0];
    if (heir) heirs.set(heir.itemId, gone);
  }
  return heirs;
}

function swapped(record: RetroRecord, item: DroppedItem, items: Map<string, DroppedItem>): RetroRecord {
  const { itemId, type, url } = item;
  const duplicates = record.duplicates.map((id) => (id === itemId ? record.itemId : id));
  items.delete(itemId);
  items.set(record.itemId, { ...item, itemId: record.itemId, type: record.type, url: record.url });
  for (const id of duplicates) {
    const same = items.get(id);
    if (same) items.set(id, { ...same, reason: `duplicate of ${itemId}` });
  }
  return { ...record, itemId, type, url, duplicates };
}
