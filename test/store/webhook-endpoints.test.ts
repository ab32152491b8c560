import { randomUUID } from 'node:crypto';
import { Webhook } from 'standardwebhooks';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { EventType } from '../../contract.js';
import { recordEvent } from '../../store/events.js';
import { takeOutbox } from '../../store/outbox.js';
import { ensureTenant } from '../../store/tenants.js';
import { beginTry, endTry, findDelivery, listDeliveries, redeliver } from '../../store/webhook-deliveries.js';
import {
  addEndpoint,
  disableEndpoint,
  enableEndpoint,
  EndpointRefused,
  listEndpoints,
  removeEndpoint,
  rotateEndpointSecret,
  signingSecrets,
} from '../../store/webhook-endpoints.js';
import { createTestStore, type TestStore } from './database.js';

const url = 'https://backend.example.com/miro-events';

let store: TestStore;
let tenantId: string;
beforeAll(async () => {
  store = await createTestStore();
});
afterAll(() => store.close());
beforeEach(async () => {
  ({ tenantId } = await ensureTenant(store.db, `t-${randomUUID()}`));
});

const add = (types?: EventType[]) => addEndpoint(store.db, store.vault, { tenantId, url, types });
/** What an event leaves for the relay. */
async function messagesOf(type: EventType) {
  await recordEvent(store.db, { tenantId, type, data: {} });
  const taken = await takeOutbox(store.db, { kind: 'webhook', limit: 1_000, leaseMs: 60_000 });
  return taken.filter((row) => row.tenantId === tenantId).map(({ payload }) => payload);
}

describe('adding an endpoint', () => {
  it('shows the secret once, and stores it sealed', async () => {
    const { endpointId, secret } = await add(['run.finished']);
    expect(secret).toMatch(/^whsec_[A-Za-z0-9+/]{32}$/);
    expect(() => new Webhook(secret)).not.toThrow();
    const [listed] = await listEndpoints(store.db, { tenantId });
    expect(listed).toEqual({ endpointId, url, types: ['run.finished'], createdAt: expect.any(Date) as Date });
    const rows = await store.db.query('select * from miro.webhook_endpoints');
    expect(JSON.stringify(rows)).not.toContain(secret.slice('whsec_'.length));
    expect(await signingSecrets(store.db, store.vault, { tenantId, endpointId })).toEqual([secret]);
  });

  it.each([
    'https://backend.example.com:8443/a?b=c',
    'http://localhost:3000/hooks',
    'http://127.0.0.1/',
    'http://[::1]:1/',
  ])('takes %s', async (good) => {
    await addEndpoint(store.db, store.vault, { tenantId, url: good });
    expect((await listEndpoints(store.db, { tenantId }))[0]?.url).toBe(good);
  });

  it.each([
    ['http://backend.example.com/', 'must begin with https://'],
    ['http://127.0.0.1.example.com/', 'must begin with https://'],
    ['http://localhost.example.com/', 'must begin with https://'],
    ['ftp://backend.example.com/', 'must begin with https://'],
    ['javascript:alert(1)', 'must begin with https://'],
    ['file:///etc/passwd', 'must begin with https://'],
    ['https://user:password@backend.example.com/', 'user name or password'],
    ['https://token@backend.example.com/', 'user name or password'],
    ['backend.example.com', 'is no address'],
    ['', 'is no address'],
    [`https://backend.example.com/${'a'.repeat(2_048)}`, 'is no address'],
  ])('refuses %.60s', async (bad, why) => {
    const refused = await addEndpoint(store.db, store.vault, { tenantId, url: bad }).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(EndpointRefused);
    expect((refused as Error).message).toContain(why);
    expect((refused as Error).message).not.toContain('password@');
  });

  it('refuses an empty list of types, which would get nothing', async () => {
    await expect(add([])).rejects.toThrow('types is empty');
  });
});

describe('an event', () => {
  it('leaves a message for each endpoint of its tenant that wants it', async () => {
    const { tenantId: other } = await ensureTenant(store.db, `t-${randomUUID()}`);
    await addEndpoint(store.db, store.vault, { tenantId: other, url });
    const all = await add();
    const some = await add(['run.failed', 'run.finished']);
    await add(['run.parked']);
    const messages = await messagesOf('run.finished');
    expect(messages.map(({ endpointId }) => endpointId).sort()).toEqual([all.endpointId, some.endpointId].sort());
    expect(new Set(messages.map(({ eventId }) => eventId)).size).toBe(1);
  });

  it('leaves none when its transaction is rolled back', async () => {
    await add();
    const undone = store.db.tx(async (tx) => {
      await recordEvent(tx, { tenantId, type: 'run.finished', data: {} });
      throw new Error('undone');
    });
    await expect(undone).rejects.toThrow('undone');
    expect(await messagesOf('run.finished')).toHaveLength(1);
  });

  it('leaves none for an endpoint that is disabled or removed', async () => {
    const [one, two] = [await add(), await add()];
    await disableEndpoint(store.db, { tenantId, endpointId: one.endpointId, reason: 'it answered 410: gone' });
    expect(await removeEndpoint(store.db, { tenantId, endpointId: two.endpointId })).toBe(true);
    expect(await messagesOf('run.finished')).toEqual([]);
    expect(await listEndpoints(store.db, { tenantId })).toMatchObject([
      { endpointId: one.endpointId, disabledAt: expect.any(Date) as Date, disabledReason: 'it answered 410: gone' },
    ]);
    expect(await enableEndpoint(store.db, { tenantId, endpointId: one.endpointId })).toBe(true);
    expect(await messagesOf('run.finished')).toHaveLength(1);
  });
});

describe('a new secret', () => {
  it('signs beside the one before for a day, then alone', async () => {
    const { endpointId, secret: old } = await add();
    const rotated = await rotateEndpointSecret(store.db, store.vault, { tenantId, endpointId });
    expect(rotated?.secret).not.toBe(old);
    expect(await signingSecrets(store.db, store.vault, { tenantId, endpointId })).toEqual([rotated?.secret, old]);
    await store.db.query(`update miro.webhook_endpoints set old_secret_until = now() where id = $1`, [endpointId]);
    expect(await signingSecrets(store.db, store.vault, { tenantId, endpointId })).toEqual([rotated?.secret]);
  });
});

it("never reaches another tenant's endpoint", async () => {
  const { endpointId } = await add();
  const [{ eventId } = { eventId: '' }] = await messagesOf('run.finished');
  const { tenantId: other } = await ensureTenant(store.db, `t-${randomUUID()}`);
  const theirs = { tenantId: other, endpointId };
  expect(await removeEndpoint(store.db, theirs)).toBe(false);
  expect(await enableEndpoint(store.db, theirs)).toBe(false);
  expect(await rotateEndpointSecret(store.db, store.vault, theirs)).toBeUndefined();
  expect(await redeliver(store.db, { ...theirs, eventId })).toBe(false);
  expect(await signingSecrets(store.db, store.vault, theirs)).toEqual([]);
  expect(await listEndpoints(store.db, { tenantId: other })).toEqual([]);
  expect(await listDeliveries(store.db, { tenantId: other, limit: 10 })).toEqual([]);
  expect(await listEndpoints(store.db, { tenantId })).toHaveLength(1);
});

describe('deliveries', () => {
  async function newDelivery() {
    const { endpointId } = await add();
    const [message] = await messagesOf('run.finished');
    return { eventId: message!.eventId, endpointId };
  }

  it('count their tries, and stay delivered whatever a later answer says', async () => {
    const key = await newDelivery();
    expect(await findDelivery(store.db, key)).toEqual({ tenantId, url, state: 'pending', disabled: false });
    expect(await beginTry(store.db, key)).toBe(1);
    await endTry(store.db, { ...key, state: 'pending', status: 500, error: 'it answered 500' });
    expect(await beginTry(store.db, key)).toBe(2);
    await endTry(store.db, { ...key, state: 'given_up', status: 500 });
    await endTry(store.db, { ...key, state: 'pending', status: 500, error: 'late' });
    expect(await findDelivery(store.db, key)).toMatchObject({ state: 'given_up' });
    await endTry(store.db, { ...key, state: 'delivered', status: 204 });
    await endTry(store.db, { ...key, state: 'given_up', status: 500, error: 'late' });
    expect(await listDeliveries(store.db, { tenantId, state: 'delivered', limit: 10 })).toEqual([
      {
        ...key,
        state: 'delivered',
        tries: 2,
        lastStatus: 204,
        type: 'run.finished',
        updatedAt: expect.any(Date) as Date,
      },
    ]);
  });

  it('of an endpoint or event that is gone are not found', async () => {
    const key = await newDelivery();
    expect(await findDelivery(store.db, { ...key, eventId: randomUUID() })).toBeUndefined();
    await removeEndpoint(store.db, { tenantId, ...key });
    expect(await findDelivery(store.db, key)).toBeUndefined();
    expect(await beginTry(store.db, key)).toBe(0);
  });

  it('begin anew when they are asked for, each time under another name', async () => {
    const key = await newDelivery();
    await beginTry(store.db, key);
    await endTry(store.db, { ...key, state: 'given_up', status: 500 });
    expect(await redeliver(store.db, { tenantId, ...key })).toBe(true);
    expect(await redeliver(store.db, { tenantId, ...key })).toBe(true);
    expect(await findDelivery(store.db, key)).toMatchObject({ state: 'pending' });
    const again = (await takeOutbox(store.db, { kind: 'webhook', limit: 1_000, leaseMs: 60_000 })).filter(
      (row) => row.tenantId === tenantId,
    );
    expect(again.map(({ payload }) => payload)).toMatchObject([key, key]);
    expect(new Set(again.map(({ payload }) => payload.again)).size).toBe(2);
    await disableEndpoint(store.db, { tenantId, ...key, reason: 'x' });
    expect(await redeliver(store.db, { tenantId, ...key })).toBe(false);
    expect(await redeliver(store.db, { tenantId, ...key, eventId: randomUUID() })).toBe(false);
  });
});

it('lets a message that wakes a run pass, however many webhooks stand before it', async () => {
  await add();
  for (let n = 0; n < 60; n += 1) await recordEvent(store.db, { tenantId, type: 'run.finished', data: {} });
  await store.db.query(
    `insert into miro.outbox (tenant_id, id, kind, payload) values ($1, $2, 'relinked', '{"workflowId":"w"}')`,
    [tenantId, randomUUID()],
  );
  const [first] = await takeOutbox(store.db, { kind: 'relinked', limit: 1, leaseMs: 1_000 });
  expect(first?.payload).toEqual({ workflowId: 'w' });
});
