/** What links of both kinds share: the rows they lock, in this order (tenant, connection, grant), and what follows. */
import { uuidv7 } from 'uuidv7';
import { one, type Queryable } from './db.js';
import { recordGrantEvent } from './grant-events.js';
import { wakeParked } from './outbox.js';
import { hashOf } from './secrets.js';
import { lockTenant, refuseErased } from './tenants.js';

export interface ConnectionName {
  tenantId: string;
  name: string;
}

export interface ConnectionRow {
  id: string;
  rest: string | null;
  scim: string | null;
}

/** A grant that a token may belong to. */
export interface LinkedGrant {
  id: string;
  linked_hashes: string[];
}

/**
 * One link of a tenant at a time: two that make the same grant would make two. Parking and refreshing do not wait for
 * it, they begin with the connection or the grant.
 * @returns undefined when the tenant has no connection of that name.
 */
export async function lockConnection(
  tx: Queryable,
  { tenantId, name }: ConnectionName,
): Promise<ConnectionRow | undefined> {
  await lockTenant(tx, tenantId);
  const [connection] = await tx.query<ConnectionRow>(
    `select id, rest_grant_id as rest, scim_grant_id as scim from miro.connections
     where tenant_id = $1 and name = $2 for no key update`,
    [tenantId, name],
  );
  return connection;
}

/**
 * Whether a secret that was linked before, by whichever connection of the tenant, is not what the connection's `current`
 * grant has: another one was linked since, or the grant was revoked.
 */
export async function wasReplaced(
  tx: Queryable,
  {
    tenantId,
    kind,
    secret,
    current,
  }: { tenantId: string; kind: 'rest' | 'scim'; secret: string; current: string | null },
): Promise<boolean> {
  if (current === null) return false;
  const [linked] = await tx.query<{ present: boolean }>(
    `select bool_or(id = $4 and state <> 'revoked' and linked_hashes[cardinality(linked_hashes)] = $3) as present
     from miro.grants where tenant_id = $1 and kind = $2 and $3 = any (linked_hashes) having count(*) > 0`,
    [tenantId, kind, hashOf(secret), current],
  );
  return linked !== undefined && !linked.present;
}

/**
 * Points the connection to the grant, and where that or the grant's secret is new, tells backends and every run that
 * waits for either.
 * @throws TenantErased
 */
export async function pointTo(
  tx: Queryable,
  { tenantId, name }: ConnectionName,
  before: ConnectionRow | undefined,
  { kind, grantId, isNew }: { kind: 'rest' | 'scim'; grantId: string; isNew: boolean },
): Promise<void> {
  await refuseErased(tx, tenantId);
  const connectionId = before?.id ?? uuidv7();
  const left = before?.[kind] ?? null;
  if (!isNew && left === grantId) return;
  const column = kind === 'rest' ? 'rest_grant_id' : 'scim_grant_id';
  await tx.query(
    `insert into miro.connections (tenant_id, id, name, ${column}) values ($1, $2, $3, $4)
     on conflict (tenant_id, name) do update set ${column} = excluded.${column}`,
    [tenantId, connectionId, name, grantId],
  );
  await recordGrantEvent(tx, 'connection.linked', { grantId, ...(!isNew && { connectionId }) });
  const { generation } = one(
    await tx.query<{ generation: number }>('select generation from miro.grants where id = $1', [grantId]),
  );
  await wakeParked(tx, {
    ...{ tenantId, grantId, generation },
    ...(left !== null && left !== grantId && { connectionId }),
  });
}
