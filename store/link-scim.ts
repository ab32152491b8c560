/** SCIM tokens: one grant per organisation of a tenant; they do not expire, and a new one takes the old one's place. */
import { uuidv7 } from 'uuidv7';
import { findConnection, type Connection } from './connection-info.js';
import { one, type Db, type Queryable } from './db.js';
import { accessPlace } from './grant-facts.js';
import { lockConnection, pointTo, wasReplaced, type ConnectionRow, type LinkedGrant } from './linking.js';
import { hashOf } from './secrets.js';
import { ensureDataKey } from './tenants.js';
import type { Vault } from './vault.js';

export interface ScimInput {
  tenantId: string;
  name: string;
  scimToken: string;
  /** Whose directory it is; connections of the same organisation share the grant. */
  orgId?: string | undefined;
}

/** Gives a connection, which may be new, a SCIM token beside what it has. The same token again changes nothing. */
export async function attachScim(db: Db, vault: Vault, input: ScimInput): Promise<Connection> {
  await db.tx(async (tx) => attach(tx, vault, input, await lockConnection(tx, input)));
  return one([await findConnection(db, input)].filter((found) => found !== undefined));
}

/**
 * {@link attachScim} for who gives the same token again and again, as an environment does: a token that was attached
 * before takes no place back from what was attached or revoked since.
 * @returns whether the token has lost its place; then nothing has changed
 */
export async function ensureFirstScim(db: Db, vault: Vault, input: ScimInput): Promise<{ replaced: boolean }> {
  const { tenantId, scimToken: secret } = input;
  return db.tx(async (tx) => {
    const connection = await lockConnection(tx, input);
    const replaced = await wasReplaced(tx, { tenantId, kind: 'scim', secret, current: connection?.scim ?? null });
    if (!replaced) await attach(tx, vault, input, connection);
    return { replaced };
  });
}

async function attach(
  tx: Queryable,
  vault: Vault,
  input: ScimInput,
  connection: ConnectionRow | undefined,
): Promise<void> {
  const found = await findGrant(tx, input, connection?.scim ?? null);
  const grantId = found?.id ?? uuidv7();
  const isNew = found?.linked_hashes.at(-1) !== hashOf(input.scimToken);
  if (isNew) await writeGrant(tx, vault, input, { grantId, exists: found !== undefined });
  await pointTo(tx, input, connection, { kind: 'scim', grantId, isNew });
}

/** The grant that has had the token; else that of the organisation; else the connection's, where no organisation is told. */
async function findGrant(
  tx: Queryable,
  { tenantId, scimToken, orgId = undefined }: ScimInput,
  current: string | null,
): Promise<LinkedGrant | undefined> {
  const [grant] = await tx.query<LinkedGrant>(
    `select id, linked_hashes from miro.grants where tenant_id = $1 and kind = 'scim' and state <> 'revoked'
       and ($2 = any (linked_hashes) or org_id = $3 or (id = $4 and (org_id is null or $3::text is null)))
     order by $2 = any (linked_hashes) desc, id = $4 desc nulls last limit 1 for no key update`,
    [tenantId, hashOf(scimToken), orgId, current],
  );
  return grant;
}

async function writeGrant(
  tx: Queryable,
  vault: Vault,
  { tenantId, scimToken, orgId }: ScimInput,
  { grantId, exists }: { grantId: string; exists: boolean },
): Promise<void> {
  const dataKey = await ensureDataKey(tx, vault, tenantId);
  const sealed = await vault.seal(dataKey, accessPlace(grantId), scimToken);
  await tx.query(
    exists
      ? `update miro.grants set generation = generation + 1, state = 'live', reason = null, dead_at = null, checked_at = null,
           access_token = $3, token_at = now(), linked_hashes = array_append(linked_hashes, $4), org_id = coalesce($5, org_id)
         where tenant_id = $1 and id = $2`
      : `insert into miro.grants (tenant_id, id, kind, access_token, linked_hashes, org_id)
         values ($1, $2, 'scim', $3, array[$4], $5)`,
    [tenantId, grantId, sealed, hashOf(scimToken), orgId],
  );
}
