/** Where a tenant's backend wants its events, and what they are signed with there. */
import { randomBytes } from 'node:crypto';
import { uuidv7 } from 'uuidv7';
import type { EventType } from '../contract.js';
import type { Db } from './db.js';
import { ensureDataKey } from './tenants.js';
import type { Vault } from './vault.js';

export interface WebhookEndpoint {
  endpointId: string;
  url: string;
  /** Absent: every type. */
  types?: EventType[];
  createdAt: Date;
  /** Since when nothing is sent there, and why. */
  disabledAt?: Date;
  disabledReason?: string;
}

/** An address that no webhook is sent to; the message says why and what to give instead. */
export class EndpointRefused extends Error {
  override readonly name = 'EndpointRefused';
}

interface Named {
  tenantId: string;
  endpointId: string;
}

/** For so long the secret before signs beside the new one, so that the receiver can change it at leisure. */
const OLD_SECRET_HOURS = 24;

/**
 * Adds an endpoint. It gets the events from now on. The secret (`whsec_…`, 24 random bytes) is shown here and never
 * again.
 * @throws EndpointRefused
 */
export async function addEndpoint(
  db: Db,
  vault: Vault,
  { tenantId, url, types }: { tenantId: string; url: string; types?: readonly EventType[] | undefined },
): Promise<{ endpointId: string; secret: string }> {
  const address = checkedAddress(url);
  if (types?.length === 0) throw new EndpointRefused('types is empty; name at least one, or leave it out for all');
  const endpointId = uuidv7();
  const { secret, sealed } = await newSecret(db, vault, { tenantId, endpointId });
  await db.query('insert into miro.webhook_endpoints (tenant_id, id, url, secret, types) values ($1, $2, $3, $4, $5)', [
    ...[tenantId, endpointId, address, sealed, types],
  ]);
  return { endpointId, secret };
}

/** Oldest first. */
export async function listEndpoints(db: Db, { tenantId }: { tenantId: string }): Promise<WebhookEndpoint[]> {
  const rows = await db.query<EndpointRow>(
    'select * from miro.webhook_endpoints where tenant_id = $1 order by created_at, id',
    [tenantId],
  );
  return rows.map((row) => ({
    endpointId: row.id,
    url: row.url,
    ...(row.types && { types: row.types }),
    createdAt: row.created_at,
    ...(row.disabled_at && { disabledAt: row.disabled_at }),
    ...(row.disabled_reason !== null && { disabledReason: row.disabled_reason }),
  }));
}

/** Deliveries under way end unsent. @returns false when there is none. */
export async function removeEndpoint(db: Db, { tenantId, endpointId }: Named): Promise<boolean> {
  const gone = await db.query('delete from miro.webhook_endpoints where tenant_id = $1 and id = $2 returning id', [
    tenantId,
    endpointId,
  ]);
  return gone.length > 0;
}

/**
 * Gives the endpoint a new secret. What is sent carries the signatures of both for 24 hours.
 * @returns undefined when there is no such endpoint.
 */
export async function rotateEndpointSecret(
  db: Db,
  vault: Vault,
  named: Named,
): Promise<{ secret: string } | undefined> {
  const { secret, sealed } = await newSecret(db, vault, named);
  const rotated = await db.query(
    `update miro.webhook_endpoints set secret = $3, old_secret = secret, old_secret_until = now() + $4 * interval '1 hour'
     where tenant_id = $1 and id = $2 returning id`,
    [named.tenantId, named.endpointId, sealed, OLD_SECRET_HOURS],
  );
  return rotated.length > 0 ? { secret } : undefined;
}

/** Sends there again, events from now on. What was missed can be read by cursor. @returns false when there is none. */
export async function enableEndpoint(db: Db, { tenantId, endpointId }: Named): Promise<boolean> {
  const enabled = await db.query(
    'update miro.webhook_endpoints set disabled_at = null, disabled_reason = null where tenant_id = $1 and id = $2 returning id',
    [tenantId, endpointId],
  );
  return enabled.length > 0;
}

/** Sends there no more, until {@link enableEndpoint}. */
export async function disableEndpoint(
  db: Db,
  { tenantId, endpointId, reason }: Named & { reason: string },
): Promise<void> {
  await db.query(
    `update miro.webhook_endpoints set disabled_at = now(), disabled_reason = $3
     where tenant_id = $1 and id = $2 and disabled_at is null`,
    [tenantId, endpointId, reason],
  );
}

/** What a request to the endpoint is signed with, newest first; none when it is gone. @throws VaultError */
export async function signingSecrets(db: Db, vault: Vault, { tenantId, endpointId }: Named): Promise<string[]> {
  const [row] = await db.query<{ secret: string; old_secret: string | null; data_key: string }>(
    `select e.secret, case when e.old_secret_until > now() then e.old_secret end as old_secret, t.data_key
     from miro.webhook_endpoints e join miro.tenants t on t.id = e.tenant_id where e.tenant_id = $1 and e.id = $2`,
    [tenantId, endpointId],
  );
  const sealed = row ? [row.secret, ...(row.old_secret === null ? [] : [row.old_secret])] : [];
  return Promise.all(sealed.map((secret) => vault.open(row!.data_key, placeOf(endpointId), secret)));
}

interface EndpointRow {
  id: string;
  url: string;
  types: EventType[] | null;
  created_at: Date;
  disabled_at: Date | null;
  disabled_reason: string | null;
}

const placeOf = (endpointId: string): string => `webhook:${endpointId}`;

async function newSecret(
  db: Db,
  vault: Vault,
  { tenantId, endpointId }: Named,
): Promise<{ secret: string; sealed: string }> {
  const secret = `whsec_${randomBytes(24).toString('base64')}`;
  const dataKey = await ensureDataKey(db, vault, tenantId);
  return { secret, sealed: await vault.seal(dataKey, placeOf(endpointId), secret) };
}

const LONGEST_URL = 2_048;

function checkedAddress(text: string): string {
  if (!URL.canParse(text) || text.length > LONGEST_URL)
    throw new EndpointRefused(
      `the endpoint's url is no address of at most ${LONGEST_URL} characters; give e.g. https://backend.example.com/miro-events`,
    );
  const url = new URL(text);
  if (url.username !== '' || url.password !== '')
    throw new EndpointRefused(
      "the endpoint's url holds a user name or password; take them out: receivers know us by the signature",
    );
  if (url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url.hostname))) return url.href;
  throw new EndpointRefused(
    "the endpoint's url must begin with https://; http:// is for receivers on this machine only",
  );
}

function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(?:\.\d+){3}$/.test(hostname);
}
