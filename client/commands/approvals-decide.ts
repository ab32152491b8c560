/** `temporal-miro approvals approve|reject`: a person's decision on a plan. */
import { userInfo } from 'node:os';
import { Command } from 'commander';
import { decide, type RecordedDecision } from '../../store/approvals.js';
import type { ApprovalWait } from '../../store/approval-waits.js';
import type { Db } from '../../store/db.js';
import { badInput, CommandError, EXIT, type ExitCode } from './exit-codes.js';
import {
  approvalCommand,
  approvalOf,
  approvedBy,
  askedPlan,
  askedText,
  waitView,
  type ApprovalOptions,
} from './find-approval.js';
import { createOutput, type Output } from './output.js';
import { withStore } from './services.js';
import { environmentOf } from './state-folder.js';

interface DecideOptions extends ApprovalOptions {
  as?: string;
  reason?: string;
  planHash?: string;
  yes?: boolean;
}

type Verdict = RecordedDecision['decision'];

const LONGEST_REASON = 500;

export function approveCommand(): Command {
  return decideCommand(new Command('approve'), 'approved')
    .summary('let a run write what it has planned')
    .addHelpText(
      'after',
      '\nExamples:\n  $ temporal-miro approvals approve retroToTickets:acme:4be1c0…\n  $ temporal-miro approvals approve retroToTickets:acme:4be1c0… --plan-hash 9f2c…',
    );
}

export function rejectCommand(): Command {
  return decideCommand(new Command('reject'), 'rejected')
    .summary('end a run before it writes')
    .addHelpText(
      'after',
      '\nExample:\n  $ temporal-miro approvals reject retroToTickets:acme:4be1c0… --reason "wrong project" --yes',
    );
}

function decideCommand(command: Command, verdict: Verdict): Command {
  return approvalCommand(command)
    .description(
      'Shows what would be written. With --yes it decides on that, with --plan-hash only if it still is what you have seen. Each person decides once; the first decision stands.',
    )
    .option('--plan-hash <hash>', 'decide on the plan with this hash, and on no other')
    .option('--yes', 'decide on the plan as it is now')
    .option('--reason <text>', 'kept with the decision; for a rejection it is told as why the run failed', readReason)
    .option(
      '--as <principal>',
      'who decides, as <kind>:<name> (default: cli:<your name on this system>)',
      readPrincipal,
    )
    .action(async (id: string, options: DecideOptions) => {
      const output = createOutput(options);
      process.exitCode = await withStore(await environmentOf(options), async (db) =>
        act(db, { wait: await approvalOf(db, id, options), verdict, options, output }),
      );
    });
}

interface Act {
  wait: ApprovalWait;
  verdict: Verdict;
  options: DecideOptions;
  output: Output;
}

async function act(db: Db, { wait, verdict, options, output }: Act): Promise<ExitCode> {
  if (options.planHash !== undefined && options.planHash !== wait.hash)
    throw changed(wait, `the run has planned something else, with hash ${wait.hash}`);
  if (options.planHash === undefined && !options.yes) {
    const asked = await askedPlan(db, wait);
    output.answer(
      { ...waitView(wait), ...asked, decided: false },
      () => `${askedText(wait, asked)}\nNothing was decided; --plan-hash ${wait.hash} does it, or --yes.`,
    );
    return EXIT.notFinished;
  }
  const principal = options.as ?? ownPrincipal();
  const decided = await decide(db, { ...wait, principal, decision: verdict, reason: options.reason });
  if ('refused' in decided) throw changed(wait, 'the run does not wait for this plan any more');
  const { fresh, ...decision } = decided;
  const others = wait.decisions.filter((each) => each.principal !== principal);
  const after = { ...wait, decisions: [...others, decision] };
  const missing = Math.max(0, wait.needed - approvedBy(after).length);
  output.answer({ ...waitView(after), decided: fresh, missing }, () => decidedText(decision, { fresh, missing }));
  return decision.decision === verdict ? EXIT.done : EXIT.notDone;
}

function decidedText(
  { principal, decision }: RecordedDecision,
  { fresh, missing }: { fresh: boolean; missing: number },
): string {
  const what = fresh ? `${principal} has ${decision} it.` : `${principal} has ${decision} it before; that stands.`;
  if (decision === 'rejected') return `${what} The run ends without writing.`;
  return `${what} ${missing === 0 ? 'The run goes on.' : `${missing} more must approve.`}`;
}

const changed = ({ workflowId }: ApprovalWait, why: string): CommandError =>
  new CommandError(
    EXIT.notDone,
    `nothing was decided: ${why}; look at it with: temporal-miro approvals show ${workflowId}`,
  );

/** Names stay out of failures; the kind before the colon is what they tell. */
function readPrincipal(text: string): string {
  if (/^[a-z]{1,20}:\S.{0,100}$/.test(text)) return text;
  throw badInput(`--as "${text}" must be <kind>:<name>, e.g. cli:anna`);
}

function readReason(text: string): string {
  if (text.trim() !== '' && text.length <= LONGEST_REASON) return text.trim();
  throw badInput(`--reason must have 1 to ${LONGEST_REASON} characters`);
}

function ownPrincipal(): string {
  try {
    return `cli:${userInfo().username}`;
  } catch {
    throw badInput('this system does not tell your name; say who decides with --as, e.g. --as cli:anna');
  }
}
