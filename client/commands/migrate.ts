/** `temporal-miro migrate`: brings the store's schema up to this release. */
import { Command } from 'commander';
import { migrate } from '../../store/migrate.js';
import { databaseUnreachable } from '../../workers/start-up-error.js';
import { storeAddress } from './services.js';
import { createOutput } from './output.js';
import { sharedOptions, type SharedOptions } from './shared-options.js';
import { environmentOf } from './state-folder.js';

export function migrateCommand(): Command {
  return sharedOptions(new Command('migrate'))
    .summary('bring the database up to this release')
    .description(
      'Brings the schema in DATABASE_URL up to this release. Safe to repeat, and for several at once; run it before new workers start.',
    )
    .addHelpText('after', '\nExample:\n  $ DATABASE_URL=postgresql://app@db/miro temporal-miro migrate')
    .action(async (options: SharedOptions) => {
      const address = storeAddress(await environmentOf(options));
      const { applied } = await migrate(address).catch((error: NodeJS.ErrnoException) => {
        throw isRefusal(error) ? databaseUnreachable(address.url, error) : error;
      });
      createOutput(options).answer({ applied }, () =>
        applied.length > 0 ? `Applied ${applied.join(', ')}.` : 'The schema is up to date.',
      );
    });
}

// 28*: who we are; 3D*: which database; 08*, 57P*: gone. Other SQL states are a migration's own, and show where it failed.
function isRefusal({ code = '' }: NodeJS.ErrnoException): boolean {
  return /^(E[A-Z]+|28...|3D...|08...|57P..)$/.test(code);
}
