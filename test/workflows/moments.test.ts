/** What a run does with what reaches it at an awkward moment. */
import { ApplicationFailure } from '@temporalio/common';
import { Client, Connection } from '@temporalio/client';
import { NativeConnection } from '@temporalio/worker';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { boardUrl, relinked } from '../../contract.js';
import { temporalAddress } from '../harness.js';
import { until } from '../provision/until.js';
import { input, mockedWorker } from './mocked.js';

let client: Client;
let native: NativeConnection;
beforeAll(async () => {
  const address = await temporalAddress();
  client = new Client({ connection: await Connection.connect({ address }) });
  native = await NativeConnection.connect({ address });
});
afterAll(async () => {
  await native.close();
  await client.connection.close();
});

/** A step that waits until the test lets it go on. */
function gate() {
  let open!: () => void;
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { open, opened };
}

const counts = { made: 1, existing: 0, changed: 0, skipped: 0, refused: 0, failed: 0 };
const dead = { grantId: 'g', generation: 1, tenantId: 't', connection: 'default', reason: 'revoked' };

it('takes a change in as long as it is not closing, and says so when it is', async () => {
  const closing = gate();
  const worker = await mockedWorker(client, native, {
    compareSpec: () => Promise.resolve([{ field: 'name', before: 'a', after: 'b', outcome: 'reported' as const }]),
    settleClaims: () => closing.opened.then(() => ({ settled: 0 })),
  });
  const handle = await worker.start();
  await until(() => Promise.resolve(worker.calls.includes('settleClaims')));
  const late = handle.executeUpdate(boardUrl, { args: [{ ...input, name: 'Other', onChange: 'apply' }] });
  await expect(late).rejects.toMatchObject({ cause: { type: 'Job.ending' } });
  closing.open();
  expect(await handle.result()).toMatchObject({ ending: 'done' });
  expect(worker.calls).not.toContain('adoptSpec');
  await worker.stop();
});

it('waits for a caller whose input is still being compared, and applies it', async () => {
  const comparing = gate();
  const worker = await mockedWorker(client, native, {
    compareSpec: () =>
      comparing.opened.then(() => [{ field: 'name', before: 'a', after: 'b', outcome: 'reported' as const }]),
    adoptSpec: () => Promise.resolve({ batches: 0, total: 0 }),
    applyDifferences: () => Promise.resolve([{ field: 'name', before: 'a', after: 'b', outcome: 'applied' }]),
    ensureItems: () => until(() => Promise.resolve(worker.calls.includes('compareSpec'))).then(() => ({ counts })),
  });
  const handle = await worker.start();
  const asked = handle.executeUpdate(boardUrl, { args: [{ ...input, name: 'Other', onChange: 'apply' }] });
  await until(() => Promise.resolve(worker.calls.includes('compareSpec')));
  comparing.open();
  expect(await asked).toMatchObject({ boardId: 'b1', differences: [{ outcome: 'reported' }] });
  expect(await handle.result()).toMatchObject({ ending: 'done', differences: [{ outcome: 'applied' }] });
  await worker.stop();
});

it('goes on when it is told of a newer token, and not when it is told of an old one', async () => {
  let linked = false;
  const worker = await mockedWorker(client, native, {
    ensureItems: () =>
      linked
        ? Promise.resolve({ counts })
        : Promise.reject(ApplicationFailure.create({ type: 'NeedsRelink', nonRetryable: true, details: [dead] })),
    parkRun: () => Promise.resolve({ parked: true }),
    grantMoved: () => Promise.resolve(false),
  });
  const handle = await worker.start();
  await until(async () => (await handle.query<{ waiting?: object }>('status')).waiting !== undefined);
  await handle.signal(relinked, { grantId: 'g', generation: 1 });
  await until(() => Promise.resolve(worker.calls.includes('grantMoved'))); // it may have been linked to another account
  expect(await handle.query('status')).toMatchObject({ waiting: { for: 'relink' } });
  linked = true;
  await handle.signal(relinked, { grantId: 'g', generation: 2 });
  expect(await handle.result()).toMatchObject({ ending: 'done' });
  expect(worker.calls.filter((name) => name === 'grantMoved')).toHaveLength(1);
  await worker.stop();
});

it('is not closed while a cancelled step still writes', async () => {
  const writing = gate();
  let ended = false;
  const worker = await mockedWorker(client, native, {
    ensureItems: () => writing.opened.then(() => ((ended = true), { counts })),
  });
  const handle = await worker.start();
  await until(() => Promise.resolve(worker.calls.includes('ensureItems')));
  await handle.cancel();
  expect((await handle.describe()).status.name).toBe('RUNNING');
  expect(worker.calls).not.toContain('closeJob');
  writing.open();
  expect(await handle.result()).toMatchObject({ ending: 'cancelled' });
  expect(ended).toBe(true);
  await worker.stop();
});

it('holds a run with a mistake in its code, rather than ending the job', async () => {
  const worker = await mockedWorker(client, native, {
    openJob: () => Promise.resolve({ jobId: 'job', episode: 1, done: false, revised: false, differences: [] }), // no outline
  });
  const handle = await worker.start();
  await until(async () => {
    const { events } = await handle.fetchHistory();
    return events?.some(({ workflowTaskFailedEventAttributes }) => workflowTaskFailedEventAttributes) ?? false;
  });
  expect((await handle.describe()).status.name).toBe('RUNNING');
  await handle.terminate();
  await worker.stop();
});
