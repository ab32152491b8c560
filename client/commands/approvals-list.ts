/** `temporal-miro approvals list`: which runs wait for people. */
import { Command } from 'commander';
import { listApprovalWaits, type ApprovalWait } from '../../store/approval-waits.js';
import { approvedBy, waitView } from './find-approval.js';
import { readTenant, tenantOf } from './find-connection.js';
import { createOutput, table } from './output.js';
import { withStore } from './services.js';
import { sharedOptions, type SharedOptions } from './shared-options.js';
import { environmentOf } from './state-folder.js';

interface ListOptions extends SharedOptions {
  tenant?: string;
}

export function listCommand(): Command {
  return sharedOptions(new Command('list'))
    .summary('what waits for approval, the oldest first')
    .option('--tenant <name>', 'only of this tenant', readTenant)
    .addHelpText(
      'after',
      '\nExamples:\n  $ temporal-miro approvals list\n  $ temporal-miro approvals list --json | jq -r ".approvals[].workflowId"',
    )
    .action(async (options: ListOptions) => {
      const waits = await withStore(await environmentOf(options), async (db) =>
        listApprovalWaits(db, options.tenant === undefined ? {} : await tenantOf(db, options.tenant)),
      );
      createOutput(options).answer({ approvals: waits.map(waitView) }, () => listText(waits));
    });
}

function listText(waits: ApprovalWait[]): string {
  if (waits.length === 0) return 'Nothing waits for approval.';
  return table(
    ['since (UTC)', 'tenant', 'workflow id', 'part', 'approved', 'board'],
    waits.map((wait) => [
      ...[wait.since.toISOString().slice(0, 16).replace('T', ' '), wait.tenant, wait.workflowId, wait.part],
      ...[`${approvedBy(wait).length} of ${wait.needed}`, wait.board?.url],
    ]),
  );
}
