/** `retro --apply`: an edited plan, bound to the board as it was planned. */
import { editsBetween } from '../../jobs/retro-to-tickets/edits-between.js';
import { parsePlanFile } from '../../jobs/retro-to-tickets/plan-file.js';
import { RetroRefused } from '../../jobs/retro-to-tickets/refusal.js';
import type { RetroRequest, TemporalMiro } from '../index.js';
import { parseRequest } from '../retro.js';
import { readDocument } from './documents.js';
import { CommandError, EXIT } from './exit-codes.js';
import type { Output } from './output.js';
import { planned } from './retro-planned.js';

/**
 * What the file asks for, if the board still is as it was, or its changes are accepted.
 * @throws InvalidInput for a file that is no plan; CommandError that says what has changed on the board
 */
export async function appliedPlan(
  miro: TemporalMiro,
  { path, acceptChanges }: { path: string; acceptChanges: boolean },
  output: Output,
): Promise<RetroRequest> {
  const file = parsePlanFile(await readDocument('--apply', path));
  const request = file.request as unknown as RetroRequest;
  parseRequest(request);
  const { plan, rows } = await planned(miro, request);
  try {
    const { edits, changes } = editsBetween({ hash: plan.hash, rows }, file, acceptChanges);
    for (const change of changes) output.note(`Changed since: ${change}`);
    return { ...request, planHash: plan.hash, ...(Object.keys(edits).length > 0 ? { edits } : {}) };
  } catch (error) {
    if (error instanceof RetroRefused) throw new CommandError(EXIT.notDone, error.message);
    throw error;
  }
}
