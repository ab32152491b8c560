/** A run that asks people, with the store that keeps their decisions and the relay that delivers them. */
import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { Client, Connection, type WorkflowHandleWithFirstExecutionRunId } from '@temporalio/client';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import {
  bundleWorkflowCode,
  DefaultLogger,
  NativeConnection,
  Runtime,
  Worker,
  type WorkflowBundleWithSourceMap,
} from '@temporalio/worker';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { createApprovalActivities } from '../../activities/approvals.js';
import { interactiveQueue, status } from '../../contract.js';
import { decide } from '../../contract-retro.js';
import { decide as record, type RecordedDecision } from '../../store/approvals.js';
import { takeOutbox } from '../../store/outbox.js';
import { startRelay, type Relay } from '../../workers/relay.js';
import { temporalAddress } from '../harness.js';
import { until } from '../provision/until.js';
import { createTestStore, openNewJob, type TestStore } from '../store/database.js';
import { timeSkippingServer } from '../time-skipping.js';
import type { approving, ApprovingInput } from './approving.js';

const HOUR = 3_600_000;
const logger = new DefaultLogger('ERROR');
Runtime.install({ logger, shutdownSignals: [] });

let store: TestStore;
let client: Client;
let native: NativeConnection;
let workflowBundle: WorkflowBundleWithSourceMap;
let workers: Workers;
let relay: Relay;
let relayed: string[];
beforeAll(async () => {
  store = await createTestStore();
  const address = await temporalAddress();
  client = new Client({ connection: await Connection.connect({ address }) });
  native = await NativeConnection.connect({ address });
  const workflowsPath = fileURLToPath(new URL('approving.ts', import.meta.url));
  workflowBundle = await bundleWorkflowCode({ workflowsPath, logger });
  workers = await startWorkers(client, native);
});
beforeEach(() => {
  relayed = [];
  relay = startRelay({ db: store.db, client, taskQueue: 'none', log: (line) => relayed.push(line) });
});
afterEach(() => relay.stop());
afterAll(async () => {
  await workers.stop();
  await native.close();
  await client.connection.close();
  await store.close();
});

interface Workers {
  client: Client;
  taskQueue: string;
  stop(): Promise<void>;
}

async function startWorkers(
  to: Client,
  connection: NativeConnection,
  replaced: Partial<ReturnType<typeof createApprovalActivities>> = {},
): Promise<Workers> {
  const taskQueue = `approving-${randomUUID()}`;
  const activities = { ...createApprovalActivities(store), ...replaced };
  const both = await Promise.all([
    Worker.create({ connection, taskQueue, workflowBundle }),
    Worker.create({ connection, taskQueue: interactiveQueue(taskQueue), activities }),
  ]);
  const running = Promise.all(both.map((worker) => worker.run()));
  return {
    ...{ client: to, taskQueue },
    async stop() {
      for (const worker of both) worker.shutdown();
      await running;
    },
  };
}

interface Asking {
  run: WorkflowHandleWithFirstExecutionRunId<typeof approving>;
  /** A person decides, in the store. */
  person(principal: string, decision?: RecordedDecision['decision']): ReturnType<typeof record>;
  /** How many parts the store says that it waits for. */
  waits(): Promise<number>;
}

/** Starts a run of an open job, and waits until it asks. */
async function ask(input: Partial<ApprovingInput> = {}, by = workers): Promise<Asking> {
  const workflowId = randomUUID();
  const args: [ApprovingInput] = [{ hash: 'h1', needed: 1, deadlineMs: 100 * HOUR, ...input }];
  const run = await by.client.workflow.start<typeof approving>('approving', {
    ...{ workflowId, taskQueue: by.taskQueue, args },
    startDelay: '100ms', // its job is open before it asks
  });
  const runId = run.firstExecutionRunId;
  const { tenantId, jobId } = await openNewJob(store, { workflowId, runId });
  const waits = async () => (await store.db.query('select from miro.approval_waits where run_id = $1', [runId])).length;
  await until(async () => (await waits()) > 0);
  return {
    ...{ run, waits },
    person: (principal, decision = 'approved') =>
      record(store.db, { tenantId, jobId, part: 'tickets', hash: 'h1', principal, decision }),
  };
}

/** From its start to its end, in ms of the server's clock. */
async function took({ run }: Asking): Promise<number> {
  const { startTime, closeTime } = await run.describe();
  return (closeTime?.getTime() ?? NaN) - startTime.getTime();
}

/** Until the relay has nothing left. */
const delivered = () => until(async () => (await store.db.query('select from miro.outbox')).length === 0);

it('goes on when enough different people have approved, and says meanwhile for how many it waits', async () => {
  const asking = await ask({ needed: 2 });
  const waiting = async () => (await asking.run.query(status)).waiting;
  await until(async () => (await waiting())?.detail.startsWith('2 more people must approve part "tickets"'));
  await asking.person('cli:anna');
  await until(async () => (await waiting())?.detail.startsWith('one more person must approve'));
  await asking.person('cli:anna');
  await asking.person('cli:ben');
  expect(await asking.run.result()).toBe('done');
  expect(await waiting()).toBeUndefined();
  expect(await asking.waits()).toBe(0);
  await delivered();
});

it('ends at the first rejection', async () => {
  const asking = await ask({ needed: 2 });
  await asking.person('cli:anna');
  await asking.person('cli:ben', 'rejected');
  expect(await asking.run.result()).toBe('Approval.rejected');
  expect(await asking.waits()).toBe(0);
});

it('stops waiting when it is cancelled, and at its deadline', async () => {
  const [cancelled, late] = await Promise.all([ask(), ask({ deadlineMs: 1_500 })]);
  await cancelled.run.cancel();
  expect(await cancelled.run.result()).toBe('cancelled');
  expect(await late.run.result()).toBe('deadline');
  expect([await cancelled.waits(), await late.waits()]).toEqual([0, 0]);
  expect(await late.person('cli:anna')).toEqual({ refused: 'not_asked' });
});

it('has a later deadline once people are waited for', async () => {
  const asking = await ask({ deadlineMs: 1_000, longerMs: 4_000 });
  expect(await asking.run.result()).toBe('deadline');
  expect(await took(asking)).toBeGreaterThanOrEqual(4_000);
});

it('is harmed by no decision that is forged, repeated, for another plan, or too late', async () => {
  const asking = await ask();
  const tell = (hash: string, updateId = randomUUID()) =>
    asking.run.executeUpdate(decide, {
      ...{ updateId, args: [{ approvalId: updateId, part: 'tickets', hash, decision: 'approved' }] as const },
    });
  await expect(tell('h2')).rejects.toMatchObject({ cause: { type: 'Approval.notAwaited' } });
  const forged = randomUUID();
  await tell('h1', forged);
  await tell('h1', forged);
  await until(async () => (await asking.run.query(status)).waiting?.for === 'approval');
  const { approvalId } = (await asking.person('cli:anna')) as RecordedDecision;
  expect(await asking.run.result()).toBe('done');
  await delivered();
  const { tenantId } = store;
  const payload = { workflowId: asking.run.workflowId, runId: asking.run.firstExecutionRunId };
  const decision = { approvalId, part: 'tickets', hash: 'h1', decision: 'approved' };
  await store.db.query(`insert into miro.outbox (tenant_id, id, kind, payload) values ($1, $2, 'approval', $3)`, [
    ...[tenantId, randomUUID(), JSON.stringify({ ...payload, decision })],
  ]);
  await delivered();
  expect(relayed).toEqual([]);
});

it('does not wait any more when it was terminated, once somebody decides', async () => {
  const asking = await ask();
  await asking.run.terminate();
  await asking.person('cli:anna');
  await until(async () => (await asking.waits()) === 0);
  await delivered();
  expect(relayed).toEqual([]);
});

it('finds a decision whose message was lost, by its hourly look', async ({ skip }) => {
  const server = await timeSkippingServer();
  if ('unavailable' in server) return skip(server.unavailable);
  await relay.stop();
  const env = await TestWorkflowEnvironment.createFromExistingServer({ address: server.address });
  const skipping = await startWorkers(env.client, env.nativeConnection);
  const asking = await ask({}, skipping);
  await asking.person('cli:anna');
  expect(await takeOutbox(store.db, { kind: 'approval', limit: 10, leaseMs: 60_000 })).toHaveLength(1);
  expect(await asking.run.result()).toBe('done');
  expect(Math.round((await took(asking)) / HOUR)).toBe(1);
  await skipping.stop();
  await env.teardown();
  await server.stop();
});

it('ends within minutes of its wait, also while the store takes no word of that', async ({ skip }) => {
  const server = await timeSkippingServer();
  if ('unavailable' in server) return skip(server.unavailable);
  const env = await TestWorkflowEnvironment.createFromExistingServer({ address: server.address });
  const endApprovalWait = () => Promise.reject(new Error('the store is down'));
  const skipping = await startWorkers(env.client, env.nativeConnection, { endApprovalWait });
  const asking = await ask({ deadlineMs: HOUR }, skipping);
  expect(await asking.run.result()).toBe('deadline');
  expect(await took(asking)).toBeLessThan(1.1 * HOUR);
  await skipping.stop();
  await env.teardown();
  await server.stop();
});
