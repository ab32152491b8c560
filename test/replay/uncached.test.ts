/** With no run kept in memory every workflow task replays from the start, so that whatever is not deterministic shows at once. */
import { Worker } from '@temporalio/worker';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { bulkQueue, interactiveQueue } from '../../contract.js';
import { startStack, workflowBundle, type Stack } from '../stack.js';
import { jobs } from './jobs.js';

let stack: Stack;
let workers: Worker[];
let running: Promise<unknown>;
beforeAll(async () => {
  stack = await startStack();
  const { native: connection, taskQueue, dataConverter } = stack;
  const common = { connection, dataConverter };
  const activities = stack.activities();
  workers = await Promise.all([
    Worker.create({
      ...{ ...common, taskQueue, activities, enableNonLocalActivities: false },
      ...{ workflowBundle: await workflowBundle(), maxCachedWorkflows: 0 },
    }),
    Worker.create({ ...common, taskQueue: interactiveQueue(taskQueue), activities }),
    Worker.create({ ...common, taskQueue: bulkQueue(taskQueue), activities }),
  ]);
  running = Promise.all(workers.map((worker) => worker.run()));
});
afterAll(async () => {
  for (const worker of workers) worker.shutdown();
  await running;
  await stack.close();
});

it.each(['done', 'parked', 'changed', 'delivered'])(
  'runs a job that is %s without a failed workflow task',
  async (name) => {
    const workflowId = await jobs[name]?.(stack);
    const { events } = await stack.temporal.workflow.getHandle(workflowId ?? '').fetchHistory();
    await stack.sim('faults', [], 'PUT');
    expect(events?.filter(({ workflowTaskFailedEventAttributes: failed }) => failed)).toEqual([]);
  },
);
