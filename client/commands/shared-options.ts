import type { Command } from 'commander';

export interface SharedOptions {
  json?: boolean;
  /** Folder with the `.temporal-miro/` of `up`; default: the current one. */
  dir?: string;
}

/** What every command takes. */
export function sharedOptions(command: Command): Command {
  return command
    .option('--json', 'print one JSON document on stdout, everything else on stderr')
    .option('--dir <folder>', 'folder in which temporal-miro up runs (default: the current one)');
}
