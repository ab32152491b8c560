/** `temporal-miro trackers secret`: gives a tracker a new token. */
import { Command } from 'commander';
import { replaceTrackerSecret } from '../../store/trackers.js';
import { withVault } from './accounts.js';
import { badInput, EXIT } from './exit-codes.js';
import type { TenantOptions } from './find-connection.js';
import { trackerCommand, trackerOf } from './find-tracker.js';
import { loadTrackers } from './load-trackers.js';
import { createOutput } from './output.js';
import { environmentOf } from './state-folder.js';
import { trackerSecret } from './tracker-settings.js';

interface SecretOptions extends TenantOptions {
  secretFile?: string;
}

export function secretCommand(): Command {
  return trackerCommand(new Command('secret'))
    .summary('store a new token for a tracker')
    .description(
      'Everything else of the tracker stays. Runs that wait for a token that works go on within a minute or two.',
    )
    .option('--secret-file <path>', 'read it from there (default: TEMPORAL_MIRO_TRACKER_SECRET, or standard input)')
    .addHelpText('after', '\nExample:\n  $ temporal-miro trackers secret jira --tenant acme < token.txt')
    .action(async (name: string, options: SecretOptions) => {
      const { tenant } = options;
      const env = await environmentOf(options);
      await withVault(env, async ({ db, vault }) => {
        const { tenantId, kind, config } = await trackerOf(db, name, options);
        if (kind === 'builtin') throw badInput(`the tracker "${name}" is a built-in one: it has no secret`);
        const secret = (await trackerSecret(kind, options, env)) ?? '';
        const { checkSettings } = await loadTrackers();
        const checked = checkSettings(kind, config, secret);
        if ('problems' in checked) throw badInput(checked.problems.join('\n'));
        await replaceTrackerSecret(db, vault, { tenantId, name, secret });
      });
      createOutput(options).answer(
        { tenant, tracker: name, replaced: true },
        () => `Stored. Try it with: temporal-miro trackers check ${name} --tenant ${tenant}`,
      );
      process.exitCode = EXIT.done;
    });
}
