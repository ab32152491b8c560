/** People's decisions on parts of plans: written with the message that tells the run, used up before the part's first write. */
import { uuidv7 } from 'uuidv7';
import type { Decision } from '../contract-retro.js';
import { one, type Db, type Queryable } from './db.js';
import { postOutbox } from './outbox.js';

/** One part of one run's plan. */
export interface AskedPart {
  /** Temporal's. */
  runId: string;
  part: string;
  /** Of that part of the plan. */
  hash: string;
}

export interface RecordedDecision {
  approvalId: string;
  /** Who, with how they came: `cli:<name>`. */
  principal: string;
  decision: Decision['decision'];
  reason?: string;
  at: Date;
}

/** How the decisions on one part stand. */
export interface Standing {
  /** How many people have approved. */
  approved: number;
  rejected?: RecordedDecision;
}

export interface DecideInput {
  tenantId: string;
  jobId: string;
  part: string;
  hash: string;
  principal: string;
  decision: Decision['decision'];
  reason?: string | undefined;
}

/** `not_asked`: no run of that job waits for a decision on the part with this hash, or not any more. */
export type Decided = (RecordedDecision & { fresh: boolean }) | { refused: 'not_asked' };

/**
 * Records a person's decision, and leaves the message that tells the run. Each person decides once on what a run has planned: repeated, or after the
 * opposite, the first decision stands.
 */
export async function decide(db: Db, input: DecideInput): Promise<Decided> {
  const { tenantId, jobId, part, hash, principal, decision, reason } = input;
  return db.tx(async (tx) => {
    const [asked] = await tx.query<{ workflowId: string; runId: string }>(
      `select workflow_id as "workflowId", run_id as "runId" from miro.approval_waits
       where tenant_id = $1 and job_id = $2 and part = $3 and hash = $4 for update`,
      [tenantId, jobId, part, hash],
    );
    if (!asked) return { refused: 'not_asked' };
    const { runId } = asked;
    const nonce = [runId, hash, principal].join(' ');
    const approvalId = uuidv7();
    const made = await tx.query(
      `insert into miro.approvals (tenant_id, id, job_id, run_id, part, hash, nonce, principal, decision, reason)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) on conflict (tenant_id, job_id, part, nonce) do nothing returning id`,
      [tenantId, approvalId, jobId, runId, part, hash, nonce, principal, decision, reason],
    );
    const fresh = made.length > 0;
    const payload = { ...asked, decision: { approvalId, part, hash, decision } };
    if (fresh) await postOutbox(tx, { tenantId, kind: 'approval', payload });
    const decisions = await decisionsOn(tx, { jobId, runId, part, hash });
    return { ...one(decisions.filter((each) => each.principal === principal)), fresh };
  });
}

/**
 * Uses the run's approvals of a part up for its owner (job, episode, part), if enough people have given them and none has rejected it. The same owner
 * may do so again after a crash.
 * @returns how the decisions stand; they are used up when there are enough.
 */
export async function consumeApprovals(
  db: Db,
  { jobId, runId, part, hash, needed }: AskedPart & { jobId: string; needed: number },
): Promise<Standing> {
  return db.tx(async (tx) => {
    const [job] = await tx.query<{ episode: number }>('select episode from miro.jobs where id = $1', [jobId]);
    const owner = [jobId, job?.episode, part].join(':');
    const ofPart = [jobId, runId, part, hash];
    await tx.query(`select from miro.approvals where ${OF_PART} for update`, ofPart);
    const standing = standingOf(await decisionsOn(tx, { jobId, runId, part, hash }, owner));
    if (standing.rejected || standing.approved < needed) return standing;
    await tx.query(
      `update miro.approvals set consumed_by = $5, consumed_at = clock_timestamp() where ${OF_PART} and consumed_by is null`,
      [...ofPart, owner],
    );
    return standing;
  });
}

const OF_PART = 'job_id = $1 and run_id = $2 and part = $3 and hash = $4';

/** The decisions on one part, the oldest first. @param owner without those that another one has used up */
export async function decisionsOn(
  tx: Queryable,
  { jobId, runId, part, hash }: AskedPart & { jobId: string },
  owner?: string,
): Promise<RecordedDecision[]> {
  const rows = await tx.query<Omit<RecordedDecision, 'reason'> & { reason: string | null }>(
    `select id as "approvalId", principal, decision, reason, created_at as at from miro.approvals
     where ${OF_PART} and ($5::text is null or consumed_by is null or consumed_by = $5) order by created_at, id`,
    [jobId, runId, part, hash, owner],
  );
  return rows.map(({ reason, ...decision }) => ({ ...decision, ...(reason !== null && { reason }) }));
}

export function standingOf(decisions: RecordedDecision[]): Standing {
  const rejected = decisions.find(({ decision }) => decision === 'rejected');
  const approved = decisions.filter(({ decision }) => decision === 'approved').length;
  return { approved, ...(rejected && { rejected }) };
}
