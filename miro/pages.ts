import { z } from 'zod';
import { buildCall } from './call.js';
import type { Call, CallInput, Page, PageCall, SurfaceOf } from './call.js';
import { MiroError } from './errors.js';
import type { Surface } from './operation.js';
import { OPERATIONS } from './operations.js';
import type { OperationId } from './operations.js';
import { pageOf, scimPageOf } from './readers.js';

/** Pages in a row that may bring nothing new, beyond those that a second reading brings again. */
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
  let rich = 0;
  let idle = 0;
  let call: PageCall<Item, S> | undefined = first;
  while (call) {
    const page: Page<Item> = await send(call);
    const fresh = withoutSeen(page.items, call, seen);
    if (fresh.length > 0) yield fresh;
    rich += fresh.length > 0 ? 1 : 0;
    idle = fresh.length > 0 ? 0 : idle + 1;
    const repeated = page.cursor !== undefined && cursors.has(page.cursor);
    if (repeated || idle >= rich + MAX_IDLE_PAGES) return checkComplete(first, seen.size, page.total);
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
  const message = `${call.method} ${call.template} stopped after ${read} of ${total} items: its pages bring nothing new`;
  throw new MiroError(message, { kind: 'malformed', written: 'no', operation: call.operation });
}

type PagedOperationId = {
  [Id in OperationId]: (typeof OPERATIONS)[Id] extends { paging: string } ? Id : never;
}[OperationId];

/** The first call of a list, whose paging is in the table of operations. */
export const buildList = <Id extends PagedOperationId, Item extends z.ZodType<{ id: string }>>(
  operationId: Id,
  input: CallInput<Id>,
  item: Item,
): PageCall<z.infer<Item>, SurfaceOf<Id>> => follow(operationId, input, item, (given) => given.id);

/** The general door to lists: any list that Miro specifies, its items unread. */
export const callList = <Id extends PagedOperationId>(
  operationId: Id,
  input: CallInput<Id>,
): PageCall<Record<string, unknown>, SurfaceOf<Id>> =>
  follow(operationId, input, z.record(z.string(), z.unknown()), (given) => JSON.stringify(given['id'] ?? given));

function follow<Id extends PagedOperationId, Item extends z.ZodType>(
  operationId: Id,
  input: CallInput<Id>,
  item: Item,
  key: (item: z.infer<Item>) => string,
): PageCall<z.infer<Item>, SurfaceOf<Id>> {
  const { paging, surface } = OPERATIONS[operationId];
  const call = buildCall(operationId, input, surface === 'scim' ? scimPageOf(item) : pageOf(item));
  return paging === 'cursor' ? byCursor(call, key) : byPosition(call, key, paging);
}

function byCursor<Item, S extends Surface>(call: Call<Page<Item>, S>, key: (item: Item) => string): PageCall<Item, S> {
  const next = ({ cursor }: Page<Item>): PageCall<Item, S> | undefined =>
    cursor === undefined ? undefined : byCursor({ ...call, query: { ...call.query, cursor } }, key);
  return { ...call, key, next };
}

interface Reading {
  start: number;
  rereads: number;
  total?: number;
}

/**
 * The list may change while it is read and shift its items over the page borders: then it is read again from
 * the start, since an item that slipped forward was never seen.
 */
function byPosition<Item, S extends Surface>(
  call: Call<Page<Item>, S>,
  key: (item: Item) => string,
  parameter: 'offset' | 'startIndex',
  reading: Reading = { start: FIRST[parameter], rereads: MAX_REREADS },
): PageCall<Item, S> {
  const { start, rereads, total: known } = reading;
  const from = (next: Reading): PageCall<Item, S> => byPosition(call, key, parameter, next);
  const next = ({ items, total }: Page<Item>): PageCall<Item, S> | undefined => {
    const changed = known !== undefined && total !== undefined && total !== known;
    if (changed && rereads > 0) return from({ start: FIRST[parameter], rereads: rereads - 1, total });
    // Not "shorter than the limit": a page may be short amid the list.
    const end = start + items.length;
    const ended = items.length === 0 || (total !== undefined && end - FIRST[parameter] >= total);
    return ended ? undefined : from({ start: end, rereads, total });
  };
  return { ...call, query: { ...call.query, [parameter]: String(start) }, key, next };
}

/** What a list's first item is counted as. */
const FIRST = { offset: 0, startIndex: 1 };
