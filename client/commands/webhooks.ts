/** `temporal-miro webhooks`: where a tenant's backend gets its events. */
import { Argument, Command } from 'commander';
import { EVENT_TYPES, type EventType } from '../../contract.js';
import {
  addEndpoint,
  enableEndpoint,
  listEndpoints,
  removeEndpoint,
  rotateEndpointSecret,
  type WebhookEndpoint,
} from '../../store/webhook-endpoints.js';
import { withVault } from './accounts.js';
import { eventTypes } from './events.js';
import { CommandError, EXIT } from './exit-codes.js';
import { tenantCommand, tenantOf, type TenantOptions } from './find-connection.js';
import { createOutput, table } from './output.js';
import { withStore } from './services.js';
import { environmentOf } from './state-folder.js';
import { deliveriesCommand, readId, redeliverCommand } from './webhooks-deliveries.js';

export function webhooksCommand(): Command {
  return new Command('webhooks')
    .summary('say where events are delivered to')
    .description('Events of a tenant are posted to its endpoints, signed as docs/webhooks.md says.')
    .addCommand(addCommand())
    .addCommand(listCommand())
    .addCommand(removeCommand())
    .addCommand(rotateCommand())
    .addCommand(enableCommand())
    .addCommand(deliveriesCommand())
    .addCommand(redeliverCommand());
}

interface AddOptions extends TenantOptions {
  type: EventType[];
}

function addCommand(): Command {
  return tenantCommand(new Command('add').argument('<url>', 'https address'))
    .summary('deliver events to an address')
    .description('Prints the secret that signs them on stdout, once.')
    .option('--type <type>', `only these; repeat it for more: ${EVENT_TYPES.join(', ')}`, eventTypes, [])
    .addHelpText(
      'after',
      '\nExample:\n  $ temporal-miro webhooks add https://app.example.com/miro-events --tenant acme --type run.failed',
    )
    .action(async (url: string, options: AddOptions) => {
      const output = createOutput(options);
      const types = options.type.length > 0 ? options.type : undefined;
      const made = await withVault(await environmentOf(options), async ({ db, vault }) => {
        const { tenantId } = await tenantOf(db, options.tenant);
        return addEndpoint(db, vault, { tenantId, url, types });
      });
      output.note(`The endpoint is ${made.endpointId}. Its secret is shown only now.`);
      output.answer({ id: made.endpointId, secret: made.secret }, () => made.secret);
    });
}

function listCommand(): Command {
  return tenantCommand(new Command('list'))
    .summary('a tenant’s endpoints')
    .addHelpText('after', '\nExample:\n  $ temporal-miro webhooks list --tenant acme')
    .action(async (options: TenantOptions) => {
      const endpoints = await withStore(await environmentOf(options), async (db) =>
        listEndpoints(db, await tenantOf(db, options.tenant)),
      );
      const views = endpoints.map(({ endpointId: id, ...endpoint }) => ({ id, ...endpoint }));
      createOutput(options).answer({ endpoints: views }, () => listText(endpoints));
    });
}

function listText(endpoints: WebhookEndpoint[]): string {
  if (endpoints.length === 0) return 'No endpoints. Add one with: temporal-miro webhooks add --help';
  return table(
    ['id', 'url', 'types', 'state'],
    endpoints.map(({ endpointId, url, types, disabledAt, disabledReason = '' }) => [
      ...[endpointId, url, types?.join(' ') ?? 'all', disabledAt ? `disabled: ${disabledReason}` : 'enabled'],
    ]),
  );
}

function removeCommand(): Command {
  return endpointCommand('remove', 'deliver nothing there any more').action(
    async (endpointId: string, options: TenantOptions) => {
      const removed = await withStore(await environmentOf(options), async (db) =>
        removeEndpoint(db, { ...(await tenantOf(db, options.tenant)), endpointId }),
      );
      if (!removed) throw noEndpoint(endpointId, options);
      createOutput(options).answer({ removed: endpointId }, () => 'Removed; deliveries under way end unsent.');
    },
  );
}

function rotateCommand(): Command {
  return endpointCommand('rotate', 'sign with a new secret; the old one signs too for 24 hours')
    .description('Prints the new secret on stdout, once. For 24 hours what is sent carries the signatures of both.')
    .action(async (endpointId: string, options: TenantOptions) => {
      const rotated = await withVault(await environmentOf(options), async ({ db, vault }) =>
        rotateEndpointSecret(db, vault, { ...(await tenantOf(db, options.tenant)), endpointId }),
      );
      if (!rotated) throw noEndpoint(endpointId, options);
      createOutput(options).answer({ id: endpointId, ...rotated }, () => rotated.secret);
    });
}

function enableCommand(): Command {
  return endpointCommand('enable', 'deliver there again').action(async (endpointId: string, options: TenantOptions) => {
    const enabled = await withStore(await environmentOf(options), async (db) =>
      enableEndpoint(db, { ...(await tenantOf(db, options.tenant)), endpointId }),
    );
    if (!enabled) throw noEndpoint(endpointId, options);
    createOutput(options).answer(
      { enabled: endpointId },
      () => 'It gets events from now on; what it missed: temporal-miro events',
    );
  });
}

function endpointCommand(name: string, summary: string): Command {
  const id = new Argument('<id>', 'the endpoint’s').argParser(readId);
  return tenantCommand(new Command(name).addArgument(id))
    .summary(summary)
    .addHelpText(
      'after',
      `\nExample:\n  $ temporal-miro webhooks ${name} 0193f0c2-7d5e-7c1e-9a51-5b1f5f8c1a2b --tenant acme`,
    );
}

const noEndpoint = (id: string, { tenant }: TenantOptions): CommandError =>
  new CommandError(
    EXIT.unknown,
    `the tenant "${tenant}" has no endpoint ${id}; list them with: temporal-miro webhooks list --tenant ${tenant}`,
  );
