/** For approval.test.ts: a run that does nothing but ask. */
import { setHandler } from '@temporalio/workflow';
import { status } from '../../contract.js';
import { approved, listenForDecisions } from '../../workflows/approval.js';
import { runUntilDeadline, wordsOf } from '../../workflows/ending.js';
import { waitingFor } from '../../workflows/waiting.js';

const counts = { made: 0, existing: 0, changed: 0, skipped: 0, refused: 0, failed: 0 };

export interface ApprovingInput {
  hash: string;
  needed: number;
  deadlineMs: number;
  /** The deadline once it waits. */
  longerMs?: number;
}

/** @returns how it ended, in one line */
export async function approving({ hash, needed, deadlineMs, longerMs = deadlineMs }: ApprovingInput): Promise<string> {
  listenForDecisions();
  setHandler(status, () => {
    const waiting = waitingFor();
    return { phase: 'approval', total: 0, finished: 0, counts, ...(waiting ? { waiting } : {}) };
  });
  const ending = await runUntilDeadline(
    () => (waitingFor() ? longerMs : deadlineMs),
    async () => void (await approved({ part: 'tickets', hash, needed })),
  );
  return ending.kind === 'failed' ? wordsOf(ending).type : ending.kind;
}
