/**
 * The Miro apps whose pairs a tenant has. An app's secret may be renewed at Miro. Miro refuses an exchange under the old one as it refuses a dead
 * token, so whatever was refused meanwhile lives again under the new secret, and its next exchange tells.
 */
import { uuidv7 } from 'uuidv7';
import { one, type Db, type Queryable } from './db.js';
import { recordGrantEvent } from './grant-events.js';
import { wakeParked } from './outbox.js';
import { lockTenant } from './tenants.js';
import type { Vault } from './vault.js';

export interface App {
  clientId: string;
  clientSecret: string;
}

interface Sealing {
  vault: Vault;
  /** The tenant's, wrapped. */
  dataKey: string;
  tenantId: string;
}

/** The tenant's app, made if it is new; a secret that differs is taken over. @returns its id */
export async function ensureApp(tx: Queryable, sealing: Sealing, app: App): Promise<string> {
  const { vault, dataKey, tenantId } = sealing;
  const [known] = await tx.query<{ id: string; client_secret: string }>(
    'select id, client_secret from miro.apps where tenant_id = $1 and client_id = $2 for no key update',
    [tenantId, app.clientId],
  );
  if (!known) {
    const sealed = await vault.seal(dataKey, appPlace(app.clientId), app.clientSecret);
    const sql = `insert into miro.apps (tenant_id, id, client_id, client_secret) values ($1, $2, $3, $4)
      on conflict (tenant_id, client_id) do update set client_secret = excluded.client_secret returning id`;
    return one(await tx.query<{ id: string }>(sql, [tenantId, uuidv7(), app.clientId, sealed])).id;
  }
  const secret = await vault.open(dataKey, appPlace(app.clientId), known.client_secret);
  if (secret === app.clientSecret) return known.id;
  const sealed = await vault.seal(dataKey, appPlace(app.clientId), app.clientSecret);
  await tx.query('update miro.apps set client_secret = $2 where id = $1', [known.id, sealed]);
  await reviveRefused(tx, tenantId, known.id);
  return known.id;
}

/** Brings the app's secret, as the installation has it now, to every tenant whose pairs are of that app. Safe to repeat. */
export async function renewAppSecret(db: Db, vault: Vault, app: App): Promise<void> {
  const tenants = await db.query<{ tenantId: string; dataKey: string }>(
    `select t.id as "tenantId", t.data_key as "dataKey" from miro.apps a join miro.tenants t on t.id = a.tenant_id
     where a.client_id = $1 and t.data_key is not null and t.erased_at is null order by t.id`,
    [app.clientId],
  );
  for (const tenant of tenants)
    await db.tx(async (tx) => {
      await lockTenant(tx, tenant.tenantId);
      await ensureApp(tx, { vault, ...tenant }, app);
    });
}

/** Where an app's secret is sealed for (vault.ts). */
export const appPlace = (clientId: string): string => `app:${clientId}`;

async function reviveRefused(tx: Queryable, tenantId: string, appId: string): Promise<void> {
  const revived = await tx.query<{ grantId: string; generation: number }>(
    `update miro.grants set state = 'live', reason = null, dead_at = null
     where tenant_id = $1 and app_id = $2 and state = 'needs_relink' and refresh_token is not null
     returning id as "grantId", generation`,
    [tenantId, appId],
  );
  for (const { grantId, generation } of revived) {
    await tx.query('delete from miro.refreshes where grant_id = $1 and generation = $2', [grantId, generation]);
    await recordGrantEvent(tx, 'connection.linked', { grantId });
    await wakeParked(tx, { tenantId, grantId, generation });
  }
}
