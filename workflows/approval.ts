/** People decide: a run waits here until enough of them have approved a part of its plan, for days if need be. */
import { ApplicationFailure, condition, setHandler, workflowInfo } from '@temporalio/workflow';
import type { ApprovalWish } from '../activities/index.js';
import type { Waiting } from '../contract.js';
import { decide, type Decision } from '../contract-retro.js';
import { CLOSING_MS, closingStep } from './ending.js';
import { plain } from './steps.js';
import { showWait } from './waiting.js';

interface ApprovalState {
  /** The hash of each part that waits. */
  awaited: Map<string, string>;
  /** How many decisions the run was told of. */
  told: number;
}

const state: ApprovalState = { awaited: new Map(), told: 0 };

/** Set before the first await of every workflow that asks people. Which decisions there are is in the store; an update only says: look. */
export function listenForDecisions(): void {
  setHandler(decide, () => void (state.told += 1), {
    validator({ part, hash }: Decision) {
      if (state.awaited.get(part) === hash) return;
      const message = `nothing waits for a decision on part "${part}" of that plan`;
      throw ApplicationFailure.create({ type: 'Approval.notAwaited', message, nonRetryable: true });
    },
  });
}

/**
 * Waits until `needed` people have approved the part with that hash. What it then lets write calls the activity
 * `consumeApprovals` first.
 * @returns whether anybody had to be waited for: the board may be another one since.
 * @throws ActivityFailure with `Approval.rejected`, as soon as one of them has rejected it
 */
export async function approved({ part, hash, needed }: ApprovalWish): Promise<boolean> {
  state.awaited.set(part, hash); // before the store is asked, so that no decision falls between its answer and the wait
  try {
    for (let waited = false; ; waited = true) {
      const { told } = state;
      const { missing } = await plain.awaitApproval({ part, hash, needed });
      if (missing === 0) return waited;
      // the update may be lost with the relay; the hourly look needs nobody
      await showWait(waitFor(part, missing), () => condition(() => state.told > told, '1 hour'));
    }
  } finally {
    state.awaited.delete(part);
    await closingStep(CLOSING_MS, () => plain.endApprovalWait({ part }));
  }
}

function waitFor(part: string, missing: number): Waiting {
  const people = missing === 1 ? 'one more person' : `${missing} more people`;
  const { workflowId } = workflowInfo();
  return {
    for: 'approval',
    detail: `${people} must approve part "${part}" of the plan; see: temporal-miro approvals show ${workflowId}`,
  };
}
