/** A program encrypts with a key that the workers do not hold: the run must not wait for ever without a word. */
import { randomBytes, randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { Client, Connection } from '@temporalio/client';
import { afterAll, beforeAll, it } from 'vitest';
import { dataConverterFor } from '../../codec.js';
import { newKeyRing } from '../../key-ring.js';
import { createTestDatabase, spawnNode, temporalAddress, type SpawnedNode, type TestDatabase } from '../harness.js';
import { input } from '../workflows/mocked.js';

const taskQueue = `foreign-${randomUUID()}`;
let connection: Connection;
let database: TestDatabase;
let worker: SpawnedNode;
beforeAll(async () => {
  const address = await temporalAddress();
  connection = await Connection.connect({ address });
  database = await createTestDatabase();
  worker = await spawnNode(fileURLToPath(new URL('../../workers/main.ts', import.meta.url)), [], {
    DATABASE_URL: database.url,
    TEMPORAL_ADDRESS: address,
    TEMPORAL_MIRO_TASK_QUEUE: taskQueue,
    TEMPORAL_MIRO_ID_KEY: randomBytes(32).toString('base64'),
    TEMPORAL_MIRO_VAULT_KEYS: newKeyRing(),
    TEMPORAL_MIRO_CODEC_KEYS: newKeyRing(),
    MIRO_API_URL: 'http://127.0.0.1:1',
  });
  await worker.waitFor(/"ready":true/, 60_000);
});
afterAll(async () => {
  await worker.kill('SIGKILL');
  await connection.close();
  await database.drop();
});

it('is told by the worker, with the name of the key', async () => {
  const foreign = newKeyRing();
  const client = new Client({ connection, dataConverter: dataConverterFor(foreign) });
  const handle = await client.workflow.start('provisionBoard', { workflowId: randomUUID(), taskQueue, args: [input] });
  const wanted = new RegExp(`under the key "${foreign.split(':')[0]}", which TEMPORAL_MIRO_CODEC_KEYS doesn't hold`);
  await worker.waitFor(wanted);
  await handle.terminate();
});
