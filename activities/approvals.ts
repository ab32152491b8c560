/** People's decisions on parts of a plan: store only. */
import { askForApproval, endApprovalWait } from '../store/approval-waits.js';
import { consumeApprovals, type AskedPart, type RecordedDecision, type Standing } from '../store/approvals.js';
import { findPolicy, type ApprovedKind } from '../store/connection-policy.js';
import type { Deps } from './deps.js';
import { refuse } from './failure.js';
import { knownJob, workflowRunId } from './job-context.js';

/** What people are asked: `hash` is that of this part of the plan. */
export interface ApprovalWish extends Omit<AskedPart, 'runId'> {
  /** How many people must approve. */
  needed: number;
}

export const createApprovalActivities = ({ db }: Pick<Deps, 'db'>) => ({
  /** How many people must approve before the job writes: what its connection's policy says, and one if its caller asks for it. 0: nobody. */
  async approvalsNeeded({ jobId }: { jobId: string }): Promise<number> {
    const { tenantId, kind, options } = await knownJob({ db }, jobId);
    const { connectionId, approval = false } = options as { connectionId: string; approval?: boolean };
    const policy = await findPolicy(db, { tenantId, name: connectionId });
    return Math.max(policy?.approvals[kind as ApprovedKind] ?? 0, approval ? 1 : 0);
  },

  /**
   * Records that this run waits for decisions, and tells how many are missing. Safe to repeat.
   * @throws ApplicationFailure Approval.rejected | Job.unknown, final
   */
  async awaitApproval({ part, hash, needed }: ApprovalWish): Promise<{ missing: number }> {
    const standing = await askForApproval(db, { runId: workflowRunId(), part, hash, needed });
    if (!standing)
      throw refuse(
        'Job.unknown',
        'the store does not know the job of this run: it was emptied or restored; start it again',
      );
    return { missing: missingOf(standing, { part, needed }) };
  },

  async endApprovalWait({ part }: { part: string }): Promise<void> {
    await endApprovalWait(db, { runId: workflowRunId(), part });
  },

  /**
   * Verifies that people have approved the part with this hash, and uses their approvals up for this job, episode and part: to be called before the
   * part's first write. Safe to repeat, also after a crash.
   * @throws ApplicationFailure Approval.missing | Approval.rejected, final
   */
  async consumeApprovals({ jobId, part, hash, needed }: ApprovalWish & { jobId: string }): Promise<void> {
    const standing = await consumeApprovals(db, { jobId, runId: workflowRunId(), part, hash, needed });
    const missing = missingOf(standing, { part, needed });
    if (missing === 0) return;
    throw refuse(
      'Approval.missing',
      `part "${part}" of the plan was not written: ${missing} of ${needed} approvals are not in the store; start the job again`,
    );
  },
});

function missingOf({ approved, rejected }: Standing, { part, needed }: Pick<ApprovalWish, 'part' | 'needed'>): number {
  if (rejected) throw refuse('Approval.rejected', rejectionOf(rejected, part));
  return Math.max(0, needed - approved);
}

/** Says how the person came, and not who it is: failures are kept where names must not be. */
function rejectionOf({ approvalId, principal, reason }: RecordedDecision, part: string): string {
  const [door] = principal.split(':');
  const why = reason === undefined ? '' : `: ${reason}`;
  return `part "${part}" of the plan was rejected (${door}, approval ${approvalId})${why}`;
}
