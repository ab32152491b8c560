import { request as httpRequest } from 'node:http';
import fc from 'fast-check';
import { expect } from 'vitest';
import type { RunningSimulator } from '../../simulator/app.js';
import { operations, type Operation } from '../../simulator/spec/operations.js';
import { brokenInvariants } from '../simulator/invariants.js';
import type { Send } from '../simulator/miro.js';
import { setStage, type Stage } from '../simulator/stage.js';

/** A request as bytes on the wire, which no client library would send. */
export interface Hostile {
  op: Operation;
  /** What stands where the path has a parameter: a real id, or anything that a line of HTTP can hold. */
  parts: { known: boolean; raw: string }[];
  query: string;
  contentType: string;
  body: string;
}

/** A request that gets no answer in this time is a simulator that hangs. */
const HANGS_MS = 10_000;

const NUMBERS = ['1e400', '-0', '123456789012345678901234567890', '1e-7', '00', '0x1F', 'NaN'];
const TEXTS = ['&#99999999999;', '&#0;', '<p', '<a href="', '\\u0000', '__proto__', 'constructor', '\\ud800', '%'];

/** Names that handlers look for, and names that every object has. */
const FIELDS = (
  'data position geometry parent style content title shape x y width height rotation id items url emails role name ' +
  'Operations op path value schemas userName active displayName members startItem endItem captions teamId ' +
  'boardIds labelId accessToken scope users __proto__ constructor toString'
).split(' ');

/** Pieces of JSON that parsers, checkers and handlers trip over. */
const json = fc.letrec<{ value: string }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom(...NUMBERS, 'null', 'true', '""', '{}', '[]', '{', '[[', '\u0000', ''),
    fc.constantFrom(...TEXTS).map((text) => `"${text}"`),
    fc.array(tie('value'), { maxLength: 3 }).map((values) => `[${values.join(',')}]`),
    fc
      .array(fc.tuple(fc.constantFrom(...FIELDS), tie('value')), { maxLength: 4 })
      .map((entries) => `{${entries.map(([name, value]) => `"${name}":${value}`).join(',')}}`),
  ),
})).value;

const PATCHES = ['replace', 'Remove', 'add', ''].flatMap((op) =>
  ['', 'active', 'emails[type eq "work"].value', 'members[value eq "1"]', 'name.', '[', 'urn:x:y'].map(
    (path) => `{"schemas":[],"Operations":[{"op":"${op}","path":"${path}","value":`,
  ),
);
const scimPatch = fc.tuple(fc.constantFrom(...PATCHES), json).map(([start, value]) => `${start}${value}}]}`);

const FORM = '--x\r\nContent-Disposition: form-data; name="data"\r\n\r\n';
const form = json.map((data) => `${FORM}${data}\r\n--x--\r\n`);

export const hostile: fc.Arbitrary<Hostile> = fc.record({
  op: fc.constantFrom(...operations),
  parts: fc.array(
    fc.record({
      known: fc.boolean(),
      raw: fc.constantFrom('%zz', '%00', '..', '%2F', 'a%20b', '__proto__', '1'.repeat(40), '%E0%A4', '-', '%25'),
    }),
    { minLength: 5, maxLength: 5 },
  ),
  query: fc.constantFrom(
    '',
    'limit=1e9&cursor=%00',
    'cursor=%zz&offset=-1',
    '__proto__=1&tag_id=__proto__',
    'filter=%28%28userName&startIndex=-5&count=x',
    'filter=userName%20eq%20%22&sortBy=%5B',
    'delete_items=true&parent_item_id=%00&tag_id=',
    'from=0&to=9e99&createdAfter=x&createdBefore=',
    'emails=,,,&active=maybe&request_id=..',
  ),
  contentType: fc.constantFrom(
    'application/json',
    'application/scim+json',
    'multipart/form-data',
    'multipart/form-data; boundary=x',
    '',
    'x/y',
  ),
  body: fc.oneof(json, json, scimPatch, form),
});

/** Sends hostile requests one after the other: each must be answered, none by a failure of the simulator's own. */
export async function withstand(sim: RunningSimulator, send: Send, requests: Hostile[]): Promise<void> {
  await send('POST', '/_sim/reset');
  const stage = await setStage(send);
  for (const each of requests) {
    const { status, text } = await sendRaw(sim, stage, each);
    expect(status, text).toBeLessThan(500);
  }
  expect(brokenInvariants((await send('GET', '/_sim/state')).body)).toEqual([]);
}

function sendRaw(sim: RunningSimulator, stage: Stage, { op, parts, query, contentType, body }: Hostile) {
  let part = 0;
  const filled = op.path.replace(/\{(\w+)\}/g, (_, name: string) => {
    const { known, raw } = parts[part++]!;
    return known ? (stage.ids[name] ?? stage.items['sticky_note']!) : raw;
  });
  const scim = !op.path.startsWith('/v');
  const token = scim ? sim.scimToken : sim.accessToken;
  const path = `${scim ? '/api/v1/scim' : ''}${filled}?${query}`;
  const headers = { authorization: `Bearer ${token}`, ...(contentType && { 'content-type': contentType }) };
  return new Promise<{ status: number; text: string }>((resolve, reject) => {
    const request = httpRequest(sim.url, { path, method: op.method, headers, timeout: HANGS_MS }, (response) => {
      let text = `${op.method} ${path}: `;
      response.on('data', (chunk: Buffer) => (text += chunk.toString()));
      response.on('end', () => resolve({ status: response.statusCode!, text }));
    });
    request.on('timeout', () => request.destroy(new Error(`No answer to ${op.method} ${path} ${body}`)));
    request.on('error', reject);
    request.end(op.method === 'GET' ? undefined : body);
  });
}
