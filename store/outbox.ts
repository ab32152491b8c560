/** Messages to workflows, written in the transaction that is their reason and delivered until acknowledged. */
import { uuidv7 } from 'uuidv7';
import { json, type Db, type Queryable } from './db.js';

export interface OutboxRow {
  outboxId: string;
  tenantId: string;
  kind: 'relinked';
  /** `generation` is the grant's new one; for a connection that now points elsewhere, that of its new grant. */
  payload: { workflowId: string; grantId: string; generation: number };
  /** Deliveries begun, this one included. */
  tries: number;
}

/**
 * Takes due messages for `leaseMs`; whoever doesn't say {@link doneOutbox} by then leaves them to another relay. Oldest
 * first.
 */
export async function takeOutbox(db: Db, { limit, leaseMs }: { limit: number; leaseMs: number }): Promise<OutboxRow[]> {
  return db.query<OutboxRow>(
    `with due as (
       select id from miro.outbox where due_at <= clock_timestamp() order by due_at, id limit $1 for no key update skip locked),
     taken as (
       update miro.outbox o set due_at = clock_timestamp() + $2 * interval '1 ms', tries = tries + 1 from due where o.id = due.id
       returning o.id as "outboxId", o.tenant_id as "tenantId", o.kind, o.payload, o.tries)
     select * from taken order by "outboxId"`,
    [limit, leaseMs],
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
 * Writes a message to every run that waits for the grant; with `left`, to those of that connection which wait for the
 * grant it pointed to before. The caller holds the rows' locks that parking needs too, so no run parks unseen beside
 * it.
 */
export async function wakeParked(
  tx: Queryable,
  {
    tenantId,
    grantId,
    generation,
    left,
  }: { tenantId: string; grantId: string; generation: number; left?: { connectionId: string; grantId: string } },
): Promise<void> {
  const parked = await tx.query<{ workflow_id: string }>(
    `select distinct workflow_id from miro.parked where tenant_id = $1 and (grant_id = $2 or (connection_id = $3 and grant_id = $4))`,
    [tenantId, grantId, left?.connectionId, left?.grantId],
  );
  for (const { workflow_id: workflowId } of parked) {
    const payload = json({ workflowId, grantId, generation });
    await tx.query(`insert into miro.outbox (tenant_id, id, kind, payload) values ($1, $2, 'relinked', $3)`, [
      tenantId,
      uuidv7(),
      payload,
    ]);
  }
}
