/** `temporal-miro retro undo`: takes back the tickets of one run that nobody else has touched. */
import { Command } from 'commander';
import { starterConfig } from '../../config.js';
import { saysYes } from './ask.js';
import { badInput, EXIT, type ExitCode } from './exit-codes.js';
import { createOutput, type Output } from './output.js';
import { durationMs } from './provision-request.js';
import { followRetro } from './retro-follow.js';
import { withTemporal } from './services.js';
import { sharedOptions, type SharedOptions } from './shared-options.js';
import { environmentOf } from './state-folder.js';

interface UndoOptions extends SharedOptions {
  tracker?: string;
  tenant?: string;
  run?: string;
  deadline?: string;
  yes?: boolean;
  wait: boolean;
  plaintext?: boolean;
}

const EXAMPLES = `
Examples:
  $ temporal-miro retro undo https://miro.com/app/board/uXjVOD6LSME=/ --tracker jira --yes
  $ temporal-miro retro undo uXjVOD6LSME= --run 0193f0c2-7d5e-7c1e-9a51-5b1f5f8c1a2b --yes

What a person has changed since, tickets and items alike, is kept and reported. Asks first on a terminal; elsewhere --yes is needed.
Ends with 1 when some tickets could not be taken back.`;

export function undoCommand(): Command {
  return sharedOptions(new Command('undo'))
    .summary('take back the tickets that a run made')
    .description(
      'Closes or deletes the tickets that one run has made, where nobody else has touched them since, and takes what shows them off the board.',
    )
    .argument('<board>', 'address or id of the board')
    .option('--tracker <name>', 'where the tickets are (default: builtin)')
    .option(
      '--run <id>',
      'id of the run, as runs show and runs list --json tell it (default: the last one that made tickets)',
    )
    .option('--tenant <name>', 'tenant (default: default)')
    .option('--deadline <duration>', 'the job’s own deadline, e.g. 12h')
    .option('--yes', 'do not ask')
    .option('--wait', 'wait for the end (default)', true)
    .option('--no-wait', 'return when it is started')
    .option('--plaintext', 'hand the input to Temporal unencrypted, as the workers do')
    .addHelpText('after', EXAMPLES)
    .action(async (board: string, _: object, command: Command) => {
      const options = command.optsWithGlobals<UndoOptions>(); // what `retro` knows too is taken by it
      process.exitCode = await undo(board, options, createOutput(options));
    });
}

async function undo(board: string, options: UndoOptions, output: Output): Promise<ExitCode> {
  const { tracker, tenant, run, deadline } = options;
  const asks = !options.yes && !output.json && process.stdin.isTTY;
  if (!options.yes && !asks) throw badInput('undo closes or deletes tickets, and nobody can be asked here: give --yes');
  const request = {
    board,
    ...(tracker === undefined ? {} : { tracker }),
    ...(tenant === undefined ? {} : { tenant }),
    ...(run === undefined ? {} : { runId: run }),
    ...(deadline === undefined ? {} : { deadlineMs: durationMs('--deadline', deadline) }),
  };
  const env = await environmentOf(options);
  starterConfig(env, options);
  if (asks) {
    const which = run === undefined ? 'the last run that made any' : `run ${run}`;
    output.note(
      `The tickets of ${which} on board ${board} in tracker "${tracker ?? 'builtin'}" are closed or deleted.`,
    );
    if (!(await saysYes())) return EXIT.notDone;
  }
  return withTemporal(env, async ({ miro }) => followRetro(await miro.undoRetro(request), options.wait, output));
}
