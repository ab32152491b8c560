/** An edited plan file against the plan of the board as it is now. */
import type { PlanRow, RetroEdits, RowEdit } from '../../contract-retro.js';
import { canonicalJson } from '../provision-board/spec.js';
import { isWritten } from './edits.js';
import { EDITABLE, editOf, isSame, type OriginalRow, type RetroPlanFile } from './plan-file.js';
import { RetroRefused } from './refusal.js';
import { titleOf } from './title.js';

const NAMED = 10;

/** The board's plan as it is now; `hash` binds the apply. */
export interface FreshPlan {
  hash: string;
  rows: readonly PlanRow[];
}

/**
 * What the person changed, to be applied to the fresh plan, and what has changed on the board since, a sentence each. An
 * item that the person has not seen as a ticket is left out; one that is gone is skipped.
 * @throws RetroRefused if the board has changed and that was not accepted.
 */
export function editsBetween(
  fresh: FreshPlan,
  file: RetroPlanFile,
  acceptChanges: boolean,
): { edits: RetroEdits; changes: string[] } {
  const changes = fresh.hash === file.plan.hash ? [] : changesSince(fresh, file);
  if (changes.length > 0 && !acceptChanges) {
    const more = changes.length > NAMED ? `; and ${changes.length - NAMED} more` : '';
    const told = `${changes.slice(0, NAMED).join('; ')}${more}`;
    throw new RetroRefused(
      `the board has changed since the plan was made: ${told}; make a new plan, or accept the changes (--accept-changes)`,
    );
  }
  return { edits: editsFor(fresh, file), changes };
}

function editsFor({ rows }: FreshPlan, { rows: edited, original }: RetroPlanFile): RetroEdits {
  const kept = new Map(edited.map((row) => [row.itemId, row]));
  const drop: string[] = [];
  const set: Record<string, RowEdit> = {};
  for (const { itemId } of rows.filter(isWritten)) {
    const [row, was] = [kept.get(itemId), original[itemId]];
    if (!row || !was || !isWritten(was) || row.decision === 'dropped') {
      drop.push(itemId);
      continue;
    }
    const edit = editOf(row, was);
    if (edit) set[itemId] = edit;
  }
  return { ...(drop.length > 0 && { drop }), ...(Object.keys(set).length > 0 && { set }) };
}

function changesSince({ rows }: FreshPlan, { original }: RetroPlanFile): string[] {
  const now = new Map(rows.map((row) => [row.itemId, row]));
  const known = Object.entries(original).filter(([, was]) => isWritten(was));
  const old = known.flatMap(([itemId, was]) => changeOf(itemId, was, now.get(itemId)) ?? []);
  const seen = new Set(known.map(([itemId]) => itemId));
  const added = rows.filter((row) => isWritten(row) && !seen.has(row.itemId));
  const changes = [
    ...old,
    ...added.map((row) => `${named(row.itemId, row.title)} is ${original[row.itemId] ? 'to get a ticket now' : 'new'}`),
  ];
  return changes.length > 0
    ? changes
    : ['where its tickets go, how they show on the board, or what becomes of changed items'];
}

function changeOf(itemId: string, was: OriginalRow, row: PlanRow | undefined): string | undefined {
  const item = named(itemId, was.title ?? '');
  if (!row) return `${item} is gone`;
  if (row.decision === 'existing') return `${item} has ticket ${row.ticket?.key ?? ''} now`;
  if (!isWritten(row)) return `${item} gets no ticket any more: ${row.reason}`;
  if (row.decision !== was.decision) return `${item} is "${row.decision}" and no longer "${was.decision}"`;
  if (!isSame(row.title, was.title))
    return `item ${itemId} reads ${quoted(row.title)} and no longer ${quoted(was.title ?? '')}`;
  const other: string[] = EDITABLE.filter((field) => !isSame(row[field], was[field]));
  if (canonicalJson(row.fields ?? {}) !== canonicalJson(was.fields ?? {})) other.push('fields');
  return other.length === 0 ? undefined : `${item} has changed (${other.join(', ')})`;
}

const quoted = (text: string): string => JSON.stringify(titleOf(text, 60));
const named = (itemId: string, title: string): string => `item ${itemId} (${quoted(title)})`;
