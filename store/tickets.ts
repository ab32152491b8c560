/** The built-in tracker's tickets. */
import { uuidv7 } from 'uuidv7';
import type { BuiltinTable } from '../tickets/builtin.js';
import type { TicketChange, TicketDraft, TicketState } from '../tickets/tracker.js';
import { json, one, storable, type Db, type Queryable } from './db.js';
import { lockTenant, refuseErased } from './tenants.js';
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

export interface TicketDetails extends StoredTicket {
  /** Oldest first, in Markdown. */
  comments: { body: string; at: Date }[];
  /** Keys of tickets that it has to do with. */
  related: string[];
}

export interface TicketFilter {
  tenantId: string;
  tracker?: string | undefined;
  status?: string | undefined;
  /** Of the page before. */
  after?: string | undefined;
  limit: number;
}

export interface TicketPage {
  tickets: StoredTicket[];
  /** Where the next page begins; absent on the last. */
  cursor?: string;
}

/** What a person changes in a ticket; null takes the value away. */
export interface TicketEdit {
  title?: string | undefined;
  status?: string | undefined;
  priority?: string | null | undefined;
  assignee?: string | null | undefined;
}

interface TableOf {
  tenantId: string;
  /** Name of a tracker of kind builtin. */
  tracker: string;
}

interface Keyed {
  tenantId: string;
  key: string;
}

/** The table of one built-in tracker of a tenant. */
export function builtinTable(db: Db, of: TableOf): BuiltinTable {
  return {
    create: (draft) => db.tx((tx) => create(tx, of, draft)),
    update: (id, change) => update(db, of, { id, change }),
    comment: (id, comment) => db.tx((tx) => addComment(tx, of, { id, comment })),
    link: (id, otherId) => relate(db, of, [id, otherId]),
    remove: (id) => db.tx((tx) => remove(tx, of, id)),
    async get(id) {
      const [row] = await select(db, `${ONE_OF} and deleted_at is null`, [...whose(of), idOf(id)]);
      if (!row) return undefined;
      const { title, body, status } = row;
      return { ...toState(row), title, body, closed: CLOSED.has(status.toLowerCase()) };
    },
  };
}

/** Oldest first, those of one tracker after the other; deleted ones are left out. */
export async function listTickets(db: Queryable, filter: TicketFilter): Promise<TicketPage> {
  const { tenantId, tracker, status, after, limit } = filter;
  const from = after === undefined ? undefined : readTicketKey(after);
  const rows = await select(
    db,
    `tenant_id = $1 and deleted_at is null and ($2::text is null or tracker = $2)
       and ($3::text is null or lower(status) = lower($3)) and ($4::text is null or (tracker, number) > ($4, $5::integer))
     order by tracker, number limit $6`,
    [tenantId, tracker, status, from?.tracker, from?.number, limit + 1],
  );
  const tickets = rows.slice(0, limit).map(toTicket);
  const last = tickets.at(-1);
  return { tickets, ...(rows.length > limit && last && { cursor: last.key }) };
}

/** All pages of {@link listTickets}. */
export async function allTickets(
  db: Queryable,
  filter: Omit<TicketFilter, 'after' | 'limit'>,
): Promise<StoredTicket[]> {
  const all: StoredTicket[] = [];
  let after: string | undefined;
  do {
    const page = await listTickets(db, { ...filter, after, limit: PAGE });
    all.push(...page.tickets);
    after = page.cursor;
  } while (after !== undefined);
  return all;
}

const PAGE = 500;

/** @returns undefined for a key that no ticket has, or one that was deleted */
export async function findTicket(db: Queryable, { tenantId, key }: Keyed): Promise<TicketDetails | undefined> {
  const named = readTicketKey(key);
  if (!named) return undefined;
  const [row] = await select(db, ONE_BY_KEY, [tenantId, named.tracker, named.number]);
  if (!row) return undefined;
  const [comments, related] = await Promise.all([
    db.query<{ body: string; at: Date }>(
      'select body, at from miro.ticket_comments where ticket_id = $1 order by at, id',
      [row.id],
    ),
    select(
      db,
      `id in (select ticket_id from miro.ticket_relations where other_id = $1
         union select other_id from miro.ticket_relations where ticket_id = $1) order by number`,
      [row.id],
    ),
  ]);
  return { ...toTicket(row), comments, related: related.map(({ tracker, number }) => ticketKey(tracker, number)) };
}

/** A change by a person; what it says already changes nothing. @returns undefined where there is no such ticket */
export async function editTicket(
  db: Queryable,
  { tenantId, key, edit }: Keyed & { edit: TicketEdit },
): Promise<TicketDetails | undefined> {
  const { title, status, priority, assignee } = edit;
  const named = readTicketKey(key);
  if (!named) return undefined;
  await db.query(
    `with wanted as (
       select id as ticket_id, coalesce($4, title) as title, coalesce($5, status) as status,
         case when $6 then $7 else priority end as priority, case when $8 then $9 else assignee end as assignee
       from miro.tickets where ${ONE_BY_KEY})
     update miro.tickets t set title = w.title, status = w.status, priority = w.priority, assignee = w.assignee, ${CHANGED}
     from wanted w where t.id = w.ticket_id
       and (t.title, t.status, t.priority, t.assignee) is distinct from (w.title, w.status, w.priority, w.assignee)`,
    [
      ...[tenantId, named.tracker, named.number, title, status],
      ...[priority !== undefined, priority, assignee !== undefined, assignee],
    ],
  );
  return findTicket(db, { tenantId, key });
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

/** Statuses that need nobody any more, in small letters. */
const CLOSED: ReadonlySet<string> = new Set(['done', 'closed']);

const CHANGED = 'version = t.version + 1, updated_at = now()';
const ONE_OF = 'tenant_id = $1 and tracker = $2 and id = $3';
const ONE_BY_KEY = 'tenant_id = $1 and tracker = $2 and number = $3 and deleted_at is null';

const whose = ({ tenantId, tracker }: TableOf): string[] => [tenantId, tracker];

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const NOBODYS_ID = '00000000-0000-0000-0000-000000000000';

/** Ids of other trackers' tickets are no UUIDs, which the database would refuse with an error. */
const idOf = (id: string): string => (UUID.test(id) ? id : NOBODYS_ID);

const text = (value: string | undefined): string | undefined => value && storable(value);

/** Tickets of a tenant are numbered one after the other: a number is taken under the lock, so none is left out. */
async function create(tx: Queryable, of: TableOf, draft: TicketDraft): Promise<TicketState> {
  await refuseErased(tx, of.tenantId);
  await lockTenant(tx, of.tenantId);
  const { marker, title, body, labels, type, status, priority, assignee, parent, fields, sourceUrl } = draft;
  await tx.query(
    `insert into miro.tickets
       (tenant_id, tracker, marker, id, number, title, body, labels, type, status, priority, assignee, parent, fields, source_url)
     select $1, $2, $3, $4, coalesce(max(number), 0) + 1, $5, $6, $7, $8, coalesce($9, 'open'), $10, $11, $12, $13, $14
     from miro.tickets where tenant_id = $1 and tracker = $2
     on conflict (tenant_id, tracker, marker) do nothing`,
    [
      ...[...whose(of), marker, uuidv7(), storable(title), storable(body), labels.map(storable)],
      ...[type, status, priority, assignee, parent].map(text),
      ...[json(fields ?? {}), storable(sourceUrl)],
    ],
  );
  const by = 'tenant_id = $1 and tracker = $2 and marker = $3';
  return toState(one(await select(tx, by, [...whose(of), marker])));
}

async function update(
  db: Db,
  of: TableOf,
  { id, change }: { id: string; change: TicketChange },
): Promise<TicketState | undefined> {
  const { title, body, labels, type, priority, assignee } = change;
  await db.query(
    `with wanted as (
       select id as ticket_id, coalesce($4, title) as title, coalesce($5, body) as body, coalesce($6, labels) as labels,
         coalesce($7, type) as type, coalesce($8, priority) as priority, coalesce($9, assignee) as assignee
       from miro.tickets where ${ONE_OF} and deleted_at is null)
     update miro.tickets t set title = w.title, body = w.body, labels = w.labels, type = w.type, priority = w.priority,
       assignee = w.assignee, ${CHANGED}
     from wanted w where t.id = w.ticket_id and (t.title, t.body, t.labels, t.type, t.priority, t.assignee)
       is distinct from (w.title, w.body, w.labels, w.type, w.priority, w.assignee)`,
    [
      ...[...whose(of), idOf(id), text(title), text(body), labels?.map(storable)],
      ...[type, priority, assignee].map(text),
    ],
  );
  return stateOf(db, of, id);
}

async function addComment(
  tx: Queryable,
  of: TableOf,
  { id, comment }: { id: string; comment: { marker: string; body: string } },
): Promise<TicketState | undefined> {
  await tx.query(
    `with made as (
       insert into miro.ticket_comments (tenant_id, id, ticket_id, marker, body)
       select tenant_id, $4, id, $5, $6 from miro.tickets where ${ONE_OF} and deleted_at is null for update
       on conflict (ticket_id, marker) do nothing returning ticket_id)
     update miro.tickets t set ${CHANGED} from made where t.id = made.ticket_id`,
    [...whose(of), idOf(id), uuidv7(), comment.marker, storable(comment.body)],
  );
  return stateOf(tx, of, id);
}

async function relate(db: Db, of: TableOf, pair: [string, string]): Promise<void> {
  await db.query(
    `insert into miro.ticket_relations (tenant_id, ticket_id, other_id)
     select $1, min(id::text)::uuid, max(id::text)::uuid from miro.tickets
     where tenant_id = $1 and tracker = $2 and id = any ($3::uuid[]) and deleted_at is null having count(*) = 2
     on conflict do nothing`,
    [...whose(of), pair.map(idOf)],
  );
}

async function remove(tx: Queryable, of: TableOf, id: string): Promise<void> {
  const gone = await tx.query<{ id: string }>(
    `update miro.tickets t set title = '', body = '', labels = '{}', type = null, status = 'deleted', priority = null,
       assignee = null, parent = null, fields = '{}', source_url = '', deleted_at = now(), ${CHANGED}
     where ${ONE_OF} and deleted_at is null returning id`,
    [...whose(of), idOf(id)],
  );
  const ids = gone.map((row) => row.id);
  await tx.query('delete from miro.ticket_comments where ticket_id = any ($1)', [ids]);
  await tx.query('delete from miro.ticket_relations where ticket_id = any ($1) or other_id = any ($1)', [ids]);
}

async function stateOf(db: Queryable, of: TableOf, id: string): Promise<TicketState | undefined> {
  const [row] = await select(db, `${ONE_OF} and deleted_at is null`, [...whose(of), idOf(id)]);
  return row && toState(row);
}

interface TicketRow {
  id: string;
  tracker: string;
  number: number;
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

const select = (db: Queryable, where: string, params: readonly unknown[]): Promise<TicketRow[]> =>
  db.query<TicketRow>(`select * from miro.tickets where ${where}`, params);

const toState = ({ id, tracker, number, version }: TicketRow): TicketState => ({
  id,
  key: ticketKey(tracker, number),
  revision: String(version),
});

const toTicket = (row: TicketRow): StoredTicket => ({
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
