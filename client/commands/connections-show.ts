/** `temporal-miro connections show`: all that is known of one connection. */
import { Command } from 'commander';
import { connectionView } from '../../gateway/connection-view.js';
import type { Connection } from '../../store/connections.js';
import type { GrantInfo } from '../../store/grants.js';
import type { Run } from '../../store/runs.js';
import { untilText } from './connections-list.js';
import { connectionCommand, connectionOf, runsOf, type TenantOptions } from './find-connection.js';
import { createOutput } from './output.js';
import { withStore } from './services.js';
import { environmentOf } from './state-folder.js';

export function showCommand(): Command {
  return connectionCommand(new Command('show'))
    .summary('one connection')
    .addHelpText('after', '\nExample:\n  $ temporal-miro connections show default --tenant acme')
    .action(async (name: string, options: TenantOptions) => {
      const { tenant } = options;
      const { connection, runs } = await withStore(await environmentOf(options), async (db) => {
        const found = await connectionOf(db, name, options);
        return { connection: found, runs: await runsOf(db, found) };
      });
      const document = { ...connectionView(tenant, connection), ...countRuns(runs) };
      createOutput(options).answer(document, () => showText(connection, options, runs));
    });
}

const countRuns = (runs: Run[]) => ({
  runningRuns: runs.length,
  parkedRuns: runs.filter(({ parked }) => parked).length,
});

function showText({ name, rest, scim }: Connection, { tenant }: TenantOptions, runs: Run[]): string {
  const { runningRuns, parkedRuns } = countRuns(runs);
  const lines = [
    `Connection  ${name} of tenant ${tenant}`,
    ...(rest ? restLines(rest) : ['REST        no account; link one with: temporal-miro connections link']),
    `SCIM        ${scim ? stateText(scim) : 'no token'}`,
    `Runs        ${runningRuns} running, ${parkedRuns} of them parked`,
    ...(rest && rest.state !== 'live'
      ? [`Mend it     temporal-miro connections relink ${name} --tenant ${tenant}`]
      : []),
  ];
  return lines.join('\n');
}

function restLines(grant: GrantInfo): string[] {
  const { miroUserId = 'not known yet', teamId = '', orgId = '', names, scopes } = grant;
  const { userName = '', teamName = '', orgName = '', plan = '', role = '' } = names;
  return [
    `REST        ${stateText(grant)}`,
    `Account     ${[miroUserId, userName, role].filter(Boolean).join(', ')}`,
    `Team        ${[teamId, teamName].filter(Boolean).join(', ')}`,
    `Org         ${[orgId, orgName, plan].filter(Boolean).join(', ')}`,
    `Scopes      ${scopes.join(' ') || 'not known yet'}`,
  ];
}

function stateText(grant: GrantInfo): string {
  const until = untilText(grant);
  if (until) return `${grant.state}, token until: ${until}${grant.refreshable ? ', renewed in time' : ''}`;
  const since = grant.deadSince ? ` since ${grant.deadSince.toISOString()}` : '';
  return `${grant.state}${since}${grant.reason === undefined ? '' : `: ${grant.reason}`}`;
}
