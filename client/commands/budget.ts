/** `temporal-miro budget`: who used how many of Miro's credits, and how much is left. */
import { Command, Option } from 'commander';
import { budgetReport, usageReport, type BudgetRow, type Since, type UsageRow } from '../../store/usage.js';
import { readTenant, tenantOf } from './find-connection.js';
import { createOutput, table } from './output.js';
import { withStore } from './services.js';
import { sharedOptions, type SharedOptions } from './shared-options.js';
import { environmentOf } from './state-folder.js';

interface BudgetOptions extends SharedOptions {
  tenant?: string;
  since: Since;
}

export function budgetCommand(): Command {
  return sharedOptions(new Command('budget'))
    .summary('who used how many credits, and what is left')
    .description(
      'Miro gives each app 100 000 credits a minute per user, and SCIM tokens their own windows. Shows who used them, and each account as it is now.',
    )
    .option('--tenant <name>', 'only of this tenant', readTenant)
    .addOption(new Option('--since <span>', 'the last').choices(['minute', 'hour', 'day']).default('hour'))
    .addHelpText(
      'after',
      '\nExamples:\n  $ temporal-miro budget\n  $ temporal-miro budget --tenant acme --since day --json',
    )
    .action(async (options: BudgetOptions) => {
      const { since } = options;
      const [usage, budgets] = await withStore(await environmentOf(options), async (db) => {
        const scope = options.tenant === undefined ? {} : await tenantOf(db, options.tenant);
        return Promise.all([usageReport(db, { ...scope, since }), budgetReport(db, scope)]);
      });
      createOutput(options).answer(
        { since, usage, budgets },
        () => `${usageText(usage, since)}\n\n${budgetText(budgets)}`,
      );
    });
}

function usageText(usage: UsageRow[], since: Since): string {
  if (usage.length === 0) return `No call to Miro within the last ${since}.`;
  const rows = usage.map(({ tenant, jobKind, credits, calls, refused }) => [tenant, jobKind, credits, calls, refused]);
  return table(['tenant', 'job', `credits of the last ${since}`, 'calls', 'refused (429)'], rows);
}

function budgetText(budgets: BudgetRow[]): string {
  if (budgets.length === 0) return 'No account has been used yet.';
  return table(
    ['account (app:user)', 'kind', 'limit', 'left', 'resets in', 'waiting credits', 'waiting calls', 'used by others'],
    budgets.map((row) => [
      ...[
        row.key,
        row.kind,
        row.limit,
        row.remaining,
        row.resetsInMs === 0 ? '' : `${Math.ceil(row.resetsInMs / 1000)} s`,
      ],
      ...[row.waitingCredits, row.waitingCalls, row.foreignCredits],
    ]),
  );
}
