/** What the writing of one link back needs to know. */
import { findLinkBack, type LinkBackInfo } from '../store/link-backs.js';
import type { Ensured } from './create-effect.js';
import { refuse } from './failure.js';
import type { CallingDeps } from './job-context.js';
import { skipped, type Recorded } from './outcomes.js';
import { loadRetro, type RetroContext } from './retro-context.js';

export interface LinkBackContext<Plan extends object> extends LinkBackInfo {
  ctx: RetroContext;
  plan: Plan;
}

/** @throws ApplicationFailure Job.unknown | LinkBack.unknown */
export async function loadLinkBack<Plan extends object>(
  deps: Pick<CallingDeps, 'db'>,
  jobId: string,
  number: number,
): Promise<LinkBackContext<Plan>> {
  const [ctx, found] = await Promise.all([loadRetro(deps, jobId), findLinkBack<Plan>(deps.db, { jobId, number })]);
  if (!found)
    throw refuse('LinkBack.unknown', `the store does not know link back ${number} of job ${jobId}; run again`);
  return { ctx, ...found };
}

/** Which items show which part: the result of a create effect. */
export type ShownItems = { items: Record<string, string> };

/** What became of one part of a bulk. */
export function shownPart(ensured: Ensured<ShownItems>, part: string): Recorded {
  if (ensured.outcome === 'ambiguous') {
    const remedy = 'look at the board and add by hand what is missing';
    return { outcome: 'failed', detail: { reason: ensured.reason, remedy } };
  }
  const objectId = ensured.result.items[part];
  return objectId
    ? { outcome: ensured.outcome, objectId }
    : skipped('it was made, and a person deleted it before its id was known');
}
