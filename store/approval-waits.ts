/** Runs that wait until people have decided on a part of their plan. */
import { decisionsOn, standingOf, type AskedPart, type RecordedDecision, type Standing } from './approvals.js';
import type { Db } from './db.js';
import type { Board } from './jobs.js';

export interface ApprovalWait extends AskedPart {
  workflowId: string;
  tenantId: string;
  /** The tenant's name. */
  tenant: string;
  jobId: string;
  kind: string;
  /** How many people must approve. */
  needed: number;
  since: Date;
  board?: Board;
  planId?: string;
  /** The oldest first. */
  decisions: RecordedDecision[];
}

/**
 * Records that the run waits for decisions on the part, for this hash only, and tells how it stands. Whoever decides afterwards tells the run. Safe
 * to repeat.
 * @returns undefined when the run does not hold its job any more, or the store does not know it.
 */
export async function askForApproval(
  db: Db,
  { runId, part, hash, needed }: AskedPart & { needed: number },
): Promise<Standing | undefined> {
  return db.tx(async (tx) => {
    const [asked] = await tx.query<{ jobId: string }>(
      `insert into miro.approval_waits as w (tenant_id, job_id, part, hash, workflow_id, run_id, needed)
       select tenant_id, id, $2, $3, workflow_id, run_id, $4 from miro.jobs where run_id = $1
       on conflict (tenant_id, job_id, part) do update set hash = excluded.hash, workflow_id = excluded.workflow_id, run_id = excluded.run_id,
         needed = excluded.needed, since = case when (w.run_id, w.hash) = (excluded.run_id, excluded.hash) then w.since else excluded.since end
       returning job_id as "jobId"`,
      [runId, part, hash, needed],
    );
    return asked && standingOf(await decisionsOn(tx, { ...asked, runId, part, hash }));
  });
}

/** The run does not wait for that part any more. Safe to repeat. */
export async function endApprovalWait(db: Db, { runId, part }: Omit<AskedPart, 'hash'>): Promise<void> {
  await db.query('delete from miro.approval_waits where run_id = $1 and part = $2', [runId, part]);
}

/** The run is over, and cannot say so itself: it was terminated. */
export async function endApprovalWaits(db: Db, { runId }: Pick<AskedPart, 'runId'>): Promise<void> {
  await db.query('delete from miro.approval_waits where run_id = $1', [runId]);
}

/** What waits, the oldest first: of a tenant, or of a workflow or run by its id. */
export async function listApprovalWaits(
  db: Db,
  { tenantId, id }: { tenantId?: string | undefined; id?: string },
): Promise<ApprovalWait[]> {
  const rows = await db.query<WaitRow>(
    `select w.tenant_id as "tenantId", t.name as tenant, w.job_id as "jobId", j.kind, w.part, w.hash, w.workflow_id as "workflowId",
       w.run_id as "runId", w.needed, w.since, j.board_id, j.board_url, p.id as plan_id
     from miro.approval_waits w join miro.tenants t on t.id = w.tenant_id
       join miro.jobs j on j.tenant_id = w.tenant_id and j.id = w.job_id
       join miro.runs r on r.run_id = w.run_id and r.state = 'running'
       left join miro.plans p on p.tenant_id = w.tenant_id and p.run_id = w.run_id
     where ($1::uuid is null or w.tenant_id = $1) and ($2::text is null or $2 in (w.workflow_id, w.run_id))
     order by w.since, w.job_id, w.part`,
    [tenantId, id],
  );
  return Promise.all(
    rows.map(async ({ board_id: boardId, board_url: url, plan_id: planId, ...wait }) => ({
      ...wait,
      ...(boardId !== null && url !== null && { board: { boardId, url } }),
      ...(planId !== null && { planId }),
      decisions: await decisionsOn(db, wait),
    })),
  );
}

type WaitRow = Omit<ApprovalWait, 'board' | 'planId' | 'decisions'> & {
  board_id: string | null;
  board_url: string | null;
  plan_id: string | null;
};
