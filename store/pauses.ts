/** Pauses: nothing is written at Miro for what one of them matches. They bind from the moment they are committed. */
import { uuidv7 } from 'uuidv7';
import { one, type Db } from './db.js';

/** What is not named matches all: {} is everything, and each name narrows. */
export interface PauseScope {
  tenantId?: string | undefined;
  connectionName?: string | undefined;
  jobKind?: string | undefined;
}

export interface Pause extends PauseScope {
  /** The tenant's name. */
  tenant?: string;
  reason?: string;
  pausedAt: Date;
}

/** Pauses a scope; again it stays paused since the first time, for the newer reason. */
export async function pause(
  db: Db,
  { tenantId, connectionName, jobKind, reason }: PauseScope & { reason?: string | undefined },
): Promise<Pause> {
  const rows = await db.query<PauseRow>(
    `with paused as (
       insert into miro.pauses (id, tenant_id, connection_name, job_kind, reason) values ($1, $2, $3, $4, $5)
       on conflict (tenant_id, connection_name, job_kind) do update set reason = coalesce(excluded.reason, pauses.reason)
       returning *)
     ${selectFrom('paused')}`,
    [uuidv7(), tenantId, connectionName, jobKind, reason],
  );
  return toPause(one(rows));
}

/** Ends the pause of exactly this scope; a wider one goes on. @returns whether there was one. */
export async function resume(db: Db, { tenantId, connectionName, jobKind }: PauseScope): Promise<boolean> {
  const ended = await db.query(
    `delete from miro.pauses where tenant_id is not distinct from $1
       and connection_name is not distinct from $2 and job_kind is not distinct from $3 returning id`,
    [tenantId, connectionName, jobKind],
  );
  return ended.length > 0;
}

/** The oldest first; with a tenant those that hold any of its jobs. */
export async function listPauses(db: Db, { tenantId }: { tenantId?: string | undefined } = {}): Promise<Pause[]> {
  const rows = await db.query<PauseRow>(
    `${selectFrom('miro.pauses')} where $1::uuid is null or p.tenant_id is null or p.tenant_id = $1 order by p.paused_at, p.id`,
    [tenantId],
  );
  return rows.map(toPause);
}

/** The oldest pause that holds such a job. */
export async function findPause(
  db: Db,
  { tenantId, connectionName, jobKind }: Required<{ [name in keyof PauseScope]: string }>,
): Promise<Pause | undefined> {
  const [row] = await db.query<PauseRow>(
    `${selectFrom('miro.pauses')} where ${pauseMatches('$1', '$2', '$3')} order by p.paused_at, p.id limit 1`,
    [tenantId, connectionName, jobKind],
  );
  return row && toPause(row);
}

/** Whether the pause `p` holds a job of these three. The unique index finds both halves of each "or". */
export const pauseMatches = (tenantId: string, connectionName: string, jobKind: string): string =>
  `(p.tenant_id is null or p.tenant_id = ${tenantId}) and (p.connection_name is null or p.connection_name = ${connectionName})
   and (p.job_kind is null or p.job_kind = ${jobKind})`;

interface PauseRow {
  id: string;
  tenant_id: string | null;
  tenant: string | null;
  connection_name: string | null;
  job_kind: string | null;
  reason: string | null;
  paused_at: Date;
}

const selectFrom = (table: string): string =>
  `select p.id, p.tenant_id, t.name as tenant, p.connection_name, p.job_kind, p.reason, p.paused_at
   from ${table} p left join miro.tenants t on t.id = p.tenant_id`;

function toPause(row: PauseRow): Pause {
  return {
    ...(row.tenant_id !== null && { tenantId: row.tenant_id }),
    ...(row.tenant !== null && { tenant: row.tenant }),
    ...(row.connection_name !== null && { connectionName: row.connection_name }),
    ...(row.job_kind !== null && { jobKind: row.job_kind }),
    ...(row.reason !== null && { reason: row.reason }),
    pausedAt: row.paused_at,
  };
}
