/** Rows of the built-in tracker's tickets: what they are to people and to the tracker, and how one is changed. */
import type { TicketState } from '../tickets/tracker.js';
import type { Queryable } from './db.js';
import { BUILTIN_TRACKER } from './trackers.js';

export interface StoredTicket {
  id: string;
  /** `T-1` of the tracker `builtin`, `<NAME>-1` of another. */
  key: string;
  tracker: string;
  title: string;
  /** Markdown. */
  body: string;
  type?: string;
  status: string;
  priority?: string;
  labels: string[];
  assignee?: string;
  parent?: string;
  fields: Record<string, unknown>;
  /** The item on the board. */
  sourceUrl: string;
  /** Counts every change. */
  version: number;
  createdAt: Date;
  updatedAt: Date;
}

const ticketKey = (tracker: string, number: number): string =>
  `${tracker === BUILTIN_TRACKER ? 'T' : tracker.toUpperCase()}-${number}`;

/** Without regard to case. @returns undefined for what is no key */
export function readTicketKey(key: string): { tracker: string; number: number } | undefined {
  const [, prefix, digits] = /^([a-z][a-z0-9_-]*)-([1-9]\d{0,8})$/i.exec(key) ?? [];
  if (prefix === undefined) return undefined;
  const tracker = prefix.toLowerCase();
  return { tracker: tracker === 't' ? BUILTIN_TRACKER : tracker, number: Number(digits) };
}

export interface TicketRow {
  id: string;
  tracker: string;
  number: number;
  marker: string;
  title: string;
  body: string;
  type: string | null;
  status: string;
  priority: string | null;
  labels: string[];
  assignee: string | null;
  parent: string | null;
  fields: Record<string, unknown>;
  source_url: string;
  version: number;
  created_at: Date;
  updated_at: Date;
}

export const selectTickets = (db: Queryable, where: string, params: readonly unknown[]): Promise<TicketRow[]> =>
  db.query<TicketRow>(`select * from miro.tickets where ${where}`, params);

/** In an update of `miro.tickets t`. */
export const CHANGED = 'version = t.version + 1, updated_at = now()';

/**
 * Sets columns of one ticket and counts that as one change; where the row says so already nothing changes.
 * @param values by column; what is undefined stays
 */
export async function changeTicket(
  db: Queryable,
  where: string,
  params: readonly unknown[],
  values: Record<string, unknown>,
): Promise<void> {
  const given = Object.entries(values).filter(([, value]) => value !== undefined);
  if (given.length === 0) return;
  const sets = given.map(([column], i) => ({ column, value: `$${params.length + 1 + i}` }));
  await db.query(
    `update miro.tickets t set ${sets.map(({ column, value }) => `${column} = ${value}`).join(', ')}, ${CHANGED}
     where ${where} and (${sets.map(({ column, value }) => `${column} is distinct from ${value}`).join(' or ')})`,
    [...params, ...given.map(([, value]) => value)],
  );
}

export const toState = ({ id, tracker, number, version }: TicketRow): TicketState => ({
  id,
  key: ticketKey(tracker, number),
  revision: String(version),
});

export const toTicket = (row: TicketRow): StoredTicket => ({
  id: row.id,
  key: ticketKey(row.tracker, row.number),
  tracker: row.tracker,
  title: row.title,
  body: row.body,
  ...(row.type !== null && { type: row.type }),
  status: row.status,
  ...(row.priority !== null && { priority: row.priority }),
  labels: row.labels,
  ...(row.assignee !== null && { assignee: row.assignee }),
  ...(row.parent !== null && { parent: row.parent }),
  fields: row.fields,
  sourceUrl: row.source_url,
  version: row.version,
  createdAt: row.created_at,
  updatedAt: row.updated_at,
});
