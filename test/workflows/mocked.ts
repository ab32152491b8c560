/** Workflows on a real server with activities that only pretend: what is tested is what happens when, and in what order. */
import { randomUUID } from 'node:crypto';
import type { Client } from '@temporalio/client';
import type { DataConverter } from '@temporalio/common';
import { Worker, type NativeConnection } from '@temporalio/worker';
import type { Activities, JobOutline, OpenedJob } from '../../activities/index.js';
import { bulkQueue, interactiveQueue, type ProvisionBoardInput, type ProvisionBoardResult } from '../../contract.js';
import type { RetroToTicketsInput } from '../../contract-retro.js';
import { workflowBundle } from '../stack.js';

export const outline: JobOutline = {
  ...{ copy: false, batches: 1, tags: 0, connectors: 0, record: false, shares: 0, memberIds: 0, project: false },
  total: 1,
};

const opened: OpenedJob = { jobId: 'job', episode: 1, done: false, revised: false, differences: [], outline };

const counts = { made: 1, existing: 0, changed: 0, skipped: 0, refused: 0, failed: 0 };

type Mocks = { [Name in keyof Activities]?: (...args: Parameters<Activities[Name]>) => Promise<unknown> };

/** A job of one item for which nothing goes wrong. */
const fine: Mocks = {
  openJob: () => Promise.resolve(opened),
  ensureBoard: () => Promise.resolve({ boardId: 'b1', url: 'https://miro.example/b1', outcome: 'made' }),
  ensureItems: () => Promise.resolve({ counts }),
  settleClaims: () => Promise.resolve({ settled: 0 }),
  closeJob: ({ result }: { result: ProvisionBoardResult }) => Promise.resolve(result),
  unparkRun: () => Promise.resolve(),
};

export interface Mocked {
  taskQueue: string;
  /** The names of the activities in the order in which their attempts began. */
  calls: string[];
  start(input?: Partial<ProvisionBoardInput>): ReturnType<Client['workflow']['start']>;
  startRetro(input?: Partial<RetroToTicketsInput>): ReturnType<Client['workflow']['start']>;
  stop(): Promise<void>;
}

export const input: ProvisionBoardInput = {
  tenant: 'default',
  connectionId: 'default',
  key: 'k',
  name: 'Board',
  template: { blueprint: { version: 1 } },
};

const retroInput: RetroToTicketsInput = {
  tenant: 'default',
  connectionId: 'default',
  boardId: 'b1',
  tracker: 'builtin',
};

/** Starts a worker whose activities are `mocks`, and the fine ones for the rest. */
export async function mockedWorker(
  client: Client,
  connection: NativeConnection,
  mocks: Mocks,
  dataConverter?: DataConverter,
  taskQueue = `mocked-${randomUUID()}`,
): Promise<Mocked> {
  const calls: string[] = [];
  const activities = Object.fromEntries(
    Object.entries({ ...fine, ...mocks }).map(([name, run]) => [
      name,
      (...args: never[]) => {
        calls.push(name);
        return (run as (...args: never[]) => Promise<unknown>)(...args);
      },
    ]),
  );
  const common = { connection, namespace: 'default', dataConverter };
  const workers = await Promise.all([
    Worker.create({
      ...{ ...common, taskQueue, activities, enableNonLocalActivities: false },
      workflowBundle: await workflowBundle(),
    }),
    Worker.create({ ...common, taskQueue: interactiveQueue(taskQueue), activities }),
    Worker.create({ ...common, taskQueue: bulkQueue(taskQueue), activities }),
  ]);
  const running = Promise.all(workers.map((worker) => worker.run()));
  const start = (workflow: string, args: object[]) =>
    client.workflow.start(workflow, { workflowId: randomUUID(), taskQueue, args });
  return {
    taskQueue,
    calls,
    start: (own) => start('provisionBoard', [{ ...input, ...own }]),
    startRetro: (own) => start('retroToTickets', [{ ...retroInput, ...own }]),
    async stop() {
      for (const worker of workers) worker.shutdown();
      await running;
    },
  };
}
