/** `temporal-miro trackers check`: whether a run could make its tickets there. */
import { Command } from 'commander';
import { openTrackerSettings } from '../../store/trackers.js';
import type { TrackerProblem } from '../../tickets/tracker.js';
import { withVault } from './accounts.js';
import { EXIT } from './exit-codes.js';
import { tenantOf, type TenantOptions } from './find-connection.js';
import { noTracker, trackerCommand } from './find-tracker.js';
import { createOutput } from './output.js';
import { environmentOf } from './state-folder.js';
import { checkTracker } from './tracker-check.js';

export function checkCommand(): Command {
  return trackerCommand(new Command('check'))
    .summary('whether tickets can be made there')
    .description(
      'Tries address, credentials, project, types, and what the stored mapping asks for. Writes nothing. Ends with 1 when something is wrong.',
    )
    .addHelpText('after', '\nExample:\n  $ temporal-miro trackers check jira --tenant acme')
    .action(async (name: string, options: TenantOptions) => {
      const { tenant } = options;
      const output = createOutput(options);
      const problems = await withVault(await environmentOf(options), async (services) => {
        const { db, vault, config } = services;
        if (config.allowPrivateWebhooks) output.note(PRIVATE_TOO);
        const { tenantId } = await tenantOf(db, tenant);
        const settings = await openTrackerSettings(db, vault, { tenantId, name });
        if (!settings) throw noTracker(name, tenant);
        return checkTracker(services, { tenantId, settings, mapping: settings.mapping });
      });
      output.answer({ tenant, tracker: name, ok: problems.length === 0, problems }, () =>
        problems.length === 0 ? 'All is well: tickets can be made there.' : problemsText(problems),
      );
      process.exitCode = problems.length === 0 ? EXIT.done : EXIT.notDone;
    });
}

const PRIVATE_TOO =
  'Tried with TEMPORAL_MIRO_WEBHOOK_PRIVATE=true: for an address on this machine or in a private network the workers need it too.';

/** A line for each, with what to do. */
export const problemsText = (problems: TrackerProblem[]): string =>
  problems.map(({ what, remedy }) => `- ${what}\n  ${remedy}`).join('\n');
