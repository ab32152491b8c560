/** Connections: a tenant's named uses of grants. */
import { createHash } from 'node:crypto';
import { uuidv7 } from 'uuidv7';
import { one, type Db, type Queryable } from './db.js';
import { accessPlace, recordGrantFacts, refreshPlace, type GrantFacts, type GrantState } from './grant-facts.js';
import type { GrantInfo } from './grants.js';
import { wakeParked } from './outbox.js';
import { ensureDataKey } from './tenants.js';
import type { Vault } from './vault.js';

export type { GrantFacts, GrantInfo } from './grants.js';

export interface Connection {
  connectionId: string;
  tenantId: string;
  name: string;
  rest?: GrantInfo;
  scim?: GrantInfo;
}

/** A REST token that does not expire. */
export interface StaticToken {
  accessToken: string;
  refreshToken?: undefined;
  facts?: GrantFacts | undefined;
}

/** A REST token that its app can refresh. */
export interface OAuthPair {
  accessToken: string;
  refreshToken: string;
  /** Default: as if it had expired already, so that it is refreshed before its first use. */
  expiresInMs?: number | undefined;
  facts?: GrantFacts | undefined;
}

export interface ConnectionInput {
  tenantId: string;
  name: string;
  rest: StaticToken | OAuthPair;
  /** The Miro app that the token belongs to; needed to refresh a pair. */
  app?: { clientId: string; clientSecret: string } | undefined;
}

/**
 * Links a token under a name, or relinks it. The same token again changes nothing, nor does a pair that was linked
 * before: it has been used up since. Another token is the grant's next generation, or another grant if it is another
 * app's, user's or team's; then every run that waits for it gets a message, in the same transaction.
 * @throws RangeError for a refresh token without its app
 */
export async function ensureConnection(db: Db, vault: Vault, input: ConnectionInput): Promise<Connection> {
  const { tenantId, name } = input;
  if (input.rest.refreshToken !== undefined && !input.app)
    throw new RangeError('a refresh token needs its app: client id and secret');
  await db.tx(async (tx) => {
    const dataKey = await ensureDataKey(tx, vault, tenantId);
    await tx.query(
      'insert into miro.connections (tenant_id, id, name) values ($1, $2, $3) on conflict (tenant_id, name) do nothing',
      [...[tenantId, uuidv7(), name]],
    );
    const connection = one(
      await tx.query<{ id: string; rest_grant_id: string | null }>(
        'select id, rest_grant_id from miro.connections where tenant_id = $1 and name = $2 for no key update',
        [tenantId, name],
      ),
    );
    const appId = input.app ? await ensureApp(tx, vault, dataKey, { tenantId, ...input.app }) : null;
    const found = await findGrant(tx, { tenantId, appId, rest: input.rest, current: connection.rest_grant_id });
    const grantId = found?.id ?? uuidv7();
    const isNew = !found || !wasLinked(found, input.rest);
    if (isNew)
      await writeGrant(tx, vault, dataKey, { tenantId, grantId, appId, rest: input.rest, exists: found !== undefined });
    const left = connection.rest_grant_id;
    if (left !== grantId)
      await tx.query('update miro.connections set rest_grant_id = $2 where id = $1', [connection.id, grantId]);
    if (!isNew && left === grantId) return;
    const { generation } = one(
      await tx.query<{ generation: number }>('select generation from miro.grants where id = $1', [grantId]),
    );
    await wakeParked(tx, {
      ...{ tenantId, grantId, generation },
      ...(left !== null && left !== grantId && { left: { connectionId: connection.id, grantId: left } }),
    });
  });
  return one([await findConnection(db, { tenantId, name })].filter((found) => found !== undefined));
}

/** The tenant's connection of that name, with what is known of its grants; never a secret. */
export async function findConnection(
  db: Db,
  { tenantId, name }: { tenantId: string; name: string },
): Promise<Connection | undefined> {
  const [connection] = await db.query<{ id: string; rest_grant_id: string | null; scim_grant_id: string | null }>(
    'select id, rest_grant_id, scim_grant_id from miro.connections where tenant_id = $1 and name = $2',
    [tenantId, name],
  );
  if (!connection) return undefined;
  const grants = await selectGrants(db, tenantId, [connection.rest_grant_id, connection.scim_grant_id]);
  const rest = grants.find(({ grantId }) => grantId === connection.rest_grant_id);
  const scim = grants.find(({ grantId }) => grantId === connection.scim_grant_id);
  return { connectionId: connection.id, tenantId, name, ...(rest && { rest }), ...(scim && { scim }) };
}

const hashOf = ({ accessToken, refreshToken }: StaticToken | OAuthPair): string =>
  createHash('sha256')
    .update(refreshToken ?? accessToken)
    .digest('hex');

interface LinkedGrant {
  id: string;
  linked_hashes: string[];
}

/** A static token may come back (the one before it was wrong); a used refresh token may not. */
function wasLinked({ linked_hashes: hashes }: LinkedGrant, rest: StaticToken | OAuthPair): boolean {
  return rest.refreshToken === undefined ? hashes.at(-1) === hashOf(rest) : hashes.includes(hashOf(rest));
}

/**
 * The grant that the token belongs to: the one that has had it; else, of an app, that of the same user and team; else
 * the connection's present one, if nothing says that the token is somebody else's.
 */
async function findGrant(
  tx: Queryable,
  {
    tenantId,
    appId,
    rest,
    current,
  }: { tenantId: string; appId: string | null; rest: StaticToken | OAuthPair; current: string | null },
): Promise<LinkedGrant | undefined> {
  const { userId = null, teamId = null } = rest.facts ?? {};
  const [grant] = await tx.query<LinkedGrant>(
    `select id, linked_hashes from miro.grants g
     where tenant_id = $1 and kind = 'rest' and app_id is not distinct from $2 and state <> 'revoked' and (
       $3 = any (linked_hashes) or (app_id is not null and miro_user_id = $4 and team_id = $5)
       or (id = $6 and (miro_user_id is null or $4::text is null or (miro_user_id = $4 and team_id = $5))))
     order by $3 = any (linked_hashes) desc, id = $6 desc nulls last limit 1 for no key update`,
    [tenantId, appId, hashOf(rest), userId, teamId, current],
  );
  return grant;
}

async function writeGrant(
  tx: Queryable,
  vault: Vault,
  dataKey: string,
  {
    tenantId,
    grantId,
    appId,
    rest,
    exists,
  }: { tenantId: string; grantId: string; appId: string | null; rest: StaticToken | OAuthPair; exists: boolean },
): Promise<void> {
  const access = await vault.seal(dataKey, accessPlace(grantId), rest.accessToken);
  const refresh =
    rest.refreshToken === undefined ? null : await vault.seal(dataKey, refreshPlace(grantId), rest.refreshToken);
  const expiresInMs = rest.refreshToken === undefined ? null : (rest.expiresInMs ?? 0);
  await tx.query(
    exists
      ? `update miro.grants set generation = generation + 1, state = 'live', reason = null, access_token = $4, refresh_token = $5,
           token_at = now(), access_expires_at = now() + $6::float8 * interval '1 ms',
           linked_hashes = array_append(linked_hashes, $7) where tenant_id = $1 and id = $2 and app_id is not distinct from $3`
      : `insert into miro.grants (tenant_id, id, app_id, kind, access_token, refresh_token, access_expires_at, linked_hashes)
         values ($1, $2, $3, 'rest', $4, $5, now() + $6::float8 * interval '1 ms', array[$7])`,
    [tenantId, grantId, appId, access, refresh, expiresInMs, hashOf(rest)],
  );
  if (rest.facts) await recordGrantFacts(tx, { grantId, ...rest.facts });
}

async function ensureApp(
  tx: Queryable,
  vault: Vault,
  dataKey: string,
  { tenantId, clientId, clientSecret }: { tenantId: string; clientId: string; clientSecret: string },
): Promise<string> {
  const sealed = await vault.seal(dataKey, `app:${clientId}`, clientSecret);
  const sql = `insert into miro.apps (tenant_id, id, client_id, client_secret) values ($1, $2, $3, $4)
    on conflict (tenant_id, client_id) do update set client_secret = excluded.client_secret returning id`;
  return one(await tx.query<{ id: string }>(sql, [tenantId, uuidv7(), clientId, sealed])).id;
}

interface GrantRow {
  id: string;
  kind: 'rest' | 'scim';
  generation: number;
  state: GrantState;
  reason: string | null;
  client_id: string | null;
  miro_user_id: string | null;
  team_id: string | null;
  org_id: string | null;
  scopes: string[];
  access_expires_at: Date | null;
  refreshable: boolean;
}

async function selectGrants(db: Db, tenantId: string, grantIds: (string | null)[]): Promise<GrantInfo[]> {
  const rows = await db.query<GrantRow>(
    `select g.id, g.kind, g.generation, g.state, g.reason, a.client_id, g.miro_user_id, g.team_id, g.org_id, g.scopes,
       g.access_expires_at, g.refresh_token is not null as refreshable
     from miro.grants g left join miro.apps a on a.tenant_id = g.tenant_id and a.id = g.app_id
     where g.tenant_id = $1 and g.id = any ($2::uuid[])`,
    [tenantId, grantIds],
  );
  return rows.map((row) => ({
    ...{
      grantId: row.id,
      kind: row.kind,
      generation: row.generation,
      state: row.state,
      scopes: row.scopes,
      refreshable: row.refreshable,
    },
    ...(row.reason !== null && { reason: row.reason }),
    budgetKey: `${row.client_id ?? 'static'}:${row.miro_user_id ?? row.id}`,
    ...(row.miro_user_id !== null && { miroUserId: row.miro_user_id }),
    ...(row.team_id !== null && { teamId: row.team_id }),
    ...(row.org_id !== null && { orgId: row.org_id }),
    ...(row.access_expires_at && { accessExpiresAt: row.access_expires_at }),
  }));
}
