/**
 * Giving a connection's grants up. First nobody uses or refreshes them any more, then the caller revokes them at Miro,
 * then the secrets are erased; each step may be repeated after a kill.
 */
import { uuidv7 } from 'uuidv7';
import { appPlace } from './apps.js';
import type { Db, Queryable } from './db.js';
import { recordGrantEvent } from './grant-events.js';
import { accessPlace, refreshPlace } from './grant-facts.js';
import { lockConnection, type ConnectionRow } from './linking.js';
import { lockTenant } from './tenants.js';
import type { Vault } from './vault.js';

/** What is to be revoked at Miro. */
export interface RevokedSecret {
  grantId: string;
  kind: 'rest' | 'scim';
  /** A connection that leads to it; none where another account was linked in its place. */
  connection?: string;
  accessToken: string;
  /** With a pair: if the access token has expired, it must be exchanged for one that Miro still knows. */
  refreshToken?: string;
  /** Absent: Miro offers no way to revoke it; a person deletes it there. */
  app?: { clientId: string; clientSecret: string };
}

/**
 * Marks the grants that only this connection uses as revoked, and takes the others from it.
 * @returns the secrets that were not erased yet, also those of the tenant's earlier calls that did not come to their
 * end: a relink since then leaves nothing that leads to them
 */
export async function beginRevoke(
  db: Db,
  vault: Vault,
  { tenantId, name }: { tenantId: string; name: string },
): Promise<RevokedSecret[]> {
  const rows = await db.tx(async (tx) => {
    const connection = await lockConnection(tx, { tenantId, name });
    if (!connection) return [];
    const shared = await leaveShared(tx, connection);
    const own = [connection.rest, connection.scim].filter((grantId) => grantId !== null && !shared.includes(grantId));
    await markRevoked(tx, tenantId, own);
    return await unfinished(tx, tenantId);
  });
  return Promise.all(rows.map((row) => opened(vault, row)));
}

/** {@link beginRevoke} for all grants of a tenant, also those that no connection leads to any more. */
export async function beginRevokeAll(db: Db, vault: Vault, tenantId: string): Promise<RevokedSecret[]> {
  const rows = await db.tx(async (tx) => {
    await lockTenant(tx, tenantId);
    await markRevoked(tx, tenantId);
    return await unfinished(tx, tenantId);
  });
  return Promise.all(rows.map((row) => opened(vault, row)));
}

/** The revoked grant's secrets are gone for good. */
export async function finishRevoke(db: Db, { grantId }: { grantId: string }): Promise<void> {
  await db.query(
    `update miro.grants set access_token = null, refresh_token = null, access_expires_at = null, facts = '{}'
     where id = $1 and state = 'revoked'`,
    [grantId],
  );
}

/**
 * A grant that another connection uses too stays alive. This connection points to one of its own instead, which is
 * revoked and has no secret: its runs wait for a relink, which is judged by whose account it was.
 * @returns the ids of the shared grants
 */
async function leaveShared(tx: Queryable, { id: connectionId, rest, scim }: ConnectionRow): Promise<string[]> {
  const shared = await tx.query<{ id: string }>(
    `select g.id from miro.grants g where g.id = any ($2::uuid[]) and exists (select from miro.connections o
       where o.tenant_id = g.tenant_id and o.id <> $1 and (o.rest_grant_id = g.id or o.scim_grant_id = g.id))`,
    [connectionId, [rest, scim]],
  );
  for (const { id: grantId } of shared) {
    await recordGrantEvent(tx, 'connection.revoked', { grantId, connectionId });
    await tx.query(
      `with own as (
         insert into miro.grants (tenant_id, id, app_id, kind, miro_user_id, team_id, org_id, scopes, linked_hashes, state, reason, dead_at)
         select tenant_id, $3, app_id, kind, miro_user_id, team_id, org_id, scopes, linked_hashes, 'revoked', 'it was revoked', now()
         from miro.grants where id = $2 returning id, kind)
       update miro.connections c set rest_grant_id = case own.kind when 'rest' then own.id else rest_grant_id end,
         scim_grant_id = case own.kind when 'scim' then own.id else scim_grant_id end
       from own where c.id = $1`,
      [connectionId, grantId, uuidv7()],
    );
  }
  return shared.map(({ id }) => id);
}

interface SecretRow {
  id: string;
  kind: 'rest' | 'scim';
  connection: string | null;
  access_token: string;
  refresh_token: string | null;
  data_key: string;
  client_id: string | null;
  client_secret: string | null;
}

/** Without ids: all. */
async function markRevoked(tx: Queryable, tenantId: string, grantIds?: (string | null)[]): Promise<void> {
  const marked = await tx.query<{ id: string }>(
    `update miro.grants set state = 'revoked', reason = 'it was revoked', dead_at = coalesce(dead_at, now())
     where tenant_id = $1 and ($2::uuid[] is null or id = any ($2)) and state <> 'revoked' returning id`,
    [tenantId, grantIds],
  );
  for (const { id: grantId } of marked) await recordGrantEvent(tx, 'connection.revoked', { grantId });
}

const unfinished = (tx: Queryable, tenantId: string): Promise<SecretRow[]> =>
  tx.query<SecretRow>(
    `select g.id, g.kind, g.access_token, g.refresh_token, t.data_key, a.client_id, a.client_secret,
       (select min(c.name) from miro.connections c where c.tenant_id = g.tenant_id and g.id in (c.rest_grant_id, c.scim_grant_id)) as connection
     from miro.grants g join miro.tenants t on t.id = g.tenant_id left join miro.apps a on a.tenant_id = g.tenant_id and a.id = g.app_id
     where g.tenant_id = $1 and g.state = 'revoked' and g.access_token is not null and t.data_key is not null
     order by g.dead_at desc, g.kind`,
    [tenantId],
  );

async function opened(vault: Vault, row: SecretRow): Promise<RevokedSecret> {
  const { id: grantId, kind, data_key: dataKey, client_id: clientId, client_secret: sealed } = row;
  return {
    ...{ grantId, kind, accessToken: await vault.open(dataKey, accessPlace(grantId), row.access_token) },
    ...(row.connection !== null && { connection: row.connection }),
    ...(row.refresh_token !== null && {
      refreshToken: await vault.open(dataKey, refreshPlace(grantId), row.refresh_token),
    }),
    ...(clientId !== null &&
      sealed !== null && {
        app: { clientId, clientSecret: await vault.open(dataKey, appPlace(clientId), sealed) },
      }),
  };
}
