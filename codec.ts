/**
 * Encrypts what Temporal keeps: inputs, results, messages, details and, through failure-converter.cjs, the texts of failures. Workflow ids, types and
 * search attributes stay plain, so nothing secret or personal may stand in them.
 */
import { createCipheriv, createDecipheriv, createHmac, randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import type { DataConverter, Payload, PayloadCodec } from '@temporalio/common';
import protobuf from 'protobufjs/minimal.js';
import { firstKey, parseKeyRing } from './key-ring.js';

const CIPHER = 'aes-256-gcm';
const IV_BYTES = 12;
const TAG_BYTES = 16;
/** As Temporal's own encryption samples name it, so that what reads theirs reads ours. */
const ENCODING = Buffer.from('binary/encrypted');

/** Workers, clients and bundleWorkflowCode must all be given it. */
export const failureConverterPath = fileURLToPath(new URL('./failure-converter.cjs', import.meta.url));

/** A payload that can't be decrypted. The message names the key, and holds nothing of the payload. */
export class CodecError extends Error {
  override readonly name = 'CodecError';
}

/**
 * What a client or a worker needs to read and write under this ring; without one nothing is encrypted, and what is says so.
 * @throws KeyRingError for a ring that isn't one.
 */
export function dataConverterFor(keys: string | undefined): DataConverter {
  return { failureConverterPath, payloadCodecs: [keys === undefined ? plaintextCodec : createCodec(keys)] };
}

/**
 * AES-256-GCM under a key ring, `name:base64[,…]`: the first key encrypts, all decrypt. The data is a nonce of 12 bytes, then the encrypted Payload
 * message with its tag, as in Temporal's samples. What is not encrypted passes: it is of runs from before.
 * @throws KeyRingError for a ring that isn't one. `decode` @throws CodecError
 */
export function createCodec(keys: string): PayloadCodec {
  const ring = parseKeyRing(keys);
  const [name, key] = firstKey(ring);
  const keyId = Buffer.from(name);
  const encode = (payload: Payload): Payload => ({
    metadata: { encoding: ENCODING, 'encryption-key-id': keyId },
    data: encrypt(toBytes(payload), key),
  });
  return {
    encode: (payloads) => Promise.resolve(payloads.map(encode)),
    decode: (payloads) => decodeAll(payloads, ring),
  };
}

const plaintextCodec: PayloadCodec = {
  encode: (payloads) => Promise.resolve(payloads),
  decode: (payloads) => decodeAll(payloads, new Map()),
};

/** Whether what this client or worker hands to Temporal passes through a codec that may encrypt it: ours with keys, or one of somebody else's. */
export function encrypts({ payloadCodecs = [] }: Pick<DataConverter, 'payloadCodecs'>): boolean {
  return payloadCodecs.some((codec) => codec !== plaintextCodec);
}

/** The ring's keys in their order, each with eight hex digits that tell keys apart without giving one away. @throws KeyRingError */
export function codecKeyChecks(keys: string): { name: string; check: string }[] {
  return [...parseKeyRing(keys)].map(([name, key]) => ({
    name,
    check: createHmac('sha256', key).update('check').digest('hex').slice(0, 8),
  }));
}

/** Rejects rather than throws. */
const decodeAll = (payloads: Payload[], ring: Map<string, Uint8Array>): Promise<Payload[]> =>
  Promise.resolve(payloads).then((all) => all.map((payload) => decode(payload, ring)));

function decode(payload: Payload, ring: Map<string, Uint8Array>): Payload {
  const { metadata, data } = payload;
  if (!metadata?.['encoding'] || !ENCODING.equals(metadata['encoding'])) return payload;
  const keyId = Buffer.from(metadata['encryption-key-id'] ?? []).toString();
  const key = ring.get(keyId);
  if (!key)
    throw new CodecError(
      `a payload is encrypted under the key "${keyId}", which TEMPORAL_MIRO_CODEC_KEYS doesn't hold; add that key to the ring`,
    );
  return fromBytes(decrypt(data ?? new Uint8Array(), key, keyId));
}

function encrypt(plain: Uint8Array, key: Uint8Array): Uint8Array {
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv(CIPHER, key, iv);
  return Buffer.concat([iv, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
}

function decrypt(sealed: Uint8Array, key: Uint8Array, keyId: string): Uint8Array {
  try {
    const decipher = createDecipheriv(CIPHER, key, sealed.subarray(0, IV_BYTES), { authTagLength: TAG_BYTES });
    decipher.setAuthTag(sealed.subarray(-TAG_BYTES));
    return Buffer.concat([decipher.update(sealed.subarray(IV_BYTES, -TAG_BYTES)), decipher.final()]);
  } catch (cause) {
    const message = `a payload can't be decrypted under the key "${keyId}": it was changed, or TEMPORAL_MIRO_CODEC_KEYS holds another key of that name`;
    throw new CodecError(message, { cause });
  }
}

// temporal.api.common.v1.Payload: map<string, bytes> metadata = 1; bytes data = 2. Written out here, since the package that has it compiled is the
// SDK's own affair.
const BYTES = 2; // wire type: length-delimited
const METADATA = (1 << 3) | BYTES;
const DATA = (2 << 3) | BYTES;
const MAP_KEY = (1 << 3) | BYTES;
const MAP_VALUE = (2 << 3) | BYTES;

function toBytes({ metadata, data }: Payload): Uint8Array {
  const writer = protobuf.Writer.create();
  for (const [name, value] of Object.entries(metadata ?? {}))
    writer.uint32(METADATA).fork().uint32(MAP_KEY).string(name).uint32(MAP_VALUE).bytes(value).ldelim();
  if (data?.length) writer.uint32(DATA).bytes(data);
  return writer.finish();
}

function fromBytes(bytes: Uint8Array): Payload {
  const reader = protobuf.Reader.create(bytes);
  const metadata: Record<string, Uint8Array> = {};
  let data: Uint8Array = new Uint8Array();
  while (reader.pos < reader.len) {
    const tag = reader.uint32();
    if (tag === METADATA) {
      const [name, value] = entryFrom(protobuf.Reader.create(reader.bytes()));
      metadata[name] = value;
    } else if (tag === DATA) data = reader.bytes();
    else reader.skipType(tag & 7);
  }
  return { metadata, data };
}

function entryFrom(reader: protobuf.Reader): [name: string, value: Uint8Array] {
  let name = '';
  let value: Uint8Array = new Uint8Array();
  while (reader.pos < reader.len) {
    const tag = reader.uint32();
    if (tag === MAP_KEY) name = reader.string();
    else if (tag === MAP_VALUE) value = reader.bytes();
    else reader.skipType(tag & 7);
  }
  return [name, value];
}
