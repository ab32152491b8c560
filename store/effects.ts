/** Reading the ledger: for endings, the sweeper, clean-up and evidence. */
import type { Db } from './db.js';

export type EffectKind = 'create' | 'set' | 'send';

/** A small JSON object: ids and facts that later steps need, no secrets. */
export type EffectResult = object;

export interface Effect {
  effectId: string;
  tenantId: string;
  jobId: string;
  key: string;
  step: string;
  subject: string;
  kind: EffectKind;
  state: 'open' | 'done';
  outcome?: 'made' | 'found' | 'set';
  objectId?: string;
  result?: EffectResult;
  watermark?: string;
  doneAt?: Date;
  attempts: number;
  /** Attempts that may have written and of which nobody knows. */
  unresolved: number;
  /** 0 when no attempt holds it. */
  leaseLeftMs: number;
  /** 0 when an unresolved attempt's object must have turned up by now. */
  settleLeftMs: number;
  /** Since when an ended job has left it unknown. */
  unsettledAt?: Date;
}

/** All effects of a job, in the order in which they were first claimed. */
export async function effectsOf(db: Db, jobId: string): Promise<Effect[]> {
  return select(db, 'where e.job_id = $1', [jobId]);
}

export async function getEffect(db: Db, { jobId, key }: { jobId: string; key: string }): Promise<Effect | undefined> {
  return (await select(db, 'where e.job_id = $1 and e.key = $2', [jobId, key]))[0];
}

/** Effects that are not over: an attempt holds them, or may have written. */
export async function openEffects(db: Db, { jobId }: { jobId: string }): Promise<Effect[]> {
  return select(db, `where e.job_id = $1 and ${NOT_OVER}`, [jobId]);
}

/** Leaves a job's open effects to the sweeper. @returns how many there are. */
export async function markUnsettled(db: Db, { jobId }: { jobId: string }): Promise<number> {
  const marked = await db.query(
    `update miro.effects e set unsettled_at = coalesce(unsettled_at, clock_timestamp())
     where e.job_id = $1 and ${NOT_OVER} returning e.id`,
    [jobId],
  );
  return marked.length;
}

export interface UnsettledEffect extends Effect {
  /** When "absent" counts; may lie ahead. */
  dueAt: Date;
  /** A job may still be 'running' here whose Temporal run was terminated. */
  jobState: string;
  workflowId: string;
  runId: string;
}

/**
 * What the sweeper has to look for, longest due first: unresolved effects of ended jobs, and of running ones that
 * nobody has touched for `idleMs` (default 10 min) after they were due; of those, ask Temporal whether the run lives.
 */
export async function unsettled(
  db: Db,
  { limit, idleMs = 600_000 }: { limit: number; idleMs?: number },
): Promise<UnsettledEffect[]> {
  const rows = await db.query<EffectRow & { due_at: Date; job_state: string; workflow_id: string; run_id: string }>(
    `select * from (
       select ${COLUMNS}, max(${SETTLED_AT}) filter (where ${UNRESOLVED}) as due_at, j.state as job_state, j.workflow_id, j.run_id
       from miro.effects e join miro.attempts a on a.effect_id = e.id join miro.jobs j on j.id = e.job_id
       where e.state = 'open' and exists (select from miro.attempts a where a.effect_id = e.id and ${UNRESOLVED})
       group by e.tenant_id, e.id, j.tenant_id, j.id) u
     where lease_left_ms = 0 and coalesce(sweep_after <= clock_timestamp(), true) and (job_state <> 'running' or due_at + $2 * interval '1 ms' < clock_timestamp())
     order by coalesce(sweep_after, due_at), id limit $1`,
    [limit, idleMs],
  );
  return rows.map((row) => ({
    ...toEffect(row),
    ...{ dueAt: row.due_at, jobState: row.job_state, workflowId: row.workflow_id, runId: row.run_id },
  }));
}

/** The sweeper could not tell: the others come first, and it is looked at again in 1, 2, 4 … minutes, at most 17 hours. */
export async function postponeSweep(db: Db, { effectId }: { effectId: string }): Promise<void> {
  await db.query(
    `update miro.effects set sweeps = sweeps + 1, sweep_after = clock_timestamp() + power(2, least(sweeps, 10)) * interval '1 minute'
     where id = $1`,
    [effectId],
  );
}

export interface Surplus {
  attemptId: string;
  key: string;
  step: string;
  subject: string;
  objectId?: string;
  result?: EffectResult;
  madeAt: Date;
}

/** Objects that attempts of the job provably made beside the ones that its effects have. */
export async function surplusOf(db: Db, jobId: string): Promise<Surplus[]> {
  const rows = await db.query<
    Omit<Surplus, 'objectId' | 'result'> & { objectId: string | null; result: EffectResult | null }
  >(
    `select a.id as "attemptId", e.key, e.step, e.subject, a.object_id as "objectId", a.result, a.ended_at as "madeAt"
     from miro.attempts a join miro.effects e on e.id = a.effect_id where e.job_id = $1 and a.surplus order by a.ended_at, a.id`,
    [jobId],
  );
  return rows.map(({ objectId, result, ...rest }) => ({
    ...rest,
    ...(objectId !== null && { objectId }),
    ...(result !== null && { result }),
  }));
}

/** Condition on attempts `a`: it was sent, and no answer came. */
export const UNANSWERED = `(a.sent_at is not null and (a.outcome is null or a.outcome = 'unknown'))`;

/** Condition on attempts `a`: it may have written, and nobody knows. */
export const UNRESOLVED = `(${UNANSWERED} and a.resolved_at is null)`;

/**
 * When the object of an unresolved attempt `a` would have turned up. An attempt that never reported ended with its
 * lease at the latest.
 */
export const SETTLED_AT = `(coalesce(a.ended_at, a.lease_until) + a.settle_ms * interval '1 ms')`;

/** SQL for the whole ms from now until a moment, 0 when it is past or null. */
export function msUntil(moment: string): string {
  return `greatest(0, coalesce(ceil(extract(epoch from ${moment} - clock_timestamp()) * 1000), 0))::int`;
}

const NOT_OVER = `e.state = 'open' and (e.lease_until > clock_timestamp()
  or exists (select from miro.attempts a where a.effect_id = e.id and ${UNRESOLVED}))`;

const COLUMNS = `e.*, count(a.id)::int as attempts, (count(a.id) filter (where ${UNRESOLVED}))::int as unresolved,
  ${msUntil('e.lease_until')} as lease_left_ms, ${msUntil(`max(${SETTLED_AT}) filter (where ${UNRESOLVED})`)} as settle_left_ms`;

interface EffectRow {
  id: string;
  tenant_id: string;
  job_id: string;
  key: string;
  step: string;
  subject: string;
  kind: EffectKind;
  state: 'open' | 'done';
  outcome: 'made' | 'found' | 'set' | null;
  object_id: string | null;
  result: EffectResult | null;
  watermark: string | null;
  done_at: Date | null;
  attempts: number;
  unresolved: number;
  lease_left_ms: number;
  settle_left_ms: number;
  unsettled_at: Date | null;
}

async function select(db: Db, where: string, params: unknown[]): Promise<Effect[]> {
  const rows = await db.query<EffectRow>(
    `select ${COLUMNS} from miro.effects e left join miro.attempts a on a.effect_id = e.id ${where}
     group by e.tenant_id, e.id order by e.created_at, e.id`,
    params,
  );
  return rows.map(toEffect);
}

function toEffect(row: EffectRow): Effect {
  return {
    effectId: row.id,
    tenantId: row.tenant_id,
    jobId: row.job_id,
    key: row.key,
    step: row.step,
    subject: row.subject,
    kind: row.kind,
    state: row.state,
    ...(row.outcome && { outcome: row.outcome }),
    ...(row.object_id !== null && { objectId: row.object_id }),
    ...(row.result !== null && { result: row.result }),
    ...(row.watermark !== null && { watermark: row.watermark }),
    ...(row.done_at && { doneAt: row.done_at }),
    attempts: row.attempts,
    unresolved: row.unresolved,
    leaseLeftMs: row.lease_left_ms,
    settleLeftMs: row.settle_left_ms,
    ...(row.unsettled_at && { unsettledAt: row.unsettled_at }),
  };
}
