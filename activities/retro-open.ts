/** Opening and closing a retro: store only. */
import type { Ending } from '../contract.js';
import type { RetroToTicketsInput, RetroToTicketsResult, UndoRetroResult } from '../contract-retro.js';
import { keyHash, sha256 } from '../ids.js';
import { InvalidInput } from '../jobs/invalid-input.js';
import { canonicalJson } from '../jobs/provision-board/spec.js';
import { parseRetroInput } from '../jobs/retro-to-tickets/input.js';
import { retroKey } from '../jobs/retro-to-tickets/key.js';
import { closeJob, openJob, setJobBoard } from '../store/jobs.js';
import { beginPlan, beginReading } from '../store/plans.js';
import { halfUndoneRuns, linkDone } from '../store/ticket-links.js';
import { ensureTenant } from '../store/tenants.js';
import type { Deps } from './deps.js';
import { requireConnection, requireSameInstallation } from './door.js';
import { refuse } from './failure.js';
import { countUp } from './jobs.js';
import { workflowIdOfRun, workflowRunId } from './job-context.js';
import { openTracker } from './trackers.js';

export interface OpenedRetro {
  jobId: string;
  planId: string;
  /** Runs whose undo was cut off: the board may still show what was taken back. */
  halfUndone: string[];
}

const KIND = 'retroToTickets' as const;

/** How the result of any run of the job ends; what was counted is added. */
export type RetroResult = RetroToTicketsResult | UndoRetroResult;

export const createRetroOpenActivities = (deps: Deps) => ({
  /**
   * Opens the job of the input's board and tracker, also after it was done, and begins this run's plan. Writes to the store only.
   * @throws ApplicationFailure Input.refused | Installation.mismatch | Connection.unknown | Scope.missing | Tracker.unknown, all final
   */
  async openRetro({ input: raw }: { input: RetroToTicketsInput }): Promise<OpenedRetro> {
    const asked = await admitted(deps, raw);
    const { boardId, tracker } = asked.input;
    const spec = { boardId, tracker };
    const opened = await openJob(deps.db, {
      ...{ tenantId: asked.tenantId, kind: KIND, keyHash: asked.keyHash, repeat: true },
      ...{ workflowId: workflowIdOfRun(), runId: workflowRunId() },
      ...{ spec, specHash: sha256(canonicalJson(spec)), options: asked.input },
    });
    if ('refused' in opened)
      throw refuse('Job.stillRunning', 'another run of this job is still running; call again when it has ended');
    const { jobId } = opened;
    await linkDone(deps.db, { jobId });
    if (!opened.board) await setJobBoard(deps.db, { jobId, boardId, url: addressOf(boardId) });
    return { jobId, ...(await beginOwnPlan(deps, asked)), halfUndone: await halfUndoneRuns(deps.db, opened) };
  },

  /** Begins a plan that no run follows. Writes to the store only. @throws as openRetro */
  async openRetroPlan({ input }: { input: RetroToTicketsInput }): Promise<{ planId: string }> {
    return await beginOwnPlan(deps, await admitted(deps, input));
  },

  /** The run's board is to be read and planned anew, the `reading`-th time. Writes to the store only. Safe to repeat. */
  async readAgain(of: { planId: string; reading: number }): Promise<void> {
    await beginReading(deps.db, of);
  },

  /** The last word of a run: counts and problems from the store, unsettled claims named. */
  async closeRetro({
    jobId,
    result,
  }: {
    jobId: string;
    result: RetroResult;
  }): Promise<Pick<RetroResult, 'counts' | 'problems'>> {
    const told = await countUp(deps, jobId);
    const ending: Ending = result.ending;
    const errorType = result.error?.type;
    const closed = { ...result, ...told };
    await closeJob(deps.db, { jobId, runId: workflowRunId(), ending, result: closed, counts: told.counts, errorType });
    return told;
  },
});

interface Admitted {
  input: RetroToTicketsInput;
  tenantId: string;
  keyHash: string;
}

async function admitted(deps: Deps, raw: RetroToTicketsInput): Promise<Admitted> {
  const input = checkedRetro(deps, raw);
  const { tenant, tracker, connectionId } = input;
  const { tenantId } = await ensureTenant(deps.db, tenant);
  await Promise.all([
    requireConnection(deps, { tenantId, name: connectionId, kind: KIND }),
    openTracker(deps, { tenantId, name: tracker }),
  ]);
  return {
    input,
    tenantId,
    keyHash: keyHash(deps.idKey, { tenant, kind: KIND, key: retroKey(input.boardId, tracker) }),
  };
}

function checkedRetro(deps: Deps, raw: RetroToTicketsInput): RetroToTicketsInput {
  const { idKeyCheck, plaintext, ...request } = raw;
  requireSameInstallation(deps, { idKeyCheck, plaintext });
  try {
    return parseRetroInput(request);
  } catch (error) {
    if (error instanceof InvalidInput) throw refuse('Input.refused', error.message);
    throw error;
  }
}

const beginOwnPlan = (deps: Deps, { input, tenantId, keyHash }: Admitted): Promise<{ planId: string }> =>
  beginPlan(deps.db, { tenantId, kind: KIND, keyHash, runId: workflowRunId(), wish: input });

/** Until the board itself was read, which tells its own. */
const addressOf = (boardId: string): string => `https://miro.com/app/board/${encodeURIComponent(boardId)}/`;
