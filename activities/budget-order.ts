/**
 * The order in which calls of one budget are served. Better priority first; within one priority the tenants take turns,
 * credit for credit; then age. So a tenant with one call does not wait behind another's thousands: before it come, of
 * each tenant, at most as many credits as it has waiting itself.
 */
import type { Place } from '../store/budgets.js';

export function inOrder(places: Place[]): Place[] {
  const turns = new Map<string, number>();
  const ranked = [...places].sort(byPriorityAndAge).map((place) => {
    const tenant = `${place.priority} ${place.tenantId}`;
    const turn = (turns.get(tenant) ?? 0) + place.credits;
    turns.set(tenant, turn);
    return { place, turn };
  });
  ranked.sort((a, b) => a.place.priority - b.place.priority || a.turn - b.turn || byAge(a.place, b.place));
  return ranked.map(({ place }) => place);
}

const byAge = (a: Place, b: Place): number => a.queuedAt - b.queuedAt || (a.id < b.id ? -1 : 1);
const byPriorityAndAge = (a: Place, b: Place): number => a.priority - b.priority || byAge(a, b);
