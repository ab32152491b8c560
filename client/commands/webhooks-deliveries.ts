/** `temporal-miro webhooks deliveries|redeliver`: what became of each event at each endpoint. */
import { Argument, Command, Option } from 'commander';
import { z } from 'zod';
import { listDeliveries, redeliver, type Delivery } from '../../store/webhook-deliveries.js';
import { wholeNumber } from './events.js';
import { badInput, CommandError, EXIT } from './exit-codes.js';
import { tenantCommand, tenantOf, type TenantOptions } from './find-connection.js';
import { createOutput, table } from './output.js';
import { withStore } from './services.js';
import { environmentOf } from './state-folder.js';

interface DeliveriesOptions extends TenantOptions {
  endpoint?: string;
  state?: Delivery['state'];
  limit: number;
}

export function deliveriesCommand(): Command {
  return tenantCommand(new Command('deliveries'))
    .summary('what was delivered, and what was not')
    .option('--endpoint <id>', 'only to this one', readId)
    .addOption(new Option('--state <state>', 'only these').choices(['pending', 'delivered', 'given_up']))
    .option('--limit <n>', 'how many', wholeNumber, 20)
    .addHelpText('after', '\nExample:\n  $ temporal-miro webhooks deliveries --tenant acme --state given_up')
    .action(async (options: DeliveriesOptions) => {
      const { endpoint: endpointId, state, limit } = options;
      const deliveries = await withStore(await environmentOf(options), async (db) =>
        listDeliveries(db, { ...(await tenantOf(db, options.tenant)), endpointId, state, limit }),
      );
      createOutput(options).answer({ deliveries }, () => deliveriesText(deliveries));
    });
}

function deliveriesText(deliveries: Delivery[]): string {
  if (deliveries.length === 0) return 'No deliveries.';
  return table(
    ['event', 'type', 'endpoint', 'state', 'tries', 'last answer'],
    deliveries.map(({ eventId, type, endpointId, state, tries, lastStatus, lastError }) => [
      ...[eventId, type, endpointId, state, tries, lastError ?? lastStatus],
    ]),
  );
}

export function redeliverCommand(): Command {
  return tenantCommand(new Command('redeliver').addArgument(new Argument('<event>', 'its id').argParser(readId)))
    .summary('deliver an event anew')
    .requiredOption('--endpoint <id>', 'where to', readId)
    .addHelpText(
      'after',
      '\nExample:\n  $ temporal-miro webhooks redeliver 0193f0c2-7d5e-7c1e-9a51-5b1f5f8c1a2b --endpoint 0193f0c2-0000-7c1e-9a51-5b1f5f8c1a2b',
    )
    .action(async (eventId: string, options: TenantOptions & { endpoint: string }) => {
      const { endpoint: endpointId, tenant } = options;
      const posted = await withStore(await environmentOf(options), async (db) =>
        redeliver(db, { ...(await tenantOf(db, tenant)), eventId, endpointId }),
      );
      if (!posted)
        throw new CommandError(
          EXIT.unknown,
          `the tenant "${tenant}" has no such event, or no such endpoint that is enabled; see: temporal-miro webhooks list`,
        );
      createOutput(options).answer({ eventId, endpointId }, () => 'It is delivered within seconds if a worker runs.');
    });
}

/** @throws CommandError unless it is an id of ours */
export function readId(text: string): string {
  if (z.uuid().safeParse(text).success) return text;
  throw badInput(`"${text}" is no id; write it as "webhooks list" or "events" shows it`);
}
