/**
 * Workflow ids and markers: HMACs under the installation key, over business facts only, so that they survive the loss of the database
 * and say nothing about people. For clients, activities and the gateway; workflows have neither crypto nor key.
 */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { JobKind } from './contract.js';

/** At least 32 bytes; never rotates; differs per environment, so that staging never adopts production's boards. */
export type IdKey = Uint8Array & { readonly __idKey: unique symbol };

/** @throws RangeError when the key has fewer than 32 bytes. */
export function idKey(bytes: Uint8Array): IdKey {
  if (bytes.length < 32) throw new RangeError(`the installation key has ${bytes.length} bytes; it needs at least 32`);
  return bytes as IdKey;
}

/** What a job is known by: tenant, kind and the caller's business key. */
export interface JobKey {
  tenant: string;
  kind: JobKind;
  key: string;
}

/** 32 hex digits; the only form in which a business key leaves the caller's input. */
export function keyHash(key: IdKey, { tenant, kind, key: businessKey }: JobKey): string {
  return hmac(key, 'job', tenant, kind, businessKey).slice(0, 32);
}

/** `<kind>:<tenant>:<hmac>`: the idempotency key of a start. */
export function workflowId(key: IdKey, job: JobKey): string {
  return `${job.kind}:${job.tenant}:${keyHash(key, job)}`;
}

/** Prefix that every episode's marker of one subject shares, e.g. `[tm:0123456789abcdef0123.`. */
export function markerPrefix(key: IdKey, subject: { keyHash: string; step: string; subject?: string }): string {
  return `[tm:${hmac(key, 'marker', subject.keyHash, subject.step, subject.subject ?? '').slice(0, 20)}.`;
}

/** The mark that a created Miro object carries, e.g. `[tm:0123456789abcdef0123.1]`. */
export function marker(prefix: string, episode: number): string {
  return `${prefix}${episode}]`;
}

/**
 * The mark that a ticket carries, e.g. `tm-0123456789abcdef0123-1`: letters, digits and `-` only, so that it fits a label. `key` is the job's
 * {@link keyHash}, and the episode advances when a ticket was taken back and is made anew.
 */
export function ticketMarker(key: IdKey, item: { keyHash: string; itemId: string }, episode: number): string {
  return `tm-${hmac(key, 'marker', item.keyHash, 'ticket', item.itemId).slice(0, 20)}-${episode}`;
}

/** Eight hex digits that tell installations apart without giving the key away. */
export function idKeyCheck(key: IdKey): string {
  return hmac(key, 'check').slice(0, 8);
}

/** A dead secret of a connection. */
export interface DeadSecret {
  connectionId: string;
  grantId: string;
  generation: number;
}

/**
 * What a relink URL carries: it names a connection, its dead grant and that grant's generation, so it is worth nothing once either has moved,
 * and needs no row.
 */
export function relinkToken(key: IdKey, { connectionId, grantId, generation }: DeadSecret): string {
  const named = [connectionId, grantId, String(generation)];
  return [...named, hmac(key, 'relink', ...named).slice(0, 32)].join('.');
}

/** Where a person links a dead connection anew. `publicUrl` is the gateway's, without a slash at its end. */
export function relinkUrl(key: IdKey, publicUrl: string, dead: DeadSecret): string {
  return `${publicUrl}/relink/${relinkToken(key, dead)}`;
}

/** What a token made by {@link relinkToken} under this key names; undefined for any other text. */
export function readRelinkToken(key: IdKey, token: string): DeadSecret | undefined {
  const [, connectionId = '', grantId = '', generation = ''] = RELINK_TOKEN.exec(token) ?? [];
  const named = { connectionId, grantId, generation: Number(generation) };
  const [given, expected] = [token, relinkToken(key, named)].map((text) => Buffer.from(text));
  return given && expected && given.length === expected.length && timingSafeEqual(given, expected) ? named : undefined;
}

const RELINK_TOKEN = /^([0-9a-f-]{36})\.([0-9a-f-]{36})\.(\d{1,9})\.[0-9a-f]{32}$/;

/** SHA-256 of a text, in hex. For inputs and plans, which are compared, not kept secret. */
export function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

// The parts are length-prefixed: ('a','bc') and ('ab','c') differ.
function hmac(key: IdKey, ...parts: string[]): string {
  const mac = createHmac('sha256', key);
  for (const part of parts) mac.update(`${Buffer.byteLength(part)}:${part}`);
  return mac.digest('hex');
}
