import { fileURLToPath } from 'node:url';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { Worker } from '@temporalio/worker';
import { expect, it } from 'vitest';
import { timeSkippingServer } from '../time-skipping.js';
import { sleepOneDay } from './workflows.js';

it('has a server on which a workflow sleeps a day in no time', { timeout: 180_000 }, async ({ skip }) => {
  const server = await timeSkippingServer();
  if ('unavailable' in server) return skip(server.unavailable);
  const env = await TestWorkflowEnvironment.createFromExistingServer({ address: server.address });
  const worker = await Worker.create({
    connection: env.nativeConnection,
    taskQueue: 'time-skipping',
    workflowsPath: fileURLToPath(new URL('workflows.ts', import.meta.url)),
  });
  const run = () => env.client.workflow.execute(sleepOneDay, { workflowId: 'sleeper', taskQueue: 'time-skipping' });
  expect(await worker.runUntil(run)).toBe('awake');
  await env.teardown();
  await server.stop();
});
