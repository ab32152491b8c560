/** `temporal-miro trackers list`. */
import { Command } from 'commander';
import { listTrackers, type TrackerRow } from '../../store/trackers.js';
import { tenantCommand, tenantOf, type TenantOptions } from './find-connection.js';
import { trackerView } from './find-tracker.js';
import { createOutput, table } from './output.js';
import { withStore } from './services.js';
import { environmentOf } from './state-folder.js';

export function listCommand(): Command {
  return tenantCommand(new Command('list'))
    .summary('a tenant’s trackers')
    .addHelpText('after', '\nExample:\n  $ temporal-miro trackers list --tenant acme')
    .action(async (options: TenantOptions) => {
      const { tenant } = options;
      const rows = await withStore(await environmentOf(options), async (db) =>
        listTrackers(db, await tenantOf(db, tenant)),
      );
      const trackers = rows.map((row) => trackerView(tenant, row));
      createOutput(options).answer({ trackers }, () => listText(rows));
    });
}

const listText = (rows: TrackerRow[]): string =>
  table(
    ['name', 'kind', 'settings', 'secret', 'mapping', 'changed (UTC)'],
    rows.map(({ name, kind, config, hasSecret, mapping, changedAt }) => [
      ...[name, kind, settingsText(config), hasSecret ? 'stored' : 'none', mapping ? 'its own' : 'default'],
      changedAt?.toISOString().slice(0, 16).replace('T', ' '),
    ]),
  );

const settingsText = (config: Record<string, unknown>): string =>
  Object.entries(config)
    .map(([field, value]) => `${field}=${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join(' ');
