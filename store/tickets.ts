/** The built-in tracker's tickets. */
import { uuidv7 } from 'uuidv7';
import type { BuiltinTable } from '../tickets/builtin.js';
import type { TicketChange, TicketDraft, TicketState } from '../tickets/tracker.js';
import { json, one, storable, type Db, type Queryable } from './db.js';
import { lockTenant, refuseErased } from './tenants.js';
import {
  CHANGED,
  changeTicket,
  readTicketKey,
  selectTickets,
  toState,
  toTicket,
  type StoredTicket,
} from './ticket-rows.js';

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
    async findByMarker(markers) {
      const where = 'tenant_id = $1 and tracker = $2 and marker = any ($3) and deleted_at is null';
      const rows = await selectTickets(db, where, [...whose(of), markers]);
      return rows.map((row) => ({
        ...toState(row),
        ...{ marker: row.marker, createdAt: row.created_at, byUs: true, untouched: row.version === 1 },
      }));
    },
    remove: (id) => db.tx((tx) => remove(tx, of, id)),
    async get(id) {
      const [row] = await selectTickets(db, `${ONE_OF} and deleted_at is null`, [...whose(of), idOf(id)]);
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
  const rows = await selectTickets(
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
  const [row] = await selectTickets(db, ONE_BY_KEY, [tenantId, named.tracker, named.number]);
  if (!row) return undefined;
  const [comments, related] = await Promise.all([
    db.query<{ body: string; at: Date }>(
      'select body, at from miro.ticket_comments where ticket_id = $1 order by at, id',
      [row.id],
    ),
    selectTickets(
      db,
      `tenant_id = $1 and id in (select ticket_id from miro.ticket_relations where tenant_id = $1 and other_id = $2
         union select other_id from miro.ticket_relations where tenant_id = $1 and ticket_id = $2) order by number`,
      [tenantId, row.id],
    ),
  ]);
  return { ...toTicket(row), comments, related: related.map((other) => toTicket(other).key) };
}

/** A change by a person; what it says already changes nothing. @returns undefined where there is no such ticket */
export async function editTicket(
  db: Queryable,
  { tenantId, key, edit }: Keyed & { edit: TicketEdit },
): Promise<TicketDetails | undefined> {
  const { title, status, priority, assignee } = edit;
  const named = readTicketKey(key);
  if (!named) return undefined;
  await changeTicket(db, ONE_BY_KEY, [tenantId, named.tracker, named.number], { title, status, priority, assignee });
  return findTicket(db, { tenantId, key });
}

/** Statuses that need nobody any more, in small letters. */
const CLOSED: ReadonlySet<string> = new Set(['done', 'closed']);

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
  return toState(one(await selectTickets(tx, by, [...whose(of), marker])));
}

async function update(
  db: Db,
  of: TableOf,
  { id, change }: { id: string; change: TicketChange },
): Promise<TicketState | undefined> {
  const { title, body, labels, type, priority, assignee } = change;
  await changeTicket(db, `${ONE_OF} and deleted_at is null`, [...whose(of), idOf(id)], {
    ...{ title: text(title), body: text(body), labels: labels?.map(storable) },
    ...{ type: text(type), priority: text(priority), assignee: text(assignee) },
  });
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
  await tx.query(
    'delete from miro.ticket_relations where tenant_id = $1 and (ticket_id = any ($2) or other_id = any ($2))',
    [of.tenantId, ids],
  );
}

async function stateOf(db: Queryable, of: TableOf, id: string): Promise<TicketState | undefined> {
  const [row] = await selectTickets(db, `${ONE_OF} and deleted_at is null`, [...whose(of), idOf(id)]);
  return row && toState(row);
}
