/** Jobs: one row per (tenant, kind, hash of the business key, episode). */
import { uuidv7 } from 'uuidv7';
import type { Counts, Ending } from '../contract.js';
import { json, one, type Db, type Queryable } from './db.js';
import { SETTLED_AT, UNRESOLVED } from './effects.js';
import { recordRunEvent } from './events.js';
import { setItemsAside } from './items.js';
import { refuseErased } from './tenants.js';

export type JobState = 'running' | Ending;

export interface Board {
  boardId: string;
  url: string;
}

export interface Job {
  jobId: string;
  tenantId: string;
  kind: string;
  keyHash: string;
  episode: number;
  state: JobState;
  workflowId: string;
  /** The Temporal run that works on the job, or did last. */
  runId: string;
  spec: unknown;
  specHash: string;
  options: unknown;
  board?: Board;
  urlReturnedAt?: Date;
  result?: unknown;
  openedAt: Date;
  closedAt?: Date;
}

export interface OpenedJob extends Job {
  /** This call made the row. */
  fresh: boolean;
  /**
   * The store knows nothing that an earlier run made: no earlier episode, no board. It may have been lost, so look
   * before the first write.
   */
  newToStore: boolean;
}

export type RefusedJob =
  | { refused: 'still_running'; episode: number; runId: string }
  | { refused: 'no_such_episode'; highest: number }
  /** Writes of that episode may still arrive; the sweeper settles them. */
  | { refused: 'unsettled'; episode: number; effects: number };

export type OpenJob = OpenedJob | RefusedJob;

export interface OpenJobInput {
  tenantId: string;
  kind: string;
  /** `keyHash` of ids.ts. */
  keyHash: string;
  workflowId: string;
  runId: string;
  spec: unknown;
  specHash: string;
  options: unknown;
  /** Opens episode `again + 1`, once episode `again` has ended and settled. Repeated, it is the same episode. */
  again?: number;
  /** A run after `done` works again, in the same episode. Each run then has its items to itself. */
  repeat?: boolean;
}

/**
 * Opens the job for a run: the highest episode (or the one that `again` asks for), made if there is none. A job that
 * ended without success runs on in the same episode; a done one stays done and answers with its result. Another run
 * that holds it is dead (Temporal has one live run per workflow id) and loses it, unless this call is a late one of an
 * older run. Another spec replaces the stored one only while nothing was made by it: a refused input can be put right.
 * Safe to repeat.
 * @throws TenantErased
 */
export async function openJob(db: Db, input: OpenJobInput): Promise<OpenJob> {
  return db.tx(async (tx) => {
    await refuseErased(tx, input.tenantId);
    const refusal = input.again === undefined ? undefined : await refuseNext(tx, input, input.again);
    if (refusal) return refusal;
    const episode = input.again === undefined ? Math.max(await highestEpisode(tx, input), 1) : input.again + 1;
    const made = await tx.query<{ id: string }>(
      `insert into miro.jobs (tenant_id, id, kind, key_hash, episode, workflow_id, run_id, spec, spec_hash, options)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) on conflict (tenant_id, kind, key_hash, episode) do nothing returning id`,
      [
        ...[input.tenantId, uuidv7(), input.kind, input.keyHash, episode, input.workflowId, input.runId],
        ...[json(input.spec), input.specHash, json(input.options)],
      ],
    );
    const found = one(await selectJobs(tx, `${BY_KEY} and episode = $4 for no key update`, [...keyOf(input), episode]));
    const job = (await enterRun(tx, found, input)) ? await takeOver(tx, found, input) : found;
    const newToStore = job.state === 'running' && job.board === undefined && !(await hasEarlierEpisode(tx, job));
    return { ...job, fresh: made.length > 0, newToStore };
  });
}

/**
 * Moves a job that is new to the store to the episode that a marker told of: the store was lost, Miro remembers. Only
 * ever forward, and only before the job has made anything of its own.
 * @returns false when the job is already there or further, or has made something.
 */
export async function advanceEpisode(db: Db, { jobId, episode }: { jobId: string; episode: number }): Promise<boolean> {
  const moved = await db.query(
    `update miro.jobs set episode = $2 where id = $1 and episode < $2
       and not exists (select from miro.effects where job_id = $1 and outcome = 'made') returning id`,
    [jobId, episode],
  );
  return moved.length > 0;
}

/**
 * Replaces the desired spec if it still is the one whose hash is `fromHash`. A done job runs again: it isn't done by
 * the new spec.
 * @returns whether it was.
 */
export async function setJobSpec(
  db: Db,
  { jobId, fromHash, spec, toHash }: { jobId: string; fromHash: string; spec: unknown; toHash: string },
): Promise<boolean> {
  const set = await db.query(
    `update miro.jobs set spec = $3, spec_hash = $4, state = 'running', closed_at = null where id = $1 and spec_hash = $2 returning id`,
    [jobId, fromHash, json(spec), toHash],
  );
  return set.length > 0;
}

/** Records the job's board. */
export async function setJobBoard(db: Db, { jobId, boardId, url }: { jobId: string } & Board): Promise<void> {
  await db.query('update miro.jobs set board_id = $2, board_url = $3 where id = $1', [jobId, boardId, url]);
}

/** Records that a caller may have seen the board's URL: from now on the board is never removed by us. */
export async function markUrlReturned(db: Db, { jobId }: { jobId: string }): Promise<void> {
  await db.query('update miro.jobs set url_returned_at = coalesce(url_returned_at, clock_timestamp()) where id = $1', [
    jobId,
  ]);
}

export interface ClosedRun {
  jobId: string;
  runId: string;
  ending: Ending;
  result: unknown;
  /** For the event that tells backends, like the type of the error. */
  counts?: Counts;
  errorType?: string | undefined;
}

/**
 * Ends the run, and with it the job, unless the job is done already or another run holds it. Backends are told, once a
 * run. Safe to repeat.
 * @returns whether the job now has this ending.
 */
export async function closeJob(
  db: Db,
  { jobId, runId, ending, result, counts, errorType }: ClosedRun,
): Promise<boolean> {
  return db.tx(async (tx) => {
    // The job first, then its run: the order in which openJob locks them.
    const values = [runId, ending, json(result)];
    await tx.query(
      `update miro.jobs set state = $2, result = $3, closed_at = clock_timestamp()
       where run_id = $1 and id = $4 and state = 'running'`,
      [...values, jobId],
    );
    const [closed] = await tx.query<{ tenantId: string; workflowId: string }>(
      `update miro.runs set state = $2, result = $3, ended_at = clock_timestamp() where run_id = $1 and state = 'running'
       returning tenant_id as "tenantId", workflow_id as "workflowId"`,
      values,
    );
    const type = ending === 'done' ? 'run.finished' : 'run.failed';
    const data = { ending, ...(counts && { counts }), ...(errorType !== undefined && { error: { type: errorType } }) };
    if (closed) await recordRunEvent(tx, { ...closed, type, runId, data });
    const [job] = await tx.query<{ state: JobState }>('select state from miro.jobs where id = $1 and run_id = $2', [
      jobId,
      runId,
    ]);
    return job?.state === ending;
  });
}

export async function getJob(db: Db, jobId: string): Promise<Job | undefined> {
  return (await selectJobs(db, 'where id = $1', [jobId]))[0];
}

/** The job of that key: the highest episode, or the one asked for. */
export async function findJob(db: Db, key: JobKey & { episode?: number }): Promise<Job | undefined> {
  const [job] = await selectJobs(db, `${BY_KEY} and ($4::int is null or episode = $4) order by episode desc limit 1`, [
    ...keyOf(key),
    key.episode ?? null,
  ]);
  return job;
}

export interface JobKey {
  tenantId: string;
  kind: string;
  keyHash: string;
}

const BY_KEY = 'where tenant_id = $1 and kind = $2 and key_hash = $3';
const keyOf = ({ tenantId, kind, keyHash }: JobKey): string[] => [tenantId, kind, keyHash];

async function refuseNext(tx: Queryable, input: OpenJobInput, after: number): Promise<RefusedJob | undefined> {
  const [next] = await selectJobs(tx, `${BY_KEY} and episode = $4`, [...keyOf(input), after + 1]);
  if (next) return undefined;
  const [last] = await selectJobs(tx, `${BY_KEY} and episode = $4 for no key update`, [...keyOf(input), after]);
  if (!last) return { refused: 'no_such_episode', highest: await highestEpisode(tx, input) };
  // That another run has that workflow id now proves the last one closed, whatever its row says.
  const mayRun = last.runId === input.runId || last.workflowId !== input.workflowId;
  if (last.state === 'running' && mayRun) return { refused: 'still_running', episode: after, runId: last.runId };
  const { effects } = one(
    await tx.query<{ effects: number }>(
      `select count(*)::int as effects from miro.effects e where e.job_id = $1 and e.state = 'open' and exists (
         select from miro.attempts a where a.effect_id = e.id and ${UNRESOLVED} and ${SETTLED_AT} > clock_timestamp())`,
      [last.jobId],
    ),
  );
  return effects > 0 ? { refused: 'unsettled', episode: after, effects } : undefined;
}

async function highestEpisode(tx: Queryable, key: JobKey): Promise<number> {
  const sql = `select coalesce(max(episode), 0) as highest from miro.jobs ${BY_KEY}`;
  return one(await tx.query<{ highest: number }>(sql, keyOf(key))).highest;
}

async function hasEarlierEpisode(tx: Queryable, job: Job): Promise<boolean> {
  return (
    (await tx.query(`select from miro.jobs ${BY_KEY} and episode < $4 limit 1`, [...keyOf(job), job.episode])).length >
    0
  );
}

/** @returns false when the run had entered before: then this is a repeated or late call, which takes nothing over. */
async function enterRun(tx: Queryable, job: Job, { workflowId, runId }: OpenJobInput): Promise<boolean> {
  const entered = await tx.query(
    `insert into miro.runs (tenant_id, id, job_id, workflow_id, run_id) values ($1, $2, $3, $4, $5)
     on conflict (run_id) do nothing returning id`,
    [job.tenantId, uuidv7(), job.jobId, workflowId, runId],
  );
  return entered.length > 0;
}

async function takeOver(tx: Queryable, { jobId, runId: last }: Job, input: OpenJobInput): Promise<Job> {
  const { repeat = false } = input;
  await tx.query(
    `update miro.jobs set workflow_id = $2, run_id = $3, options = $4,
       state = case when state = 'done' and not $5 then 'done' else 'running' end,
       closed_at = case when state = 'done' and not $5 then closed_at end
     where id = $1`,
    [jobId, input.workflowId, input.runId, json(input.options), repeat],
  );
  if (repeat && last !== input.runId) await setItemsAside(tx, { jobId, runId: last });
  await tx.query(
    `update miro.jobs set spec = $2, spec_hash = $3 where id = $1 and state = 'running' and board_id is null
       and not exists (select from miro.effects e where e.job_id = $1 and (e.state = 'done'
         or exists (select from miro.attempts a where a.effect_id = e.id and ${UNRESOLVED})))`,
    [jobId, json(input.spec), input.specHash],
  );
  return one(await selectJobs(tx, 'where id = $1', [jobId]));
}

interface JobRow {
  id: string;
  tenant_id: string;
  kind: string;
  key_hash: string;
  episode: number;
  state: JobState;
  workflow_id: string;
  run_id: string;
  spec: unknown;
  spec_hash: string;
  options: unknown;
  board_id: string | null;
  board_url: string | null;
  url_returned_at: Date | null;
  result: unknown;
  opened_at: Date;
  closed_at: Date | null;
}

async function selectJobs(db: Queryable, rest: string, params: unknown[]): Promise<Job[]> {
  return (await db.query<JobRow>(`select * from miro.jobs ${rest}`, params)).map((row) => ({
    jobId: row.id,
    tenantId: row.tenant_id,
    kind: row.kind,
    keyHash: row.key_hash,
    episode: row.episode,
    state: row.state,
    workflowId: row.workflow_id,
    runId: row.run_id,
    spec: row.spec,
    specHash: row.spec_hash,
    options: row.options,
    ...(row.board_id !== null && row.board_url !== null && { board: { boardId: row.board_id, url: row.board_url } }),
    ...(row.url_returned_at && { urlReturnedAt: row.url_returned_at }),
    ...(row.result !== null && { result: row.result }),
    openedAt: row.opened_at,
    ...(row.closed_at && { closedAt: row.closed_at }),
  }));
}
