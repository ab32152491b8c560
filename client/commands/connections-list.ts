/** `temporal-miro connections list`: whose account each connection is, and whether it works. */
import { Command } from 'commander';
import { connectionView } from '../../gateway/connection-view.js';
import { listConnections, type ListedConnection } from '../../store/connections.js';
import type { GrantInfo } from '../../store/grants.js';
import { countParked } from '../../store/parked.js';
import { readTenant, tenantOf } from './find-connection.js';
import { createOutput, table } from './output.js';
import { withStore } from './services.js';
import { sharedOptions, type SharedOptions } from './shared-options.js';
import { environmentOf } from './state-folder.js';

interface ListOptions extends SharedOptions {
  tenant?: string;
}

type Row = ListedConnection & { parkedRuns: number };

export function listCommand(): Command {
  return sharedOptions(new Command('list'))
    .summary('all connections')
    .option('--tenant <name>', 'only of this tenant', readTenant)
    .addHelpText(
      'after',
      '\nExamples:\n  $ temporal-miro connections list\n  $ temporal-miro connections list --tenant acme --json | jq -r ".connections[].rest.state"',
    )
    .action(async (options: ListOptions) => {
      const rows = await withStore(await environmentOf(options), async (db) => {
        const tenant = options.tenant === undefined ? {} : await tenantOf(db, options.tenant);
        const [connections, parked] = await Promise.all([listConnections(db, tenant), countParked(db)]);
        return connections.map((each) => ({ ...each, parkedRuns: parked.get(each.connectionId) ?? 0 }));
      });
      const connections = rows.map((row) => ({ ...connectionView(row.tenant, row), parkedRuns: row.parkedRuns }));
      createOutput(options).answer({ connections }, () => listText(rows));
    });
}

function listText(rows: Row[]): string {
  if (rows.length === 0) return 'No connections. Link a Miro account with: temporal-miro connections link';
  return table(
    ['tenant', 'name', 'account', 'team', 'state', 'token until (UTC)', 'scim', 'parked runs'],
    rows.map(({ tenant, name, rest, scim, parkedRuns }) => [
      ...[tenant, name, rest?.miroUserId, rest?.names.teamName ?? rest?.teamId],
      ...[rest?.state ?? 'none', untilText(rest), scim?.state ?? 'none', parkedRuns],
    ]),
  );
}

/** Until when the present token is good. */
export function untilText(grant: GrantInfo | undefined): string {
  if (grant?.state !== 'live') return '';
  if (!grant.accessExpiresAt) return 'for good';
  if (grant.refreshable && grant.accessExpiresAt.getTime() < Date.now()) return 'renewed at need';
  return grant.accessExpiresAt.toISOString().slice(0, 16).replace('T', ' ');
}
