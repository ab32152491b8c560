/** `temporal-miro tenants`: everything that is stored of a customer. */
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { finished } from 'node:stream/promises';
import { Command } from 'commander';
import type { Db } from '../../store/db.js';
import { exportTenant } from '../../store/export.js';
import { listTenants, type ListedTenant } from '../../store/tenants.js';
import { badInput } from './exit-codes.js';
import { tenantArgument, tenantOf } from './find-connection.js';
import { createOutput, table } from './output.js';
import { withStore } from './services.js';
import { sharedOptions, type SharedOptions } from './shared-options.js';
import { environmentOf } from './state-folder.js';
import { eraseCommand } from './tenants-erase.js';

export function tenantsCommand(): Command {
  return new Command('tenants')
    .summary('list, export and erase tenants')
    .description('A tenant is one customer of the product that embeds this; all that is stored belongs to one.')
    .addCommand(listCommand())
    .addCommand(exportCommand())
    .addCommand(eraseCommand());
}

function listCommand(): Command {
  return sharedOptions(new Command('list'))
    .summary('all tenants')
    .addHelpText('after', '\nExample:\n  $ temporal-miro tenants list')
    .action(async (options: SharedOptions) => {
      const tenants = await withStore(await environmentOf(options), listTenants);
      createOutput(options).answer({ tenants }, () => listText(tenants));
    });
}

function listText(tenants: ListedTenant[]): string {
  if (tenants.length === 0)
    return 'No tenants. Linking a first account makes one: temporal-miro connections link --help';
  return table(
    ['name', 'since', 'connections', 'jobs', 'running', 'erased'],
    tenants.map(({ name, createdAt, connections, jobs, runs, erasedAt }) => [
      ...[name, day(createdAt), connections, jobs, runs, erasedAt && (isErased(name) ? day(erasedAt) : 'erasing')],
    ]),
  );
}

/** Its name goes last. */
const isErased = (name: string): boolean => name.startsWith('erased-');
const day = (at: Date): string => at.toISOString().slice(0, 10);

interface ExportOptions extends SharedOptions {
  out?: string;
}

function exportCommand(): Command {
  return sharedOptions(new Command('export').addArgument(tenantArgument()))
    .summary('write out everything that is stored of a tenant, without its secrets')
    .description('One JSON object a line: first what it is of, then each row of each table, as all was at one moment.')
    .option('--out <file>', 'write it there, for its owner only (default: stdout)')
    .addHelpText('after', '\nExample:\n  $ temporal-miro tenants export acme --out acme.jsonl')
    .action(writeExport);
}

async function writeExport(name: string, options: ExportOptions): Promise<void> {
  const { out } = options;
  if (out === undefined && options.json) throw badInput('an export has many lines: give --out with --json');
  const rows = await withStore(await environmentOf(options), async (db) => {
    const { tenantId } = await tenantOf(db, name);
    return out === undefined ? exportTo(process.stdout, db, tenantId) : exportToFile(out, db, tenantId);
  });
  if (out !== undefined)
    createOutput(options).answer({ tenant: name, out, rows }, () => `Wrote ${rows} rows to ${out}.`);
}

/** @returns how many rows */
async function exportTo(stream: NodeJS.WritableStream, db: Db, tenantId: string): Promise<number> {
  let lines = 0;
  await exportTenant(db, tenantId, async (line) => {
    if (!stream.write(`${JSON.stringify(line)}\n`)) await once(stream, 'drain');
    lines += 1;
  });
  return lines - 1; // the first one is no row
}

/** The file is there when it is complete. */
async function exportToFile(path: string, db: Db, tenantId: string): Promise<number> {
  const part = `${path}.part`;
  const refused = (error: Error): never => {
    throw badInput(`--out ${path} can't be written: ${error.message}`);
  };
  await rm(part, { force: true }).catch(refused); // of an export that was killed; its mode would stay
  const stream = createWriteStream(part, { mode: 0o600, flags: 'wx' });
  await once(stream, 'open').catch(refused);
  try {
    const rows = await exportTo(stream, db, tenantId);
    await finished(stream.end());
    await rename(part, path).catch(refused);
    return rows;
  } catch (error) {
    stream.destroy();
    await rm(part, { force: true });
    throw error;
  }
}
