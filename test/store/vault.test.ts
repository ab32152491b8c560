import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkVaultKeys, rewrapDataKeys, vaultKeysInUse } from '../../store/rotate.js';
import { ensureDataKey, ensureTenant } from '../../store/tenants.js';
import { newVaultKeys, openVault, VaultError } from '../../store/vault.js';
import { createTestStore, type TestStore } from './database.js';

describe('the vault', () => {
  it('opens what it sealed, for the same place only', async () => {
    const vault = openVault(newVaultKeys());
    const key = await vault.newDataKey();
    const sealed = await vault.seal(key, 'grant:1:access', 'token');
    expect(sealed).not.toContain('token');
    expect(await vault.open(key, 'grant:1:access', sealed)).toBe('token');
    await expect(vault.open(key, 'grant:2:access', sealed)).rejects.toThrow(VaultError);
    await expect(vault.open(await vault.newDataKey(), 'grant:1:access', sealed)).rejects.toThrow(VaultError);
  });

  it('opens with an older key of the ring after a rotation, and not without it', async () => {
    const [old, fresh] = [newVaultKeys(), newVaultKeys()];
    const key = await openVault(old).newDataKey();
    const sealed = await openVault(old).seal(key, 'p', 'token');
    expect(await openVault(`${fresh},${old}`).open(key, 'p', sealed)).toBe('token');
    await expect(openVault(fresh).open(key, 'p', sealed)).rejects.toThrow("TEMPORAL_MIRO_VAULT_KEYS doesn't hold");
  });

  it.each(['', 'nokey', 'a:short', `${newVaultKeys()},`, 'a:!!!!'])(
    'refuses the ring %j without repeating it',
    (ring) => {
      expect(() => openVault(ring)).toThrow(/entry \d of the key ring/);
    },
  );

  it('refuses a ring that names a key twice', () => {
    const keys = newVaultKeys();
    expect(() => openVault(`${keys},${keys}`)).toThrow('twice');
  });
});

describe('a rotation', () => {
  const [old, fresh, third] = [newVaultKeys(), newVaultKeys(), newVaultKeys()];
  const ring = `${fresh},${old}`;
  const [oldName, freshName] = [old, fresh].map((keys) => keys.split(':')[0]);
  let store: TestStore;
  let tenants: { id: string; sealed: string }[];
  beforeAll(async () => {
    store = await createTestStore();
    const vault = openVault(old);
    tenants = await Promise.all(
      Array.from({ length: 205 }, async (_, i) => {
        const { tenantId } = await ensureTenant(store.db, `tenant-${i}`);
        const sealed = await vault.seal(await ensureDataKey(store.db, vault, tenantId), 'p', `secret ${i}`);
        return { id: tenantId, sealed };
      }),
    );
  });
  afterAll(() => store.close());

  const dataKeyOf = (tenantId: string) => ensureDataKey(store.db, openVault(ring), tenantId);

  it('leaves what was sealed readable for workers that run, at every moment', async () => {
    const worker = openVault(`${old},${fresh}`);
    const readAll = () =>
      Promise.all(tenants.map(async ({ id, sealed }) => worker.open(await dataKeyOf(id), 'p', sealed)));
    const expected = tenants.map((_, i) => `secret ${i}`);
    expect(await readAll()).toEqual(expected);
    let over = false;
    const rotating = rewrapDataKeys(store.db, openVault(ring)).finally(() => (over = true));
    do expect(await readAll()).toEqual(expected);
    while (!over);
    expect(await rotating).toEqual({ rewrapped: 205, already: 0 });
    expect(await readAll()).toEqual(expected);
  });

  it('is done once, however often it is asked for', async () => {
    expect(await rewrapDataKeys(store.db, openVault(ring))).toEqual({ rewrapped: 0, already: 205 });
    const again = openVault(`${third},${ring}`);
    const both = await Promise.all([rewrapDataKeys(store.db, again), rewrapDataKeys(store.db, again)]);
    expect(both.reduce((sum, { rewrapped }) => sum + rewrapped, 0)).toBe(205);
  });

  it('does not bring back the key of a tenant that is erased meanwhile', async () => {
    const { tenantId } = await ensureTenant(store.db, 'erased');
    await ensureDataKey(store.db, openVault(old), tenantId);
    const vault = openVault(ring);
    await rewrapDataKeys(store.db, {
      ...vault,
      async rewrap(dataKey) {
        await store.db.query('update miro.tenants set data_key = null, erased_at = now() where id = $1', [tenantId]);
        return vault.rewrap(dataKey);
      },
    }).catch(() => undefined);
    const [row] = await store.db.query<{ key: string | null }>(
      'select data_key as key from miro.tenants where id = $1',
      [tenantId],
    );
    expect(row?.key).toBeNull();
  });

  it('tells which keys are needed, and a start which are missing or wrong', async () => {
    const own = await createTestStore();
    const { tenantId } = await ensureTenant(own.db, 'a');
    await ensureDataKey(own.db, openVault(old), tenantId);
    expect(await vaultKeysInUse(own.db)).toEqual([{ name: oldName, dataKeys: 1 }]);
    await checkVaultKeys(own.db, openVault(ring));
    await expect(checkVaultKeys(own.db, openVault(fresh))).rejects.toThrow(
      `"${oldName}", which TEMPORAL_MIRO_VAULT_KEYS doesn't hold`,
    );
    const namesake = `${oldName}:${fresh.split(':')[1]}`;
    await expect(checkVaultKeys(own.db, openVault(namesake))).rejects.toThrow('holds another key of that name');
    await rewrapDataKeys(own.db, openVault(ring));
    expect(await vaultKeysInUse(own.db)).toEqual([{ name: freshName, dataKeys: 1 }]);
    await checkVaultKeys(own.db, openVault(fresh));
    await own.close();
  });
});
