import { invalidField } from '../http/api-error.js';
import type { Call } from '../http/call.js';
import { compareIds } from '../state/ids.js';

/** A page's query parameter; the specification doesn't bound all of them. */
function numberOf(call: Call, name: string, fallback: number, least: number): number {
  const number = Number(call.query[name] ?? fallback);
  if (Number.isInteger(number) && number >= least) return number;
  throw invalidField(name, `Field [${name}] must be a whole number of at least ${least}`);
}

/** A page by offset: boards, board members, tags, items of a tag. */
export function offsetPage<T>(call: Call, all: readonly T[], show: (entry: T) => unknown): Record<string, unknown> {
  const limit = numberOf(call, 'limit', 20, 1);
  const offset = numberOf(call, 'offset', 0, 0);
  const data = all.slice(offset, offset + limit).map(show);
  const at = (o: number): string => pageUrl(call, { limit, offset: o });
  const last = Math.max(0, Math.floor((all.length - 1) / limit) * limit);
  const links: Record<string, string> = { self: at(offset), first: at(0), last: at(last) };
  if (offset + limit < all.length) links['next'] = at(offset + limit);
  if (offset > 0) links['prev'] = at(Math.max(0, offset - limit));
  return { size: data.length, offset, limit, total: all.length, data, links, type: 'list' };
}

export interface CursorRules<T> {
  idOf: (entry: T) => string;
  show: (entry: T) => unknown;
  defaultLimit?: number;
  /** Enterprise lists tell no total and have no links. */
  bare?: boolean;
  /** The cursor is the last entry's id itself. */
  idCursor?: boolean;
}

/** A page by cursor; the cursor stands for the last entry that was given. On the last page it is absent. */
export function cursorPage<T>(call: Call, all: readonly T[], rules: CursorRules<T>): Record<string, unknown> {
  const { idOf, show, defaultLimit = 10, bare, idCursor = false } = rules;
  const limit = numberOf(call, 'limit', defaultLimit, 1);
  const start = startAfter(call.query['cursor'], all, idOf, idCursor);
  const page = all.slice(start, start + limit);
  const more = start + limit < all.length;
  const cursor = more ? cursorAfter(idOf(page.at(-1) as T), idCursor) : undefined;
  const envelope = { limit, size: page.length, ...(cursor && { cursor }), data: page.map(show), type: 'cursor-list' };
  if (bare) return envelope;
  const links = { self: pageUrl(call, { limit }), ...(cursor && { next: pageUrl(call, { limit, cursor }) }) };
  return { ...envelope, total: all.length, links };
}

function startAfter<T>(
  cursor: string | undefined,
  all: readonly T[],
  idOf: (entry: T) => string,
  idCursor: boolean,
): number {
  if (!cursor) return 0;
  const [prefix, last] = idCursor ? ['after', cursor] : decodeCursor(cursor).split(':');
  if (prefix !== 'after' || !last || (idCursor && !/^\d+$/.test(cursor)))
    throw invalidField('cursor', `Invalid cursor [${cursor}]`);
  const found = all.findIndex((entry) => idOf(entry) === last);
  if (found >= 0) return found + 1;
  // the entry was deleted between two pages; lists by cursor are sorted by id
  const next = all.findIndex((entry) => compareIds(idOf(entry), last) > 0);
  return next >= 0 ? next : all.length;
}

const cursorAfter = (id: string, plain: boolean): string =>
  plain ? id : Buffer.from(`after:${id}`).toString('base64url');
const decodeCursor = (cursor: string): string => Buffer.from(cursor, 'base64url').toString('utf8');

/** The request's own address with another page. */
function pageUrl(call: Call, page: Record<string, string | number>): string {
  const { access_token: _, ...query } = call.query;
  const search = new URLSearchParams({
    ...query,
    ...Object.fromEntries(Object.entries(page).map(([k, v]) => [k, String(v)])),
  });
  return `${call.sim.baseUrl}${call.incoming.path}?${search.toString()}`;
}

/** Enterprise lists: up to a hundred, neither total nor links. */
export function enterprisePage<T>(
  call: Call,
  all: readonly T[],
  idOf: (entry: T) => string,
  show: (entry: T) => unknown,
): Record<string, unknown> {
  return cursorPage(call, all, { idOf, show, defaultLimit: 100, bare: true });
}
