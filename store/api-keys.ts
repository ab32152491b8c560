/** The keys that backends show to the gateway. What is stored can't be used as a key: the secret's hash, for secrets that nobody can guess. */
import { randomBytes, timingSafeEqual } from 'node:crypto';
import { one, type Db } from './db.js';
import { hashOf, newSecret } from './secrets.js';

/** What a key may be good for. */
export const KEY_SCOPES = [
  'links:write',
  'connections:read',
  'connections:write',
  'events:read',
  'webhooks:write',
  'tickets:read',
  'budget:read',
  'pause:write',
  'codec:decode',
  'metrics:read',
] as const;
export type KeyScope = (typeof KEY_SCOPES)[number];

export interface ApiKey {
  /** Twelve hex digits, also the key's middle part: tells keys apart in lists and logs. */
  id: string;
  name: string;
  /** Names of tenants; absent: all of them. */
  tenants?: string[];
  scopes: KeyScope[];
  createdAt: Date;
  expiresAt?: Date;
  /** To the minute. */
  lastUsedAt?: Date;
  revokedAt?: Date;
}

export type KeyVerdict = { state: 'valid'; key: ApiKey } | { state: 'unknown' | 'revoked' | 'expired' };

/** Makes a key. `key` is `tmk_<id>_<secret>` and is told only here. */
export async function createKey(
  db: Db,
  {
    name,
    tenants,
    scopes,
    expiresInMs,
  }: { name: string; tenants?: string[] | undefined; scopes: KeyScope[]; expiresInMs?: number | undefined },
): Promise<ApiKey & { key: string }> {
  const id = randomBytes(6).toString('hex');
  const secret = newSecret();
  const row = one(
    await db.query<KeyRow>(
      `insert into miro.api_keys (id, name, secret_hash, tenants, scopes, expires_at)
       values ($1, $2, $3, $4, $5, now() + $6::float8 * interval '1 ms') returning *`,
      [id, name, hashOf(secret), tenants ?? null, scopes, expiresInMs ?? null],
    ),
  );
  return { ...toKey(row), key: `tmk_${id}_${secret}` };
}

/** All keys, the newest first, revoked and expired ones too. */
export async function listKeys(db: Db): Promise<ApiKey[]> {
  return (await db.query<KeyRow>('select * from miro.api_keys order by created_at desc, id')).map(toKey);
}

/** From now on the key is refused. @returns undefined when there is no such key */
export async function revokeKey(db: Db, id: string): Promise<ApiKey | undefined> {
  const [row] = await db.query<KeyRow>(
    'update miro.api_keys set revoked_at = coalesce(revoked_at, now()) where id = $1 returning *',
    [id],
  );
  return row && toKey(row);
}

const KEY = /^tmk_([0-9a-f]{12})_([\w-]{43})$/;
const NOBODYS = Buffer.alloc(32);

/** What a presented text is worth. Only who has the right secret learns that its key was revoked or has expired. */
export async function verifyKey(db: Db, text: string): Promise<KeyVerdict> {
  const [, id, secret = ''] = KEY.exec(text) ?? [];
  if (id === undefined) return { state: 'unknown' };
  const [row] = await db.query<KeyRow & { expired: boolean; stale: boolean }>(
    `select *, coalesce(expires_at <= now(), false) as expired, coalesce(last_used_at < now() - interval '1 minute', true) as stale
     from miro.api_keys where id = $1`,
    [id],
  );
  // An unknown id is compared too, so that it takes as long as a wrong secret.
  const isRight = timingSafeEqual(
    Buffer.from(hashOf(secret), 'hex'),
    row ? Buffer.from(row.secret_hash, 'hex') : NOBODYS,
  );
  if (!row || !isRight) return { state: 'unknown' };
  if (row.revoked_at) return { state: 'revoked' };
  if (row.expired) return { state: 'expired' };
  if (row.stale) await db.query('update miro.api_keys set last_used_at = now() where id = $1', [id]);
  return { state: 'valid', key: toKey(row) };
}

interface KeyRow {
  id: string;
  name: string;
  secret_hash: string;
  tenants: string[] | null;
  scopes: KeyScope[];
  created_at: Date;
  expires_at: Date | null;
  last_used_at: Date | null;
  revoked_at: Date | null;
}

function toKey(row: KeyRow): ApiKey {
  return {
    ...{ id: row.id, name: row.name, scopes: row.scopes, createdAt: row.created_at },
    ...(row.tenants && { tenants: row.tenants }),
    ...(row.expires_at && { expiresAt: row.expires_at }),
    ...(row.last_used_at && { lastUsedAt: row.last_used_at }),
    ...(row.revoked_at && { revokedAt: row.revoked_at }),
  };
}
