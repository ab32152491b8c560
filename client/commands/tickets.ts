/** `temporal-miro tickets`: the built-in tracker, to work with. */
import { writeFile } from 'node:fs/promises';
import { Argument, Command, InvalidArgumentError, Option } from 'commander';
import { EXPORT_FORMATS, type ExportFormat } from '../../jobs/retro-to-tickets/export-format.js';
import { exportTickets } from '../../jobs/retro-to-tickets/export-tickets.js';
import { readTicketKey, type StoredTicket } from '../../store/ticket-rows.js';
import {
  allTickets,
  editTicket,
  findTicket,
  listTickets,
  type TicketDetails,
  type TicketEdit,
} from '../../store/tickets.js';
import { badInput, CommandError, EXIT } from './exit-codes.js';
import { tenantCommand, tenantOf, type TenantOptions } from './find-connection.js';
import { createOutput, table } from './output.js';
import { withStore } from './services.js';
import { environmentOf } from './state-folder.js';

export function ticketsCommand(): Command {
  return new Command('tickets')
    .summary('list, change and export tickets of the built-in tracker')
    .description('Tickets that retrospectives have put into the built-in tracker.')
    .addCommand(listCommand())
    .addCommand(showCommand())
    .addCommand(setCommand())
    .addCommand(exportCommand());
}

interface FilterOptions extends TenantOptions {
  tracker?: string;
  status?: string;
}

interface ListOptions extends FilterOptions {
  after?: string;
  limit: number;
}

function filterOptions(command: Command): Command {
  return tenantCommand(command)
    .option('--tracker <name>', 'only of this built-in tracker')
    .option('--status <status>', 'only with this status');
}

function listCommand(): Command {
  return filterOptions(new Command('list'))
    .summary('a tenant’s tickets')
    .option('--after <key>', 'only those behind this one', readKey)
    .option('--limit <n>', 'so many at most', readLimit, 100)
    .addHelpText('after', '\nExample:\n  $ temporal-miro tickets list --tenant acme --status open')
    .action(async ({ tenant, tracker, status, after, limit, ...options }: ListOptions) => {
      const page = await withStore(await environmentOf(options), async (db) =>
        listTickets(db, { ...(await tenantOf(db, tenant)), tracker, status, after, limit }),
      );
      const output = createOutput(options);
      output.answer(page, () => listText(page.tickets));
      if (page.cursor !== undefined) output.note(`There are more: --after ${page.cursor}`);
    });
}

function listText(tickets: StoredTicket[]): string {
  if (tickets.length === 0) return 'No tickets.';
  return table(
    ['key', 'status', 'type', 'assignee', 'labels', 'title'],
    tickets.map(({ key, status, type, assignee, labels, title }) => [
      ...[key, status, type, assignee, labels.join(', '), title],
    ]),
  );
}

function showCommand(): Command {
  return ticketCommand('show')
    .summary('one ticket with its comments')
    .addHelpText('after', '\nExample:\n  $ temporal-miro tickets show T-1 --tenant acme')
    .action(async (key: string, options: TenantOptions) => {
      const ticket = await withStore(await environmentOf(options), async (db) =>
        findTicket(db, { ...(await tenantOf(db, options.tenant)), key }),
      );
      if (!ticket) throw noTicket(key, options);
      createOutput(options).answer(ticket, () => showText(ticket));
    });
}

function showText(ticket: TicketDetails): string {
  const facts = [
    ...[
      ['Status', ticket.status],
      ['Type', ticket.type],
      ['Priority', ticket.priority],
      ['Assignee', ticket.assignee],
    ],
    ...[
      ['Parent', ticket.parent],
      ['Labels', ticket.labels.join(', ')],
      ['Related', ticket.related.join(', ')],
    ],
    ...[
      ['Tracker', ticket.tracker],
      ['Board', ticket.sourceUrl],
    ],
    ...Object.entries(ticket.fields).map(([name, value]) => [name, JSON.stringify(value)]),
  ].flatMap(([name = '', value]) => (value ? [`${name.padEnd(9)} ${value}`] : []));
  const comments = ticket.comments.map(({ body, at }) => `\n— ${at.toISOString()}\n${body}`);
  return [`${ticket.key}  ${ticket.title}`, ...facts, '', ticket.body, ...comments].join('\n');
}

interface SetOptions extends TenantOptions, Omit<TicketEdit, 'assignee' | 'priority'> {
  /** False: nobody, none. */
  assignee?: string | false;
  priority?: string | false;
}

function setCommand(): Command {
  return ticketCommand('set')
    .summary('change a ticket')
    .description('Statuses are free words; done and closed count as closed.')
    .option('--status <status>', 'e.g. done', readWords)
    .option('--title <title>', 'one line', readWords)
    .option('--assignee <who>', 'who works on it', readWords)
    .option('--no-assignee', 'nobody works on it')
    .option('--priority <priority>', 'how much it matters', readWords)
    .option('--no-priority', 'it has none')
    .addHelpText('after', '\nExample:\n  $ temporal-miro tickets set T-1 --status done --tenant acme')
    .action(async (key: string, { status, title, assignee, priority, ...options }: SetOptions) => {
      const edit = { status, title, assignee: orNull(assignee), priority: orNull(priority) };
      if (Object.values(edit).every((value) => value === undefined))
        throw badInput('say what to change: --status, --title, --assignee or --priority');
      const ticket = await withStore(await environmentOf(options), async (db) =>
        editTicket(db, { ...(await tenantOf(db, options.tenant)), key, edit }),
      );
      if (!ticket) throw noTicket(key, options);
      createOutput(options).answer(ticket, () => listText([ticket]));
    });
}

const orNull = (value: string | false | undefined): string | null | undefined => (value === false ? null : value);

interface ExportOptions extends FilterOptions {
  format: ExportFormat;
  out?: string;
}

function exportCommand(): Command {
  return filterOptions(new Command('export'))
    .summary('all tickets as a file')
    .addOption(new Option('--format <format>', 'of the file').choices(EXPORT_FORMATS).default('json'))
    .option('--out <file>', 'write there instead of stdout')
    .addHelpText('after', '\nExample:\n  $ temporal-miro tickets export --tenant acme --format csv --out tickets.csv')
    .action(async ({ tenant, tracker, status, format, out, ...options }: ExportOptions) => {
      if (options.json && format !== 'json' && out === undefined)
        throw badInput(`--json prints JSON on stdout; name a file for the ${format} with --out`);
      const tickets = await withStore(await environmentOf(options), async (db) =>
        allTickets(db, { ...(await tenantOf(db, tenant)), tracker, status }),
      );
      const text = exportTickets(tickets, format);
      const output = createOutput(options);
      if (out === undefined) return output.answer({ tickets }, () => text);
      await writeFile(out, text);
      output.answer({ written: out, tickets: tickets.length }, () => `${tickets.length} tickets are in ${out}.`);
    });
}

function ticketCommand(name: string): Command {
  return tenantCommand(new Command(name).addArgument(new Argument('<key>', 'e.g. T-1').argParser(readKey)));
}

function readKey(text: string): string {
  if (readTicketKey(text)) return text;
  throw new InvalidArgumentError('A ticket’s key is like T-1.');
}

const MOST = 1_000;

function readLimit(text: string): number {
  const limit = Number(text);
  if (Number.isInteger(limit) && limit > 0 && limit <= MOST) return limit;
  throw new InvalidArgumentError(`Give a number from 1 to ${MOST}.`);
}

function readWords(text: string): string {
  if (text.trim() !== '' && text.length <= 500 && !/\p{Cc}/u.test(text)) return text.trim();
  throw new InvalidArgumentError('Give one line of at most 500 characters.');
}

const noTicket = (key: string, { tenant }: TenantOptions): CommandError =>
  new CommandError(
    EXIT.unknown,
    `the tenant "${tenant}" has no ticket ${key}; list them with: temporal-miro tickets list --tenant ${tenant}`,
  );
