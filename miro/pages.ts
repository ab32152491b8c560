import type { z } from 'zod';
import { buildCall } from './call.js';
import type { Call, CallInput, Page, PageCall, SurfaceOf } from './call.js';
import { MiroError } from './errors.js';
import type { Surface } from './operation.js';
import type { OperationId } from './operations.js';
import { pageOf } from './schemas.js';

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
  return byOffset(buildCall(operationId, input, pageOf(item)), { offset: 0, rereads: MAX_REREADS });
}

interface OffsetState {
  offset: number;
  rereads: number;
  total?: number;
}

function byOffset<Item extends { id: string }, S extends Surface>(
  call: Call<Page<Item>, S>,
  { offset, rereads, total: known }: OffsetState,
): PageCall<Item, S> {
  const next = ({ items, total }: Page<Item>): PageCall<Item, S> | undefined => {
    const changed = known !== undefined && total !== undefined && total !== known;
    if (changed && rereads > 0) return byOffset(call, { offset: 0, rereads: rereads - 1, total });
    // Not "shorter than the limit": a page may be short amid the list.
    const end = offset + items.length;
    const ended = items.length === 0 || (total !== undefined && end >= total);
    return ended ? undefined : byOffset(call, { offset: end, rereads, total });
  };
  return { ...call, query: { ...call.query, offset: String(offset) }, key: (item) => item.id, next };
}
