import { describe, expect, it } from 'vitest';
import { newVaultKeys, openVault, VaultError } from '../../store/vault.js';

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
      expect(() => openVault(ring)).toThrow(/entry \d of the vault keys/);
    },
  );

  it('refuses a ring that names a key twice', () => {
    const keys = newVaultKeys();
    expect(() => openVault(`${keys},${keys}`)).toThrow('twice');
  });
});
