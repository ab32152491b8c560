/** docs/webhooks.md against what is really recorded, and its receiver against what is really sent. */
import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { MockActivityEnvironment } from '@temporalio/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createWebhookActivities } from '../../activities/webhooks.js';
import { timings } from '../../activities/index.js';
import { EVENT_TYPES, type EventType } from '../../contract.js';
import { idKey, relinkUrl, type DeadSecret } from '../../ids.js';
import { ensureConnection } from '../../store/connections.js';
import { readEvents, recordEvent, type MiroEvent } from '../../store/events.js';
import { markNeedsRelink, recordGrantFacts } from '../../store/grants.js';
import { closeJob } from '../../store/jobs.js';
import { takeOutbox } from '../../store/outbox.js';
import { park } from '../../store/parked.js';
import { beginRevoke } from '../../store/revoke.js';
import { redeliver, type DeliveryKey } from '../../store/webhook-deliveries.js';
import { addEndpoint } from '../../store/webhook-endpoints.js';
import { spawnNode } from '../harness.js';
import { until } from '../provision/until.js';
import { createTestStore, openNewJob, type TestStore } from '../store/database.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const key = idKey(randomBytes(32));
const publicUrl = 'https://miro-jobs.example.com';
const options = { connectionId: 'default' };

let store: TestStore;
let page: string;
beforeAll(async () => {
  [store, page] = await Promise.all([createTestStore(), readFile(join(root, 'docs/webhooks.md'), 'utf8')]);
});
afterAll(() => store.close());

const samples = (): MiroEvent[] =>
  [...page.matchAll(/^```json\n([\s\S]*?)^```$/gm)].map(([, text]) => JSON.parse(text ?? '') as MiroEvent);

/** The form of a value: names and types, not contents. */
function formOf(value: unknown): unknown {
  if (Array.isArray(value)) return [...new Set(value.map(formOf))];
  if (typeof value !== 'object' || value === null) return typeof value;
  const entries = Object.entries(value).map(([name, part]): [string, unknown] => [name, formOf(part)]);
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** One of each type, as the product records them. */
async function happenings(): Promise<void> {
  const { db, vault, tenantId } = store;
  const facts = { userId: '1', teamId: '2', scopes: ['boards:read', 'boards:write'] };
  const named = { tenantId, name: 'default' };
  const { rest } = await ensureConnection(db, vault, { ...named, rest: { accessToken: 'a', facts } });
  const { grantId, generation } = rest!;
  await recordGrantFacts(db, { grantId, generation, ...facts, scopes: ['boards:read'] });
  await markNeedsRelink(db, { grantId, generation, reason: 'Miro refused the refresh token' });
  const counts = { made: 1, existing: 0, changed: 0, skipped: 0, refused: 0, failed: 0 };
  const [done, failed] = [await openNewJob(store, { options }), await openNewJob(store, { options })];
  await park(db, { connectionName: 'default', grantId, generation, ...done });
  await closeJob(db, { ...done, ending: 'done', result: {}, counts });
  await closeJob(db, { ...failed, ending: 'failed', result: {}, counts, errorType: 'Template.notFound' });
  await ensureConnection(db, vault, { ...named, rest: { accessToken: 'b', facts } });
  await beginRevoke(db, vault, named);
}

it('README example of each event has the form of what is recorded', async () => {
  await happenings();
  const { tenantId, db } = store;
  const url = (dead: DeadSecret) => relinkUrl(key, publicUrl, dead);
  const events = await until(async () => {
    const read = await readEvents(db, { tenantId, limit: 100, relinkUrl: url });
    return new Set(read.events.map(({ type }) => type)).size === EVENT_TYPES.length && read.events;
  });
  const first = (type: EventType) => events.find((event) => event.type === type);
  expect(samples().map(({ type }) => type)).toEqual(EVENT_TYPES);
  for (const sample of samples()) expect(formOf(sample)).toEqual(formOf(first(sample.type)));
});

it('README example receiver.js takes what we sign, once, and refuses the rest', async () => {
  const { db, vault, tenantId } = store;
  const [, code] = /^```js file=receiver\.js\n([\s\S]*?)^```$/m.exec(page) ?? [];
  const folder = await mkdtemp(join(root, 'test/webhooks/example-'));
  const { endpointId, secret } = await addEndpoint(db, vault, { tenantId, url: 'http://localhost/' });
  await writeFile(join(folder, 'receiver.js'), code ?? '');
  const receiver = await spawnNode(join(folder, 'receiver.js'), [], { WEBHOOK_SECRET: secret, PORT: '0' });
  try {
    const [, port] = /listening (\d+)/.exec(await receiver.waitFor(/^listening/)) ?? [];
    const url = `http://localhost:${port}/`;
    await db.query('update miro.webhook_endpoints set url = $2 where id = $1', [endpointId, url]);
    await recordEvent(db, { tenantId, type: 'run.finished', data: { jobId: '1' } });
    const taken = await takeOutbox(db, { kind: 'webhook', limit: 100, leaseMs: 1_000 });
    const delivery = taken.map(({ payload }) => payload).find((payload) => payload.endpointId === endpointId)!;
    expect(await send(delivery)).toEqual({ state: 'delivered' });
    await redeliver(db, { tenantId, ...delivery });
    expect(await send(delivery)).toEqual({ state: 'delivered' });
    expect((await fetch(url, { method: 'POST', body: '{}' })).status).toBe(400);
    expect(receiver.lines().slice(1)).toEqual(['run.finished {"jobId":"1"}']);
  } finally {
    await receiver.kill('SIGKILL');
    await rm(folder, { recursive: true });
  }
});

function send(delivery: DeliveryKey) {
  const { db, vault } = store;
  const worker = createWebhookActivities({ db, vault, idKey: key, timings: timings(), allowPrivateWebhooks: true });
  return new MockActivityEnvironment().run((given: DeliveryKey) => worker.sendWebhook(given), delivery);
}
