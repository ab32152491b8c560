/** A tenant's named accounts at trackers. Secrets are sealed under the tenant's data key; only {@link openTrackerSettings} opens one. */
import { uuidv7 } from 'uuidv7';
import type { TicketMapping } from '../contract-retro.js';
import type { TrackerKind } from '../tickets/tracker.js';
import { json, type Db, type Queryable } from './db.js';
import { ensureDataKey, refuseErased } from './tenants.js';
import type { Vault } from './vault.js';

export interface TrackerRow {
  /** Absent of the built-in tracker that every tenant has, as long as nothing is stored about it. */
  trackerId?: string;
  tenantId: string;
  name: string;
  kind: TrackerKind;
  config: Record<string, unknown>;
  mapping?: TicketMapping;
  hasSecret: boolean;
  createdAt?: Date;
  changedAt?: Date;
}

export interface NewTracker {
  tenantId: string;
  name: string;
  kind: TrackerKind;
  /** Checked before; holds no secret. */
  config: Record<string, unknown>;
  secret?: string | undefined;
  mapping?: TicketMapping | undefined;
  /** Takes the place of the one of that name, all of it: without `secret` there is none any more. */
  replace?: boolean | undefined;
}

interface Named {
  tenantId: string;
  name: string;
}

/** A tracker that cannot be added like this; the message says why and what to do. */
export class TrackerRefused extends Error {
  override readonly name = 'TrackerRefused';
}

/** The tracker that every tenant has. */
export const BUILTIN_TRACKER = 'builtin';

/**
 * Adds a tracker under a name, or replaces the one that has it.
 * @throws TrackerRefused when the name is taken or cannot be one, or the tracker of that name is of another kind; TenantErased
 */
export async function addTracker(db: Db, vault: Vault, tracker: NewTracker): Promise<TrackerRow> {
  checkName(tracker);
  const { tenantId, name, kind, config, secret, mapping, replace = false } = tracker;
  const rows = await db.tx(async (tx) => {
    await refuseErased(tx, tenantId);
    const [known] = await tx.query<{ id: string; kind: TrackerKind }>(
      'select id, kind from miro.trackers where tenant_id = $1 and name = $2 for update',
      [tenantId, name],
    );
    if (known && !replace) throw taken(name);
    if (known && known.kind !== kind)
      throw new TrackerRefused(
        `the tracker "${name}" is of kind ${known.kind}: the tickets that runs made are there; give the new one another name`,
      );
    const trackerId = known?.id ?? uuidv7();
    const sealed = await seal(tx, vault, { tenantId, trackerId, secret });
    return tx.query<StoredTracker>(
      `insert into miro.trackers (tenant_id, id, name, kind, config, secret, mapping) values ($1, $2, $3, $4, $5, $6, $7)
       on conflict (tenant_id, name) do update set config = excluded.config, secret = excluded.secret,
         mapping = excluded.mapping, changed_at = now() where trackers.id = excluded.id
       returning *`,
      [tenantId, trackerId, name, kind, json(config), sealed, json(mapping)],
    );
  });
  const [stored] = rows;
  if (!stored) throw taken(name);
  return toTracker(stored);
}

/** By name; the built-in one that every tenant has stands first. */
export async function listTrackers(db: Queryable, { tenantId }: { tenantId: string }): Promise<TrackerRow[]> {
  const rows = await db.query<StoredTracker>('select * from miro.trackers where tenant_id = $1 order by name', [
    tenantId,
  ]);
  const trackers = rows.map(toTracker);
  const others = trackers.filter(({ name }) => name !== BUILTIN_TRACKER);
  return [trackers.find(({ name }) => name === BUILTIN_TRACKER) ?? builtinOf(tenantId), ...others];
}

/** @returns undefined when there is none of that name; `builtin` is always there. */
export async function findTracker(db: Queryable, { tenantId, name }: Named): Promise<TrackerRow | undefined> {
  const [row] = await db.query<StoredTracker>('select * from miro.trackers where tenant_id = $1 and name = $2', [
    tenantId,
    name,
  ]);
  if (row) return toTracker(row);
  return name === BUILTIN_TRACKER ? builtinOf(tenantId) : undefined;
}

/**
 * The tracker with its secret as both stand at one moment, so that a new address never gets the secret of the one before.
 * @returns undefined when there is none of that name. @throws VaultError
 */
export async function openTrackerSettings(
  db: Queryable,
  vault: Vault,
  { tenantId, name }: Named,
): Promise<(TrackerRow & { secret?: string }) | undefined> {
  const [row] = await db.query<StoredTracker & { data_key: string }>(
    `select k.*, t.data_key from miro.trackers k join miro.tenants t on t.id = k.tenant_id
     where k.tenant_id = $1 and k.name = $2`,
    [tenantId, name],
  );
  if (!row) return name === BUILTIN_TRACKER ? builtinOf(tenantId) : undefined;
  if (row.secret === null) return toTracker(row);
  return { ...toTracker(row), secret: await vault.open(row.data_key, placeOf(row.id), row.secret) };
}

/** Gives the tracker a new secret; the rest stays. @returns false when nothing of that name is stored. @throws TenantErased */
export async function replaceTrackerSecret(
  db: Db,
  vault: Vault,
  { tenantId, name, secret }: Named & { secret: string },
): Promise<boolean> {
  const { trackerId } = (await findTracker(db, { tenantId, name })) ?? {};
  if (trackerId === undefined) return false;
  const sealed = await seal(db, vault, { tenantId, trackerId, secret });
  const changed = await db.query(
    'update miro.trackers set secret = $3, changed_at = now() where tenant_id = $1 and id = $2 returning id',
    [tenantId, trackerId, sealed],
  );
  return changed.length > 0;
}

/** Its tickets stay where they are, those of a built-in tracker too. @returns false when nothing of that name is stored. */
export async function removeTracker(db: Db, { tenantId, name }: Named): Promise<boolean> {
  const gone = await db.query('delete from miro.trackers where tenant_id = $1 and name = $2 returning id', [
    tenantId,
    name,
  ]);
  return gone.length > 0;
}

interface StoredTracker {
  id: string;
  tenant_id: string;
  name: string;
  kind: TrackerKind;
  config: Record<string, unknown>;
  secret: string | null;
  mapping: TicketMapping | null;
  created_at: Date;
  changed_at: Date;
}

const toTracker = (row: StoredTracker): TrackerRow => ({
  trackerId: row.id,
  tenantId: row.tenant_id,
  name: row.name,
  kind: row.kind,
  config: row.config,
  ...(row.mapping && { mapping: row.mapping }),
  hasSecret: row.secret !== null,
  createdAt: row.created_at,
  changedAt: row.changed_at,
});

const builtinOf = (tenantId: string): TrackerRow => ({
  tenantId,
  name: BUILTIN_TRACKER,
  kind: 'builtin',
  config: {},
  hasSecret: false,
});

const placeOf = (trackerId: string): string => `tracker:${trackerId}`;

async function seal(
  db: Queryable,
  vault: Vault,
  { tenantId, trackerId, secret }: { tenantId: string; trackerId: string; secret?: string | undefined },
): Promise<string | null> {
  if (secret === undefined) return null;
  return vault.seal(await ensureDataKey(db, vault, tenantId), placeOf(trackerId), secret);
}

/** Keys of built-in tickets begin with the tracker's name in capitals, those of `builtin` with T. */
const NAME = /^[a-z][a-z0-9_-]{0,39}$/;

function checkName({ name, kind }: NewTracker): void {
  if (!NAME.test(name))
    throw new TrackerRefused(
      `"${name}" is no name of a tracker; give 1 to 40 small letters, digits, dashes and underscores, a letter first`,
    );
  if (name === BUILTIN_TRACKER && kind !== 'builtin')
    throw new TrackerRefused(`"${BUILTIN_TRACKER}" is the built-in tracker; give the one of kind ${kind} another name`);
  if (name === 't' && kind === 'builtin')
    throw new TrackerRefused('the keys T-1, T-2 … are of the tracker "builtin"; give this one another name than "t"');
}

const taken = (name: string): TrackerRefused =>
  new TrackerRefused(`there is a tracker "${name}" already; replace it with --replace, or give another name`);
