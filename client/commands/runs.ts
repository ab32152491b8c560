import { Command } from 'commander';
import { cancelCommand } from './runs-cancel.js';
import { listCommand } from './runs-list.js';
import { showCommand } from './runs-show.js';
import { watchCommand } from './runs-watch.js';

export function runsCommand(): Command {
  return new Command('runs')
    .summary('list, show, watch and cancel runs')
    .description('What runs, what has run, and what came of it.')
    .addCommand(listCommand())
    .addCommand(showCommand())
    .addCommand(watchCommand())
    .addCommand(cancelCommand());
}
