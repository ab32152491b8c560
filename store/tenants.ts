import { uuidv7 } from 'uuidv7';
import { one, type Db, type Queryable } from './db.js';
import type { Vault } from './vault.js';

export interface Tenant {
  tenantId: string;
  name: string;
}

/** The tenant has been erased, or is being erased. */
export class TenantErased extends Error {
  override readonly name = 'TenantErased';

  constructor(tenantId: string) {
    super(`the tenant ${tenantId} was erased: nothing is linked, started or stored for it any more`);
  }
}

/** Until the transaction's end the tenant's last trace is not erased. @throws TenantErased */
export async function refuseErased(tx: Queryable, tenantId: string): Promise<void> {
  const sql = 'select erased_at is not null as erased from miro.tenants where id = $1 for key share';
  if (one(await tx.query<{ erased: boolean }>(sql, [tenantId])).erased) throw new TenantErased(tenantId);
}

const select = (db: Db, name: string): Promise<(Tenant & { erased: boolean })[]> =>
  db.query('select id as "tenantId", name, erased_at is not null as erased from miro.tenants where name = $1', [name]);

/** The tenant of that name, or undefined. */
export async function findTenant(db: Db, name: string): Promise<Tenant | undefined> {
  const [known] = await select(db, name);
  return known && { tenantId: known.tenantId, name: known.name };
}

/** The tenant of that name; made if it is new. @throws TenantErased while its erasure is under way */
export async function ensureTenant(db: Db, name: string): Promise<Tenant> {
  const [known] = await select(db, name);
  if (known?.erased) throw new TenantErased(known.tenantId);
  if (known) return { tenantId: known.tenantId, name };
  await db.query('insert into miro.tenants (id, name) values ($1, $2) on conflict (name) do nothing', [uuidv7(), name]);
  const { tenantId } = one(await select(db, name));
  return { tenantId, name };
}

/**
 * The tenant's data key, wrapped; made at the first need. Its secrets are sealed under it (vault.ts).
 * @throws TenantErased when it was destroyed: what was sealed stays unreadable, and nothing new is sealed.
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
  if (tenant.key === null) throw new TenantErased(tenantId);
  return tenant.key;
}

export interface ListedTenant extends Tenant {
  createdAt: Date;
  /** Its erasure has begun; when it is through the name is `erased-<id>`. */
  erasedAt?: Date;
  connections: number;
  jobs: number;
  /** Runs that have not ended. */
  runs: number;
}

/** All tenants by name, erased ones too. */
export async function listTenants(db: Db): Promise<ListedTenant[]> {
  const rows = await db.query<Omit<ListedTenant, 'erasedAt'> & { erasedAt: Date | null }>(
    `select t.id as "tenantId", t.name, t.created_at as "createdAt", t.erased_at as "erasedAt",
       (select count(*)::integer from miro.connections c where c.tenant_id = t.id) as connections,
       (select count(*)::integer from miro.jobs j where j.tenant_id = t.id) as jobs,
       (select count(*)::integer from miro.runs r where r.tenant_id = t.id and r.ended_at is null) as runs
     from miro.tenants t order by t.name`,
  );
  return rows.map(({ erasedAt, ...tenant }) => ({ ...tenant, ...(erasedAt && { erasedAt }) }));
}

/** Links and what changes many grants at once take turns within a tenant; this comes before the locks of its other rows. */
export async function lockTenant(tx: Queryable, tenantId: string): Promise<void> {
  await tx.query('select from miro.tenants where id = $1 for no key update', [tenantId]);
}
