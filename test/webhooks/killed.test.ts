/** A worker that dies while an endpoint has its webhook: the next one sends it again. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { recordEvent } from '../../store/events.js';
import { listDeliveries } from '../../store/webhook-deliveries.js';
import { addEndpoint } from '../../store/webhook-endpoints.js';
import { until } from '../provision/until.js';
import { startStack, type Stack } from '../stack.js';
import { startReceiver, verified, type Receiver } from './receiver.js';

let stack: Stack;
let receiver: Receiver;
beforeAll(async () => {
  stack = await startStack({ timeScale: 1 }); // the endpoint has all its time: what ends the try is the kill
  receiver = await startReceiver();
});
afterAll(async () => {
  await stack.close();
  await receiver.close();
});

it('is delivered by the next worker under the same id', { timeout: 120_000 }, async () => {
  const { db, vault, tenantId } = stack;
  const { secret } = await addEndpoint(db, vault, { tenantId, url: receiver.url });
  receiver.answer = (n) => (n === 1 ? 'hang' : 204);
  const first = await stack.spawnWorker();
  await recordEvent(db, { tenantId, type: 'run.finished', data: {} });
  await until(() => Promise.resolve(receiver.received.length === 1));
  await first.kill('SIGKILL');
  await stack.spawnWorker();
  const state = async () => (await listDeliveries(db, { tenantId, limit: 1 }))[0]?.state;
  await until(async () => (await state()) === 'delivered', 60_000);
  const [before, after] = receiver.received;
  expect(receiver.received).toHaveLength(2);
  expect(after!.id).toBe(before!.id);
  expect(verified(secret, after!)).toEqual(verified(secret, before!));
});
