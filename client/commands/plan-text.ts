import type { Difference, ProvisionPlan } from '../../contract.js';
import { table } from './output.js';

const BOARD = {
  make: 'will be made',
  exists: 'exists already and is used',
  deleted: 'was deleted by people: --again <episode> makes a new one',
};

/** A plan for people: what would be written, what it costs, what stands in the way. */
export function planText(plan: ProvisionPlan): string {
  const { board, steps, missing, differences } = plan;
  const from = board.from === undefined ? '' : `, copied from ${board.from}`;
  const rows = steps.map(({ step, count, credits, detail }) => [step, count, credits, detail]);
  return [
    `The board "${board.name}" ${BOARD[board.outcome]}${from}${board.teamId === undefined ? '' : `, in team ${board.teamId}`}.`,
    '',
    steps.length > 0 ? table(['step', 'count', 'credits', ''], rows) : 'Nothing would be written.',
    steps.length > 0 ? `Together ${plan.credits} of the 100000 credits that Miro gives a minute.` : undefined,
    differences.length > 0
      ? `\nThe key was used before, with other values:\n${differencesText(differences)}`
      : undefined,
    missing.length > 0
      ? `\nIn the way:\n${missing.map(({ what, remedy }) => `- ${what}: ${remedy}`).join('\n')}`
      : undefined,
    '',
    `Plan hash: ${plan.hash}`,
  ]
    .filter((line) => line !== undefined)
    .join('\n');
}

export function differencesText(differences: Difference[]): string {
  const rows = differences.map(({ field, before, after, outcome, reason }) => [field, before, after, outcome, reason]);
  return table(['field', 'before', 'now', 'outcome', ''], rows);
}
