import type { Difference, ProvisionBoardInput, ProvisionPlan } from '../contract.js';
import { ApplicationFailure } from '@temporalio/common';
import type { BoardPlan } from '../jobs/provision-board/plan.js';
import { differences } from '../jobs/provision-board/differences.js';
import { missingScopes, REQUIREMENTS } from '../jobs/requirements.js';
import { boards, MiroError } from '../miro/index.js';
import type { Job } from '../store/jobs.js';
import { ensureTenant } from '../store/tenants.js';
import { checkTemplate, findBoard } from './boards.js';
import { createCaller, type Caller } from './calls.js';
import { checkedInput, episodeFor, planHash } from './door.js';
import { marks, planOf, type CallingDeps, type StoredSpec } from './job-context.js';

export const createPlanActivities = (deps: CallingDeps) => ({
  /** What a run with this input would do now. Reads only, from Miro and the store. @throws ApplicationFailure Input.refused | Installation.mismatch */
  async planBoard({ input: raw }: { input: ProvisionBoardInput }): Promise<ProvisionPlan> {
    const { input, spec } = checkedInput(deps, raw);
    const { tenantId } = await ensureTenant(deps.db, input.tenant);
    const { job, ...episode } = await episodeFor(deps, tenantId, input);
    const plan = planOf(marks(deps, episode), { spec, before: [] });
    const caller = createCaller(deps, {
      ...{ tenantId, connection: input.connectionId, jobKind: 'provisionBoard' },
      purpose: `plan:${episode.keyHash}`,
    });
    const missing = await missingFor(caller, input, plan);
    const there = job?.board && missing.length === 0 ? await findBoard(caller, job.board.boardId) : undefined;
    const outcome = !job?.board ? 'make' : there || missing.length > 0 ? 'exists' : 'deleted';
    const done = job?.state === 'done';
    const { name, description, teamId, copyFrom } = plan.board;
    return {
      hash: planHash(plan),
      board: { name, description, outcome, ...(teamId ? { teamId } : {}), ...(copyFrom ? { from: copyFrom } : {}) },
      ...(job?.board ? { boardId: job.board.boardId } : {}),
      steps: done ? [] : plan.steps,
      credits: done ? 0 : plan.credits,
      missing,
      differences: job ? differencesTo(job, spec) : [],
    };
  },
});

function differencesTo(job: Job, spec: ProvisionBoardInput | StoredSpec['spec']): Difference[] {
  return differences((job.spec as StoredSpec).spec, spec);
}

/** What stands in the way, each with what to do about it. */
async function missingFor(
  caller: Caller,
  input: ProvisionBoardInput,
  plan: BoardPlan,
): Promise<ProvisionPlan['missing']> {
  const missing: ProvisionPlan['missing'] = [];
  const scopes = (await caller.token()).grant.scopes;
  for (const scope of missingScopes(REQUIREMENTS.provisionBoard.scopes, scopes))
    missing.push({
      what: `the token lacks the scope ${scope}`,
      remedy: 'add it to the Miro app and link the account again',
    });
  if (missing.length > 0) return missing;
  const { teamId } = plan.board;
  if (teamId && !(await canUseTeam(caller, teamId))) {
    missing.push({
      what: `teamId: the Miro user of connection "${input.connectionId}" cannot use team ${teamId}`,
      remedy: 'give a team that this user belongs to',
    });
  }
  try {
    await checkTemplate(caller, input);
  } catch (error) {
    if (!(error instanceof ApplicationFailure)) throw error;
    const [what = '', remedy = ''] = error.message.split('; ');
    missing.push({ what, remedy });
  }
  return missing;
}

async function canUseTeam(caller: Caller, teamId: string): Promise<boolean> {
  try {
    await caller.send(boards.list({ teamId, limit: 1 }));
    return true;
  } catch (error) {
    if (error instanceof MiroError && ['forbidden', 'not_found', 'invalid'].includes(error.kind)) return false;
    throw error;
  }
}
