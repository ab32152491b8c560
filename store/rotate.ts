/** The vault's key ring and what it wraps: whether the ring is complete, and how its first key takes over. */
import type { Db } from './db.js';
import { vaultKeyOf, type Vault } from './vault.js';

const BATCH = 100;

/** Which keys of the ring are needed, and by how many tenants' data keys. A key that is not among them may leave the ring. */
export async function vaultKeysInUse(db: Db): Promise<{ name: string; dataKeys: number }[]> {
  const rows = await db.query<{ sample: string; count: number }>(`${ONE_PER_KEY} order by 1`);
  return rows.map(({ sample, count }) => ({ name: vaultKeyOf(sample), dataKeys: count }));
}

/**
 * One data key for each key of the ring that is in use really opens: a name alone would not tell a wrong key.
 * @throws VaultError that names the key.
 */
export async function checkVaultKeys(db: Db, vault: Vault): Promise<void> {
  for (const { sample } of await db.query<{ sample: string }>(ONE_PER_KEY)) await vault.check(sample);
}

// The header, up to the first dot, is the same for all data keys of one key.
const ONE_PER_KEY = `
  select min(data_key) as sample, count(*)::int as count from miro.tenants
  where data_key is not null group by split_part(data_key, '.', 1)`;

/**
 * Wraps every tenant's data key under the ring's first key. What is sealed under the data keys stays as it is. Workers may go on meanwhile if their
 * ring holds that key; so put it in second place everywhere first. Safe to repeat, and to kill.
 * @throws VaultError for a data key that this ring doesn't open; those before it are done.
 */
export async function rewrapDataKeys(db: Db, vault: Vault): Promise<{ rewrapped: number; already: number }> {
  const done = { rewrapped: 0, already: 0 };
  for (let after: string | null = null; ;) {
    const tenants: { id: string; key: string }[] = await db.query(
      `select id, data_key as key from miro.tenants
       where data_key is not null and ($1::uuid is null or id > $1) order by id limit $2`,
      [after, BATCH],
    );
    for (const { id, key } of tenants) {
      const fresh = await vault.rewrap(key);
      if (fresh === key) done.already += 1;
      else if (await replaceDataKey(db, id, key, fresh)) done.rewrapped += 1;
    }
    after = tenants.at(-1)?.id ?? null;
    if (after === null) return done;
  }
}

/** False where the key has changed since it was read: another rotation was faster, or the tenant was erased. */
async function replaceDataKey(db: Db, tenantId: string, from: string, to: string): Promise<boolean> {
  const replaced = await db.query(
    'update miro.tenants set data_key = $3 where id = $1 and data_key = $2 returning id',
    [tenantId, from, to],
  );
  return replaced.length > 0;
}
