/** A tenant and its connections by the names that people give them. */
import { Argument, type Command } from 'commander';
import { connectionName, tenantName } from '../../gateway/requests.js';
import { findConnection, type Connection } from '../../store/connections.js';
import type { Db } from '../../store/db.js';
import { listRuns, type Run } from '../../store/runs.js';
import { findTenant, type Tenant } from '../../store/tenants.js';
import { badInput, CommandError, EXIT } from './exit-codes.js';
import { sharedOptions, type SharedOptions } from './shared-options.js';

export interface TenantOptions extends SharedOptions {
  tenant: string;
}

/** A command about one tenant's things. */
export function tenantCommand(command: Command): Command {
  return sharedOptions(command).option('--tenant <name>', 'whose', readTenant, 'default');
}

/** A tenant as the thing that a command is about. */
export const tenantArgument = (): Argument => new Argument('<tenant>', 'its name').argParser(readTenant);

/** A command about one connection. */
export function connectionCommand(command: Command): Command {
  return tenantCommand(command.addArgument(new Argument('<name>', 'the connection’s name').argParser(readConnection)));
}

/** @throws CommandError unless a tenant can have that name */
export function readTenant(text: string): string {
  return readName('tenant', text, tenantName);
}

/** @throws CommandError unless a connection can have that name */
export function readConnection(text: string): string {
  return readName('connection', text, connectionName);
}

function readName(what: string, text: string, schema: typeof tenantName): string {
  const { data, error } = schema.safeParse(text);
  if (data !== undefined) return data;
  throw badInput(`the ${what} "${text}" ${error.issues[0]?.message ?? 'is no name'}`);
}

/** @throws CommandError (exit 4) when there is none of that name */
export async function tenantOf(db: Db, name: string): Promise<Tenant> {
  const tenant = await findTenant(db, name);
  if (tenant) return tenant;
  throw new CommandError(EXIT.unknown, `there is no tenant "${name}"; list them with: temporal-miro tenants list`);
}

/** @throws CommandError (exit 4) when there is none of that name */
export async function connectionOf(db: Db, name: string, { tenant }: TenantOptions): Promise<Connection> {
  const { tenantId } = await tenantOf(db, tenant);
  const connection = await findConnection(db, { tenantId, name });
  if (connection) return connection;
  throw new CommandError(
    EXIT.unknown,
    `the tenant "${tenant}" has no connection "${name}"; list them with: temporal-miro connections list`,
  );
}

/** More than anybody reads. */
export const MOST_RUNS = 1_000;

/** The runs that use the connection and have not ended, the newest first. */
export function runsOf(db: Db, { tenantId, name }: Connection): Promise<Run[]> {
  return listRuns(db, { tenantId, connection: name, state: 'running', limit: MOST_RUNS });
}
