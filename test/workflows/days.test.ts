/** Days of waiting, on the server whose clock jumps ahead. */
import { TestWorkflowEnvironment } from '@temporalio/testing';
import type { WorkflowHandle } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { DeadGrant } from '../../activities/index.js';
import { createParkingActivities } from '../../activities/parking.js';
import { SEARCH_ATTRIBUTES, type ProvisionBoardResult } from '../../contract.js';
import { linkAccount, type Accepted } from '../../store/connections.js';
import { markNeedsRelink } from '../../store/grants.js';
import { takeOutbox } from '../../store/outbox.js';
import { startRelay } from '../../workers/relay.js';
import { until } from '../provision/until.js';
import { createTestStore, type TestStore } from '../store/database.js';
import { timeSkippingServer, type TimeSkippingServer } from '../time-skipping.js';
import { mockedWorker } from './mocked.js';

let server: TimeSkippingServer | { unavailable: string };
let env: TestWorkflowEnvironment;
beforeAll(async () => {
  server = await timeSkippingServer();
  if ('unavailable' in server) return;
  env = await TestWorkflowEnvironment.createFromExistingServer({ address: server.address });
  await env.connection.operatorService.addSearchAttributes({
    namespace: 'default',
    searchAttributes: Object.fromEntries(Object.keys(SEARCH_ATTRIBUTES).map((name) => [name, 2])),
  });
}, 180_000);
afterAll(async () => {
  if ('unavailable' in server) return;
  await env.teardown();
  await server.stop();
});

const DAY = 86_400_000;
const dead = { grantId: 'g', generation: 1, tenantId: 't', connection: 'default', reason: 'revoked' };
const needsRelink = () =>
  Promise.reject(ApplicationFailure.create({ type: 'NeedsRelink', nonRetryable: true, details: [dead] }));
const unavailable = () =>
  Promise.reject(ApplicationFailure.create({ type: 'Miro.unavailable', message: 'Miro is down' }));
/** From start to close, on the server's own clock, in ms. */
async function took(handle: WorkflowHandle): Promise<number> {
  const { startTime, closeTime } = await handle.describe();
  return (closeTime?.getTime() ?? NaN) - startTime.getTime();
}

it('parks for days without a failed attempt in between, and goes on when an hourly look finds a newer token', async ({
  skip,
}) => {
  if ('unavailable' in server) return skip(server.unavailable);
  let looks = 0;
  let linked = false;
  const worker = await mockedWorker(env.client, env.nativeConnection, {
    ensureItems: () => (linked ? Promise.resolve({ counts: { made: 1 } }) : needsRelink()),
    parkRun: () => Promise.resolve({ parked: true }),
    grantMoved: () => Promise.resolve((linked = (looks += 1) === 72)),
  });
  const handle = await worker.start({ deadlineMs: 7 * DAY });
  expect(await handle.result()).toMatchObject({ ending: 'done' });
  expect(Math.round((await took(handle)) / DAY)).toBe(3);
  expect(worker.calls.filter((name) => name === 'ensureItems')).toHaveLength(2);
  expect(worker.calls.filter((name) => name === 'unparkRun')).toHaveLength(1);
  await worker.stop();
});

const HOUR = 3_600_000;
const LOOKS = 30 * 24;

/** Links an account of that user under the name of the parked run's connection. */
const linkAs = ({ db, vault, tenantId }: TestStore, userId: string, accept: Accepted = {}) =>
  linkAccount(db, vault, {
    ...{ tenantId, name: 'default', accept },
    rest: { accessToken: `token of ${userId}`, facts: { userId, teamId: 'team', scopes: ['boards:write'] } },
  });

it('parks for thirty days, is not woken by a relink that is refused, and goes on within seconds of one that counts', async ({
  skip,
}) => {
  if ('unavailable' in server) return skip(server.unavailable);
  const store = await createTestStore();
  const first = await linkAs(store, 'ada');
  const { grantId, generation } = first.state === 'linked' ? first.connection.rest! : { grantId: '', generation: 0 };
  await markNeedsRelink(store.db, { grantId, generation, reason: 'it was revoked in Miro' });
  const deadGrant: DeadGrant = { ...dead, grantId, generation, tenantId: store.tenantId };

  const parking = createParkingActivities(store);
  let looks = 0;
  let linked = false;
  // While an activity runs the server's clock stands still: what happens in here happens at that hour.
  const atTheEnd = async (): Promise<void> => {
    expect(await linkAs(store, 'ben')).toEqual({ state: 'refused', reason: 'other_user' });
    expect(await takeOutbox(store.db, { kind: 'relinked', limit: 10, leaseMs: 1 })).toEqual([]);
    linked = (await linkAs(store, 'ben', { otherUser: true })).state === 'linked';
    // A relay takes the message and dies; another one brings it.
    expect(await takeOutbox(store.db, { kind: 'relinked', limit: 10, leaseMs: 1 })).toHaveLength(1);
    const relay = startRelay({ db: store.db, client: env.client, taskQueue: worker.taskQueue, log: () => undefined });
    await until(async () => (await store.db.query('select from miro.outbox')).length === 0);
    await relay.stop();
  };
  const worker = await mockedWorker(env.client, env.nativeConnection, {
    ensureItems: () =>
      linked
        ? Promise.resolve({ counts: { made: 1 } })
        : Promise.reject(ApplicationFailure.create({ type: 'NeedsRelink', nonRetryable: true, details: [deadGrant] })),
    parkRun: (dead) => parking.parkRun(dead),
    unparkRun: (of) => parking.unparkRun(of),
    async grantMoved(of) {
      const moved = await parking.grantMoved(of);
      if ((looks += 1) === LOOKS) await atTheEnd();
      return moved;
    },
  });
  const handle = await worker.start({ deadlineMs: 60 * DAY });
  expect(await handle.result()).toMatchObject({ ending: 'done' });
  expect(looks).toBe(LOOKS + 1); // the message says that the connection has moved, and so the run looked once more
  expect(await took(handle)).toBeGreaterThanOrEqual(LOOKS * HOUR);
  expect(await took(handle)).toBeLessThan(LOOKS * HOUR + 60_000);
  expect(await store.db.query('select from miro.parked')).toEqual([]);
  await worker.stop();
  await store.close();
}, 300_000);

it('ends a parked job at its deadline, with what exists', async ({ skip }) => {
  if ('unavailable' in server) return skip(server.unavailable);
  const worker = await mockedWorker(env.client, env.nativeConnection, {
    ensureItems: needsRelink,
    parkRun: () => Promise.resolve({ parked: true }),
    grantMoved: () => Promise.resolve(false),
  });
  const handle = await worker.start({ deadlineMs: 2 * DAY });
  expect(await handle.result()).toMatchObject({ ending: 'deadline', boardId: 'b1', error: { type: 'Job.deadline' } });
  expect((await took(handle)) / DAY).toBeCloseTo(2, 2);
  expect(worker.calls.slice(-3)).toEqual(['unparkRun', 'settleClaims', 'closeJob']);
  await worker.stop();
});

it('calls a deadline a deadline, although an error of the last step surfaced', async ({ skip }) => {
  if ('unavailable' in server) return skip(server.unavailable);
  const worker = await mockedWorker(env.client, env.nativeConnection, { ensureItems: unavailable });
  const handle = await worker.start({ deadlineMs: DAY });
  const result = (await handle.result()) as ProvisionBoardResult;
  expect(result).toMatchObject({ ending: 'deadline', error: { type: 'Job.deadline' } });
  expect(worker.calls.filter((name) => name === 'ensureItems').length).toBeGreaterThan(1_000); // every 30 s at most
  await worker.stop();
});

it('gives up on settling after two minutes, so that the run ends', async ({ skip }) => {
  if ('unavailable' in server) return skip(server.unavailable);
  const worker = await mockedWorker(env.client, env.nativeConnection, { settleClaims: unavailable });
  const handle = await worker.start();
  expect(await handle.result()).toMatchObject({ ending: 'done' });
  expect(await took(handle)).toBeLessThan(3 * 60_000);
  await worker.stop();
});

it('asks people about a retro until its deadline, then takes the question back, and has written nothing', async ({
  skip,
}) => {
  if ('unavailable' in server) return skip(server.unavailable);
  const plan = { counts: { create: 3, existing: 0, changed: 0, dropped: 0, deleted: 0 }, rows: 3 };
  const worker = await mockedWorker(env.client, env.nativeConnection, {
    openRetro: () => Promise.resolve({ jobId: 'job', planId: 'plan', halfUndone: [] }),
    readBoard: () => Promise.resolve({ done: true }),
    planTickets: () => Promise.resolve({ plan, hash: 'h', writes: true }),
    approvalsNeeded: () => Promise.resolve(1),
    awaitApproval: () => Promise.resolve({ missing: 1 }),
    endApprovalWait: () => Promise.resolve(),
    closeRetro: () => Promise.resolve({ counts: {}, problems: [] }),
  });
  const handle = await worker.startRetro({ deadlineMs: 2 * DAY });
  expect(await handle.result()).toMatchObject({ ending: 'deadline', error: { type: 'Job.deadline' } });
  expect(Math.round((await took(handle)) / DAY)).toBe(2);
  expect([...new Set(worker.calls)]).toEqual([
    ...['openRetro', 'readBoard', 'planTickets', 'approvalsNeeded', 'awaitApproval', 'endApprovalWait'],
    ...['settleClaims', 'closeRetro'],
  ]);
  await worker.stop();
});
