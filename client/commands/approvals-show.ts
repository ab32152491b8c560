/** `temporal-miro approvals show`: what a run would write, if people let it. */
import { Command } from 'commander';
import { approvalCommand, approvalOf, askedPlan, askedText, waitView, type ApprovalOptions } from './find-approval.js';
import { createOutput } from './output.js';
import { withStore } from './services.js';
import { environmentOf } from './state-folder.js';

export function showCommand(): Command {
  return approvalCommand(new Command('show'))
    .summary('what would be written, and who has decided')
    .addHelpText('after', '\nExample:\n  $ temporal-miro approvals show retroToTickets:acme:4be1c0…')
    .action(async (id: string, options: ApprovalOptions) => {
      const { wait, asked } = await withStore(await environmentOf(options), async (db) => {
        const found = await approvalOf(db, id, options);
        return { wait: found, asked: await askedPlan(db, found) };
      });
      createOutput(options).answer({ ...waitView(wait), ...asked }, () => askedText(wait, asked));
    });
}
