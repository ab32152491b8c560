/** Key rings, `name:base64[,…]`: keys of 32 bytes, the first one encrypts, all decrypt. The vault and the payload codec have one each. */
import { randomBytes } from 'node:crypto';

/** @throws KeyRingError for a text that isn't a ring; the message names the entry, never a key. */
export function parseKeyRing(keys: string): Map<string, Uint8Array> {
  const ring = new Map<string, Uint8Array>();
  for (const [index, entry] of keys.split(',').entries()) {
    const [, name, base64] = /^\s*([\w.-]+):([A-Za-z0-9+/_-]+=*)\s*$/.exec(entry) ?? [];
    const key = Buffer.from(base64 ?? '', 'base64');
    if (!name || key.length !== 32)
      throw new KeyRingError(`entry ${index + 1} of the key ring is not "name:base64" of 32 bytes`);
    if (ring.has(name)) throw new KeyRingError(`the key ring names "${name}" twice`);
    ring.set(name, key);
  }
  return ring;
}

/** The ring's first key, which encrypts. */
export function firstKey(ring: Map<string, Uint8Array>): [name: string, key: Uint8Array] {
  const [first] = ring;
  if (first === undefined) throw new KeyRingError('the key ring is empty');
  return first;
}

/** A ring with one fresh key. */
export function newKeyRing(): string {
  return `${randomBytes(4).toString('hex')}:${randomBytes(32).toString('base64')}`;
}

/** A text that isn't a key ring. */
export class KeyRingError extends Error {
  override readonly name = 'KeyRingError';
}
