/** (c) How long does a worker take from its first connection until it polls all queues? */
import { fileURLToPath } from 'node:url';
import {
  bundleWorkflowCode,
  DefaultLogger,
  NativeConnection,
  type WorkflowBundleWithSourceMap,
} from '@temporalio/worker';
import { createActivities, createBudget, timings } from '../../activities/index.js';
import { dataConverterFor, failureConverterPath } from '../../codec.js';
import { idKey } from '../../ids.js';
import { newKeyRing } from '../../key-ring.js';
import { createMiro, createPool, createScim } from '../../miro/index.js';
import { openDb } from '../../store/db.js';
import { newVaultKeys, openVault } from '../../store/vault.js';
import { installRuntime } from '../../workers/run-worker.js';
import { createWorker } from '../../workers/worker.js';
import type { Measured } from '../document.js';
import { interleaved, median } from '../samples.js';
import type { Services } from '../stack.js';

export async function workerReady(services: Services, { quick }: { quick: boolean }): Promise<Measured> {
  installRuntime();
  const workflowBundle = await bundleWorkflowCode({
    workflowsPath: fileURLToPath(new URL('../../workflows/index.ts', import.meta.url)),
    failureConverterPath,
    logger: new DefaultLogger('WARN'),
  });
  const { a: prebuilt, b: fromSource } = await interleaved(
    quick ? { pairs: 2, warmUp: 0 } : { pairs: 8, warmUp: 2 },
    () => readyAfterMs(services, workflowBundle),
    () => readyAfterMs(services),
  );
  return {
    metric: 'worker ready from the prebuilt bundle, against bundling first',
    value: median(prebuilt),
    unit: 'ms',
    against: median(fromSource),
  };
}

async function readyAfterMs(services: Services, workflowBundle?: WorkflowBundleWithSourceMap): Promise<number> {
  const dispatcher = createPool();
  const db = openDb({ url: services.databaseUrl });
  const apiUrl = 'http://127.0.0.1:9'; // nothing is called
  const activities = createActivities({
    db,
    vault: openVault(newVaultKeys()),
    dispatcher,
    miro: createMiro({ dispatcher, baseUrl: apiUrl }),
    scim: createScim({ dispatcher, baseUrl: apiUrl }),
    apiUrl,
    scimUrl: apiUrl,
    idKey: idKey(new Uint8Array(32)),
    budget: createBudget({ db, timings: timings() }),
    timings: timings(),
  });
  const started = performance.now();
  const connection = await NativeConnection.connect({ address: services.temporalAddress });
  const worker = await createWorker({
    connection,
    namespace: 'default',
    taskQueue: 'worker-ready',
    activities,
    dataConverter: dataConverterFor(newKeyRing()),
    ...(workflowBundle ? { workflowBundle } : {}),
  });
  const ended = worker.run();
  const ready = performance.now() - started;
  worker.shutdown();
  await ended;
  await connection.close();
  await dispatcher.close();
  await db.close();
  return ready;
}
