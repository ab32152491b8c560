import type { PlanRow, RetroPlan } from '../../contract-retro.js';
import type { RetroRequest, TemporalMiro } from '../index.js';
import { showingWaits } from './live-line.js';

/** A plan with all its rows. @throws JobError */
export async function planned(
  miro: TemporalMiro,
  request: RetroRequest,
): Promise<{ plan: RetroPlan; rows: PlanRow[] }> {
  const plan = await showingWaits((patience) => miro.planRetro(request, patience));
  const rows: PlanRow[] = [];
  const { tenant } = request;
  for await (const row of miro.retroPlanRows({ planId: plan.planId, ...(tenant ? { tenant } : {}) })) rows.push(row);
  return { plan, rows };
}
