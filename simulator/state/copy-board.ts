import type { Simulation } from '../simulation.js';
import { createBoard, stamps, type NewBoard } from './boards.js';
import type { Board, ConnectorEnd } from './board.js';

/** Copies a board whole, with new ids; everything on the copy belongs to who copied. The description comes along. */
export function copyBoard(sim: Simulation, source: Board, input: NewBoard): Board {
  const copy = createBoard(sim, { ...input, description: input.description ?? source.description });
  copy.copiedFrom = source.id;
  const ids = new Map<string, string>();
  const renew = (id: string): string => {
    const known = ids.get(id) ?? sim.ids.next();
    ids.set(id, known);
    return known;
  };
  const stamp = stamps(copy.createdAt, copy.createdBy);
  for (const tag of source.tags.values()) copy.tags.set(renew(tag.id), { ...tag, id: renew(tag.id) });
  for (const item of source.items.values()) renew(item.id);
  for (const item of source.items.values()) {
    const made = { ...structuredClone(item), ...stamp, id: renew(item.id), tagIds: item.tagIds.map(renew) };
    if (item.parentId) made.parentId = renew(item.parentId);
    copy.items.set(made.id, made);
  }
  const end = (e: ConnectorEnd | undefined): ConnectorEnd | undefined =>
    e && { ...structuredClone(e), id: renew(e.id) };
  for (const c of source.connectors.values()) {
    const made = {
      ...structuredClone(c),
      ...stamp,
      id: renew(c.id),
      startItem: end(c.startItem),
      endItem: end(c.endItem),
    };
    copy.connectors.set(made.id, made);
  }
  for (const group of source.groups.values())
    copy.groups.set(renew(group.id), { id: renew(group.id), itemIds: group.itemIds.map(renew) });
  return copy;
}
