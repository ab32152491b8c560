/** The codec by itself. */
import { createRequire } from 'node:module';
import { defaultPayloadConverter, type Payload } from '@temporalio/common';
import { describe, expect, it } from 'vitest';
import { CodecError, codecKeyChecks, createCodec, dataConverterFor } from '../../codec.js';
import { newKeyRing } from '../../key-ring.js';

const plain = (value: unknown): Payload => defaultPayloadConverter.toPayload(value);
const text = (bytes: Uint8Array | null | undefined): string => Buffer.from(bytes ?? []).toString();
const first = <T>([one]: T[]): T => one as T;

const encrypt = async (keys: string, payload: Payload): Promise<Payload> =>
  first(await createCodec(keys).encode([payload]));
const decrypt = async (keys: string, payload: Payload): Promise<unknown> =>
  defaultPayloadConverter.fromPayload(first(await createCodec(keys).decode([payload])));

describe('a payload', () => {
  it.each([[undefined], [null], [''], ['Grüße 👋'], [{ a: [1, 'b'] }], [new Uint8Array([0, 255])]])(
    'comes back as it was: %j',
    async (value) => {
      const keys = newKeyRing();
      expect(await decrypt(keys, await encrypt(keys, plain(value)))).toEqual(value);
    },
  );

  it('is encrypted in the form of Temporal’s samples: a nonce, then the Payload message and its tag', async () => {
    const key = Buffer.alloc(32, 7);
    const payload = await encrypt(`k1:${key.toString('base64')}`, plain('secret'));
    expect(text(payload.metadata?.['encoding'])).toBe('binary/encrypted');
    expect(text(payload.metadata?.['encryption-key-id'])).toBe('k1');
    expect(text(payload.data)).not.toContain('secret');

    // As a codec of another language would do it: WebCrypto, and the SDK's own message type.
    const webKey = await crypto.subtle.importKey('raw', key, 'AES-GCM', false, ['decrypt']);
    const data = payload.data ?? new Uint8Array();
    const opened = await crypto.subtle.decrypt({ name: 'AES-GCM', iv: data.slice(0, 12) }, webKey, data.slice(12));
    const message = payloadMessage().decode(new Uint8Array(opened));
    expect(defaultPayloadConverter.fromPayload(message)).toBe('secret');
  });

  it('is another text each time', async () => {
    const keys = newKeyRing();
    const [a, b] = [await encrypt(keys, plain('x')), await encrypt(keys, plain('x'))];
    expect(a.data).not.toEqual(b.data);
  });

  it('is decrypted by an older key of the ring after a rotation', async () => {
    const [old, fresh] = [newKeyRing(), newKeyRing()];
    expect(await decrypt(`${fresh},${old}`, await encrypt(old, plain('x')))).toBe('x');
    const rotated = await encrypt(`${fresh},${old}`, plain('x'));
    expect(text(rotated.metadata?.['encryption-key-id'])).toBe(fresh.split(':')[0]);
  });

  it('of before the encryption passes', async () => {
    expect(await decrypt(newKeyRing(), plain('old'))).toBe('old');
  });

  it('under a key that the ring lacks is refused with the name of that key', async () => {
    const keys = newKeyRing();
    const sealed = await encrypt(keys, plain('x'));
    const error = `under the key "${keys.split(':')[0]}", which TEMPORAL_MIRO_CODEC_KEYS doesn't hold`;
    await expect(decrypt(newKeyRing(), sealed)).rejects.toThrow(error);
    const without = dataConverterFor(undefined).payloadCodecs?.[0];
    await expect(without?.decode([sealed])).rejects.toThrow(error);
  });

  it('that was changed, or is under another key of that name, is refused', async () => {
    const keys = newKeyRing();
    const sealed = await encrypt(keys, plain('x'));
    const namesake = `${keys.split(':')[0]}:${newKeyRing().split(':')[1]}`;
    await expect(decrypt(namesake, sealed)).rejects.toThrow(CodecError);
    for (const at of [0, 12, -1]) {
      const data = Uint8Array.from(sealed.data ?? []);
      const index = at < 0 ? data.length + at : at;
      data[index] = (data[index] ?? 0) ^ 1;
      await expect(decrypt(keys, { ...sealed, data })).rejects.toThrow("can't be decrypted");
    }
    for (const length of [0, 5, 20])
      await expect(decrypt(keys, { ...sealed, data: sealed.data?.slice(0, length) })).rejects.toThrow(CodecError);
  });
});

it('tells rings apart by checks that give no key away', () => {
  const [a, b] = [newKeyRing(), newKeyRing()];
  const checks = codecKeyChecks(`${a},${b}`);
  expect(checks.map(({ name }) => name)).toEqual([a.split(':')[0], b.split(':')[0]]);
  expect(checks[0]?.check).toMatch(/^[0-9a-f]{8}$/);
  expect(codecKeyChecks(a)[0]).toEqual(checks[0]);
});

interface PayloadMessage {
  decode(bytes: Uint8Array): Payload;
}

/** The SDK's compiled protobuf type, from a package that is its own affair. */
function payloadMessage(): PayloadMessage {
  const fromCommon = createRequire(createRequire(import.meta.url).resolve('@temporalio/common'));
  const { temporal } = fromCommon('@temporalio/proto') as {
    temporal: { api: { common: { v1: { Payload: PayloadMessage } } } };
  };
  return temporal.api.common.v1.Payload;
}
