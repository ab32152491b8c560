/**
 * Giving a connection's grants up. First nobody uses or refreshes them any more, then the caller revokes them at Miro,
 * then the secrets are erased; each step may be repeated after a kill.
 */
import { appPlace } from './apps.js';
import type { Db, Queryable } from './db.js';
import { recordGrantEvent } from './grant-events.js';
import { accessPlace, refreshPlace } from './grant-facts.js';
import { lockConnection, type ConnectionRow } from './linking.js';
import type { Vault } from './vault.js';

/** What is to be revoked at Miro. */
export interface RevokedSecret {
  grantId: string;
  kind: 'rest' | 'scim';
  accessToken: string;
  /** With a pair: if the access token has expired, it must be exchanged for one that Miro still knows. */
  refreshToken?: string;
  /** Absent: Miro offers no way to revoke it; a person deletes it there. */
  app?: { clientId: string; clientSecret: string };
}

/**
 * Marks the grants that only this connection uses as revoked, and takes the others from it.
 * @returns the secrets that were not erased yet, also those of an earlier call that did not come to its end
 */
export async function beginRevoke(
  db: Db,
  vault: Vault,
  { tenantId, name }: { tenantId: string; name: string },
): Promise<RevokedSecret[]> {
  const rows = await db.tx(async (tx) => {
    const connection = await lockConnection(tx, { tenantId, name });
    if (!connection) return [];
    await leaveShared(tx, connection);
    return await revoke(tx, connection.id);
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

/** A grant that another connection uses too stays alive; this connection points to none instead. */
async function leaveShared(tx: Queryable, { id: connectionId, rest, scim }: ConnectionRow): Promise<void> {
  const shared = await tx.query<{ id: string }>(
    `select g.id from miro.grants g where g.id = any ($2::uuid[]) and exists (select from miro.connections o
       where o.tenant_id = g.tenant_id and o.id <> $1 and (o.rest_grant_id = g.id or o.scim_grant_id = g.id))`,
    [connectionId, [rest, scim]],
  );
  for (const { id: grantId } of shared) {
    await recordGrantEvent(tx, 'connection.revoked', { grantId, connectionId });
    await tx.query(
      `update miro.connections set rest_grant_id = nullif(rest_grant_id, $2), scim_grant_id = nullif(scim_grant_id, $2)
       where id = $1`,
      [connectionId, grantId],
    );
  }
}

interface SecretRow {
  id: string;
  kind: 'rest' | 'scim';
  access_token: string;
  refresh_token: string | null;
  data_key: string;
  client_id: string | null;
  client_secret: string | null;
}

async function revoke(tx: Queryable, connectionId: string): Promise<SecretRow[]> {
  const marked = await tx.query<{ id: string }>(
    `update miro.grants g set state = 'revoked', reason = 'it was revoked', dead_at = coalesce(dead_at, now())
     from miro.connections c where c.id = $1 and c.tenant_id = g.tenant_id and g.id in (c.rest_grant_id, c.scim_grant_id)
       and g.state <> 'revoked' returning g.id`,
    [connectionId],
  );
  for (const { id: grantId } of marked) await recordGrantEvent(tx, 'connection.revoked', { grantId });
  return tx.query<SecretRow>(
    `select g.id, g.kind, g.access_token, g.refresh_token, t.data_key, a.client_id, a.client_secret
     from miro.connections c join miro.grants g on g.tenant_id = c.tenant_id and g.id in (c.rest_grant_id, c.scim_grant_id)
       join miro.tenants t on t.id = g.tenant_id left join miro.apps a on a.tenant_id = g.tenant_id and a.id = g.app_id
     where c.id = $1 and g.access_token is not null order by g.kind`,
    [connectionId],
  );
}

async function opened(vault: Vault, row: SecretRow): Promise<RevokedSecret> {
  const { id: grantId, kind, data_key: dataKey, client_id: clientId, client_secret: sealed } = row;
  return {
    ...{ grantId, kind, accessToken: await vault.open(dataKey, accessPlace(grantId), row.access_token) },
    ...(row.refresh_token !== null && {
      refreshToken: await vault.open(dataKey, refreshPlace(grantId), row.refresh_token),
    }),
    ...(clientId !== null &&
      sealed !== null && {
        app: { clientId, clientSecret: await vault.open(dataKey, appPlace(clientId), sealed) },
      }),
  };
}
