/** Runs under the codec on a real server: what it keeps is unreadable, and everything works as before. */
import { Client, Connection, WorkflowFailedError, WithStartWorkflowOperation } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { NativeConnection } from '@temporalio/worker';
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { jobHandle } from '../../client/job-handle.js';
import { CodecError, dataConverterFor } from '../../codec.js';
import { boardUrl } from '../../contract.js';
import { newKeyRing } from '../../key-ring.js';
import { temporalAddress } from '../harness.js';
import { until } from '../provision/until.js';
import { input, mockedWorker, type Mocked } from '../workflows/mocked.js';

const keys = newKeyRing();
let connection: Connection;
let native: NativeConnection;
beforeAll(async () => {
  const address = await temporalAddress();
  connection = await Connection.connect({ address });
  native = await NativeConnection.connect({ address });
});
afterAll(async () => {
  await native.close();
  await connection.close();
});

const clientWith = (ring?: string): Client => new Client({ connection, dataConverter: dataConverterFor(ring) });
const working = (mocks: Parameters<typeof mockedWorker>[2], ring = keys): Promise<Mocked> =>
  mockedWorker(clientWith(ring), native, mocks, dataConverterFor(ring));

/** Everything that the server keeps of a run, with the payloads' bytes as text. */
async function kept(workflowId: string): Promise<string> {
  const json = historyToJSON(await clientWith().workflow.getHandle(workflowId).fetchHistory());
  const decoded = json.replace(/"data": "([^"]*)"/g, (_, data: string) =>
    Buffer.from(data, 'base64').toString('latin1'),
  );
  return `${json}\n${decoded}`;
}

it('inputs, updates, queries and results are unreadable on the server, and come back to who has the key', async () => {
  const worker = await working({});
  const client = clientWith(keys);
  const workflowId = `codec-${randomUUID()}`;
  const args: [typeof input] = [{ ...input, name: 'Confidential' }];
  const board = await client.workflow.executeUpdateWithStart(boardUrl, {
    args,
    updateId: 'first',
    startWorkflowOperation: new WithStartWorkflowOperation('provisionBoard', {
      ...{ workflowId, taskQueue: worker.taskQueue, args },
      workflowIdConflictPolicy: 'USE_EXISTING',
    }),
  });
  expect(board).toMatchObject({ boardId: 'b1', url: 'https://miro.example/b1' });
  expect(await jobHandle(client, workflowId).result()).toMatchObject({ ending: 'done' });
  const history = await kept(workflowId);
  expect(history).not.toMatch(/Confidential|miro\.example/);
  expect(history).toContain(Buffer.from('binary/encrypted').toString('base64'));
  await worker.stop();
});

it('texts of failures are unreadable on the server, their types are not', async () => {
  const worker = await working({
    ensureBoard: () => {
      throw ApplicationFailure.create({ type: 'Miro.forbidden', message: 'Confidential', nonRetryable: true });
    },
  });
  const handle = await worker.start();
  const failed: unknown = await clientWith(keys)
    .workflow.getHandle(handle.workflowId)
    .result()
    .catch((error: unknown) => error);
  expect(failed).toBeInstanceOf(WorkflowFailedError);
  expect(JSON.stringify(causesOf(failed))).toContain('Confidential');
  const history = await kept(handle.workflowId);
  expect(history).not.toContain('Confidential');
  expect(history).toContain('Miro.forbidden');
  await worker.stop();
});

it('status tells what a pending step failed of, to who has the key', async () => {
  const worker = await working({
    ensureBoard: () => {
      throw ApplicationFailure.create({ type: 'Miro.unavailable', message: 'POST /v2/boards: 503' });
    },
  });
  const { workflowId } = await worker.start();
  const pending = () =>
    jobHandle(clientWith(keys), workflowId)
      .status()
      .then((status) => status.pending[0]?.lastFailure && status);
  expect(await until(pending)).toMatchObject({
    pending: [{ step: 'ensureBoard', lastFailure: 'Miro.unavailable: POST /v2/boards: 503' }],
    waiting: { detail: 'Miro.unavailable: POST /v2/boards: 503' },
  });
  const stranger = jobHandle(clientWith(newKeyRing()), workflowId);
  await expect(stranger.status()).rejects.toThrow(CodecError);
  await expect(jobHandle(clientWith(), workflowId).status()).rejects.toThrow(/TEMPORAL_MIRO_CODEC_KEYS doesn't hold/);
  await clientWith(keys).workflow.getHandle(workflowId).terminate();
  await worker.stop();
});

it('a run that began in plain text goes on with encryption, and one under an old key with a new one', async () => {
  for (const [before, after] of [
    [undefined, keys],
    [keys, `${newKeyRing()},${keys}`],
  ] as const) {
    let open = false;
    const mocks: Parameters<typeof mockedWorker>[2] = {
      ensureItems: () => (open ? Promise.resolve({ counts: {} }) : Promise.reject(new Error('not yet'))),
    };
    const first = await mockedWorker(clientWith(before), native, mocks, dataConverterFor(before));
    const { workflowId } = await first.start();
    await until(() => Promise.resolve(first.calls.includes('ensureItems')));
    await first.stop();
    open = true;
    const second = await mockedWorker(clientWith(after), native, mocks, dataConverterFor(after), first.taskQueue);
    expect(await jobHandle(clientWith(after), workflowId).result()).toMatchObject({ ending: 'done' });
    await second.stop();
  }
});

function causesOf(error: unknown): string[] {
  return error instanceof Error ? [error.message, ...causesOf(error.cause)] : [];
}
