/** Everything that the store keeps of one tenant, without its secrets. */
import { one, type Db, type Queryable } from './db.js';
import { TENANT_TABLES, type TenantTable } from './tenant-tables.js';

/** The first line says what follows; then each row of each table is one line, columns under their own names. */
export type ExportLine =
  | { format: 'temporal-miro-tenant'; version: 1; tenant: { id: string; name: string }; exportedAt: string }
  | { table: string; row: Record<string, unknown> };

const BATCH = 500;

/**
 * Writes the tenant's rows as they are at one moment, parents before what refers to them. `write` takes one line after the other; it holds back
 * by its promise.
 * @throws Error when there is no such tenant
 */
export async function exportTenant(
  db: Db,
  tenantId: string,
  write: (line: ExportLine) => Promise<void> | void,
): Promise<void> {
  await db.tx(async (tx) => {
    await tx.query('set transaction isolation level repeatable read, read only');
    const tenant = one(
      await tx.query<{ id: string; name: string; at: Date }>(
        'select id, name, now() as at from miro.tenants where id = $1',
        [tenantId],
      ),
    );
    const { id, name, at } = tenant;
    await write({ format: 'temporal-miro-tenant', version: 1, tenant: { id, name }, exportedAt: at.toISOString() });
    for (const table of TENANT_TABLES.toReversed())
      for await (const row of rowsOf(tx, table, tenantId)) await write({ table: table.name, row });
  });
}

async function* rowsOf(
  tx: Queryable,
  { name, secrets = [], addresses = [] }: TenantTable,
  tenantId: string,
): AsyncGenerator<Record<string, unknown>> {
  const cursor = `export_${name}`;
  await tx.query(
    `declare ${cursor} cursor for select to_jsonb(t) - $2::text[] as row from miro.${name} t where tenant_id = $1`,
    [tenantId, secrets],
  );
  for (;;) {
    const rows = await tx.query<{ row: Record<string, unknown> }>(`fetch ${BATCH} from ${cursor}`);
    for (const { row } of rows) yield { ...row, ...originsIn(row, addresses) };
    if (rows.length < BATCH) break;
  }
  await tx.query(`close ${cursor}`);
}

/** Of whole addresses: what follows the origin may be a secret of whoever gave it. */
function originsIn(row: Record<string, unknown>, columns: string[]): Record<string, unknown> {
  return Object.fromEntries(columns.map((name) => [name, originOf(row[name])]));
}

function originOf(value: unknown): unknown {
  if (typeof value === 'string') return new URL(value).origin;
  if (typeof value === 'object' && value !== null && 'url' in value) return { ...value, url: originOf(value.url) };
  return value;
}
