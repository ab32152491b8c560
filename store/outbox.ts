/** Messages to Temporal, written in the transaction that is their reason and delivered until acknowledged. */
import { uuidv7 } from 'uuidv7';
import type { Decision } from '../contract-retro.js';
import { json, type Db, type Queryable } from './db.js';

interface Payloads {
  /** `generation` is the grant's new one; for a connection that now points elsewhere, that of its new grant. */
  relinked: { workflowId: string; grantId: string; generation: number };
  /** A person's decision, for the run that asked for it. */
  approval: { workflowId: string; runId: string; decision: Decision };
  /** `again` tells a delivery that was asked for anew from the ones before. */
  webhook: { eventId: string; endpointId: string; again?: string };
}

export type OutboxKind = keyof Payloads;

export interface OutboxRow<Kind extends OutboxKind = OutboxKind> {
  outboxId: string;
  tenantId: string;
  payload: Payloads[Kind];
  /** Deliveries begun, this one included. */
  tries: number;
}

/** Leaves a message in the transaction that is its reason. */
export async function postOutbox<Kind extends OutboxKind>(
  tx: Queryable,
  { tenantId, kind, payload }: { tenantId: string; kind: Kind; payload: Payloads[Kind] },
): Promise<void> {
  await tx.query('insert into miro.outbox (tenant_id, id, kind, payload) values ($1, $2, $3, $4)', [
    ...[tenantId, uuidv7(), kind, json(payload)],
  ]);
}

/**
 * Takes due messages of one kind for `leaseMs`; whoever doesn't say {@link doneOutbox} by then leaves them to another
 * relay. Oldest first.
 */
export async function takeOutbox<Kind extends OutboxKind>(
  db: Db,
  { kind, limit, leaseMs }: { kind: Kind; limit: number; leaseMs: number },
): Promise<OutboxRow<Kind>[]> {
  return db.query<OutboxRow<Kind>>(
    `with due as (
       select id from miro.outbox where kind = $1 and due_at <= clock_timestamp() order by due_at, id limit $2
       for no key update skip locked),
     taken as (
       update miro.outbox o set due_at = clock_timestamp() + $3 * interval '1 ms', tries = tries + 1 from due where o.id = due.id
       returning o.id as "outboxId", o.tenant_id as "tenantId", o.payload, o.tries)
     select * from taken order by "outboxId"`,
    [kind, limit, leaseMs],
  );
}

/** The message was delivered, or its workflow has ended. */
export async function doneOutbox(db: Db, outboxId: string): Promise<void> {
  await db.query('delete from miro.outbox where id = $1', [outboxId]);
}

/** The message could not be delivered: again after `afterMs`. */
export async function retryOutbox(db: Db, outboxId: string, afterMs: number): Promise<void> {
  await db.query(`update miro.outbox set due_at = clock_timestamp() + $2 * interval '1 ms' where id = $1`, [
    outboxId,
    afterMs,
  ]);
}

/**
 * Writes a message to every run that waits for the grant; with `connectionId`, to those of that connection which wait
 * for any grant that it pointed to before. The caller holds the rows' locks that parking needs too, so no run parks unseen beside
 * it.
 */
export async function wakeParked(
  tx: Queryable,
  {
    tenantId,
    grantId,
    generation,
    connectionId = null,
  }: { tenantId: string; grantId: string; generation: number; connectionId?: string | null },
): Promise<void> {
  const parked = await tx.query<{ workflow_id: string }>(
    `select distinct p.workflow_id from miro.parked p join miro.grants g on g.tenant_id = p.tenant_id and g.id = p.grant_id
     where p.tenant_id = $1 and (p.grant_id = $2 or (p.connection_id = $3 and g.kind = (select kind from miro.grants where id = $2)))`,
    [tenantId, grantId, connectionId],
  );
  for (const { workflow_id: workflowId } of parked)
    await postOutbox(tx, { tenantId, kind: 'relinked', payload: { workflowId, grantId, generation } });
}
