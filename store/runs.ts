/** Runs as people see them: the store's record outlives Temporal's. */
import type { Counts } from '../contract.js';
import type { Db } from './db.js';
import { openEffects, surplusOf, type Effect, type Surplus } from './effects.js';
import { itemsOfRun, type RecordedItem } from './items.js';
import type { Board, JobState } from './jobs.js';

export interface Run {
  workflowId: string;
  runId: string;
  tenantId: string;
  /** The tenant's name. */
  tenant: string;
  jobId: string;
  kind: string;
  episode: number;
  state: JobState;
  /** It waits for a relink. */
  parked: boolean;
  board?: Board;
  startedAt: Date;
  endedAt?: Date;
}

export interface RunDetails extends Run {
  /** What the run itself said at its end. */
  result?: unknown;
  counts: Counts;
  items: RecordedItem[];
  /** Of the job: writes that are under way or of which nobody knows. */
  open: Effect[];
  /** Of the job: objects made beside the ones that count. */
  surplus: Surplus[];
}

export interface RunFilter {
  tenantId?: string | undefined;
  /** The run's own, not the job's. */
  state?: JobState | undefined;
  /** Name of the connection that the job uses. */
  connection?: string | undefined;
  /** Name of the tracker that the job uses. */
  tracker?: string | undefined;
  limit: number;
}

/** The newest runs first. */
export async function listRuns(db: Db, { tenantId, state, connection, tracker, limit }: RunFilter): Promise<Run[]> {
  const rows = await select(
    db,
    `where ($1::uuid is null or r.tenant_id = $1) and ($2::text is null or r.state = $2)
       and ($3::text is null or j.options ->> 'connectionId' = $3)
       and ($4::text is null or j.options ->> 'tracker' = $4) order by r.started_at desc, r.id desc limit $5`,
    [tenantId, state, connection, tracker, limit],
  );
  return rows.map(toRun);
}

/** Whether a run has worked on that job. */
export async function hasRun(db: Db, { jobId, runId }: { jobId: string; runId: string }): Promise<boolean> {
  const found = await db.query('select from miro.runs where job_id = $1 and run_id = $2', [jobId, runId]);
  return found.length > 0;
}

/** One run by its run id, or a workflow's newest one by its workflow id. */
export async function showRun(db: Db, id: string): Promise<RunDetails | undefined> {
  const [row] = await select(
    db,
    'where r.run_id = $1 or r.workflow_id = $1 order by r.started_at desc, r.id desc limit 1',
    [id],
  );
  if (!row) return undefined;
  const jobId = row.job_id;
  const [{ counts, items }, open, surplus] = await Promise.all([
    itemsOfRun(db, { jobId, runId: row.run_id }),
    openEffects(db, { jobId }),
    surplusOf(db, jobId),
  ]);
  return { ...toRun(row), ...(row.result !== null && { result: row.result }), counts, items, open, surplus };
}

interface RunRow {
  workflow_id: string;
  run_id: string;
  tenant_id: string;
  tenant: string;
  job_id: string;
  kind: string;
  episode: number;
  state: JobState;
  parked: boolean;
  board_id: string | null;
  board_url: string | null;
  started_at: Date;
  ended_at: Date | null;
  result: unknown;
}

async function select(db: Db, rest: string, params: unknown[]): Promise<RunRow[]> {
  return db.query<RunRow>(
    `select r.workflow_id, r.run_id, r.tenant_id, t.name as tenant, r.job_id, j.kind, j.episode, r.state, j.board_id, j.board_url,
       exists (select from miro.parked p where p.workflow_id = r.workflow_id and p.run_id = r.run_id) as parked,
       r.started_at, r.ended_at, r.result
     from miro.runs r join miro.tenants t on t.id = r.tenant_id
       join miro.jobs j on j.tenant_id = r.tenant_id and j.id = r.job_id ${rest}`,
    params,
  );
}

function toRun(row: RunRow): Run {
  return {
    workflowId: row.workflow_id,
    runId: row.run_id,
    tenantId: row.tenant_id,
    tenant: row.tenant,
    jobId: row.job_id,
    kind: row.kind,
    episode: row.episode,
    state: row.state,
    parked: row.parked,
    ...(row.board_id !== null && row.board_url !== null && { board: { boardId: row.board_id, url: row.board_url } }),
    startedAt: row.started_at,
    ...(row.ended_at && { endedAt: row.ended_at }),
  };
}
