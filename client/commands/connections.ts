import { Command } from 'commander';
import { attachCommand } from './connections-attach.js';
import { checkCommand } from './connections-check.js';
import { linkCommand, relinkCommand } from './connections-link.js';
import { listCommand } from './connections-list.js';
import { policyCommand } from './connections-policy.js';
import { revokeCommand } from './connections-revoke.js';
import { showCommand } from './connections-show.js';

export function connectionsCommand(): Command {
  return new Command('connections')
    .summary('link, check and revoke Miro accounts')
    .description('The Miro accounts that jobs work with, under the names that jobs call them.')
    .addCommand(linkCommand())
    .addCommand(relinkCommand())
    .addCommand(attachCommand())
    .addCommand(listCommand())
    .addCommand(showCommand())
    .addCommand(checkCommand())
    .addCommand(policyCommand())
    .addCommand(revokeCommand());
}
