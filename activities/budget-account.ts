/** How answers correct a budget's account. Pure: times are epoch ms on the store's clock. */
import type { Account, ToldWindow } from '../store/budgets.js';

/** What one sent call's answer said. */
export interface Told {
  /** Of its place. */
  id: string;
  credits: number;
  sentAt: number;
  receivedAt: number;
  /** Absent: no answer came. */
  status?: number;
  /** Where the headers tell of the window. */
  window?: {
    /** Its end by Miro's clock. */
    name: number;
    /** From the answer to its end by Miro's own clock, up to a second too long. */
    endsInMs: number;
    remaining: number;
    limit?: number;
  };
  retryAfterMs?: number;
}

/** The Date header has whole seconds. */
export const DATE_STEP_MS = 1_000;
/** No window is believed to count longer than this after its end. */
const MOST_MARGIN_MS = 2_000;
/** A window that was found open late is believed to be so this much longer: a few tries find out a header that cuts off. */
const MARGIN_GROWTH = 3;
/** A window that seems to be shorter than this part of what was believed is believed only where the credits came back. */
const SHORTER = 0.5;
/** Nothing is kept back for longer than this many windows. */
const BLOCKED_WINDOWS = 2;
/** What another program used counts half in the estimate, and half as much in every later window. */
const FORGET = 0.5;
/** Less than this part of the limit is not worth yielding; more than this part is not yielded. */
const FOREIGN_RANGE = { from: 0.01, to: 0.5 };

/** When the told window is over. */
export const turnOf = ({ marginMs }: Account, told: ToldWindow): number => told.endsAt + marginMs;

/** The account after one answer. `open` counts what is sent and unanswered beside it. */
export function corrected(account: Account, answer: Told, open: number): Account {
  const { window } = answer;
  if (window && isPast(account, { ...answer, window })) return account;
  const next = window ? withWindow(account, { ...answer, window }, open) : account;
  return answer.status === 429 ? refused(next, answer) : passed(next, answer);
}

/** A refusal says when to come back; whoever wrote that header, it holds for a few windows at most. */
function refused(account: Account, { window, receivedAt, retryAfterMs = 0 }: Told): Account {
  const asked = receivedAt + Math.min(retryAfterMs, BLOCKED_WINDOWS * account.windowMs);
  const ends = account.told && window ? turnOf(account, account.told) : receivedAt + account.windowMs;
  const until = window ? Math.max(asked, ends) : retryAfterMs > 0 ? asked : ends;
  return { ...account, blockedUntil: Math.max(account.blockedUntil ?? 0, until) };
}

/** A refusal that ends later than any can was written before the store's clock was set back. */
export function withoutOldRefusal(account: Account, now: number): Account {
  const { blockedUntil = 0, ...free } = account;
  const longest = BLOCKED_WINDOWS * account.windowMs + account.marginMs + DATE_STEP_MS;
  return blockedUntil > now + longest ? free : account;
}

/** An answer to a call that went out after the end of a refusal shows that it is over. */
function passed(account: Account, { status, sentAt }: Told): Account {
  const { blockedUntil, ...free } = account;
  return status !== undefined && blockedUntil !== undefined && sentAt >= blockedUntil ? free : account;
}

type WithWindow = Told & { window: NonNullable<Told['window']> };

/** Of a window that is over. Where it was sent after the newer one was known, Miro's clock was set back. */
function isPast(account: Account, { window, sentAt }: WithWindow): boolean {
  const { told } = account;
  return told !== undefined && !isSame(account, told, window) && window.name < told.name && sentAt <= told.at;
}

/** A reset that is made up of a clock and a rest in whole seconds jitters by one of them. */
function isSame({ windowMs }: Account, told: ToldWindow, { name }: WithWindow['window']): boolean {
  const distance = Math.abs(name - told.name);
  return distance === 0 || (distance <= DATE_STEP_MS && distance < windowMs * SHORTER);
}

function withWindow(before: Account, answer: WithWindow, open: number): Account {
  const { told } = before;
  const { window } = answer;
  // Whatever the account believes: a window lasts at least as long as there is left of it.
  const account = { ...before, windowMs: Math.max(before.windowMs, window.endsInMs - DATE_STEP_MS) };
  if (told && isSame(account, told, window)) return sameWindow(account, told, answer);
  const limit = window.limit ?? account.limit;
  const fresh = asTold(answer, window);
  if (!told || window.name < told.name) return { ...account, limit, told: fresh };
  const distance = window.name - told.name;
  const endsAt = within(told.endsAt + distance, endOf(answer, window));
  const next = { ...account, limit, told: { ...fresh, endsAt } };
  // An end that moves on before it is reached is no turn of a window, and says nothing about its length.
  if (answer.receivedAt < told.endsAt - DATE_STEP_MS) return next;
  const windowMs = lengthAfter(account, told, { ...window, distance });
  return { ...next, windowMs, foreign: foreignAfter(account, told, { open, windows: distance / windowMs }) };
}

/** From one end to the next: one window or several, or, where headers move the end on by a little, none. */
function lengthAfter(
  { windowMs, limit }: Account,
  told: ToldWindow,
  { distance, remaining }: { distance: number; remaining: number },
): number {
  if (distance >= windowMs) return distance < windowMs / SHORTER ? distance : windowMs;
  const isRefilled = remaining - told.remaining > (limit - told.remaining) * SHORTER;
  return distance >= windowMs * SHORTER || isRefilled ? distance : windowMs;
}

function sameWindow(account: Account, told: ToldWindow, answer: WithWindow): Account {
  const { window, sentAt } = answer;
  const endsAt = within(told.endsAt, endOf(answer, window));
  const late = sentAt - endsAt;
  return {
    ...account,
    limit: window.limit ?? account.limit,
    marginMs: late > account.marginMs ? Math.min(MOST_MARGIN_MS, late * MARGIN_GROWTH) : account.marginMs,
    // Answers overtake each other: the least is what all of them have left.
    told: {
      ...told,
      endsAt,
      remaining: Math.min(told.remaining, window.remaining),
      own: told.own + charged(answer),
    },
  };
}

const asTold = (answer: Told, window: WithWindow['window']): ToldWindow => ({
  name: window.name,
  endsAt: answer.receivedAt + window.endsInMs,
  remaining: window.remaining,
  own: charged(answer),
  at: answer.receivedAt,
});

/** Calls without a valid token and calls beyond the budget cost nothing. */
const charged = ({ status, credits }: Told): number => (status === 401 || status === 429 ? 0 : credits);

/** Between which moments the window ends, as one answer tells: it was made between sending and receiving. */
function endOf({ sentAt, receivedAt }: Told, { endsInMs }: WithWindow['window']): [earliest: number, latest: number] {
  return [sentAt + endsInMs - DATE_STEP_MS, receivedAt + endsInMs];
}

/** Each answer narrows down when the window ends; many of them come near to the truth, whatever the clocks show. */
const within = (at: number, [earliest, latest]: [number, number]): number => Math.max(earliest, Math.min(latest, at));

function foreignAfter(
  account: Account,
  told: ToldWindow,
  { open, windows }: { open: number; windows: number },
): number {
  const estimate =
    (account.foreign + foreignIn(account.limit, told, open)) * FORGET * FORGET ** Math.max(0, windows - 1);
  if (estimate < account.limit * FOREIGN_RANGE.from) return 0;
  return Math.round(Math.min(estimate, account.limit * FOREIGN_RANGE.to));
}

/** Credits of a window that none of our calls has used. */
export const foreignIn = (limit: number, told: ToldWindow, open: number): number =>
  Math.max(0, limit - told.remaining - told.own - open);

export const sumOf = (places: { credits: number }[]): number => places.reduce((sum, { credits }) => sum + credits, 0);
