/** A person's changes of a plan. */
import type { PlanRow, RetroEdits, RowEdit } from '../../contract-retro.js';
import { RetroRefused } from './refusal.js';
import { requireEditable, type TrackerFacts } from './tracker-facts.js';

const NAMED = 5;

/** Whether a ticket is made, or may be written to, for that row. */
export const isWritten = ({ decision }: Pick<PlanRow, 'decision'>): boolean =>
  decision === 'create' || decision === 'changed';

/**
 * The rows as the person wants them: what is taken out becomes `dropped`, and stands before what is deleted.
 * @throws RetroRefused for items that the plan has no ticket for, and for what the tracker does not have.
 */
export function applyEdits(rows: readonly PlanRow[], edits: RetroEdits, tracker: TrackerFacts): PlanRow[] {
  const { drop = [], set = {} } = edits;
  const known = new Map(rows.map((row) => [row.itemId, row]));
  refuseForeign([...drop, ...Object.keys(set)].filter((id) => !known.has(id)));
  for (const id of Object.keys(set)) {
    const row = known.get(id);
    if (row && !isWritten(row))
      throw new RetroRefused(
        `the edits change item ${id}, of which the plan makes no ticket (${row.reason}); take it out of the edits`,
      );
  }
  requireEditable(edits, tracker);
  const dropped = new Set(drop);
  const edited = rows.map((row) => {
    if (dropped.has(row.itemId) && isWritten(row)) return taken(row);
    const edit = set[row.itemId];
    return edit ? withEdit(row, edit) : row;
  });
  const place = ({ decision }: PlanRow): number => (decision === 'deleted' ? 2 : decision === 'dropped' ? 1 : 0);
  return edited.sort((a, b) => place(a) - place(b));
}

function refuseForeign(ids: string[]): void {
  if (ids.length === 0) return;
  const more = ids.length > NAMED ? ` and ${ids.length - NAMED} more` : '';
  throw new RetroRefused(
    `the edits name ${ids.slice(0, NAMED).join(', ')}${more}, which the plan does not have; use the item ids of this plan`,
  );
}

function taken({ record, ...row }: PlanRow): PlanRow {
  return { ...row, decision: 'dropped', reason: 'taken out of the plan by a person' };
}

/** null: none. */
function withEdit(row: PlanRow, { type, ...edit }: RowEdit): PlanRow {
  const wanted = Object.entries({ ...edit, ticketType: type }).filter(([, value]) => value !== undefined);
  const fields = Object.entries({ ...row, ...Object.fromEntries(wanted) });
  return Object.fromEntries(fields.filter(([, value]) => value !== null)) as unknown as PlanRow;
}
