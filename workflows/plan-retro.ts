/** What a retro would write, computed without writing. */
import type { PlannedRetro } from '../activities/index.js';
import type { PlanPage, RetroPlan, RetroToTicketsInput } from '../contract-retro.js';
import { RetroProgress } from './retro-progress.js';
import { batch, openRetroPlan, plain, plainBulk } from './steps.js';

/** What a run would do now, without one write; nobody waits for a relink of the account. */
export async function planRetroToTickets(input: RetroToTicketsInput): Promise<RetroPlan> {
  const { planId } = await openRetroPlan({ input });
  return (await planOf(planId, new RetroProgress(), plainBulk)).plan;
}

/** Rows of a plan that is there, for callers without a database. */
export async function readRetroPlan(asked: { tenant: string; planId: string; from: number }): Promise<PlanPage> {
  return await plain.readPlanPage(asked);
}

/** Reads the board and plans from it. */
export async function planOf(planId: string, progress: RetroProgress, steps = batch): Promise<PlannedRetro> {
  progress.phase = 'reading';
  while (!(await steps.readBoard({ planId })).done);
  progress.phase = 'planning';
  const planned = await steps.planTickets({ planId });
  progress.planned(planned.plan);
  return planned;
}
