/** Runs that wait for a newer generation of a grant, or for their connection to point to another one. */
import type { Db } from './db.js';
import { recordRunEvent } from './events.js';

export interface Parking {
  tenantId: string;
  /** The connection that the run uses. */
  connectionName: string;
  /** What it needs, as it last saw it. */
  grantId: string;
  generation: number;
  workflowId: string;
  runId: string;
}

/**
 * Parks a run, unless what it waits for has happened already: a newer generation, a live one, or a connection that
 * points elsewhere. Locks the rows that a relink locks, in the same order, so that none is missed. Backends are told.
 * Safe to repeat.
 */
export async function park(
  db: Db,
  { tenantId, connectionName, grantId, generation, workflowId, runId }: Parking,
): Promise<{ parked: boolean }> {
  return db.tx(async (tx) => {
    const [connection] = await tx.query<{ id: string }>(
      'select id from miro.connections where tenant_id = $1 and name = $2 and $3 in (rest_grant_id, scim_grant_id) for share',
      [tenantId, connectionName, grantId],
    );
    if (!connection) return { parked: false };
    const [dead] = await tx.query<{ reason: string | null }>(
      `select reason from miro.grants where tenant_id = $1 and id = $2 and generation = $3 and state <> 'live' for share`,
      [tenantId, grantId, generation],
    );
    if (!dead) return { parked: false };
    const entered = await tx.query(
      `insert into miro.parked as p (tenant_id, grant_id, workflow_id, run_id, connection_id, generation) values ($1, $2, $3, $4, $5, $6)
       on conflict (tenant_id, grant_id, workflow_id, run_id)
         do update set connection_id = excluded.connection_id, generation = excluded.generation
         where (p.connection_id, p.generation) <> (excluded.connection_id, excluded.generation) returning run_id`,
      [tenantId, grantId, workflowId, runId, connection.id, generation],
    );
    if (entered.length > 0) {
      const data = { connection: connectionName, ...(dead.reason !== null && { reason: dead.reason }) };
      await recordRunEvent(tx, { tenantId, type: 'run.parked', workflowId, runId, data });
    }
    return { parked: true };
  });
}

/** The run waits no longer, for any grant. */
export async function unpark(db: Db, { workflowId, runId }: { workflowId: string; runId: string }): Promise<void> {
  await db.query('delete from miro.parked where workflow_id = $1 and run_id = $2', [workflowId, runId]);
}

/**
 * The message found no run under the workflow id: what parked before it was written waits no longer, e.g. because it was
 * terminated. A run that has begun since keeps its row.
 */
export async function unparkEnded(
  db: Db,
  { workflowId, outboxId }: { workflowId: string; outboxId: string },
): Promise<void> {
  await db.query(
    'delete from miro.parked p using miro.outbox o where o.id = $2 and p.workflow_id = $1 and p.parked_at <= o.created_at',
    [workflowId, outboxId],
  );
}

/** How many runs wait, by the id of their connection. */
export async function countParked(db: Db): Promise<Map<string, number>> {
  const rows = await db.query<{ id: string; runs: number }>(
    'select connection_id as id, count(distinct run_id)::integer as runs from miro.parked group by connection_id',
  );
  return new Map(rows.map(({ id, runs }) => [id, runs]));
}
