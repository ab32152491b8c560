/** `temporal-miro connections check`: which kinds of job a connection can run, and how to mend what is missing. */
import { Command } from 'commander';
import type { ConnectionCheck } from '../../gateway/check.js';
import { checkConnection } from '../../gateway/check.js';
import { withAccounts } from './accounts.js';
import { EXIT } from './exit-codes.js';
import { connectionCommand, connectionOf, type TenantOptions } from './find-connection.js';
import { createOutput } from './output.js';
import { environmentOf } from './state-folder.js';

export function checkCommand(): Command {
  return connectionCommand(new Command('check'))
    .summary('whether each kind of job can run')
    .description(
      'Asks Miro about the token, and says per kind of job what is missing. Ends with 1 when one cannot run.',
    )
    .addHelpText('after', '\nExample:\n  $ temporal-miro connections check default --tenant acme')
    .action(async (name: string, options: TenantOptions) => {
      const output = createOutput(options);
      const check = await withAccounts(await environmentOf(options), output.note, async (services) =>
        checkConnection(services, await connectionOf(services.db, name, options)),
      );
      output.answer({ tenant: options.tenant, connection: name, ...check }, () => checkText(check));
      process.exitCode = check.jobs.every(({ canRun }) => canRun) ? EXIT.done : EXIT.notDone;
    });
}

const TOKEN_TEXT: Record<ConnectionCheck['token'], string> = {
  live: 'Miro takes the token.',
  refused: 'Miro refuses the token.',
  idle: 'The token has expired and is renewed before its next use.',
  not_asked: 'Miro could not be asked.',
  none: 'No account is linked.',
};

function checkText({ token, reason, jobs }: ConnectionCheck): string {
  const lines = jobs.flatMap(({ kind, canRun, missing }) => [
    `${kind}: ${canRun ? 'can run' : 'cannot run'}`,
    ...missing.map(({ what, remedy }) => `  missing ${what}: ${remedy}`),
  ]);
  return [`${TOKEN_TEXT[token]}${reason === undefined ? '' : ` (${reason})`}`, ...lines].join('\n');
}
