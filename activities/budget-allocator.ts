/**
 * Who may send now, and who shall come back when. Pure and deterministic: a budget's state and what one process asks
 * and tells about it, in; the state that follows and a verdict for every ask, out.
 */
import type { Account, BudgetState, Place } from '../store/budgets.js';
import { corrected, DATE_STEP_MS, sumOf, turnOf, withoutOldRefusal, type Told } from './budget-account.js';
import { inOrder } from './budget-order.js';
import { roomOf, type Room } from './budget-room.js';
import { ceilingOf, isDue, laterInWindow, slotsOf, soonOf } from './budget-slots.js';

export interface Ask {
  /** Of the place that it gets where it has none yet. */
  id: string;
  /** The caller's own name of this send: who comes back with it keeps place and age. */
  key: string;
  tenantId: string;
  /** Temporal's priority key, 1 (first) to 5. */
  priority: number;
  credits: number;
}

export interface Batch {
  asks: Ask[];
  answers: Told[];
  /** Ids of places whose call will not be sent. */
  released: string[];
}

/** Granted: the place counts as spent until it is answered or released. Otherwise: come back in `waitMs`. */
export type Verdict =
  { granted: true; placeId: string } | { granted: false; placeId: string; waitMs: number; limit: number };

export interface Outcome {
  account: Account;
  put: Place[];
  gone: string[];
  /** In the order of the asks. */
  verdicts: Verdict[];
}

/** A slot is kept this part of a window for who comes late; the age, so many windows. */
const KEPT = { part: 0.25, leastMs: 1_000, windows: 10 };

/** @param longestMs the longest from a grant to its answer: a call without one counts as spent so long. */
export function allocate(state: BudgetState, batch: Batch, longestMs: number): Outcome {
  const { now } = state;
  const { account, places, ...changed } = settled(state, batch, longestMs);
  const asking = placesOf(batch.asks, places, now);
  const ids = new Set(asking.map(({ id }) => id));
  const others = places.filter(({ id }) => !ids.has(id));
  const room = roomOf(account, others, now);
  const { granted, soon } = grant(room, asking, others);
  const slots = slotsOf(room, { asking: asking.filter(({ id }) => !granted.has(id)), others, soon });
  const keptMs = Math.max(KEPT.leastMs, account.windowMs * KEPT.part);
  const put = asking.map((place) => {
    if (granted.has(place.id)) return { ...place, grantedAt: now };
    const slotFrom = slots.get(place.id) ?? place.slotFrom;
    return { ...place, slotFrom, slotUntil: slotFrom + keptMs };
  });
  const verdicts = put.map(({ id: placeId, slotFrom, grantedAt }): Verdict =>
    grantedAt === undefined
      ? { granted: false, placeId, waitMs: slotFrom - now, limit: account.limit }
      : { granted: true, placeId },
  );
  return { account, put: [...changed.put, ...put], gone: changed.gone, verdicts };
}

interface Settled {
  account: Account;
  /** What is left of them. */
  places: Place[];
  put: Place[];
  gone: string[];
}

/** The answers correct the account and end their places; what nobody came back for lapses. */
function settled({ account: before, places, now }: BudgetState, batch: Batch, longestMs: number): Settled {
  const released = new Set(batch.released);
  const answers = new Map(batch.answers.filter(({ status }) => status !== undefined).map((told) => [told.id, told]));
  const open = sumOf(places.filter(({ id, grantedAt }) => grantedAt && !answers.has(id) && !released.has(id)));
  const start = withoutOldRefusal(before, now);
  const account = batch.answers.reduce((sum, told) => corrected(sum, told, open), start);
  const result: Settled = { account, places: [], put: [], gone: [] };
  for (const place of places) {
    const told = answers.get(place.id);
    if (released.has(place.id) || told?.window) result.gone.push(place.id);
    else if (isOver(place, account, { now, longestMs })) {
      result.gone.push(place.id);
      result.account = withLost(result.account, place);
    } else if (told && !account.told) {
      const counting = { ...place, answeredAt: told.receivedAt };
      result.places.push(counting);
      result.put.push(counting);
    } else result.places.push(place);
  }
  return result;
}

function isOver(place: Place, account: Account, { now, longestMs }: { now: number; longestMs: number }): boolean {
  const { grantedAt, answeredAt, queuedAt, slotUntil } = place;
  // The store's clock was set back: a moment that is still to come can't be waited from.
  if ((answeredAt ?? grantedAt ?? queuedAt) > now + DATE_STEP_MS) return true;
  if (answeredAt !== undefined) return account.told !== undefined || now >= answeredAt + account.windowMs;
  if (grantedAt !== undefined) return now >= grantedAt + longestMs;
  return now >= slotUntil + KEPT.windows * account.windowMs;
}

/** A call whose process died may have been charged: what it cost is not another program's. */
function withLost(account: Account, { grantedAt, answeredAt, credits }: Place): Account {
  const { told } = account;
  if (!told || grantedAt === undefined || answeredAt !== undefined) return account;
  if (grantedAt < turnOf(account, told) - account.windowMs) return account;
  return { ...account, told: { ...told, own: told.own + credits } };
}

/** Each ask's place: the one that it waits at already, else a new one. */
function placesOf(asks: Ask[], places: Place[], now: number): Place[] {
  const keys = new Set(asks.map(({ key }) => key));
  const back = places.filter((place) => keys.has(place.key) && isWaiting(place));
  const waiting = new Map(back.map((place) => [`${place.tenantId} ${place.key}`, place]));
  return asks.map((ask) => {
    const key = `${ask.tenantId} ${ask.key}`;
    const known = waiting.get(key);
    waiting.delete(key);
    return known
      ? { ...known, priority: ask.priority, credits: ask.credits }
      : { ...ask, queuedAt: now, slotFrom: now, slotUntil: now };
  });
}

const isWaiting = ({ grantedAt }: Place): boolean => grantedAt === undefined;

/** Grants what has room in this window beside those who have a slot in it and come first; `soon`: who may have some later in it. */
function grant(room: Room, asking: Place[], others: Place[]): { granted: Set<string>; soon: Map<string, number> } {
  const granted = new Set<string>();
  const soon = new Map<string, number>();
  const asks = new Set(asking);
  const due = others.filter((place) => isWaiting(place) && isDue(place, room));
  let isFirst = room.doubt?.alone === true;
  let used = 0;
  let hoped = 0;
  for (const place of room.isBlocked ? [] : inOrder([...asking, ...due])) {
    const credits = Math.min(place.credits, room.limit);
    if (!asks.has(place)) {
      used += used + credits <= room.left - room.yielded ? credits : 0;
    } else if (used + credits <= ceilingOf(room, place)) {
      used += credits;
      if (!room.doubt || isFirst || used <= room.doubt.left) granted.add(place.id);
      else soon.set(place.id, Math.min(soonOf(room), room.doubt.until));
      isFirst = false;
    } else if (used + hoped + credits <= ceilingOf(room, place) + room.open) {
      hoped += credits;
      soon.set(place.id, soonOf(room));
    } else {
      const at = laterInWindow(room, place, used + credits);
      if (at === undefined) continue;
      used += credits;
      soon.set(place.id, at);
    }
  }
  return { granted, soon };
}
