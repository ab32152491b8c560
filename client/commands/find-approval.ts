/** One plan that waits for people, by the id of its run. */
import { Argument, type Command } from 'commander';
import type { PlanRow, RetroPlan } from '../../contract-retro.js';
import { listApprovalWaits, type ApprovalWait } from '../../store/approval-waits.js';
import type { RecordedDecision } from '../../store/approvals.js';
import type { Db } from '../../store/db.js';
import { findPlan, rowsOf } from '../../store/plans.js';
import { showRun } from '../../store/runs.js';
import { badInput, CommandError, EXIT } from './exit-codes.js';
import { table } from './output.js';
import { sharedOptions, type SharedOptions } from './shared-options.js';

export interface ApprovalOptions extends SharedOptions {
  part?: string;
}

/** A command about one plan. */
export function approvalCommand(command: Command): Command {
  return sharedOptions(command.addArgument(new Argument('<run>', 'workflow id or run id'))).option(
    '--part <name>',
    'which part of the plan, if several wait',
  );
}

/** @throws CommandError when nothing waits there: exit 1 for a run that is known, 4 for none */
export async function approvalOf(db: Db, id: string, { part }: ApprovalOptions): Promise<ApprovalWait> {
  const waits = await listApprovalWaits(db, { id });
  const found = waits.filter((wait) => part === undefined || wait.part === part);
  const [wait, other] = found;
  if (wait && other) throw badInput(`several parts wait, give --part: ${found.map((each) => each.part).join(', ')}`);
  if (wait) return wait;
  const run = await showRun(db, id);
  if (run) throw new CommandError(EXIT.notDone, `the run "${id}" waits for no such approval; it is ${run.state}`);
  throw new CommandError(EXIT.unknown, `there is no run "${id}"; see what waits with: temporal-miro approvals list`);
}

/** What a command tells of it as JSON. */
export const waitView = ({
  workflowId,
  runId,
  tenant,
  kind,
  part,
  hash,
  needed,
  since,
  board,
  decisions,
}: ApprovalWait) => ({
  ...{ workflowId, runId, tenant, kind, part, hash, needed, since, board, decisions },
});

/** The people who have approved so far. */
export const approvedBy = ({ decisions }: ApprovalWait): string[] =>
  decisions.filter(({ decision }) => decision === 'approved').map(({ principal }) => principal);

/** What would be done. */
export interface AskedPlan {
  plan?: RetroPlan;
  /** The first ones. */
  rows: PlanRow[];
}

const SHOWN_ROWS = 20;

export async function askedPlan(db: Db, { planId }: ApprovalWait): Promise<AskedPlan> {
  if (planId === undefined) return { rows: [] };
  const [stored, planned] = await Promise.all([findPlan(db, planId), rowsOf(db, { planId, from: 0, to: SHOWN_ROWS })]);
  return { ...(stored?.summary && { plan: stored.summary }), rows: planned.map(({ row }) => row) };
}

/** For people. */
export function askedText(wait: ApprovalWait, { plan, rows }: AskedPlan): string {
  const { workflowId, runId, part, hash, needed, since, decisions } = wait;
  const lines = [
    `Run       ${workflowId} ${runId}`,
    `Part      ${part}, since ${since.toISOString()}`,
    plan && `Board     ${plan.board.name} ${plan.board.url}`,
    plan && `Tracker   ${plan.tracker}`,
    plan && `Plan      ${countsText(plan.counts)}`,
    `Approved  ${approvedBy(wait).length} of ${needed}`,
    ...decisions.map(decisionLine),
    rows.length > 0 ? `\n${rowsText(rows)}` : undefined,
    plan && plan.rows > rows.length ? `… and ${plan.rows - rows.length} more` : undefined,
    `\nPlan hash: ${hash}`,
  ];
  return lines.filter((line) => line !== undefined).join('\n');
}

const countsText = (counts: RetroPlan['counts']): string =>
  Object.entries(counts)
    .filter(([, count]) => count > 0)
    .map(([decision, count]) => `${count} ${decision}`)
    .join(', ');

const decisionLine = ({ principal, decision, reason }: RecordedDecision): string =>
  `          ${decision} by ${principal}${reason === undefined ? '' : `: ${reason}`}`;

const rowsText = (rows: PlanRow[]): string =>
  table(
    ['decision', 'title', 'labels', 'assignee', 'reason'],
    rows.map(({ decision, title, labels, assignee, reason }) => [decision, title, labels.join(' '), assignee, reason]),
  );
