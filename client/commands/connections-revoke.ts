/** `temporal-miro connections revoke`: gives an account up, at Miro and here. */
import { Command } from 'commander';
import { revokeConnection, type Revoked } from '../../gateway/revoke.js';
import type { Run } from '../../store/runs.js';
import { withAccounts, type AccountServices } from './accounts.js';
import { EXIT, type ExitCode } from './exit-codes.js';
import { connectionCommand, connectionOf, runsOf, type TenantOptions } from './find-connection.js';
import { createOutput, table, type Output } from './output.js';
import { environmentOf } from './state-folder.js';

interface RevokeOptions extends TenantOptions {
  yes?: boolean;
}

export function revokeCommand(): Command {
  return connectionCommand(new Command('revoke'))
    .summary('revoke its tokens at Miro and erase them')
    .description(
      'Shows which runs would stop. With --yes it revokes the tokens at Miro and erases them here; the runs wait until the connection is linked again, or end at their deadline. Safe to repeat.',
    )
    .option('--yes', 'really do it')
    .addHelpText(
      'after',
      '\nExamples:\n  $ temporal-miro connections revoke old\n  $ temporal-miro connections revoke old --yes',
    )
    .action(async (name: string, options: RevokeOptions) => {
      const output = createOutput(options);
      process.exitCode = await withAccounts(await environmentOf(options), output.note, (services) =>
        revoke(services, name, options, output),
      );
    });
}

async function revoke(
  services: AccountServices,
  name: string,
  options: RevokeOptions,
  output: Output,
): Promise<ExitCode> {
  const connection = await connectionOf(services.db, name, options);
  const stops = await runsOf(services.db, connection);
  const told = { tenant: options.tenant, connection: name, stops: stops.map(toLine) };
  if (!options.yes) {
    output.answer({ ...told, revoked: [] }, () => `${stopsText(stops)}\nNothing was revoked; --yes does it.`);
    return EXIT.notFinished;
  }
  const revoked = await revokeConnection(services, connection);
  output.answer({ ...told, revoked }, () => [stopsText(stops), ...revokedLines(revoked)].join('\n'));
  return EXIT.done;
}

const toLine = ({ workflowId, runId, kind, parked }: Run) => ({ workflowId, runId, kind, parked });

function stopsText(runs: Run[]): string {
  if (runs.length === 0) return 'No run uses this connection.';
  const rows = runs.map(({ workflowId, parked }) => [workflowId, parked ? 'parked already' : 'running']);
  return `These runs wait for a new link, or end at their deadline:\n${table(['workflow id', 'state'], rows)}`;
}

const AT_MIRO: Record<Revoked['atMiro'], string> = {
  revoked: 'revoked at Miro and erased here',
  was_dead: 'Miro did not take it any more; erased here',
  not_possible: 'erased here; Miro still takes it',
};

function revokedLines(revoked: Revoked[]): string[] {
  if (revoked.length === 0)
    return ['It had no token of its own: another connection uses the same account, or it was revoked before.'];
  return revoked.map(
    ({ kind, atMiro, remedy }) => `${kind} token: ${AT_MIRO[atMiro]}${remedy === undefined ? '' : `. ${remedy}`}`,
  );
}
