/** A retro's plan and end, for people. */
import type { PlanRow, RetroPlan, RetroToTicketsResult, RowDecision, UndoRetroResult } from '../../contract-retro.js';
import { shortened } from '../../jobs/invalid-input.js';
import { countsText } from './follow.js';
import { table } from './output.js';

const DECISIONS: Record<RowDecision, string> = {
  create: 'new ticket',
  existing: 'has one',
  changed: 'changed',
  dropped: 'none',
  deleted: 'item gone',
};

/** More rows than that are for a file. */
const MOST_ROWS = 400;
const LONGEST = 60;

/** What would be written, row by row, and what it costs. */
export function retroPlanText(plan: RetroPlan, rows: PlanRow[]): string {
  const shown = rows.slice(0, MOST_ROWS);
  const left = rows.length - shown.length;
  return [
    `Board    ${plan.board.name}  ${plan.board.url}`,
    `Tracker  ${plan.tracker}`,
    '',
    rows.length > 0 ? rowsText(shown) : 'There is nothing on it that could become a ticket.',
    left > 0 ? `… and ${left} more; --out plan.json writes all` : undefined,
    '',
    `Plan: ${decisionsText(plan)}. Writing on the board costs ${plan.credits} of the 100000 credits that Miro gives a minute.`,
    `Hash: ${plan.hash}`,
  ]
    .filter((line) => line !== undefined)
    .join('\n');
}

type Cell = string | number | undefined;

const COLUMNS: readonly (readonly [head: string, cell: (row: PlanRow) => Cell])[] = [
  ['item', ({ itemId }) => itemId],
  ['', ({ decision }) => DECISIONS[decision]],
  ['title', ({ title }) => shortened(title, LONGEST)],
  ['kind', ({ kind }) => kind],
  ['column', ({ record }) => record?.column],
  ['votes', ({ record }) => record?.weight || undefined],
  ['type', ({ ticketType }) => ticketType],
  ['status', ({ status }) => status],
  ['priority', ({ priority }) => priority],
  ['labels', ({ labels }) => labels.join(' ')],
  ['assignee', ({ assignee }) => assignee],
  ['parent', ({ parent }) => parent],
  ['ticket', ({ ticket }) => ticket?.key],
  ['why', ({ reason }) => reason],
];

/** Columns that say something of at least one row. */
function rowsText(rows: readonly PlanRow[]): string {
  const columns = COLUMNS.filter(([, cellOf]) => rows.some((row) => (cellOf(row) ?? '') !== ''));
  return table(
    columns.map(([head]) => head),
    rows.map((row) => columns.map(([, cellOf]) => cellOf(row))),
  );
}

/** `12 new, 3 changed, 40 as they are, 2 dropped, 1 gone`. */
export function decisionsText({ counts }: Pick<RetroPlan, 'counts'>): string {
  const words: [RowDecision, string][] = [
    ['create', 'new'],
    ['changed', 'changed'],
    ['existing', 'as they are'],
    ['dropped', 'dropped'],
    ['deleted', 'gone from the board'],
  ];
  const said = words.flatMap(([decision, word]) => (counts[decision] > 0 ? [`${counts[decision]} ${word}`] : []));
  return said.length > 0 ? said.join(', ') : 'nothing';
}

/** How a run or its undo ended. */
export function retroEndText(
  result: Partial<RetroToTicketsResult & UndoRetroResult> | undefined,
  error: { message: string } | undefined,
): string {
  const problems = (result?.problems ?? []).map(
    ({ subject, outcome, reason, remedy }) => `- ${subject} ${outcome}: ${reason}${remedy ? `; ${remedy}` : ''}`,
  );
  return [
    result?.plan && `Board    ${result.plan.board.url}`,
    result?.plan && `Plan     ${decisionsText(result.plan)}`,
    `Ended    ${result?.ending ?? 'failed'}${error ? `: ${error.message}` : ''}`,
    result?.counts && countsText(result.counts) && `Outcome  ${countsText(result.counts)} (${WHAT_COUNTS})`,
    ...problems,
  ]
    .filter(Boolean)
    .join('\n');
}

const WHAT_COUNTS = 'tickets, and what shows them on the board';
