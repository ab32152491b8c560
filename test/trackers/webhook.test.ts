import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { TicketError } from '../../tickets/errors.js';
import { checkSettings } from '../../tickets/index.js';
import type { Tracker } from '../../tickets/tracker.js';
import { spawnNode } from '../harness.js';
import { startStandIn, type StandInAnswer } from './faults.js';
import { draft, failureOf, how, line, nothingWanted, openStandIn } from './line.js';
import { startReceiver, type RunningReceiver, type WebhookOptions } from './webhook-stand-in.js';

let open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  await Promise.all(open.map((one) => one.close()));
  open = [];
});

async function start(options: WebhookOptions = {}): Promise<{ receiver: RunningReceiver; tracker: Tracker }> {
  const receiver = await startReceiver(options);
  open.push(receiver);
  return { receiver, tracker: openStandIn('webhook', receiver) };
}

/** A receiver that gives the same answer to everything. */
async function answering(answer: StandInAnswer): Promise<Tracker> {
  const running = await startStandIn({ answer: () => answer });
  open.push(running);
  const config = { url: `${running.url}/tickets`, supports: ['get'] };
  return openStandIn('webhook', { config, token: `whsec_${Buffer.alloc(32, 1).toString('base64')}` });
}

const MARKER = `tm-${'a'.repeat(20)}-1`;

describe('a ticket of the receiver', () => {
  it('is one, however often it is asked for, also when answers are lost', async () => {
    const { receiver, tracker } = await start();
    receiver.fail(
      { match: {}, when: { nth: 1 }, fault: 'drop-after' },
      { match: {}, when: { nth: 1 }, fault: '5xx-after' },
    );
    expect(await failureOf(tracker.create(draft(MARKER), how))).toMatchObject({ written: 'unknown' });
    expect(await failureOf(tracker.create(draft(MARKER), how))).toMatchObject({ written: 'unknown' });
    const state = await tracker.create(draft(MARKER), how);
    expect(state).toEqual({ id: 'T-1', key: 'T-1', url: 'https://product.example/tickets/T-1', revision: '1' });
    expect(receiver.state()).toHaveLength(1);
    expect(receiver.state()[0]?.draft).toEqual(draft(MARKER));
    expect(tracker.capabilities.createdOnce).toBe('idempotent');
  });

  it('is updated, commented once, related, read and taken back', async () => {
    const { receiver, tracker } = await start();
    await tracker.create(draft(MARKER), how);
    await tracker.create(draft(`${MARKER}0`), how);
    const comment = { marker: `${MARKER}-c2`, body: 'changed' };
    await tracker.update('T-1', { title: 'New' }, how);
    await tracker.comment('T-1', comment, how);
    await tracker.comment('T-1', comment, how);
    await tracker.link('T-1', 'T-2', how);
    expect(await tracker.get('T-1', how)).toMatchObject({ title: 'New', closed: false, revision: '3' });
    await tracker.takeBack('T-1', how);
    expect(receiver.state()[0]).toMatchObject({ closed: true, comments: [comment], links: ['T-2'] });
    receiver.act({ do: 'delete', id: 'T-1' });
    await tracker.takeBack('T-1', how);
    expect(await tracker.get('T-1', how)).toBeUndefined();
  });

  it('may be set to what it was before: each change is a message of its own', async () => {
    const { receiver, tracker } = await start();
    await tracker.create(draft(MARKER), how);
    for (const title of ['A', 'B', 'A']) await tracker.update('T-1', { title }, how);
    expect(receiver.state()[0]?.title).toBe('A');
    const ids = receiver.seen.map(({ headers }) => headers['webhook-id']);
    expect(new Set(ids).size).toBe(4);
    expect(ids[0]).toBe(MARKER);
  });
});

describe('what a receiver supports', () => {
  it('is in the settings, and decides what is offered', async () => {
    const { receiver, tracker } = await start({ supports: [] });
    expect(tracker.capabilities).toMatchObject({ comments: false, updates: false, links: false, undo: 'none' });
    await tracker.create(draft(MARKER), how);
    expect((await failureOf(tracker.get('T-1', how))).remedy).toContain('add get to supports');
    receiver.config['supports'] = ['get', 'comment'];
    expect(await openStandIn('webhook', receiver).check(nothingWanted, how)).toEqual(
      ['get', 'comment'].map((ability) => ({
        what: `the receiver does not support ${ability}`,
        remedy: `take ${ability} out of supports in the settings of the tracker`,
      })),
    );
  });

  it('is well when both agree; a wrong secret is a problem with a remedy', async () => {
    const { receiver, tracker } = await start();
    expect(await tracker.check(nothingWanted, how)).toEqual([]);
    const other = openStandIn('webhook', { ...receiver, token: `whsec_${Buffer.alloc(32, 7).toString('base64')}` });
    expect(await other.check(nothingWanted, how)).toEqual([
      {
        what: 'the receiver of the tickets: ticket.check answered 401: the signature is wrong',
        remedy: 'give tracker and receiver the same signing secret',
      },
    ]);
  });
});

describe('answers', () => {
  it.each([
    ['no JSON object', { status: 200, body: 'made' }, { kind: 'malformed', written: 'unknown' }],
    ['no id', { status: 200, body: { key: 'A-1' } }, { kind: 'malformed', written: 'unknown' }],
    ['a link that runs a script', { status: 200, body: { id: 1, url: 'javascript:alert(1)' } }, { kind: 'malformed' }],
    ['too long', { status: 200, body: { id: 'x'.repeat(2_000_000) } }, { kind: 'malformed', written: 'unknown' }],
    [
      'a redirect',
      { status: 307, headers: { location: 'http://127.0.0.1:1/' } },
      { kind: 'invalid', written: 'unknown' },
    ],
    ['a refusal', { status: 422, body: { message: 'no such list' } }, { kind: 'invalid', written: 'no' }],
    ['a limit', { status: 429, headers: { 'retry-after': '7' } }, { kind: 'rate_limited', retryAfterMs: 7_000 }],
    ['a pause', { status: 503, headers: { 'retry-after': '7' } }, { kind: 'rate_limited', retryAfterMs: 7_000 }],
    ['a failure', { status: 500 }, { kind: 'unavailable', written: 'unknown' }],
  ] as [string, StandInAnswer, Partial<TicketError>][])('of %s', async (_, answer, expected) => {
    const tracker = await answering(answer);
    expect(await failureOf(tracker.create(draft(MARKER), how))).toMatchObject(expected);
  });

  it('with an id alone are enough, and its number is kept as text', async () => {
    const tracker = await answering({ status: 201, body: { id: 42 } });
    expect(await tracker.create(draft(MARKER), how)).toEqual({ id: '42', key: '42', revision: 'unknown' });
  });

  it('of null say that a ticket is gone', async () => {
    const tracker = await answering({ status: 200, body: null });
    expect(await tracker.get('42', how)).toBeUndefined();
  });
});

it('nothing is sent to an address that is not public', async () => {
  const receiver = await startReceiver();
  open.push(receiver);
  const refusal = new TicketError('it lies in a private network', { kind: 'forbidden', written: 'no' });
  const guarded = openStandIn('webhook', receiver, { ...line, requirePublic: () => Promise.reject(refusal) });
  expect(await failureOf(guarded.create(draft(MARKER), how))).toBe(refusal);
  expect(receiver.seen).toEqual([]);
});

it('settings that cannot work are refused, each with a sentence', () => {
  const config = { url: 'https://user:pass@product.example/tickets', supports: ['take_back', 'update'] };
  const { problems } = checkSettings('webhook', config, 'no secret') as { problems: string[] };
  expect(problems).toEqual([
    'url: must be an https address (http only on this machine) without user, query or fragment',
    'supports: take_back needs get: a ticket is only taken back if nobody has touched it since',
    'supports: update needs get: a ticket is only updated if nobody has changed it since',
    'the secret: give one that signs: whsec_ and the base64 of 24 to 64 random bytes',
  ]);
});

it('a stand-in that is killed goes on where it was when it is started again', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'stand-in-'));
  const file = join(folder, 'tickets.jsonl');
  const options = { supports: ['get'], file };
  const first = await startProcess(options);
  const tracker = openStandIn('webhook', first.ready);
  const state = await tracker.create(draft(MARKER), how);
  await first.process.kill('SIGKILL');
  expect(await failureOf(tracker.create(draft(MARKER), how))).toMatchObject({ kind: 'unavailable' });
  const second = await startProcess({ ...options, port: Number(new URL(first.ready.url).port) });
  expect(await tracker.create(draft(MARKER), how)).toEqual(state);
  await second.process.kill();
  await rm(folder, { recursive: true });
});

async function startProcess(options: WebhookOptions) {
  const process = await spawnNode('test/trackers/stand-in-process.ts', ['webhook', JSON.stringify(options)]);
  const ready = JSON.parse(await process.waitFor(/^\{/)) as Pick<RunningReceiver, 'url' | 'token' | 'config'>;
  return { process, ready };
}

it("docs/trackers.md's receiver makes each ticket once, and refuses a stranger", async () => {
  const root = fileURLToPath(new URL('../..', import.meta.url));
  const page = await readFile(join(root, 'docs/trackers.md'), 'utf8');
  // Inside the tree, so that it finds standardwebhooks.
  const folder = await mkdtemp(join(root, 'test/trackers/example-'));
  const file = join(folder, 'receiver.mjs');
  await writeFile(file, /```js\n([\s\S]*?)```/.exec(page)?.[1] ?? '');
  const token = `whsec_${Buffer.alloc(32, 5).toString('base64')}`;
  const receiver = await spawnNode(file, [], { TICKET_SECRET: token, PORT: '0' });
  const port = (await receiver.waitFor(/^listening/)).split(' ').at(-1);
  const config = { url: `http://127.0.0.1:${port}`, supports: [] };
  const tracker = openStandIn('webhook', { config, token });
  expect(await tracker.check(nothingWanted, how)).toEqual([]);
  const state = await tracker.create(draft(MARKER), how);
  expect(await tracker.create(draft(MARKER), how)).toEqual(state);
  expect((await tracker.create(draft(`${MARKER}0`), how)).id).toBe('T-2');
  const stranger = openStandIn('webhook', { config, token: `whsec_${Buffer.alloc(32, 6).toString('base64')}` });
  expect((await failureOf(stranger.create(draft(MARKER), how))).kind).toBe('unauthorized');
  await receiver.kill();
  await rm(folder, { recursive: true });
});
