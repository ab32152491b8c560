/** Which one of several items with the same words is the record. */
import type { DroppedItem, RetroRecord } from './model.js';

/**
 * An item that has a ticket already stands for those that say the same: words that come to stand elsewhere too are no
 * second ticket, whichever of the items is the oldest.
 */
export function withTickets(
  { records, dropped }: { records: readonly RetroRecord[]; dropped: readonly DroppedItem[] },
  links: ReadonlyMap<string, unknown>,
): { records: RetroRecord[]; dropped: DroppedItem[] } {
  const items = new Map(dropped.map((item) => [item.itemId, item]));
  const renamed = new Map<string, string>();
  const chosen = records.map((record) => {
    const other = links.has(record.itemId) ? undefined : record.duplicates.find((id) => links.has(id));
    const item = other === undefined ? undefined : items.get(other);
    if (!item) return record;
    renamed.set(record.itemId, item.itemId);
    return swapped(record, item, items);
  });
  const relate = (record: RetroRecord): RetroRecord => ({
    ...record,
    relations: record.relations.map((to) => ({ ...to, itemId: renamed.get(to.itemId) ?? to.itemId })),
  });
  return { records: renamed.size === 0 ? chosen : chosen.map(relate), dropped: [...items.values()] };
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
