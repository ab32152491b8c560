import { uuidv7 } from 'uuidv7';
import { one, type Db, type Queryable } from './db.js';
import type { Vault } from './vault.js';

export interface Tenant {
  tenantId: string;
  name: string;
}

const select = (db: Db, name: string): Promise<Tenant[]> =>
  db.query<Tenant>('select id as "tenantId", name from miro.tenants where name = $1', [name]);

/** The tenant of that name, or undefined. */
export async function findTenant(db: Db, name: string): Promise<Tenant | undefined> {
  return (await select(db, name))[0];
}

/** The tenant of that name; made if it is new. */
export async function ensureTenant(db: Db, name: string): Promise<Tenant> {
  const known = await findTenant(db, name);
  if (known) return known;
  await db.query('insert into miro.tenants (id, name) values ($1, $2) on conflict (name) do nothing', [uuidv7(), name]);
  return one(await select(db, name));
}

/**
 * The tenant's data key, wrapped; made at the first need. Its secrets are sealed under it (vault.ts).
 * @throws Error when the tenant was erased: what was sealed stays unreadable, and nothing new is sealed.
 */
export async function ensureDataKey(db: Queryable, vault: Vault, tenantId: string): Promise<string> {
  const find = async () =>
    one(
      await db.query<{ key: string | null; erased: boolean }>(
        'select data_key as key, erased_at is not null as erased from miro.tenants where id = $1',
        [tenantId],
      ),
    );
  let tenant = await find();
  if (tenant.key === null && !tenant.erased) {
    const key = await vault.newDataKey();
    await db.query('update miro.tenants set data_key = $2 where id = $1 and data_key is null and erased_at is null', [
      tenantId,
      key,
    ]);
    tenant = await find();
  }
  if (tenant.key === null) throw new Error(`the tenant ${tenantId} was erased`);
  return tenant.key;
}
