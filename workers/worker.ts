/** One process polls all three queues of a base: workflows, single calls, batches; each with slots of its own. */
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { DataConverter } from '@temporalio/common';
import { Worker, type NativeConnection, type WorkflowBundleOption } from '@temporalio/worker';
import type { Activities } from '../activities/index.js';
import { bulkQueue, interactiveQueue } from '../contract.js';

export interface WorkerDeps {
  connection: NativeConnection;
  namespace: string;
  /** Base name of the task queues. */
  taskQueue: string;
  activities: Activities;
  /** Of `dataConverterFor`; the clients' must fit. */
  dataConverter?: DataConverter;
  /** A prebuilt bundle saves a second at start; without it the workflows are bundled now. */
  workflowBundle?: WorkflowBundleOption;
}

export interface RunningWorker {
  /** Resolves after a clean stop; rejects when one of the three failed, with the others stopped. */
  run(): Promise<void>;
  shutdown(): void;
}

/** Longer than any one HTTP call of a single step; an orchestrator should wait a little longer before it kills. */
const GRACE = '20s';
/** Without it one activity that never returns would keep the process for ever (sdk-typescript#2266). */
const FORCE = '25s';

/**
 * A workflow task is a few ms of one thread: more at a time only make each one wait longer, a newcomer's first one too.
 * An activity mostly waits for Miro, and its slot costs little; what one account can hold of them is bounded by its
 * credits. So there are more than one tenant's burst takes, and the next tenant finds one free.
 */
const SLOTS = { workflowTasks: 10, interactive: 100, bulk: 100 };

const workflowsPath = fileURLToPath(new URL(`../workflows/index${extname(import.meta.url)}`, import.meta.url));

export async function createWorker({
  connection,
  namespace,
  taskQueue,
  activities,
  dataConverter,
  workflowBundle,
}: WorkerDeps): Promise<RunningWorker> {
  const common = { connection, namespace, dataConverter, shutdownGraceTime: GRACE, shutdownForceTime: FORCE } as const;
  const workers = await Promise.all([
    Worker.create({
      ...common,
      taskQueue,
      ...(workflowBundle ? { workflowBundle } : { workflowsPath }),
      maxCachedWorkflows: 500,
      maxConcurrentWorkflowTaskExecutions: SLOTS.workflowTasks,
      // for openJob, which runs inside the workflow task; everything else has a queue of its own
      activities,
      enableNonLocalActivities: false,
    }),
    Worker.create({
      ...common,
      taskQueue: interactiveQueue(taskQueue),
      activities,
      maxConcurrentActivityTaskExecutions: SLOTS.interactive,
    }),
    Worker.create({
      ...common,
      taskQueue: bulkQueue(taskQueue),
      activities,
      maxConcurrentActivityTaskExecutions: SLOTS.bulk,
    }),
  ]);
  const shutdown = (): void => {
    for (const worker of workers) if (worker.getState() === 'RUNNING') worker.shutdown();
  };
  return {
    shutdown,
    async run() {
      const runs = workers.map(async (worker) => {
        try {
          await worker.run();
        } finally {
          shutdown();
        }
      });
      const ended = await Promise.allSettled(runs);
      const failed = ended.find((end) => end.status === 'rejected');
      if (failed) throw failed.reason;
    },
  };
}
