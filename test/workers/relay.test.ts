import { randomUUID } from 'node:crypto';
import { Client, Connection } from '@temporalio/client';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ensureConnection } from '../../store/connections.js';
import { openDb, type Db } from '../../store/db.js';
import { markNeedsRelink } from '../../store/grants.js';
import { takeOutbox } from '../../store/outbox.js';
import { park } from '../../store/parked.js';
import { ensureTenant } from '../../store/tenants.js';
import { newVaultKeys, openVault } from '../../store/vault.js';
import { startRelay } from '../../workers/relay.js';
import { createTestDatabase, temporalAddress, type TestDatabase } from '../harness.js';

let database: TestDatabase;
let db: Db;
let connection: Connection;
let client: Client;
beforeAll(async () => {
  database = await createTestDatabase();
  db = openDb({ url: database.url });
  connection = await Connection.connect({ address: await temporalAddress() });
  client = new Client({ connection });
});
afterAll(async () => {
  await connection.close();
  await db.close();
  await database.drop();
});

/** A message as a relink writes it. */
async function post(workflowId: string): Promise<void> {
  const { tenantId } = await ensureTenant(db, 'default');
  const payload = JSON.stringify({ workflowId, grantId: randomUUID(), generation: 2 });
  await db.query(`insert into miro.outbox (tenant_id, id, kind, payload) values ($1, $2, 'relinked', $3)`, [
    tenantId,
    randomUUID(),
    payload,
  ]);
}

const waiting = async (): Promise<number> => (await db.query('select from miro.outbox')).length;

async function relayUntil(condition: () => Promise<boolean>, through = client): Promise<string[]> {
  const said: string[] = [];
  const relay = startRelay({ db, client: through, taskQueue: 'nobody', log: (line) => said.push(line) });
  await expect.poll(condition, { timeout: 15_000 }).toBe(true);
  await relay.stop();
  return said;
}

/** Nobody polls its queue: it stays open, and its history says what reached it. */
async function openRun(): Promise<string> {
  const workflowId = `relay-${randomUUID()}`;
  await client.workflow.start('provisionBoard', { workflowId, taskQueue: `nobody-${workflowId}`, args: [] });
  return workflowId;
}

async function signalsOf(workflowId: string): Promise<number> {
  const { events } = await client.workflow.getHandle(workflowId).fetchHistory();
  return (events ?? []).filter(
    ({ workflowExecutionSignaledEventAttributes: signal }) => signal?.signalName === 'relinked',
  ).length;
}

it('signals a run that waits, once', async () => {
  const workflowId = await openRun();
  await post(workflowId);
  await relayUntil(async () => (await waiting()) === 0);
  expect(await signalsOf(workflowId)).toBe(1);
  await client.workflow.getHandle(workflowId).terminate();
});

it('takes a run that has ended, or is not known any more, for one that has its message', async () => {
  const ended = await openRun();
  await client.workflow.getHandle(ended).terminate();
  await post(ended);
  await post(`unknown-${randomUUID()}`);
  expect(await relayUntil(async () => (await waiting()) === 0)).toEqual([]);
});

it('forgets that a run waits which was terminated, and not one that waits on', async () => {
  const { tenantId } = await ensureTenant(db, 'default');
  const rest = { accessToken: 'dead' };
  const { rest: grant } = await ensureConnection(db, openVault(newVaultKeys()), { tenantId, name: 'parked', rest });
  const { grantId, generation } = grant!;
  await markNeedsRelink(db, { grantId, generation, reason: 'dead' });
  const [ended, waits] = [await openRun(), await openRun()];
  for (const workflowId of [ended, waits])
    await park(db, { tenantId, connectionName: 'parked', grantId, generation, workflowId, runId: 'run' });
  await client.workflow.getHandle(ended).terminate();
  for (const workflowId of [ended, waits]) await post(workflowId);
  await relayUntil(async () => (await waiting()) === 0);
  expect(await db.query('select workflow_id from miro.parked')).toEqual([{ workflow_id: waits }]);
  await client.workflow.getHandle(waits).terminate();
});

it('delivers what a relay had taken that died before it could say so', async () => {
  const workflowId = await openRun();
  await post(workflowId);
  await takeOutbox(db, { kind: 'relinked', limit: 10, leaseMs: 300 });
  await relayUntil(async () => (await waiting()) === 0);
  expect(await signalsOf(workflowId)).toBe(1);
  await client.workflow.getHandle(workflowId).terminate();
});

it('keeps the message while Temporal is out of reach', async () => {
  await post(`somebody-${randomUUID()}`);
  const nowhere = Connection.lazy({ address: '127.0.0.1:1' });
  const said: string[] = [];
  const relay = startRelay({
    ...{ db, client: new Client({ connection: nowhere }), taskQueue: 'nobody' },
    log: (line) => said.push(line),
  });
  await expect.poll(() => said.length, { timeout: 25_000 }).toBeGreaterThan(0);
  await relay.stop();
  await nowhere.close();
  expect(said[0]).toMatch(/^the relay could not deliver message /);
  expect(await waiting()).toBe(1);
});
