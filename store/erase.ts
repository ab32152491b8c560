/**
 * Taking a tenant out for good, in steps that may each be repeated after a kill: beginErasure; then all its grants are revoked at Miro (revoke.ts) and its
 * workflows ended by the caller; then finishErasure. What stays is the row that proves it: an id, and when.
 */
import type { Db, Queryable } from './db.js';
import { TENANT_TABLES } from './tenant-tables.js';

/** Small enough for one statement's time limit. */
const BATCH = 5_000;

/** From now on nothing is linked for the tenant and no job opens. */
export async function beginErasure(db: Db, tenantId: string): Promise<void> {
  await db.query('update miro.tenants set erased_at = coalesce(erased_at, now()) where id = $1', [tenantId]);
}

/**
 * Destroys the tenant's data key, which makes its secrets unreadable wherever copies of them are, then its rows, then its name.
 * @returns how many rows there were. @throws Error unless the erasure has begun
 */
export async function finishErasure(db: Db, tenantId: string): Promise<{ rows: number }> {
  const begun = await db.query(
    'update miro.tenants set data_key = null where id = $1 and erased_at is not null returning id',
    [tenantId],
  );
  if (begun.length === 0) throw new Error(`the erasure of the tenant ${tenantId} has not begun`);
  await forgetBudgets(db, tenantId);
  let rows = 0;
  for (const { name } of TENANT_TABLES) rows += await deleteAll(db, name, tenantId);
  await db.tx(async (tx) => {
    // The name comes last: it is what the tenant, its workflows and the keys of backends are found by. Whoever began to write before the erasure
    // holds the row (refuseErased): once it is renamed they are through, and what they have left is deleted too.
    await tx.query(
      `update miro.api_keys k set tenants = array_remove(k.tenants, t.name) from miro.tenants t
       where t.id = $1 and t.name = any (k.tenants)`,
      [tenantId],
    );
    await tx.query(`update miro.tenants set name = 'erased-' || id where id = $1`, [tenantId]);
    for (const { name } of TENANT_TABLES) rows += await deleteAll(tx, name, tenantId);
  });
  return { rows };
}

/** The accounts of credits that only this tenant uses or may have used: their keys name its Miro users and grants (budgetKey in grants.ts). */
async function forgetBudgets(db: Db, tenantId: string): Promise<void> {
  await db.query(
    `with uses as (
       select budget_key as key, tenant_id from miro.credit_usage union all select budget_key, tenant_id from miro.reservations
       union all
       select case g.kind when 'rest' then coalesce(a.client_id, 'static') || ':' || whose else 'scim:' || g.id end, g.tenant_id
       from miro.grants g left join miro.apps a on a.tenant_id = g.tenant_id and a.id = g.app_id
         cross join unnest(array[g.miro_user_id, g.id::text]) whose)
     delete from miro.budgets b using uses u
     where u.tenant_id = $1 and (b.key = u.key or (u.key like 'scim:%' and starts_with(b.key, u.key || ':')))
       and not exists (select from uses o where o.key = u.key and o.tenant_id <> $1)`,
    [tenantId],
  );
}

async function deleteAll(db: Queryable, table: string, tenantId: string): Promise<number> {
  for (let total = 0; ;) {
    const deleted = await db.query(
      `delete from miro.${table} where ctid = any (array(select ctid from miro.${table} where tenant_id = $1 limit ${BATCH})) returning 1`,
      [tenantId],
    );
    total += deleted.length;
    if (deleted.length < BATCH) return total;
  }
}
