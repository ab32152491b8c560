/** When those come back who can't send now: each at a moment of its own, in the order of budget-order.ts. Pure. */
import type { Place } from '../store/budgets.js';
import { inOrder } from './budget-order.js';
import { BURST_UNTIL, type Room } from './budget-room.js';

/** Calls that a person waits for have this priority or a better one. */
const INTERACTIVE = 2;
/** Part of a window that is kept for them; the others' last part of it comes after its release, over so much of the window. */
const BURST = { part: 0.05, over: 0.1 };
/** Waiters of one window start spread over this part of it, so that its reset sees no stampede. */
const SPREAD = 0.7;
/** Who lacks nothing but an answer to somebody else comes back after this part of a window. */
const SOON = { part: 0.005, leastMs: 5, mostMs: 100 };

/** Has a slot in this window that is not over. */
export const isDue = ({ slotFrom, slotUntil }: Place, { now, endsAt }: Room): boolean =>
  slotFrom < endsAt && slotUntil > now;

export const soonOf = ({ now, windowMs }: Room): number =>
  now + Math.min(SOON.mostMs, Math.max(SOON.leastMs, windowMs * SOON.part));

/** Up to how many credits this call and all before it may use now. A call that no window has room for beside what is kept may use all. */
export function ceilingOf(room: Room, { priority, credits }: Place): number {
  const burst = burstOf(room, priority);
  return credits > room.limit - room.foreign - burst ? room.left : room.left - room.yielded - burst;
}

const burstOf = ({ now, burstUntil, limit }: Room, priority: number): number =>
  priority <= INTERACTIVE || now >= burstUntil ? 0 : limit * BURST.part;

/** When in this window what is kept has become less, so that there is room for `needed`; undefined where that is too much. */
export function laterInWindow(room: Room, place: Place, needed: number): number | undefined {
  if (needed > room.left) return undefined;
  const { now, windowMs, limit } = room;
  const beyond = Math.max(0, needed - (room.left - room.yielded));
  const yieldedAt = beyond === 0 ? now : now + (beyond / room.foreign) * windowMs;
  const burst = burstOf(room, place.priority);
  const position = (burst - (room.left - room.yielded - needed)) / (limit * BURST.part);
  const releasedAt = burst === 0 ? now : room.burstUntil + Math.min(1, Math.max(0, position)) * BURST.over * windowMs;
  const at = Math.max(yieldedAt, releasedAt);
  return at < room.endsAt ? at : undefined;
}

/** A slot for each of `asking`: the one in `soon`, the one that it has already, or one in the first later window with room. */
export function slotsOf(
  room: Room,
  { asking, others, soon }: { asking: Place[]; others: Place[]; soon: Map<string, number> },
): Map<string, number> {
  const slots = new Map<string, number>();
  const taken = new Set(others.map(({ slotFrom }) => slotFrom));
  const give = ({ id }: Place, at: number): void => {
    let slot = Math.ceil(at);
    while (taken.has(slot)) slot += 1;
    taken.add(slot);
    slots.set(id, slot);
  };
  const homeless = asking.filter((place) => {
    const at = soon.get(place.id) ?? (place.slotFrom >= room.endsAt ? place.slotFrom : undefined);
    if (at !== undefined) give(place, at);
    return at === undefined;
  });
  if (homeless.length === 0) return slots;
  const waits = new Set(homeless);
  const later = others.filter(({ grantedAt, slotFrom }) => grantedAt === undefined && slotFrom >= room.endsAt);
  const capacity = room.limit - room.foreign;
  let window = 0;
  let used = 0;
  for (const place of inOrder([...homeless, ...later])) {
    const credits = Math.min(place.credits, capacity);
    if (used + credits > capacity) [window, used] = [window + 1, 0];
    if (waits.has(place)) give(place, roomAt(room, place, { window, used, credits }));
    used += credits;
  }
  return slots;
}

/** When the n-th later window has room for a call that `used` credits come before. */
function roomAt(
  room: Room,
  { priority }: Place,
  { window, used, credits }: { window: number; used: number; credits: number },
): number {
  const { endsAt, windowMs, limit } = room;
  if (!room.frees) return endsAt + (window + partOf(used / (limit - room.foreign), priority)) * windowMs;
  let free = Math.max(0, room.left);
  const freed = room.frees.find((call) => (free += call.credits) >= used + credits);
  return Math.max(endsAt, freed?.at ?? endsAt) + window * windowMs;
}

/** Where in a window a call comes that so much of its credits go before; the kept part is released after its last but one stretch. */
function partOf(before: number, priority: number): number {
  if (priority <= INTERACTIVE || before < 1 - BURST.part) return before * SPREAD;
  return BURST_UNTIL + ((before - (1 - BURST.part)) / BURST.part) * BURST.over;
}
