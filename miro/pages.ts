import type { z } from 'zod';
import { buildCall } from './call.js';
import type { Call, CallInput, Page, PageCall, SurfaceOf } from './call.js';
import { MiroError } from './errors.js';
import type { Surface } from './operation.js';
import type { OperationId } from './operations.js';
import { pageOf } from './readers.js';

/** Pages in a row that may bring nothing new before the list counts as ended. */
const MAX_IDLE_PAGES = 10;
/** How often a list by offset is read again because it changed while it was read. */
const MAX_REREADS = 2;

/**
 * Reads a list to its end, page by page; no item comes twice. Ends where Miro says so, where a cursor comes
 * back, and where pages bring nothing new for long.
 * @throws MiroError 'malformed' if the list ends early although its total says that items are missing
 */
export async function* pages<Item, S extends Surface = 'rest'>(
  send: (call: PageCall<Item, S>) => Promise<Page<Item>>,
  first: PageCall<Item, S>,
): AsyncGenerator<Item[]> {
  const seen = new Set<string>();
  const cursors = new Set<string>();
  let idle = 0;
  for (let call: PageCall<Item, S> | undefined = first; call;) {
    const page: Page<Item> = await send(call);
    const fresh = withoutSeen(page.items, call, seen);
    if (fresh.length > 0) yield fresh;
    idle = fresh.length > 0 ? 0 : idle + 1;
    const repeated = page.cursor !== undefined && cursors.has(page.cursor);
    if (repeated || idle >= MAX_IDLE_PAGES) return checkComplete(first, seen.size, page.total);
    if (page.cursor !== undefined) cursors.add(page.cursor);
    call = call.next(page);
  }
}

function withoutSeen<Item, S extends Surface>(items: Item[], call: PageCall<Item, S>, seen: Set<string>): Item[] {
  return items.filter((item) => {
    const key = call.key(item);
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}

function checkComplete(call: Call<unknown, Surface>, read: number, total: number | undefined): void {
  if (total === undefined || read >= total) return;
  const message = `${call.method} ${call.template} stopped after ${read} of ${total} items: its cursor does not move on`;
  throw new MiroError(message, { kind: 'malformed', written: 'no', operation: call.operation });
}

/** The first call of a list by cursor. `key` defaults to the item's id. */
export function cursorList<Id extends OperationId, Item extends z.ZodType<{ id: string }>>(
  operationId: Id,
  input: CallInput<Id>,
  item: Item,
): PageCall<z.infer<Item>, SurfaceOf<Id>> {
  return byCursor(buildCall(operationId, input, pageOf(item)), (given) => given.id);
}

/** Follows cursors from any call that answers pages. */
export function byCursor<Item, S extends Surface>(
  call: Call<Page<Item>, S>,
  key: (item: Item) => string,
): PageCall<Item, S> {
  const next = ({ cursor }: Page<Item>): PageCall<Item, S> | undefined =>
    cursor === undefined ? undefined : byCursor({ ...call, query: { ...call.query, cursor } }, key);
  return { ...call, key, next };
}

/**
 * The first call of a list by offset. The list may change while it is read and shift its items over the page
 * borders: then it is read again from the start, since an item that slipped forward was never seen.
 */
export function offsetList<Id extends OperationId, Item extends z.ZodType<{ id: string }>>(
  operationId: Id,
  input: CallInput<Id>,
  item: Item,
): PageCall<z.infer<Item>, SurfaceOf<Id>> {
  return byPosition(buildCall(operationId, input, pageOf(item)), { parameter: 'offset', first: 0 });
}

interface Positions {
  parameter: 'offset' | 'startIndex';
  /** What the list's first item is counted as. */
  first: 0 | 1;
}

interface Reading {
  start: number;
  rereads: number;
  total?: number;
}

/** Follows positions from any call that answers pages; see `offsetList`. */
export function byPosition<Item extends { id: string }, S extends Surface>(
  call: Call<Page<Item>, S>,
  { parameter, first }: Positions,
  { start, rereads, total: known }: Reading = { start: first, rereads: MAX_REREADS },
): PageCall<Item, S> {
  const from = (reading: Reading): PageCall<Item, S> => byPosition(call, { parameter, first }, reading);
  const next = ({ items, total }: Page<Item>): PageCall<Item, S> | undefined => {
    const changed = known !== undefined && total !== undefined && total !== known;
    if (changed && rereads > 0) return from({ start: first, rereads: rereads - 1, total });
    // Not "shorter than the limit": a page may be short amid the list.
    const end = start + items.length;
    const ended = items.length === 0 || (total !== undefined && end - first >= total);
    return ended ? undefined : from({ start: end, rereads, total });
  };
  return { ...call, query: { ...call.query, [parameter]: String(start) }, key: (item) => item.id, next };
}
