import { Command } from 'commander';
import { approveCommand, rejectCommand } from './approvals-decide.js';
import { listCommand } from './approvals-list.js';
import { showCommand } from './approvals-show.js';

export function approvalsCommand(): Command {
  return new Command('approvals')
    .summary('list, show, approve and reject plans')
    .description('Runs that write only what people have approved.')
    .addCommand(listCommand())
    .addCommand(showCommand())
    .addCommand(approveCommand())
    .addCommand(rejectCommand());
}
