/** `temporal-miro trackers`: where retrospectives become tickets. */
import { Command } from 'commander';
import { addCommand } from './trackers-add.js';
import { checkCommand } from './trackers-check.js';
import { listCommand } from './trackers-list.js';
import { removeCommand } from './trackers-remove.js';
import { schemaCommand } from './trackers-schema.js';
import { secretCommand } from './trackers-secret.js';

export function trackersCommand(): Command {
  return new Command('trackers')
    .summary('say where tickets are made')
    .description(
      'Trackers of a tenant: Jira, GitHub Issues, your own product by webhook, or the built-in one that is always there.',
    )
    .addCommand(addCommand())
    .addCommand(listCommand())
    .addCommand(checkCommand())
    .addCommand(secretCommand())
    .addCommand(removeCommand())
    .addCommand(schemaCommand());
}
