/** A retro's plan and end, for people. */
import type { PlanRow, RetroPlan, RetroToTicketsResult, RowDecision, UndoRetroResult } from '../../contract-retro.js';
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
    rows.length > 0 ? table(HEAD, shown.map(cellsOf)) : 'There is nothing on it that could become a ticket.',
    left > 0 ? `… and ${left} more; --out plan.json writes all` : undefined,
    '',
    `${decisionsText(plan)}. Writing on the board costs ${plan.credits} of the 100000 credits that Miro gives a minute.`,
    `Plan hash: ${plan.hash}`,
  ]
    .filter((line) => line !== undefined)
    .join('\n');
}

const HEAD = ['item', '', 'title', 'kind', 'labels', 'assignee', 'parent', 'ticket', 'why'];

function cellsOf(row: PlanRow): (string | undefined)[] {
  const { itemId, decision, title, kind, labels, assignee, parent, ticket, reason } = row;
  return [itemId, DECISIONS[decision], short(title), kind, labels.join(' '), assignee, parent, ticket?.key, reason];
}

const short = (text: string): string => {
  const characters = [...text];
  return characters.length <= LONGEST ? text : `${characters.slice(0, LONGEST - 1).join('')}…`;
};

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
    result?.counts && countsText(result.counts) && `Outcome  ${countsText(result.counts)}`,
    ...problems,
  ]
    .filter(Boolean)
    .join('\n');
}
