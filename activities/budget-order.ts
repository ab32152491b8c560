/**
 * The order in which calls of one budget are served. Better priority first; within one priority the tenants take turns,
 * credit for credit; then age. So a tenant with one call does not wait behind another's thousands: before it come, of
 * each tenant, at most as many credits as it has waiting itself.
 */
import type { Place } from '../store/budgets.js';

export function inOrder(places: Place[]): Place[] {
  const lines = new Map<string, Place[]>();
  for (const place of places) {
    const tenant = `${place.priority} ${place.tenantId}`;
    const line = lines.get(tenant);
    if (line) line.push(place);
    else lines.set(tenant, [place]);
  }
  const ranked: { place: Place; turn: number }[] = [];
  for (const line of lines.values()) {
    let turn = 0;
    for (const place of line.sort(byAge)) ranked.push({ place, turn: (turn += place.credits) });
  }
  ranked.sort((a, b) => a.place.priority - b.place.priority || a.turn - b.turn || byAge(a.place, b.place));
  return ranked.map(({ place }) => place);
}

const byAge = (a: Place, b: Place): number => a.queuedAt - b.queuedAt || (a.id < b.id ? -1 : 1);
