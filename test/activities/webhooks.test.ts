import { randomBytes } from 'node:crypto';
import { ApplicationFailure } from '@temporalio/common';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { isPublicAddress } from '../../public-address.js';
import { createWebhookActivities, type Delivered } from '../../activities/webhooks.js';
import type { EventType } from '../../contract.js';
import { idKey, readRelinkToken } from '../../ids.js';
import { recordEvent } from '../../store/events.js';
import { takeOutbox } from '../../store/outbox.js';
import { ensureTenant } from '../../store/tenants.js';
import { listDeliveries, redeliver, type DeliveryKey } from '../../store/webhook-deliveries.js';
import {
  addEndpoint,
  disableEndpoint,
  enableEndpoint,
  listEndpoints,
  removeEndpoint,
  rotateEndpointSecret,
} from '../../store/webhook-endpoints.js';
import { until } from '../provision/until.js';
import { createTestStore, type TestStore } from '../store/database.js';
import { startReceiver, verified, type Receiver } from '../webhooks/receiver.js';
import { failureOf, TIMES } from './stage.js';

let store: TestStore;
let receiver: Receiver;
let tenantId: string;
let endpoint: { endpointId: string; secret: string };
beforeAll(async () => {
  store = await createTestStore();
});
afterAll(() => store.close());
beforeEach(async () => {
  receiver = await startReceiver();
  ({ tenantId } = await ensureTenant(store.db, `t-${randomBytes(6).toString('hex')}`));
  endpoint = await add(receiver.url);
});
afterEach(() => receiver.close());

const key = idKey(randomBytes(32));
const timings = { ...TIMES, webhook: { httpMs: 10_000, retryMs: [10, 20, 30] } };
const settings = { publicUrl: 'https://miro-jobs.example.com', allowPrivateWebhooks: true };
const workerOf = (own: Partial<Parameters<typeof createWebhookActivities>[0]> = {}) =>
  createWebhookActivities({ db: store.db, vault: store.vault, idKey: key, timings, ...settings, ...own });
const add = (url: string) => addEndpoint(store.db, store.vault, { tenantId, url });

async function newEvent(type: EventType = 'run.finished', data: object = { n: 1 }): Promise<DeliveryKey> {
  await recordEvent(store.db, { tenantId, type, data });
  const taken = await takeOutbox(store.db, { kind: 'webhook', limit: 1_000, leaseMs: 60_000 });
  return taken.find(({ payload }) => payload.endpointId === endpoint.endpointId)!.payload;
}

/** One attempt, as a worker makes it. */
const attempt = (delivery: DeliveryKey, worker = workerOf(), number = 1): Promise<Delivered> =>
  new MockActivityEnvironment({ attempt: number }, { logger: new DefaultLogger('ERROR') }).run(
    (given: DeliveryKey) => worker.sendWebhook(given),
    delivery,
  );

/** Attempts as Temporal makes them. */
async function untilOver(delivery: DeliveryKey, worker = workerOf()): Promise<Delivered> {
  for (;;) {
    const over = await attempt(delivery, worker).catch((error: unknown) => {
      if (error instanceof ApplicationFailure && !error.nonRetryable) return undefined;
      throw error;
    });
    if (over) return over;
  }
}

const recorded = async () => (await listDeliveries(store.db, { tenantId, limit: 10 }))[0];
const endpointNow = async () => (await listEndpoints(store.db, { tenantId }))[0];

describe('a webhook', () => {
  it('is signed as Standard Webhooks has it, and carries the event', async () => {
    const delivery = await newEvent();
    expect(await attempt(delivery)).toEqual({ state: 'delivered' });
    const [request] = receiver.received;
    expect(request?.headers).toMatchObject({ 'content-type': 'application/json', 'webhook-id': delivery.eventId });
    expect(verified(endpoint.secret, request!)).toMatchObject({
      id: delivery.eventId,
      type: 'run.finished',
      data: { n: 1 },
    });
    expect(() => verified(endpoint.secret, { ...request!, body: request!.body.replace('1', '2') })).toThrow();
    const { secret: another } = await add(receiver.url);
    expect(() => verified(another, request!)).toThrow();
    expect(await recorded()).toMatchObject({ state: 'delivered', tries: 1, lastStatus: 204 });
  });

  it('is signed with both secrets while the old one is replaced', async () => {
    const rotated = await rotateEndpointSecret(store.db, store.vault, { tenantId, ...endpoint });
    await attempt(await newEvent());
    for (const secret of [endpoint.secret, rotated!.secret])
      expect(verified(secret, receiver.received[0]!)).toBeDefined();
  });

  it('that tells of a dead grant says where it is linked anew', async () => {
    const [connectionId, grantId] = ['c0ffee00-0000-7000-8000-000000000001', 'c0ffee00-0000-7000-8000-000000000002'];
    const dead = { connectionId, grantId, generation: 4 };
    await attempt(await newEvent('connection.needs_relink', { ...dead, kind: 'rest' }));
    const { data } = verified(endpoint.secret, receiver.received[0]!);
    const [base, token] = String(data['relinkUrl']).split('/relink/');
    expect(base).toBe('https://miro-jobs.example.com');
    expect(readRelinkToken(key, token ?? '')).toEqual(dead);
  });
});

describe('sent more than once', () => {
  it('is not sent again once it is delivered', async () => {
    const delivery = await newEvent();
    await attempt(delivery);
    expect(await attempt(delivery)).toEqual({ state: 'delivered' });
    expect(receiver.received).toHaveLength(1);
  });

  it('has one id when two attempts send at once', async () => {
    const delivery = await newEvent();
    await Promise.all([attempt(delivery), attempt(delivery, workerOf())]);
    expect(new Set(receiver.received.map(({ id }) => id))).toEqual(new Set([delivery.eventId]));
    expect(await recorded()).toMatchObject({ state: 'delivered' });
  });

  it('comes again under the same id after an answer was lost', async () => {
    receiver.answer = (n) => (n === 1 ? 'drop' : 200);
    const delivery = await newEvent();
    expect((await failureOf(attempt(delivery))).type).toBe('Webhook.failed');
    expect(await recorded()).toMatchObject({
      state: 'pending',
      tries: 1,
      lastError: 'it could not be reached (UND_ERR_SOCKET)',
    });
    expect(await attempt(delivery)).toEqual({ state: 'delivered' });
    expect(receiver.received.map(({ id }) => id)).toEqual([delivery.eventId, delivery.eventId]);
  });

  it('comes again after a worker was killed between write and answer, which undoes nothing when it comes to', async () => {
    receiver.answer = (n) => (n === 1 ? 'hang' : 204);
    const delivery = await newEvent();
    const stalled = failureOf(
      attempt(delivery, workerOf({ timings: { ...timings, webhook: { httpMs: 700, retryMs: [10] } } })),
    );
    await until(() => Promise.resolve(receiver.received.length === 1));
    expect(await attempt(delivery)).toEqual({ state: 'delivered' });
    expect((await stalled).message).toContain('no answer within 700 ms');
    expect(await recorded()).toMatchObject({ state: 'delivered', lastStatus: 204 });
    expect(await attempt(delivery)).toEqual({ state: 'delivered' });
    expect(receiver.received.map(({ id }) => id)).toEqual([delivery.eventId, delivery.eventId]);
  });
});

describe('an endpoint that does not take it', () => {
  it('is asked again by the schedule, and given up at its end', async () => {
    receiver.answer = () => 500;
    const delivery = await newEvent();
    for (const [n, delayMs] of timings.webhook.retryMs.entries()) {
      const failure = await failureOf(attempt(delivery));
      expect(failure).toMatchObject({ type: 'Webhook.failed', nonRetryable: false });
      expect(failure.message).toBe(
        `try ${n + 1} of event ${delivery.eventId} at endpoint ${delivery.endpointId} failed: it answered 500`,
      );
      expect(Number(failure.nextRetryDelay)).toBeGreaterThanOrEqual(delayMs);
      expect(Number(failure.nextRetryDelay)).toBeLessThanOrEqual(delayMs * 1.2);
    }
    expect(await attempt(delivery)).toEqual({ state: 'given_up' });
    expect(await recorded()).toMatchObject({
      state: 'given_up',
      tries: 4,
      lastStatus: 500,
      lastError: 'it answered 500',
    });
    expect((await endpointNow())?.disabledReason).toMatch(/^it took nothing since .*Z; last: it answered 500$/);
  });

  it('stays enabled when it took something else meanwhile', async () => {
    const delivery = await newEvent();
    await attempt(await newEvent());
    receiver.answer = () => 500;
    expect(await untilOver(delivery)).toEqual({ state: 'given_up' });
    expect((await endpointNow())?.disabledAt).toBeUndefined();
  });

  it.each([
    [429, '120', 120_000],
    [503, new Date(Date.now() + 3_600_000).toUTCString(), 3_500_000],
    [503, '999999999', 86_400_000],
  ])('that answers %i with Retry-After %s is not asked sooner', async (status, retryAfter, atLeastMs) => {
    receiver.answer = () => ({ status, headers: { 'retry-after': retryAfter } });
    const failure = await failureOf(attempt(await newEvent()));
    expect(Number(failure.nextRetryDelay)).toBeGreaterThanOrEqual(atLeastMs);
    expect(Number(failure.nextRetryDelay)).toBeLessThanOrEqual(86_400_000 * 1.1 + 1);
  });

  it.each(['0', '-5', 'soon', 'Thu, 01 Jan 1970 00:00:00 GMT'])(
    'is not asked earlier for Retry-After: %s',
    async (header) => {
      receiver.answer = () => ({ status: 503, headers: { 'retry-after': header } });
      expect(Number((await failureOf(attempt(await newEvent()))).nextRetryDelay)).toBeGreaterThanOrEqual(10);
    },
  );

  it('that answers 410 gets nothing any more, until it is enabled', async () => {
    receiver.answer = () => 410;
    const [one, two] = [await newEvent(), await newEvent()];
    expect(await attempt(one)).toEqual({ state: 'given_up' });
    expect((await endpointNow())?.disabledReason).toBe('it answered 410: gone');
    expect(await attempt(two)).toEqual({ state: 'given_up' });
    expect(receiver.received).toHaveLength(1);
    await enableEndpoint(store.db, { tenantId, ...endpoint });
    receiver.answer = () => 200;
    await redeliver(store.db, { tenantId, ...two });
    expect(await attempt(two)).toEqual({ state: 'delivered' });
  });

  it('that is removed, or whose event is forgotten, ends its deliveries', async () => {
    const [one, two] = [await newEvent(), await newEvent()];
    await store.db.query('delete from miro.events where id = $1', [one.eventId]);
    expect(await attempt(one)).toEqual({ state: 'dropped' });
    await removeEndpoint(store.db, { tenantId, ...endpoint });
    expect(await attempt(two)).toEqual({ state: 'dropped' });
    expect(receiver.received).toEqual([]);
  });

  it('says nothing that is kept: no body, no header', async () => {
    receiver.answer = () => ({
      status: 400,
      headers: { 'x-private': 'inner-secret', location: 'https://inner-secret/' },
    });
    const failure = await failureOf(attempt(await newEvent()));
    expect(JSON.stringify([failure, failure.message, await recorded()])).not.toContain('inner-secret');
    expect(JSON.stringify([failure, failure.message])).not.toContain(endpoint.secret.slice(6));
  });

  it('that is disabled gets nothing', async () => {
    const delivery = await newEvent();
    await disableEndpoint(store.db, { tenantId, ...endpoint, reason: 'x' });
    expect(await attempt(delivery)).toEqual({ state: 'given_up' });
    expect(receiver.received).toEqual([]);
  });
});

describe('where it may go', () => {
  const guarded = () => workerOf({ allowPrivateWebhooks: false });

  it('does not follow a redirect', async () => {
    const inner = await startReceiver();
    receiver.answer = () => ({ status: 302, headers: { location: inner.url } });
    const failure = await failureOf(attempt(await newEvent()));
    expect(failure.message).toContain('it answered 302; redirects are not followed');
    expect(inner.received).toEqual([]);
    await inner.close();
  });

  it.each([
    ['a name', (port: string) => `http://localhost:${port}/`],
    ['an address', (port: string) => `http://127.0.0.1:${port}/`],
    ['an address in IPv6', (port: string) => `https://[::ffff:127.0.0.1]:${port}/`],
    ['an address as one number', (port: string) => `https://2130706433:${port}/`],
    ['an address in octal', (port: string) => `https://0177.0.0.01:${port}/`],
    ['metadata', () => 'https://169.254.169.254/latest/meta-data/'],
    ['a private network', () => 'https://10.0.0.1/'],
  ])('sends nothing inside, given as %s', async (_, urlOf) => {
    await removeEndpoint(store.db, { tenantId, ...endpoint });
    endpoint = await add(urlOf(new URL(receiver.url).port));
    const failure = await failureOf(attempt(await newEvent(), guarded()));
    expect(failure.message).toContain('private or reserved network');
    expect(receiver.received).toEqual([]);
  });

  it.each([
    ...['0.0.0.0', '10.1.2.3', '100.100.100.200', '127.0.0.2', '169.254.169.254', '172.31.255.255', '192.168.1.1'],
    ...['168.63.129.16', '192.0.0.192', '198.19.0.1', '224.0.0.1', '255.255.255.255'],
    ...[
      '::',
      '::1',
      '::ffff:10.0.0.1',
      '::ffff:a9fe:a9fe',
      '::127.0.0.1',
      '64:ff9b::a9fe:a9fe',
      '::ffff:0:a9fe:a9fe',
      'fd00:ec2::254',
      'fe80::1',
    ],
    ...['fec0::1', 'ff02::1', '2002:7f00:1::', '2001::1', '2001:db8::1'],
  ])('knows %s as no public address', (address) => {
    expect(isPublicAddress(address)).toBe(false);
  });

  it.each([
    '1.1.1.1',
    '8.8.8.8',
    '172.32.0.1',
    '100.128.0.1',
    '2606:4700:4700::1111',
    '2a00:1450:4001:80b::200e',
    '::ffff:8.8.8.8',
  ])('knows %s as a public address', (address) => {
    expect(isPublicAddress(address)).toBe(true);
  });
});

describe('an endpoint that hangs', () => {
  it('holds only some of the places of a worker: others are served, and its own deliveries stay away longer and longer', async () => {
    receiver.answer = () => 'hang';
    const worker = workerOf();
    const hanging: DeliveryKey[] = [];
    for (let n = 0; n < 6; n += 1) hanging.push(await newEvent());
    const runs = hanging.slice(0, 5).map((delivery) => attempt(delivery, worker).catch((error: unknown) => error));
    await until(() => Promise.resolve(receiver.received.length === 5));
    const delays: number[] = [];
    for (const number of [1, 2, 20]) {
      const failure = await failureOf(attempt(hanging[5]!, worker, number));
      expect(failure.type).toBe('Webhook.busy');
      delays.push(Number(failure.nextRetryDelay));
    }
    expect(delays[0]).toBeLessThan(delays[1]!);
    expect(delays[2]).toBeLessThanOrEqual(330_001);
    const other = await startReceiver();
    endpoint = await add(other.url);
    expect(await attempt(await newEvent(), worker)).toEqual({ state: 'delivered' });
    await other.close();
    await receiver.close();
    await Promise.all(runs);
    receiver = await startReceiver();
    expect((await recorded())?.tries).toBe(1);
  });
});
