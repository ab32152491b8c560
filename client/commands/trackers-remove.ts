/** `temporal-miro trackers remove`. */
import { Command } from 'commander';
import type { Db } from '../../store/db.js';
import { listRuns, type Run } from '../../store/runs.js';
import { BUILTIN_TRACKER, removeTracker } from '../../store/trackers.js';
import { badInput, EXIT, type ExitCode } from './exit-codes.js';
import { MOST_RUNS, type TenantOptions } from './find-connection.js';
import { trackerCommand, trackerOf } from './find-tracker.js';
import { createOutput, table, type Output } from './output.js';
import { withStore } from './services.js';
import { environmentOf } from './state-folder.js';

interface RemoveOptions extends TenantOptions {
  yes?: boolean;
}

export function removeCommand(): Command {
  return trackerCommand(new Command('remove'))
    .summary('forget a tracker and its secret')
    .description('Its tickets stay. While runs use it, only with --yes: these runs fail.')
    .option('--yes', 'also while runs use it')
    .addHelpText('after', '\nExample:\n  $ temporal-miro trackers remove jira --tenant acme')
    .action(async (name: string, options: RemoveOptions) => {
      const output = createOutput(options);
      process.exitCode = await withStore(await environmentOf(options), (db) => remove(db, name, options, output));
    });
}

async function remove(db: Db, name: string, options: RemoveOptions, output: Output): Promise<ExitCode> {
  const { tenant } = options;
  const { tenantId, trackerId } = await trackerOf(db, name, options);
  if (trackerId === undefined)
    throw badInput(`the tracker "${BUILTIN_TRACKER}" is always there; nothing is stored about it`);
  const runs = await listRuns(db, { tenantId, tracker: name, state: 'running', limit: MOST_RUNS });
  const told = { tenant, tracker: name, stops: runs.map(({ workflowId, runId }) => ({ workflowId, runId })) };
  if (runs.length > 0 && !options.yes) {
    output.answer({ ...told, removed: false }, () => `${runsText(runs)}\nNothing was removed; --yes does it.`);
    return EXIT.notFinished;
  }
  await removeTracker(db, { tenantId, name });
  output.answer({ ...told, removed: true }, () => `Removed; its tickets stay.`);
  return EXIT.done;
}

const runsText = (runs: Run[]): string =>
  `These runs use it, and would fail:\n${table(
    ['workflow id', 'started (UTC)'],
    runs.map(({ workflowId, startedAt }) => [workflowId, startedAt.toISOString().slice(0, 16).replace('T', ' ')]),
  )}`;
