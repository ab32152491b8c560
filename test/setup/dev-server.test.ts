import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Client, Connection } from '@temporalio/client';
import { expect, it } from 'vitest';
import { type DevServer, startDevServer } from '../../workers/dev-server.js';
import { spawnNode } from '../harness.js';

const program = fileURLToPath(new URL('programs/dev-server.ts', import.meta.url));
const log = (line: string) => console.log(line);

async function isListening(address: string): Promise<boolean> {
  const [host, port] = address.split(':');
  const socket = connect(Number(port), host);
  return once(socket, 'connect').then(
    () => Boolean(socket.destroy()),
    () => false,
  );
}

async function withClient<T>({ address }: DevServer, work: (client: Client) => Promise<T>): Promise<T> {
  const connection = await Connection.connect({ address });
  return work(new Client({ connection })).finally(() => connection.close());
}

it.each(['SIGKILL', 'SIGINT', 'SIGTERM'] as const)('never outlives a parent that ends by %s', async (signal) => {
  const parent = await spawnNode(program);
  const address = await parent.waitFor(/^127\.0\.0\.1:\d+$/);
  expect(await isListening(address)).toBe(true);
  await parent.kill(signal);
  await expect.poll(() => isListening(address)).toBe(false);
});

it.each([
  ['exit', 0],
  ['throw', 1],
])('never outlives a parent that ends by itself: %s', async (how, code) => {
  const parent = await spawnNode(program, [how]);
  const address = await parent.waitFor(/^127\.0\.0\.1:\d+$/);
  expect((await parent.exited).code).toBe(code);
  await expect.poll(() => isListening(address)).toBe(false);
});

it('keeps its workflows on a file, and starts again on it', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'temporal-miro-dev-'));
  const persistent = join(dir, 'temporal.db');
  const first = await startDevServer({ persistent, log });
  const start = (client: Client) =>
    client.workflow.start('nobody', { workflowId: 'kept', taskQueue: 'none', args: [] });
  const { firstExecutionRunId } = await withClient(first, start);
  await first.stop();
  const second = await startDevServer({ persistent, log });
  const { runId } = await withClient(second, (client) => client.workflow.getHandle('kept').describe());
  expect(runId).toBe(firstExecutionRunId);
  await second.stop();
  await rm(dir, { recursive: true });
});

it('serves the web UI if asked to, and runs beside another server', async () => {
  const servers = await Promise.all([startDevServer({ ui: true, log }), startDevServer({ ui: true, log })]);
  for (const { uiUrl = '' } of servers) expect((await fetch(uiUrl)).status).toBe(200);
  await Promise.all(servers.map(({ stop }) => stop()));
  for (const { address } of servers) expect(await isListening(address)).toBe(false);
});

it('tells what the server said when it does not come up', async () => {
  const persistent = join(tmpdir(), 'no-such-folder', 'temporal.db');
  await expect(startDevServer({ persistent, log })).rejects.toThrow(
    /did not start: it ended with exit code 1\n.*no-such-folder/s,
  );
});
