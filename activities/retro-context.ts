/** What every step of a retro needs to know, read anew by each activity: only ids travel through Temporal. */
import type { RetroToTicketsInput } from '../contract-retro.js';
import { findPlan, type StoredPlan } from '../store/plans.js';
import type { Deps } from './deps.js';
import { refuse } from './failure.js';
import { boardOf, knownJob, workflowRunId, type AnyJob } from './job-context.js';

export interface RetroContext extends AnyJob {
  /** The input of the run that works on the job, or did last. */
  options: RetroToTicketsInput;
  boardId: string;
  url: string;
}

/** @throws ApplicationFailure Job.unknown when the store was emptied under a running job. */
export async function loadRetro(deps: Pick<Deps, 'db'>, jobId: string): Promise<RetroContext> {
  const job = await knownJob(deps, jobId);
  const options = job.options as RetroToTicketsInput;
  return { job, options, connection: options.connectionId, runId: workflowRunId(), ...boardOf({ job }) };
}

export interface PlanContext {
  plan: StoredPlan;
  /** What the plan is made for. */
  input: RetroToTicketsInput;
}

/** @throws ApplicationFailure Plan.unknown */
export async function loadPlan({ db }: Pick<Deps, 'db'>, planId: string): Promise<PlanContext> {
  const plan = await findPlan(db, planId);
  if (plan) return { plan, input: plan.wish as RetroToTicketsInput };
  throw refuse('Plan.unknown', `the store has no plan ${planId} (any more); plan again`);
}
