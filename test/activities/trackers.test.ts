import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ApplicationFailure } from '@temporalio/common';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openTracker, type TrackerDeps } from '../../activities/trackers.js';
import { createPool } from '../../miro/index.js';
import { addTracker, replaceTrackerSecret } from '../../store/trackers.js';
import { createTestStore, type TestStore } from '../store/database.js';
import { draft } from '../store/draft.js';

let store: TestStore;
let deps: TrackerDeps;
const dispatcher = createPool();
beforeAll(async () => {
  store = await createTestStore();
  deps = { db: store.db, vault: store.vault, dispatcher };
});
afterAll(async () => {
  await dispatcher.destroy();
  await store.close();
});

const HOW = { deadlineMs: 5_000 };
const newSecret = () => `whsec_${randomBytes(32).toString('base64')}`;
const open = (name: string) => openTracker(deps, { tenantId: store.tenantId, name });

/** A tracker whose tickets would go to that address. */
async function webhook(name: string, url: string) {
  const config = { url, supports: [] };
  await addTracker(store.db, store.vault, {
    tenantId: store.tenantId,
    name,
    kind: 'webhook',
    config,
    secret: newSecret(),
  });
  return (await open(name)).tracker;
}

it('opens the built-in tracker of every tenant', async () => {
  const { tracker, settings } = await open('builtin');
  expect((await tracker.create(draft('tm-1'), HOW)).key).toBe('T-1');
  expect(settings).toEqual({ kind: 'builtin', name: 'builtin', config: {} });
});

it('ends the job for a tracker that is not there, and says how to add it', async () => {
  const opened = open('nosuch');
  await expect(opened).rejects.toBeInstanceOf(ApplicationFailure);
  await expect(opened).rejects.toMatchObject({
    type: 'Tracker.unknown',
    nonRetryable: true,
    message: expect.stringContaining('trackers add nosuch') as string,
  });
});

it('has the mapping, and the secret as it is now', async () => {
  const { tenantId } = store;
  const [before, after] = [newSecret(), newSecret()];
  await addTracker(store.db, store.vault, {
    ...{ tenantId, name: 'crm', kind: 'webhook', config: { url: 'https://crm.example', supports: [] } },
    ...{ secret: before, mapping: { version: 1, type: 'Task' } },
  });
  expect(await open('crm')).toMatchObject({ settings: { secret: before }, mapping: { type: 'Task' } });
  await replaceTrackerSecret(store.db, store.vault, { tenantId, name: 'crm', secret: after });
  expect((await open('crm')).settings.secret).toBe(after);
});

it('names the command that replaces a secret which is refused', async () => {
  const refusing = createServer((request, response) => {
    request.resume().on('end', () => response.writeHead(401).end('{}'));
  });
  await once(refusing.listen(0, '127.0.0.1'), 'listening');
  await webhook('locked', `http://127.0.0.1:${(refusing.address() as AddressInfo).port}`);
  const allowed = { ...deps, allowPrivateWebhooks: true };
  const { tracker } = await openTracker(allowed, { tenantId: store.tenantId, name: 'locked' });
  await expect(tracker.create(draft('tm-1'), HOW)).rejects.toMatchObject({
    kind: 'unauthorized',
    remedy: expect.stringContaining('temporal-miro trackers secret locked') as string,
  });
  expect(tracker.shown({ title: 'a', body: 'b' })).toMatchObject({ title: 'a' });
  refusing.close();
});

it.each([
  ['an address of this machine', 'loopback', 'http://127.0.0.1:9/tickets'],
  ['a name of this machine', 'localhost', 'http://localhost:9/tickets'],
  ['the metadata of a cloud', 'metadata', 'https://169.254.169.254/latest'],
  ['a private network in IPv6', 'private', 'https://[fd00::1]/tickets'],
])('sends nothing to %s, unless that is allowed', async (_what, name, url) => {
  const tracker = await webhook(name, url);
  await expect(tracker.create(draft('tm-1'), HOW)).rejects.toMatchObject({
    kind: 'forbidden',
    written: 'no',
    remedy: expect.stringContaining('TEMPORAL_MIRO_WEBHOOK_PRIVATE') as string,
  });
});

it('asks any address where all who add trackers are trusted', async () => {
  await webhook('trusted', 'http://127.0.0.1:9/tickets');
  const { tracker } = await openTracker(
    { ...deps, allowPrivateWebhooks: true },
    { tenantId: store.tenantId, name: 'trusted' },
  );
  await expect(tracker.create(draft('tm-1'), HOW)).rejects.toMatchObject({ kind: 'unavailable' });
});
