/** Items that say the same. */
import { byId } from '../provision-board/found.js';
import { grouped } from './grouped.js';

export interface Saying {
  id: string;
  createdAt?: string;
  words: string;
  /** Only items that become the same kind of record are one. */
  kind: string;
}

/**
 * The oldest of those that say the same stays: a copy made next week does not take the place of one that has a ticket.
 * @returns ids of the others to the one that stays.
 */
export function duplicatesAmong(sayings: Saying[]): Map<string, string> {
  const original = new Map<string, string>();
  for (const same of grouped(sayings, ({ kind, words }) => `${kind} ${words}`).values()) {
    const [oldest, ...others] = same.sort(byAge);
    for (const { id } of others) if (oldest) original.set(id, oldest.id);
  }
  return original;
}

function byAge(a: Saying, b: Saying): number {
  if (a.createdAt === b.createdAt || a.createdAt === undefined || b.createdAt === undefined) return byId(a, b);
  return Date.parse(a.createdAt) - Date.parse(b.createdAt);
}
