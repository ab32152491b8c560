/**
 * Secrets at rest: compact JWEs (A256GCM) under one data key per tenant, which is itself a JWE under the key ring.
 * Destroying a tenant's data key erases its secrets; the ring rotates by putting a new key first and keeping the old
 * ones until no data key names them.
 */
import { randomBytes } from 'node:crypto';
import { CompactEncrypt, compactDecrypt, decodeProtectedHeader } from 'jose';
import { firstKey, newKeyRing, parseKeyRing } from '../key-ring.js';

export interface Vault {
  /** A new tenant data key, wrapped under the ring's first key. */
  newDataKey(): Promise<string>;
  /** The same data key under the ring's first key; the text itself where it is that already. @throws VaultError */
  rewrap(dataKey: string): Promise<string>;
  /** @throws VaultError when the ring doesn't hold the key that wraps this data key, or holds another one of its name. */
  check(dataKey: string): Promise<void>;
  /** `place` names what the secret is for; the sealed text opens for that place only. */
  seal(dataKey: string, place: string, secret: string): Promise<string>;
  /** @throws VaultError when the key is unknown, the text was changed, or it was sealed for another place. */
  open(dataKey: string, place: string, sealed: string): Promise<string>;
}

/** A secret that can't be opened. Its message holds no secret. */
export class VaultError extends Error {
  override readonly name = 'VaultError';
}

/**
 * Opens the vault with a key ring, `kid:base64key,kid2:…`: keys of 32 bytes, the first seals, all open.
 * @throws KeyRingError for a ring that isn't one; the message names the entry, not the key.
 */
export function openVault(keys: string): Vault {
  const ring = parseKeyRing(keys);
  const [first, firstBytes] = firstKey(ring);
  const wrap = (dataKey: Uint8Array): Promise<string> => encrypt(dataKey, firstBytes, 'data-key', first);
  const unwrapped = new Map<string, Promise<Uint8Array>>();

  const unwrap = (dataKey: string): Promise<Uint8Array> => {
    const known = unwrapped.get(dataKey);
    if (known) return known;
    const kid = vaultKeyOf(dataKey);
    const key = ring.get(kid);
    if (!key)
      throw new VaultError(
        `a tenant's data key is wrapped under "${kid}", which TEMPORAL_MIRO_VAULT_KEYS doesn't hold; what is stored needs that key: add it to the ring, behind the first one`,
      );
    const opened = decrypt(dataKey, key, 'data-key');
    unwrapped.set(dataKey, opened);
    opened.catch(() => unwrapped.delete(dataKey));
    return opened;
  };

  return {
    newDataKey: () => wrap(randomBytes(32)),
    rewrap: async (dataKey) => (vaultKeyOf(dataKey) === first ? dataKey : wrap(await unwrap(dataKey))),
    async check(dataKey) {
      await unwrap(dataKey).catch((cause: unknown) => {
        const message = `a tenant's data key doesn't open under "${vaultKeyOf(dataKey)}": TEMPORAL_MIRO_VAULT_KEYS holds another key of that name`;
        throw new VaultError(message, { cause });
      });
    },
    seal: async (dataKey, place, secret) => encrypt(new TextEncoder().encode(secret), await unwrap(dataKey), place),
    open: async (dataKey, place, sealed) =>
      new TextDecoder().decode(await decrypt(sealed, await unwrap(dataKey), place)),
  };
}

/** A ring with one fresh key, for TEMPORAL_MIRO_VAULT_KEYS. */
export const newVaultKeys = newKeyRing;

/** The name of the ring's key that wraps this data key. */
export function vaultKeyOf(dataKey: string): string {
  return decodeProtectedHeader(dataKey).kid ?? '';
}

// The place stands in the protected header, which the tag covers: a sealed text moved to another row does not open.
function encrypt(plain: Uint8Array, key: Uint8Array, place: string, kid?: string): Promise<string> {
  return new CompactEncrypt(plain)
    .setProtectedHeader({ alg: 'dir', enc: 'A256GCM', place, ...(kid && { kid }) })
    .encrypt(key);
}

async function decrypt(sealed: string, key: Uint8Array, place: string): Promise<Uint8Array> {
  try {
    const { plaintext, protectedHeader } = await compactDecrypt(sealed, key, {
      keyManagementAlgorithms: ['dir'],
      contentEncryptionAlgorithms: ['A256GCM'],
    });
    if (protectedHeader['place'] === place) return plaintext;
  } catch (cause) {
    throw new VaultError(`the secret for ${place} cannot be opened`, { cause });
  }
  throw new VaultError(`a secret was sealed for another place than ${place}`);
}
