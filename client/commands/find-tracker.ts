/** A tenant's tracker by the name that people give it. */
import { Argument, type Command } from 'commander';
import type { Db } from '../../store/db.js';
import { findTracker, type TrackerRow } from '../../store/trackers.js';
import { CommandError, EXIT } from './exit-codes.js';
import { tenantCommand, tenantOf, type TenantOptions } from './find-connection.js';

/** A command about one tracker. */
export function trackerCommand(command: Command): Command {
  return tenantCommand(command.addArgument(new Argument('<name>', 'the tracker’s name')));
}

/** @throws CommandError (exit 4) when there is none of that name */
export async function trackerOf(db: Db, name: string, { tenant }: TenantOptions): Promise<TrackerRow> {
  const tracker = await findTracker(db, { ...(await tenantOf(db, tenant)), name });
  if (tracker) return tracker;
  throw noTracker(name, tenant);
}

export const noTracker = (name: string, tenant: string): CommandError =>
  new CommandError(
    EXIT.unknown,
    `the tenant "${tenant}" has no tracker "${name}"; list them with: temporal-miro trackers list --tenant ${tenant}`,
  );

/** As JSON and tables show it; the secret is not a part of it. */
export function trackerView(tenant: string, row: TrackerRow) {
  const { name, kind, config, mapping, hasSecret, createdAt, changedAt } = row;
  return { tenant, name, kind, config, mapping, hasSecret, createdAt, changedAt };
}
