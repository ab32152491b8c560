/** Reading connections: a tenant's named uses of grants. */
import type { Db } from './db.js';
import { readGrants, type GrantInfo } from './grants.js';

export interface Connection {
  connectionId: string;
  tenantId: string;
  name: string;
  rest?: GrantInfo;
  scim?: GrantInfo;
}

/** A connection as a list shows it. `tenant` is the tenant's name. */
export type ListedConnection = Connection & { tenant: string; createdAt: Date };

/** The tenant's connection of that name, with what is known of its grants; never a secret. */
export async function findConnection(
  db: Db,
  { tenantId, name }: { tenantId: string; name: string },
): Promise<Connection | undefined> {
  const [connection] = await select(db, 'c.tenant_id = $1 and c.name = $2', [tenantId, name]);
  if (!connection) return undefined;
  const { tenant, createdAt, ...found } = connection;
  return found;
}

/** All connections of a tenant, or of all tenants, by name. */
export async function listConnections(db: Db, { tenantId }: { tenantId?: string } = {}): Promise<ListedConnection[]> {
  return select(db, '$1::uuid is null or c.tenant_id = $1', [tenantId]);
}

/** For who was given the id by us, e.g. in a relink URL: an id from outside must be looked up by its tenant and name. */
export async function getConnectionById(db: Db, connectionId: string): Promise<ListedConnection | undefined> {
  const [connection] = await select(db, 'c.id = $1', [connectionId]);
  return connection;
}

interface Row {
  id: string;
  tenant_id: string;
  tenant: string;
  name: string;
  rest_grant_id: string | null;
  scim_grant_id: string | null;
  created_at: Date;
}

async function select(db: Db, where: string, parameters: unknown[]): Promise<ListedConnection[]> {
  const rows = await db.query<Row>(
    `select c.id, c.tenant_id, t.name as tenant, c.name, c.rest_grant_id, c.scim_grant_id, c.created_at
     from miro.connections c join miro.tenants t on t.id = c.tenant_id where ${where} order by t.name, c.name`,
    parameters,
  );
  const grants = await readGrants(
    db,
    rows.flatMap((row) => [row.rest_grant_id, row.scim_grant_id]),
  );
  return rows.map((row) => {
    const rest = grants.find(({ grantId }) => grantId === row.rest_grant_id);
    const scim = grants.find(({ grantId }) => grantId === row.scim_grant_id);
    return {
      ...{
        connectionId: row.id,
        tenantId: row.tenant_id,
        tenant: row.tenant,
        name: row.name,
        createdAt: row.created_at,
      },
      ...(rest && { rest }),
      ...(scim && { scim }),
    };
  });
}
