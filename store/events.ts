/** What happened, for backends: written in the transaction that is its reason, read by cursor, delivered by webhooks. */
import { uuidv7 } from 'uuidv7';
import type { EventType } from '../contract.js';
import type { DeadSecret } from '../ids.js';
import { json, type Db, type Queryable } from './db.js';
import { postOutbox } from './outbox.js';

/** An event as backends see it. */
export interface MiroEvent {
  /** The same however often it is delivered or read. */
  id: string;
  type: EventType;
  /** When it was recorded, ISO 8601. */
  timestamp: string;
  /** The tenant's name. */
  tenant: string;
  data: Record<string, unknown>;
}

export interface EventPage {
  /** In the order in which they are to be read, which is nearly the order of time. */
  events: MiroEvent[];
  /** Goes on after this page; the one that was given when there was nothing. */
  cursor: string;
  more: boolean;
}

/** Where a person links a dead connection anew (ids.ts, relinkUrl). */
export type RelinkUrl = (dead: DeadSecret) => string;

/** A cursor that none of our pages gave. */
export class UnknownCursor extends Error {
  override readonly name = 'UnknownCursor';
}

const KEPT_DAYS = 30;

/**
 * Records an event, and leaves a message for each endpoint that wants it. `data` holds ids, counts and states: never a
 * secret, never a person's name or e-mail.
 */
export async function recordEvent(
  tx: Queryable,
  { tenantId, type, data }: { tenantId: string; type: EventType; data: object },
): Promise<void> {
  const eventId = uuidv7();
  await tx.query(`insert into miro.events (tenant_id, id, type, data, epoch) values ($1, $2, $3, $4, ${EPOCH})`, [
    tenantId,
    eventId,
    type,
    json(data),
  ]);
  const endpoints = await tx.query<{ id: string }>(
    'select id from miro.webhook_endpoints where tenant_id = $1 and disabled_at is null and (types is null or $2 = any (types))',
    [tenantId, type],
  );
  for (const { id: endpointId } of endpoints)
    await postOutbox(tx, { tenantId, kind: 'webhook', payload: { eventId, endpointId } });
}

/** Records an event of a run; which job it works on, and for which connection, is in the run's own row. */
export async function recordRunEvent(
  tx: Queryable,
  {
    tenantId,
    type,
    workflowId,
    runId,
    data,
  }: {
    tenantId: string;
    type: Extract<EventType, `run.${string}`>;
    workflowId: string;
    runId: string;
    data: object;
  },
): Promise<void> {
  const [job] = await tx.query<object>(
    `select j.id as "jobId", j.kind, j.options ->> 'connectionId' as connection
     from miro.runs r join miro.jobs j on j.tenant_id = r.tenant_id and j.id = r.job_id where r.run_id = $1`,
    [runId],
  );
  await recordEvent(tx, { tenantId, type, data: { ...job, workflowId, runId, ...data } });
}

/**
 * To be called at each process's start. A database that was moved by dump and restore may be on a server that has counted
 * fewer transactions than its events name: what is recorded from now on comes after all of them.
 */
export async function startEvents(db: Db): Promise<void> {
  await db.query(
    `update miro.installation i set events_epoch = events_epoch + 1 where exists (
       select from miro.events where epoch = i.events_epoch and txid >= pg_snapshot_xmax(pg_current_snapshot()))`,
  );
}

/** Within which transactions are counted now. */
const EPOCH = '(select coalesce(max(events_epoch), 0) from miro.installation)';

/**
 * Events after a cursor, or from the oldest one kept. Only those below the oldest transaction that still writes: one
 * that commits later has a later place, so a reader who keeps its cursor misses none.
 * @throws UnknownCursor
 */
export async function readEvents(
  db: Db,
  {
    tenantId,
    after,
    limit,
    types,
    relinkUrl,
  }: {
    /** Absent: all tenants. */
    tenantId?: string;
    after?: string;
    limit: number;
    /** Absent: all types. */
    types?: readonly EventType[];
    relinkUrl?: RelinkUrl | undefined;
  },
): Promise<EventPage> {
  const start = after === undefined ? START : readCursor(after);
  const rows = await db.query<EventRow & Position>(
    `${SELECT} where (e.epoch < ${EPOCH} or e.txid < pg_snapshot_xmin(pg_current_snapshot()))
       and (e.epoch, e.txid, e.seq) > ($1::integer, $2::xid8, $3::bigint)
       and ($4::uuid is null or e.tenant_id = $4) and ($5::text[] is null or e.type = any ($5))
     order by e.epoch, e.txid, e.seq limit $6`,
    [start.epoch, start.txid, start.seq, tenantId, types, limit + 1],
  );
  if (rows.length === 0) await requirePast(db, start);
  const page = rows.slice(0, limit);
  return {
    events: page.map((row) => toEvent(row, relinkUrl)),
    cursor: writeCursor(page.at(-1) ?? start),
    more: rows.length > limit,
  };
}

/** One event, or undefined when it is past its retention. */
export async function findEvent(
  db: Db,
  { eventId, relinkUrl }: { eventId: string; relinkUrl?: RelinkUrl | undefined },
): Promise<MiroEvent | undefined> {
  const [row] = await db.query<EventRow>(`${SELECT} where e.id = $1`, [eventId]);
  return row && toEvent(row, relinkUrl);
}

/** Deletes up to `limit` events that are older than 30 days, and what is known of their deliveries. */
export async function forgetEvents(db: Db, { limit }: { limit: number }): Promise<{ forgotten: number }> {
  const forgotten = await db.query(
    `delete from miro.events where id in (
       select id from miro.events where at < now() - $1 * interval '1 day' order by at limit $2) returning id`,
    [KEPT_DAYS, limit],
  );
  return { forgotten: forgotten.length };
}

interface EventRow {
  id: string;
  type: EventType;
  at: Date;
  tenant: string;
  data: Record<string, unknown>;
}

const SELECT = `select e.id, e.type, e.at, t.name as tenant, e.data, e.epoch, e.txid::text, e.seq
  from miro.events e join miro.tenants t on t.id = e.tenant_id`;

function toEvent({ id, type, at, tenant, data }: EventRow, relinkUrl?: RelinkUrl): MiroEvent {
  const event = { id, type, timestamp: at.toISOString(), tenant, data };
  // A SCIM token is not had by a link: an admin of the organisation copies it from Miro's settings.
  if (type !== 'connection.needs_relink' || data['kind'] === 'scim' || !relinkUrl) return event;
  return { ...event, data: { ...data, relinkUrl: relinkUrl(data as unknown as DeadSecret) } };
}

interface Position {
  epoch: number;
  txid: string;
  seq: string;
}

const START: Position = { epoch: 0, txid: '0', seq: '0' };

/** Behind a cursor that lies ahead of all transactions, nothing would ever come: this database lacks what its reader has seen. */
async function requirePast(db: Db, { epoch, txid }: Position): Promise<void> {
  const ahead = await db.query(
    `select where ($1::integer, $2::xid8) >= (${EPOCH}, pg_snapshot_xmax(pg_current_snapshot()))`,
    [epoch, txid],
  );
  if (ahead.length > 0)
    throw new UnknownCursor(
      'the cursor is of another database, or of what this one has lost; leave it out to start anew',
    );
}

function writeCursor({ epoch, txid, seq }: Position): string {
  return Buffer.from(`${epoch}.${txid}.${seq}`).toString('base64url');
}

function readCursor(cursor: string): Position {
  const text = Buffer.from(cursor, 'base64url').toString();
  const [, epoch, txid, seq] = /^(\d{1,9})\.(\d{1,19})\.(\d{1,18})$/.exec(text) ?? [];
  if (epoch === undefined || txid === undefined || seq === undefined)
    throw new UnknownCursor('the cursor is not one that was given with a page of events; leave it out to start anew');
  return { epoch: Number(epoch), txid, seq };
}
