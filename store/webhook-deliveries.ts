/** One event to one endpoint: how often it was tried, and what came of it. */
import { uuidv7 } from 'uuidv7';
import type { EventType } from '../contract.js';
import type { Db } from './db.js';
import { postOutbox } from './outbox.js';

export type DeliveryState = 'pending' | 'delivered' | 'given_up';

/** What both are known by, whichever tenant's. */
export interface DeliveryKey {
  eventId: string;
  endpointId: string;
}

export interface Delivery extends DeliveryKey {
  state: DeliveryState;
  tries: number;
  lastStatus?: number;
  /** In our words, never the receiver's. */
  lastError?: string;
  type: EventType;
  updatedAt: Date;
}

/** What the next try needs to know. */
export interface DueDelivery {
  tenantId: string;
  url: string;
  state: DeliveryState;
  /** Nothing is sent to the endpoint at present. */
  disabled: boolean;
}

/** Undefined when the event is past its retention, or the endpoint was removed. */
export async function findDelivery(db: Db, { eventId, endpointId }: DeliveryKey): Promise<DueDelivery | undefined> {
  const [due] = await db.query<DueDelivery>(
    `select e.tenant_id as "tenantId", w.url, coalesce(d.state, 'pending') as state, w.disabled_at is not null as disabled
     from miro.events e join miro.webhook_endpoints w on w.tenant_id = e.tenant_id
       left join miro.webhook_deliveries d on d.tenant_id = e.tenant_id and d.event_id = e.id and d.endpoint_id = w.id
     where e.id = $1 and w.id = $2`,
    [eventId, endpointId],
  );
  return due;
}

/** Counts a try that is about to be sent. @returns its number, from 1; 0 when event or endpoint are gone. */
export async function beginTry(db: Db, { eventId, endpointId }: DeliveryKey): Promise<number> {
  const [begun] = await db.query<{ tries: number }>(
    `insert into miro.webhook_deliveries as d (tenant_id, event_id, endpoint_id, tries)
     select e.tenant_id, e.id, w.id, 1 from miro.events e join miro.webhook_endpoints w on w.tenant_id = e.tenant_id
     where e.id = $1 and w.id = $2
     on conflict (tenant_id, event_id, endpoint_id) do update set tries = d.tries + 1, updated_at = clock_timestamp()
     returning tries`,
    [eventId, endpointId],
  );
  return begun?.tries ?? 0;
}

/** Records how a try ended. Nothing but a delivery changes what is over, whatever a late answer says. */
export async function endTry(
  db: Db,
  {
    eventId,
    endpointId,
    state,
    status,
    error,
  }: DeliveryKey & { state: DeliveryState; status?: number | undefined; error?: string | undefined },
): Promise<void> {
  await db.query(
    `update miro.webhook_deliveries set state = $3, last_status = $4, last_error = $5, updated_at = clock_timestamp()
     where event_id = $1 and endpoint_id = $2 and (state = 'pending' or $3 = 'delivered')`,
    [eventId, endpointId, state, status, error],
  );
}

/** Whether the endpoint has taken anything since the event was recorded. */
export async function hasAnsweredSince(db: Db, { eventId, endpointId }: DeliveryKey): Promise<boolean> {
  const answered = await db.query(
    `select from miro.events e join miro.webhook_deliveries d on d.tenant_id = e.tenant_id and d.endpoint_id = $2
     where e.id = $1 and d.state = 'delivered' and d.updated_at > e.at limit 1`,
    [eventId, endpointId],
  );
  return answered.length > 0;
}

/** The latest news first. */
export async function listDeliveries(
  db: Db,
  {
    tenantId,
    endpointId,
    state,
    limit,
  }: { tenantId: string; endpointId?: string | undefined; state?: DeliveryState | undefined; limit: number },
): Promise<Delivery[]> {
  const rows = await db.query<DeliveryRow>(
    `select d.*, e.type from miro.webhook_deliveries d join miro.events e on e.tenant_id = d.tenant_id and e.id = d.event_id
     where d.tenant_id = $1 and ($2::uuid is null or d.endpoint_id = $2) and ($3::text is null or d.state = $3)
     order by d.updated_at desc, d.event_id limit $4`,
    [tenantId, endpointId, state, limit],
  );
  return rows.map((row) => ({
    ...{ eventId: row.event_id, endpointId: row.endpoint_id, state: row.state, tries: row.tries, type: row.type },
    ...(row.last_status !== null && { lastStatus: row.last_status }),
    ...(row.last_error !== null && { lastError: row.last_error }),
    updatedAt: row.updated_at,
  }));
}

/**
 * Delivers an event anew, whatever became of it, with the whole schedule of tries before it.
 * @returns false when the tenant has no such event or endpoint, or the endpoint is disabled.
 */
export async function redeliver(
  db: Db,
  { tenantId, eventId, endpointId }: DeliveryKey & { tenantId: string },
): Promise<boolean> {
  return db.tx(async (tx) => {
    const found = await tx.query(
      `insert into miro.webhook_deliveries (tenant_id, event_id, endpoint_id)
       select e.tenant_id, e.id, w.id from miro.events e join miro.webhook_endpoints w on w.tenant_id = e.tenant_id
       where e.tenant_id = $1 and e.id = $2 and w.id = $3 and w.disabled_at is null
       on conflict (tenant_id, event_id, endpoint_id) do update set state = 'pending', tries = 0, updated_at = clock_timestamp()
       returning event_id`,
      [tenantId, eventId, endpointId],
    );
    if (found.length === 0) return false;
    await postOutbox(tx, { tenantId, kind: 'webhook', payload: { eventId, endpointId, again: uuidv7() } });
    return true;
  });
}

interface DeliveryRow {
  event_id: string;
  endpoint_id: string;
  state: DeliveryState;
  tries: number;
  last_status: number | null;
  last_error: string | null;
  type: EventType;
  updated_at: Date;
}
