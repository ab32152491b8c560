/** Events from a job's own transactions to a backend, through the outbox, the relay, Temporal and real HTTP. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { EventType } from '../../contract.js';
import { ensureConnection } from '../../store/connections.js';
import { readEvents, recordEvent } from '../../store/events.js';
import { postOutbox } from '../../store/outbox.js';
import { listDeliveries, redeliver, type Delivery } from '../../store/webhook-deliveries.js';
import { addEndpoint, removeEndpoint } from '../../store/webhook-endpoints.js';
import { startRelay, type Relay } from '../../workers/relay.js';
import { ask, finished } from '../provision/boards.js';
import { until } from '../provision/until.js';
import { PUBLIC_URL, retro, startStack, type Stack } from '../stack.js';
import { startReceiver, verified, type Receiver } from './receiver.js';

let stack: Stack;
let relay: Relay;
let receiver: Receiver;
let endpoint: { endpointId: string; secret: string };
beforeAll(async () => {
  stack = await startStack({ plaintext: true }); // what a history holds is looked at
  relay = startRelay({ db: stack.db, client: stack.temporal, taskQueue: stack.taskQueue, log: () => undefined });
  await stack.work();
});
afterAll(async () => {
  await relay.stop();
  await stack.close();
});
beforeEach(async () => {
  receiver = await startReceiver();
  endpoint = await addEndpoint(stack.db, stack.vault, { tenantId: stack.tenantId, url: receiver.url });
});
afterEach(async () => {
  await removeEndpoint(stack.db, { tenantId: stack.tenantId, ...endpoint });
  await receiver.close();
});

const record = (type: EventType, data: object = {}) => recordEvent(stack.db, { tenantId: stack.tenantId, type, data });
const deliveries = () => listDeliveries(stack.db, { tenantId: stack.tenantId, ...endpoint, limit: 100 });
const delivered = () =>
  until(async (): Promise<Delivery | undefined> => (await deliveries()).find(({ state }) => state === 'delivered'));
const historyOf = async ({ eventId, endpointId }: Delivery): Promise<string> => {
  const handle = stack.temporal.workflow.getHandle(`webhook:${eventId}:${endpointId}`);
  await handle.result();
  const { events } = await handle.fetchHistory();
  return JSON.stringify(events, (_key, value: unknown) =>
    value instanceof Uint8Array ? Buffer.from(value).toString() : value,
  );
};

describe('a backend', () => {
  it('is told when its job is finished, in words that it can verify', async () => {
    const { handle, result } = await finished(stack, retro('told', { name: 'Told' }));
    await delivered();
    expect(verified(endpoint.secret, receiver.received[0]!)).toMatchObject({
      type: 'run.finished',
      tenant: 'default',
      data: {
        ...{ jobId: result.jobId, workflowId: handle.workflowId, kind: 'provisionBoard', connection: 'default' },
        ...{ ending: 'done', counts: result.counts },
      },
    });
  });

  it('is told when its job has failed, by its type and without its words', async () => {
    const request = { ...retro('failing'), template: { copyFrom: 'uXjVNoSuchBoard=' } };
    await ask(stack, request).catch(() => undefined);
    await delivered();
    const { type, data } = verified(endpoint.secret, receiver.received[0]!);
    expect({ type, data }).toMatchObject({ type: 'run.failed', data: { ending: 'failed', error: {} } });
    expect(Object.keys(data['error'] as object)).toEqual(['type']);
    expect(receiver.received[0]!.body).not.toContain('uXjVNoSuchBoard');
  });

  it('is told when its job waits for a relink, and where that is done', async () => {
    await stack.sim('faults', [{ match: { path: '/v2/boards/*/items/bulk' }, fault: 'slow', delayMs: 300 }], 'PUT');
    const { handle } = await ask(stack, retro('parking', { name: 'Parking' }));
    await stack.sim('act', { do: 'kill-token' });
    await until(() => Promise.resolve(receiver.received.length >= 2));
    const told = receiver.received.map((request) => verified(endpoint.secret, request));
    const types = told.map(({ type }) => type).sort();
    expect(types).toEqual(['connection.needs_relink', 'run.parked']);
    const dead = told.find(({ type }) => type === 'connection.needs_relink');
    expect(dead?.data['relinkUrl']).toMatch(new RegExp(`^${PUBLIC_URL}/relink/[\\w.-]+$`));
    const { accessToken } = (await stack.sim('act', { do: 'link-app' })) as { accessToken: string };
    await ensureConnection(stack.db, stack.vault, { tenantId: stack.tenantId, name: 'default', rest: { accessToken } });
    await stack.sim('faults', [], 'PUT');
    await handle.result();
    await until(() => Promise.resolve(receiver.received.some(({ body }) => body.includes('"run.finished"'))));
    const { events } = await until(async () => {
      const page = await readEvents(stack.db, { tenantId: stack.tenantId, limit: 1_000 });
      return page.events.some(({ data }) => data['workflowId'] === handle.workflowId && 'ending' in data) && page;
    });
    expect(events.map(({ id }) => id)).toEqual(expect.arrayContaining(receiver.received.map(({ id }) => id)));
  });
});

describe('a delivery', () => {
  it('comes again after refusals, and after an answer that was lost, under the same id', async () => {
    receiver.answer = (n) => (n === 1 ? 500 : n === 2 ? 'drop' : 200);
    await record('run.finished');
    const { eventId, tries } = await delivered();
    expect(tries).toBe(3);
    expect(receiver.received.map(({ id }) => id)).toEqual([eventId, eventId, eventId]);
    for (const request of receiver.received) expect(verified(endpoint.secret, request)).toBeDefined();
  });

  it('is started once, also when a relay died after the start and before it could say so', async () => {
    await record('run.finished');
    const { eventId, endpointId } = await delivered();
    await postOutbox(stack.db, { tenantId: stack.tenantId, kind: 'webhook', payload: { eventId, endpointId } });
    await until(async () => (await stack.db.query('select from miro.outbox')).length === 0);
    await record('run.failed');
    await until(async () => (await deliveries()).filter(({ state }) => state === 'delivered').length === 2);
    expect(receiver.received).toHaveLength(2);
    expect(new Set(receiver.received.map(({ id }) => id)).size).toBe(2);
  });

  it('is made anew when an operator asks for it', async () => {
    await record('run.finished');
    const { eventId, endpointId } = await delivered();
    expect(await redeliver(stack.db, { tenantId: stack.tenantId, eventId, endpointId })).toBe(true);
    await until(() => Promise.resolve(receiver.received.length === 2));
    expect(receiver.received.map(({ id }) => id)).toEqual([eventId, eventId]);
  });

  it('leaves ids in its history: neither the secret, nor where it went, nor what it said', async () => {
    receiver.answer = (n) => (n === 1 ? { status: 500, headers: { 'x-reason': 'what-it-said' } } : 200);
    await record('run.finished', { reason: 'what-happened' });
    const delivery = await delivered();
    const history = await historyOf(delivery);
    expect(history).toContain(delivery.eventId);
    for (const hidden of [endpoint.secret.slice('whsec_'.length), receiver.url, 'what-it-said', 'what-happened'])
      expect(history).not.toContain(hidden);
  });

  it('stays away for as long as the endpoint asks, longer than Temporal would by itself', async () => {
    receiver.answer = () => ({ status: 429, headers: { 'retry-after': '7200' } });
    await record('run.finished');
    const { eventId, endpointId } = await until(async () => (await deliveries())[0]);
    const handle = stack.temporal.workflow.getHandle(`webhook:${eventId}:${endpointId}`);
    const waiting = await until(async () => {
      const [step] = (await handle.describe()).raw.pendingActivities ?? [];
      return step?.lastFailure ? step : undefined;
    });
    const aheadS = Number(waiting.scheduledTime?.seconds) - Number(waiting.lastAttemptCompleteTime?.seconds);
    expect(aheadS).toBeGreaterThanOrEqual(7_199);
    expect(aheadS).toBeLessThanOrEqual(7_200 * 1.1 + 1);
    await handle.terminate();
  });

  it('does not wait for an endpoint that hangs', async () => {
    const slow = await startReceiver();
    slow.answer = () => 'hang';
    const { tenantId } = stack;
    const hanging = await addEndpoint(stack.db, stack.vault, {
      tenantId,
      url: slow.url,
      types: ['connection.revoked'],
    });
    for (let n = 0; n < 30; n += 1) await record('connection.revoked');
    await record('run.finished');
    await until(() => Promise.resolve(receiver.received.some(({ body }) => body.includes('"run.finished"'))));
    await removeEndpoint(stack.db, { tenantId, ...hanging });
    await slow.close();
  });
});
