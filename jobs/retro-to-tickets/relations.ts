/** Connectors as what they join. */
import type { BoardConnector, RetroRecord } from './model.js';

/**
 * The items that connectors join each one with, both ways, in the order of their connectors, each once per caption.
 * @param shownBy the record that an item became or was merged into; undefined of one that became none.
 */
export function relationsOf(
  connectors: BoardConnector[],
  shownBy: (itemId: string) => string | undefined,
): Map<string, RetroRecord['relations']> {
  const relations = new Map<string, RetroRecord['relations']>();
  const told = new Set<string>();
  const add = (from: string, itemId: string, caption?: string): void => {
    const relation = { itemId, ...(caption !== undefined && { caption }) };
    const key = JSON.stringify([from, relation]);
    if (told.has(key)) return;
    told.add(key);
    const known = relations.get(from);
    if (known) known.push(relation);
    else relations.set(from, [relation]);
  };
  for (const { from, to, caption } of connectors) {
    const [one, other] = [shownBy(from), shownBy(to)];
    if (one === undefined || other === undefined || one === other) continue;
    add(one, other, caption);
    add(other, one, caption);
  }
  return relations;
}
