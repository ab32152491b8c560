/** What is on a board, and what of it the ledger knows. */
import { items, pages, type Item, type PageCall } from '../miro/index.js';
import type { Db } from '../store/db.js';
import { effectsOf } from '../store/effects.js';
import type { Caller } from './calls.js';

/** Blueprint ids (or `@record`) to Miro ids, and every Miro id that one of the job's effects made. */
export interface Made {
  items: Record<string, string>;
  tags: Record<string, string>;
  connectors: Record<string, string>;
  all: Set<string>;
  /** Highest item id, compared as a number; '0' on a fresh board. */
  watermark: string;
}

/** Results of the job's create effects, as the ledger proves them. */
export async function madeBy(db: Db, jobId: string): Promise<Made> {
  const made: Made = { items: noIds(), tags: noIds(), connectors: noIds(), all: new Set(), watermark: '0' };
  for (const effect of await effectsOf(db, jobId)) {
    if (effect.state !== 'done') continue;
    const result = (effect.result ?? {}) as Partial<Pick<Made, 'items' | 'tags' | 'connectors'>>;
    for (const part of ['items', 'tags', 'connectors'] as const) Object.assign(made[part], result[part]);
  }
  for (const id of [made.items, made.tags, made.connectors].flatMap((part) => Object.values(part))) {
    if (id === '') continue; // made, and deleted by a person before we learned its id
    made.all.add(id);
    if (/^\d+$/.test(id) && BigInt(id) > BigInt(made.watermark)) made.watermark = id;
  }
  return made;
}

// A blueprint's id may be `constructor`: what objects inherit must not be taken for an item.
const noIds = (): Record<string, string> => Object.create(null) as Record<string, string>;

/** Every page of a list. */
export async function all<T>(caller: Caller, list: PageCall<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const page of pages((call) => caller.send(call), list)) found.push(...page);
  return found;
}

export async function itemsOnBoard(caller: Caller, boardId: string, filter: { type?: string } = {}): Promise<Item[]> {
  return await all(caller, items.list(boardId, filter));
}
