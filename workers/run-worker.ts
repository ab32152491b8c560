/** One worker process from its settings: connect, check, link the first connection, poll; and back again in the opposite order. */
import { inspect } from 'node:util';
import { Client } from '@temporalio/client';
import {
  DefaultLogger,
  NativeConnection,
  Runtime,
  type LogEntry,
  type NativeConnectionOptions,
} from '@temporalio/worker';
import type { Agent } from 'undici';
import { createActivities, createBudget, createGrants, timings } from '../activities/index.js';
import { dataConverterFor } from '../codec.js';
import type { IdKey } from '../ids.js';
import { createMiro, createPool, createScim, scimUrl } from '../miro/index.js';
import { renewAppSecret } from '../store/apps.js';
import type { Db } from '../store/db.js';
import type { Vault } from '../store/vault.js';
import { linkFirstConnection, type FirstToken } from './first-connection.js';
import { openStore } from './open-store.js';
import { prebuiltBundle } from './prebuilt-bundle.js';
import { startRelay } from './relay.js';
import { temporalUnreachable } from './start-up-error.js';
import { ensureSchedules } from './schedules.js';
import { createWorker } from './worker.js';

export interface WorkerSettings {
  temporal: { connectionOptions: NativeConnectionOptions; namespace?: string };
  database: { url?: string; schema?: string };
  idKey: IdKey;
  /** Key ring of the vault, `name:base64[,…]`. */
  vaultKeys: string;
  /** Key ring of the payload codec, same form; without it Temporal keeps plain text. */
  codecKeys?: string | undefined;
  /** Base name of the task queues. */
  taskQueue: string;
  miro: FirstToken & { apiUrl: string; url: string };
  /** Factor on HTTP deadlines, leases and settle times; 1 outside of simulators. */
  timeScale: number;
  /** Where people reach the gateway. */
  publicUrl?: string | undefined;
  /** Webhooks may go to addresses that are not public. */
  allowPrivateWebhooks: boolean;
}

export interface WorkerLife {
  /** Aborted: finish what runs, then return. */
  signal: AbortSignal;
  /** All queues are polled. */
  onReady: (ready: { taskQueue: string }) => void;
  /** A sentence for whoever operates this. */
  log: (line: string) => void;
}

/** Once per process, before anything else of the SDK's worker: warnings only, and signals stay with our own clean stop. */
export function installRuntime(): void {
  Runtime.install({ logger: new DefaultLogger('WARN', write), shutdownSignals: [] });
}

// Each of our three pollers leaves one half to the others, and would be warned about for it.
const POLLS_HALF = /^No (?:activities|workflows) registered/;

function write({ level, timestampNanos, message, meta }: LogEntry): void {
  if (POLLS_HALF.test(message)) return;
  const time = new Date(Number(timestampNanos / 1_000_000n)).toISOString();
  process.stderr.write(`${time} ${level} ${message} ${inspect(withoutTask(meta), { breakLength: Infinity })}\n`);
}

// Of an activity that it doesn't know the SDK logs the whole task, with its input.
function withoutTask({ task: _task, taskEncoded: _encoded, ...meta }: Record<string, unknown> = {}): object {
  return meta;
}

/**
 * Works until `signal` is aborted; returns after a clean stop.
 * @throws StartUpError when a setting is wrong or a service is absent at the start; another error when a poller failed for good.
 */
export async function runWorker(settings: WorkerSettings, life: WorkerLife): Promise<void> {
  if (settings.codecKeys === undefined)
    life.log('TEMPORAL_MIRO_CODEC_KEYS is not set: Temporal keeps inputs, results and errors as plain text');
  const closers: (() => Promise<void>)[] = [];
  try {
    const { db, vault } = await openStore({ ...settings, codecKeys: settings.codecKeys, encrypts: true });
    closers.unshift(() => db.close());
    const connection = await connect(settings.temporal.connectionOptions);
    closers.unshift(() => connection.close());
    const dispatcher = createPool();
    closers.unshift(() => dispatcher.close());
    await poll(settings, life, { db, vault, connection, dispatcher });
  } finally {
    for (const close of closers) await close();
  }
}

interface Resources {
  db: Db;
  vault: Vault;
  connection: NativeConnection;
  dispatcher: Agent;
}

async function poll(
  settings: WorkerSettings,
  life: WorkerLife,
  { db, vault, connection, dispatcher }: Resources,
): Promise<void> {
  const { taskQueue, idKey, miro: account, timeScale, publicUrl, allowPrivateWebhooks } = settings;
  const { signal, onReady, log } = life;
  const namespace = settings.temporal.namespace ?? 'default';
  const dataConverter = dataConverterFor(settings.codecKeys);
  const miro = createMiro({ dispatcher, baseUrl: account.apiUrl });
  const times = timings(timeScale);
  if (account.app) await renewAppSecret(db, vault, account.app);
  await linkFirstConnection({ db, vault, miro, readMs: times.readMs, log }, account);
  const client = new Client({ connection, namespace, dataConverter });
  await ensureSchedules(client, taskQueue).catch((error: unknown) => {
    throw temporalUnreachable(settings.temporal.connectionOptions.address, error);
  });
  if (signal.aborted) return;

  const budget = createBudget({ db, timings: times, log });
  const siteUrls = { apiUrl: account.apiUrl, scimUrl: scimUrl(account.url) };
  const scim = createScim({ dispatcher, baseUrl: siteUrls.scimUrl });
  const encrypts = settings.codecKeys !== undefined;
  const common = { db, vault, miro, scim, dispatcher, ...siteUrls, idKey, encrypts };
  const deps = { ...common, budget, timings: times, publicUrl, allowPrivateWebhooks };
  const grants = createGrants(deps);
  const activities = createActivities(deps, grants);
  const workflowBundle = prebuiltBundle();
  const worker = await createWorker({
    connection,
    namespace,
    taskQueue,
    activities,
    dataConverter,
    ...(workflowBundle ? { workflowBundle } : {}),
  });
  const relay = startRelay({ db, client, taskQueue, log });
  const ended = worker.run(); // in any case: the connection of a worker that never ran can't be closed
  if (signal.aborted) worker.shutdown();
  else signal.addEventListener('abort', () => worker.shutdown(), { once: true });
  onReady({ taskQueue });
  await ended.finally(async () => {
    await relay.stop();
    await grants.idle(); // also past the end of the activity that began a refresh
    await budget.close();
  });
}

async function connect(options: NativeConnectionOptions): Promise<NativeConnection> {
  try {
    return await NativeConnection.connect(options);
  } catch (error) {
    throw temporalUnreachable(options.address, error);
  }
}
