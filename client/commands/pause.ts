/** `temporal-miro pause|resume`: stops jobs before their next write, and lets them go on. */
import { Command, Option } from 'commander';
import { JOB_KINDS } from '../../jobs/requirements.js';
import type { Db } from '../../store/db.js';
import { listPauses, pause, resume, type Pause, type PauseScope } from '../../store/pauses.js';
import { badInput, CommandError, EXIT } from './exit-codes.js';
import { readConnection, readTenant, tenantOf } from './find-connection.js';
import { createOutput, table } from './output.js';
import { withStore } from './services.js';
import { sharedOptions, type SharedOptions } from './shared-options.js';
import { environmentOf } from './state-folder.js';

interface ScopeOptions extends SharedOptions {
  tenant?: string;
  connection?: string;
  kind?: string;
  all?: boolean;
}

interface PauseOptions extends ScopeOptions {
  list?: boolean;
  reason?: string;
}

export function pauseCommand(): Command {
  return scopeOptions(new Command('pause'))
    .summary('stop jobs before their next write')
    .description(
      'Nothing is written at Miro for what is paused; runs wait, say so, and go on after resume. Several options narrow it together.',
    )
    .option('--reason <text>', 'shown to whoever asks why a run waits')
    .option('--list', 'only show what is paused')
    .addHelpText(
      'after',
      '\nExamples:\n  $ temporal-miro pause --tenant acme --reason "audit until Friday"\n  $ temporal-miro pause --kind provisionBoard\n  $ temporal-miro pause --list',
    )
    .action((options: PauseOptions) => (options.list ? list(options) : begin(options)));
}

export function resumeCommand(): Command {
  return scopeOptions(new Command('resume'))
    .summary('let paused jobs go on')
    .description('Ends the pause of exactly this scope; a wider or narrower one goes on.')
    .addHelpText('after', '\nExample:\n  $ temporal-miro resume --tenant acme')
    .action(end);
}

function scopeOptions(command: Command): Command {
  return sharedOptions(command)
    .option('--tenant <name>', 'only jobs of this tenant', readTenant)
    .option('--connection <name>', 'only jobs of connections of this name', readConnection)
    .addOption(new Option('--kind <kind>', 'only jobs of this kind').choices(JOB_KINDS))
    .option('--all', 'every job of the installation');
}

async function begin(options: PauseOptions): Promise<void> {
  assertScope(options);
  const paused = await withStore(await environmentOf(options), async (db) =>
    pause(db, { ...(await scopeOf(db, options)), reason: options.reason }),
  );
  createOutput(options).answer(view(paused), () => `Paused: ${scopeText(options)}. Nothing more is written for it.`);
}

async function end(options: ScopeOptions): Promise<void> {
  assertScope(options);
  const ended = await withStore(await environmentOf(options), async (db) => resume(db, await scopeOf(db, options)));
  if (!ended)
    throw new CommandError(
      EXIT.unknown,
      `nothing is paused for exactly this: ${scopeText(options)}; see: temporal-miro pause --list`,
    );
  const { tenant, connection, kind: jobKind } = options;
  createOutput(options).answer({ resumed: { tenant, connection, jobKind } }, () => `Goes on: ${scopeText(options)}.`);
}

async function list(options: PauseOptions): Promise<void> {
  const pauses = await withStore(await environmentOf(options), async (db) =>
    listPauses(db, options.tenant === undefined ? {} : await tenantOf(db, options.tenant)),
  );
  createOutput(options).answer({ pauses: pauses.map(view) }, () => listText(pauses));
}

const view = ({ tenant, connectionName: connection, jobKind, reason, pausedAt }: Pause) => ({
  ...{ tenant, connection, jobKind, reason, pausedAt },
});

function listText(pauses: Pause[]): string {
  if (pauses.length === 0) return 'Nothing is paused.';
  return table(
    ['since (UTC)', 'tenant', 'connection', 'kind', 'reason'],
    pauses.map(({ pausedAt, tenant = 'all', connectionName = 'all', jobKind = 'all', reason }) => [
      ...[pausedAt.toISOString().slice(0, 16).replace('T', ' '), tenant, connectionName, jobKind, reason],
    ]),
  );
}

/** Who only looks around must not stop everything. */
function assertScope({ tenant, connection, kind, all = false }: ScopeOptions): void {
  const isNarrow = (tenant ?? connection ?? kind) !== undefined;
  if (all !== isNarrow) return;
  throw badInput('say what: --tenant, --connection or --kind, or several of them; or --all for every job');
}

async function scopeOf(db: Db, { tenant, connection, kind }: ScopeOptions): Promise<PauseScope> {
  const { tenantId } = tenant === undefined ? {} : await tenantOf(db, tenant);
  return { tenantId, connectionName: connection, jobKind: kind };
}

function scopeText({ tenant, connection, kind }: ScopeOptions): string {
  const parts = Object.entries({ tenant, connection, kind }).flatMap(([name, value]) =>
    value === undefined ? [] : `${name} ${value}`,
  );
  return parts.join(', ') || 'every job';
}
