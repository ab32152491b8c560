/** `temporal-miro events`: what happened, by cursor, as backends read it. */
import { Command, InvalidArgumentError } from 'commander';
import { clientConfig } from '../../config.js';
import { EVENT_TYPES, type EventType } from '../../contract.js';
import { relinkUrl } from '../../ids.js';
import { readEvents, type EventPage, type RelinkUrl } from '../../store/events.js';
import { collect } from './collect.js';
import { readTenant, tenantOf } from './find-connection.js';
import { createOutput, table } from './output.js';
import { withStore } from './services.js';
import { sharedOptions, type SharedOptions } from './shared-options.js';
import { environmentOf } from './state-folder.js';

interface EventsOptions extends SharedOptions {
  tenant?: string;
  after?: string;
  type: EventType[];
  limit: number;
}

export function eventsCommand(): Command {
  return sharedOptions(new Command('events'))
    .summary('what happened, the oldest first')
    .description('Links, dead tokens and ended runs of the last 30 days. The cursor of a page goes on after it.')
    .option('--tenant <name>', 'only of this tenant', readTenant)
    .option('--after <cursor>', 'go on after this page')
    .option('--type <type>', `only these; repeat it for more: ${EVENT_TYPES.join(', ')}`, eventTypes, [])
    .option('--limit <n>', 'how many', wholeNumber, 100)
    .addHelpText('after', '\nExample:\n  $ temporal-miro events --tenant acme --type connection.needs_relink --json')
    .action(async (options: EventsOptions) => {
      const env = await environmentOf(options);
      const { idKey, publicUrl } = clientConfig(env);
      const url: RelinkUrl | undefined =
        publicUrl === undefined ? undefined : (dead) => relinkUrl(idKey, publicUrl, dead);
      const { tenant, after, type: types, limit } = options;
      const page = await withStore(env, async (db) =>
        readEvents(db, {
          ...(tenant !== undefined && { tenantId: (await tenantOf(db, tenant)).tenantId }),
          ...(after !== undefined && { after }),
          ...(types.length > 0 && { types }),
          ...{ limit, relinkUrl: url },
        }),
      );
      createOutput(options).answer(page, () => pageText(page));
    });
}

function pageText({ events, cursor, more }: EventPage): string {
  if (events.length === 0) return 'No events.';
  const rows = events.map(({ timestamp, tenant, type, data }) => [
    ...[timestamp.slice(0, 19).replace('T', ' '), tenant, type],
    ...[textOf(data['workflowId'] ?? data['connection']), textOf(data['reason'] ?? data['ending'])],
  ]);
  const next = `${more ? 'More' : 'Later ones'}: temporal-miro events --after ${cursor}`;
  return `${table(['at (UTC)', 'tenant', 'type', 'of', ''], rows)}\n\n${next}`;
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

const MOST = 500;

/** @throws InvalidArgumentError */
export function wholeNumber(text: string): number {
  const number = Number(text);
  if (/^\d+$/.test(text) && number >= 1 && number <= MOST) return number;
  throw new InvalidArgumentError(`It must be a whole number from 1 to ${MOST}.`);
}

/** `--type`, which may be repeated. @throws InvalidArgumentError */
export const eventTypes = collect((text: string): EventType => {
  const type = EVENT_TYPES.find((known) => known === text);
  if (type) return type;
  throw new InvalidArgumentError(`Allowed choices are ${EVENT_TYPES.join(', ')}.`);
});
