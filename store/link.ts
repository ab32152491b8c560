/** Linking a Miro account: which grant a token belongs to, and whether it may take the place of the one before. */
import { uuidv7 } from 'uuidv7';
import { ensureApp, type App } from './apps.js';
import { findConnection, type Connection } from './connection-info.js';
import { one, type Db, type Queryable } from './db.js';
import { accessPlace, refreshPlace, writeFacts, type GrantFacts } from './grant-facts.js';
import { lockConnection, pointTo, wasReplaced, type LinkedGrant } from './linking.js';
import { hashOf } from './secrets.js';
import { ensureDataKey } from './tenants.js';
import type { Vault } from './vault.js';

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
  /** The Miro app that the token belongs to; needed to refresh a pair, and to revoke a token at Miro. */
  app?: App | undefined;
}

/** What a person has agreed to. */
export interface Accepted {
  otherUser?: boolean | undefined;
  fewerScopes?: boolean | undefined;
}

/** `missing`: the scopes that runs may count on and the new token lacks. */
export interface LinkRefusal {
  reason: 'other_user' | 'fewer_scopes';
  missing?: string[];
}
export type LinkAnswer = { state: 'linked'; connection: Connection } | ({ state: 'refused' } & LinkRefusal);

/**
 * Links a token as {@link ensureConnection} does, unless it takes the place of one, live or dead, of another Miro user
 * or with more scopes: runs that wait would go on as somebody else, or fail. Then nothing changes and no run is woken,
 * and the caller, who alone has the new token, revokes it.
 * @throws RangeError for a refresh token without its app
 */
export async function linkAccount(
  db: Db,
  vault: Vault,
  input: ConnectionInput & { rest: { facts: GrantFacts }; accept?: Accepted | undefined },
): Promise<LinkAnswer> {
  const { rest, accept = {} } = input;
  const refusal = await link(db, vault, input, async (tx, places) =>
    judge(await readReplaced(tx, places), rest.facts, accept),
  );
  return refusal ? { state: 'refused', ...refusal } : { state: 'linked', connection: await linked(db, input) };
}

/**
 * Links a token under a name, or relinks it. The same token again changes nothing, nor does a pair that was linked
 * before: it has been used up since. Another token is the grant's next generation, or another grant if it is another
 * app's, user's or team's; then every run that waits for it gets a message, in the same transaction.
 * @throws RangeError for a refresh token without its app
 */
export async function ensureConnection(db: Db, vault: Vault, input: ConnectionInput): Promise<Connection> {
  await link(db, vault, input, () => Promise.resolve(undefined));
  return linked(db, input);
}

/**
 * {@link ensureConnection} for who gives the same secret again and again, as an environment does: a secret that was
 * linked before takes no connection back from what was linked or revoked since.
 * @returns the connection, and whether the secret is not its own any more; then nothing has changed
 */
export async function ensureFirstLink(
  db: Db,
  vault: Vault,
  input: ConnectionInput,
): Promise<{ connection: Connection; replaced: boolean }> {
  const { tenantId, rest } = input;
  const refusal = await link(db, vault, input, async (tx, { current }) =>
    (await wasReplaced(tx, { tenantId, kind: 'rest', secret: secretOf(rest), current })) ? 'replaced' : undefined,
  );
  return { connection: await linked(db, input), replaced: refusal !== undefined };
}

const linked = async (db: Db, input: ConnectionInput): Promise<Connection> =>
  one([await findConnection(db, input)].filter((found) => found !== undefined));

/** What a new token takes the place of: the connection's grant, and the one that other connections may share. */
interface Places {
  current: string | null;
  found: string | null;
}

/** @returns why nothing is to change; undefined: link. */
type Judge<Refusal> = (tx: Queryable, places: Places) => Promise<Refusal | undefined>;

async function link<Refusal>(
  db: Db,
  vault: Vault,
  input: ConnectionInput,
  judged: Judge<Refusal>,
): Promise<Refusal | undefined> {
  const { tenantId, rest, app } = input;
  if (rest.refreshToken !== undefined && !app)
    throw new RangeError('a refresh token needs its app: client id and secret');
  return db.tx(async (tx) => {
    const connection = await lockConnection(tx, input);
    const current = connection?.rest ?? null;
    const found = await findGrant(tx, input, current);
    const refusal = await judged(tx, { current, found: found?.id ?? null });
    if (refusal !== undefined) return refusal;
    const grantId = found?.id ?? uuidv7();
    const isNew = !found || !wasLinked(found, rest);
    const dataKey = await ensureDataKey(tx, vault, tenantId);
    const appId = app ? await ensureApp(tx, { vault, dataKey, tenantId }, app) : null;
    const write = { tenantId, grantId, appId, rest, exists: found !== undefined };
    if (isNew) await writeGrant(tx, vault, dataKey, write);
    await pointTo(tx, input, connection, { kind: 'rest', grantId, isNew });
    return undefined;
  });
}

interface Replaced {
  userId: string | null;
  scopes: string[];
}

async function readReplaced(tx: Queryable, { current, found }: Places): Promise<Replaced> {
  const grants = await tx.query<{ id: string; miro_user_id: string | null; scopes: string[] }>(
    'select id, miro_user_id, scopes from miro.grants where id = any ($1::uuid[]) for no key update',
    [[current, found]],
  );
  return {
    userId: grants.find(({ id }) => id === current)?.miro_user_id ?? null,
    scopes: [...new Set(grants.flatMap(({ scopes }) => scopes))],
  };
}

function judge(replaced: Replaced, facts: GrantFacts, accept: Accepted): LinkRefusal | undefined {
  if (replaced.userId !== null && replaced.userId !== facts.userId && !accept.otherUser)
    return { reason: 'other_user' };
  const missing = replaced.scopes.filter((scope) => !facts.scopes.includes(scope));
  return missing.length > 0 && !accept.fewerScopes ? { reason: 'fewer_scopes', missing } : undefined;
}

const secretOf = ({ accessToken, refreshToken }: StaticToken | OAuthPair): string => refreshToken ?? accessToken;

/** A static token may come back (the one before it was wrong); a used refresh token may not. */
function wasLinked({ linked_hashes: hashes }: LinkedGrant, rest: StaticToken | OAuthPair): boolean {
  const hash = hashOf(secretOf(rest));
  return rest.refreshToken === undefined ? hashes.at(-1) === hash : hashes.includes(hash);
}

/**
 * The grant that the token belongs to: the one that has had it; else, of an app, that of the same user and team; else
 * the connection's present one, if nothing says that the token is somebody else's.
 */
async function findGrant(
  tx: Queryable,
  { tenantId, app, rest }: ConnectionInput,
  current: string | null,
): Promise<LinkedGrant | undefined> {
  const { userId = null, teamId = null } = rest.facts ?? {};
  const [grant] = await tx.query<LinkedGrant>(
    `select g.id, g.linked_hashes from miro.grants g left join miro.apps a on a.tenant_id = g.tenant_id and a.id = g.app_id
     where g.tenant_id = $1 and g.kind = 'rest' and a.client_id is not distinct from $2 and g.state <> 'revoked' and (
       $3 = any (g.linked_hashes) or (g.app_id is not null and g.miro_user_id = $4 and g.team_id = $5)
       or (g.id = $6 and (g.miro_user_id is null or $4::text is null or (g.miro_user_id = $4 and g.team_id = $5))))
     order by $3 = any (g.linked_hashes) desc, g.id = $6 desc nulls last limit 1 for no key update of g`,
    [tenantId, app?.clientId ?? null, hashOf(secretOf(rest)), userId, teamId, current],
  );
  return grant;
}

interface NewSecret {
  tenantId: string;
  grantId: string;
  appId: string | null;
  rest: StaticToken | OAuthPair;
  exists: boolean;
}

async function writeGrant(tx: Queryable, vault: Vault, dataKey: string, secret: NewSecret): Promise<void> {
  const { tenantId, grantId, appId, rest, exists } = secret;
  const access = await vault.seal(dataKey, accessPlace(grantId), rest.accessToken);
  const refresh =
    rest.refreshToken === undefined ? null : await vault.seal(dataKey, refreshPlace(grantId), rest.refreshToken);
  const expiresInMs = rest.refreshToken === undefined ? null : (rest.expiresInMs ?? 0);
  const { generation } = one(
    await tx.query<{ generation: number }>(
      exists
        ? `update miro.grants set generation = generation + 1, state = 'live', reason = null, dead_at = null, checked_at = null,
             access_token = $4, refresh_token = $5, token_at = now(), access_expires_at = now() + $6::float8 * interval '1 ms',
             linked_hashes = array_append(linked_hashes, $7)
           where tenant_id = $1 and id = $2 and app_id is not distinct from $3 returning generation`
        : `insert into miro.grants (tenant_id, id, app_id, kind, access_token, refresh_token, access_expires_at, linked_hashes)
           values ($1, $2, $3, 'rest', $4, $5, now() + $6::float8 * interval '1 ms', array[$7]) returning generation`,
      [tenantId, grantId, appId, access, refresh, expiresInMs, hashOf(secretOf(rest))],
    ),
  );
  if (rest.facts) await writeFacts(tx, { grantId, generation, ...rest.facts });
}
