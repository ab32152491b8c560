/** The whole product on real parts: simulator over HTTP, PostgreSQL, Temporal server, worker, client. */
import { randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { Client, Connection } from '@temporalio/client';
import type { DataConverter } from '@temporalio/common';
import {
  bundleWorkflowCode,
  DefaultLogger,
  NativeConnection,
  Runtime,
  type WorkflowBundleWithSourceMap,
} from '@temporalio/worker';
import { createActivities, createBudget, timings, type Activities, type Budget } from '../activities/index.js';
import { createTemporalMiro, type ProvisionRequest, type TemporalMiro } from '../client/index.js';
import { dataConverterFor, failureConverterPath } from '../codec.js';
import { idKey } from '../ids.js';
import { createMiro, createPool, createScim, scimUrl } from '../miro/index.js';
import { createSimulator, type RunningSimulator } from '../simulator/app.js';
import { ensureConnection } from '../store/connections.js';
import { openDb, type Db } from '../store/db.js';
import { ensureTenant } from '../store/tenants.js';
import { newVaultKeys, openVault, type Vault } from '../store/vault.js';
import { createWorker } from '../workers/worker.js';
import { createTestDatabase, spawnNode, temporalAddress, type SpawnedNode } from './harness.js';

Runtime.install({ logger: new DefaultLogger('ERROR'), shutdownSignals: [] });

export interface Stack {
  simulator: RunningSimulator;
  db: Db;
  vault: Vault;
  /** Of the tenant `default`. */
  tenantId: string;
  databaseUrl: string;
  address: string;
  temporal: Client;
  native: NativeConnection;
  miro: TemporalMiro;
  idKey: Uint8Array;
  /** Key ring of the payload codec; empty with `plaintext`. */
  codecKeys: string;
  dataConverter: DataConverter;
  taskQueue: string;
  /** What a worker of this process registers. */
  activities(own?: { idKey?: Uint8Array }): Activities;
  /** Starts a worker in this process. @returns its clean stop. */
  work(own?: { idKey?: Uint8Array }): Promise<() => Promise<void>>;
  /** Starts a worker as a process of its own, which may be killed. */
  spawnWorker(): Promise<SpawnedNode>;
  state(): Promise<SimulatorState>;
  sim(path: string, body?: unknown, method?: string): Promise<unknown>;
  /** After `simulator.close()`: the same Miro answers again at the same address. */
  reopen(): Promise<void>;
  close(): Promise<void>;
}

export interface SimulatorState {
  boards: SimulatorBoard[];
}

export interface SimulatorBoard {
  id: string;
  name: string;
  description: string;
  members: { id: string; role: string; email?: string }[];
  items: SimulatorItem[];
  connectors: {
    id: string;
    startItem?: { id: string };
    endItem?: { id: string };
    captions?: { content: string }[];
  }[];
  tags: { id: string; title: string }[];
}

export interface SimulatorItem {
  id: string;
  type: string;
  data: Record<string, unknown>;
  style?: Record<string, unknown>;
  position: { x: number; y: number };
  geometry?: { width?: number; height?: number; rotation?: number };
  parent?: { id: string } | null;
  tagIds: string[];
}

export interface StackOptions {
  simulator?: Parameters<typeof createSimulator>[0];
  /** Leases and settle times as a part of production's. */
  timeScale?: number;
  /** Temporal keeps everything unencrypted. */
  plaintext?: boolean;
}

/** The simulator answers within milliseconds. */
export const TEST_SCALE = 0.02;
/** Nobody listens there; it only comes up in relink URLs. */
export const PUBLIC_URL = 'https://miro-jobs.example.com';

let bundle: Promise<WorkflowBundleWithSourceMap> | undefined;
const quiet = { trace() {}, debug() {}, info() {}, warn() {}, error() {}, log() {} };
/** Bundling takes a second; once per test file is enough. */
export const workflowBundle = (): Promise<WorkflowBundleWithSourceMap> =>
  (bundle ??= bundleWorkflowCode({
    workflowsPath: fileURLToPath(new URL('../workflows/index.ts', import.meta.url)),
    failureConverterPath,
    logger: quiet,
  }));

export async function startStack(options: StackOptions = {}): Promise<Stack> {
  const { timeScale = TEST_SCALE } = options;
  const [address, database] = await Promise.all([temporalAddress(), createTestDatabase()]);
  const site = createSimulator(options.simulator);
  const simulator = await site.start({ port: 0 });
  let closeSite = simulator.close;
  const db = openDb({ url: database.url });
  const vaultKeys = newVaultKeys();
  const vault = openVault(vaultKeys);
  const { tenantId } = await ensureTenant(db, 'default');
  await ensureConnection(db, vault, { tenantId, name: 'default', rest: { accessToken: simulator.accessToken } });
  const connection = await Connection.connect({ address });
  const native = await NativeConnection.connect({ address });
  const codecKeys = options.plaintext ? '' : newVaultKeys();
  const dataConverter = dataConverterFor(codecKeys || undefined);
  const temporal = new Client({ connection, dataConverter });
  const key = randomBytes(32);
  const taskQueue = `test-${randomBytes(6).toString('hex')}`;
  const miro = await createTemporalMiro({ client: temporal, idKey: key, taskQueue });
  const stops = new Set<() => Promise<unknown>>();
  const budgets: Budget[] = [];
  const dispatcher = createPool();

  const activities: Stack['activities'] = (own = {}) => {
    const times = timings(timeScale);
    const budget = createBudget({ db, timings: times });
    budgets.push(budget);
    return createActivities({
      db,
      vault,
      dispatcher,
      miro: createMiro({ dispatcher, baseUrl: simulator.url }),
      scim: createScim({ dispatcher, baseUrl: scimUrl(simulator.url) }),
      apiUrl: simulator.url,
      scimUrl: scimUrl(simulator.url),
      idKey: idKey(own.idKey ?? key),
      encrypts: codecKeys !== '',
      budget,
      timings: times,
      publicUrl: PUBLIC_URL,
      allowPrivateWebhooks: true,
    });
  };
  const work: Stack['work'] = async (own) => {
    const common = { connection: native, namespace: 'default', taskQueue, activities: activities(own), dataConverter };
    const worker = await createWorker({ ...common, workflowBundle: await workflowBundle() });
    const ended = worker.run();
    const stop = async (): Promise<void> => {
      stops.delete(stop);
      worker.shutdown();
      await ended;
    };
    stops.add(stop);
    return stop;
  };
  const spawnWorker: Stack['spawnWorker'] = async () => {
    const worker = await spawnNode(fileURLToPath(new URL('../workers/main.ts', import.meta.url)), [], {
      DATABASE_URL: database.url,
      TEMPORAL_ADDRESS: address,
      TEMPORAL_MIRO_ID_KEY: Buffer.from(key).toString('hex'),
      TEMPORAL_MIRO_VAULT_KEYS: vaultKeys,
      TEMPORAL_MIRO_CODEC_KEYS: codecKeys,
      TEMPORAL_MIRO_TASK_QUEUE: taskQueue,
      TEMPORAL_MIRO_TIME_SCALE: String(timeScale),
      TEMPORAL_MIRO_PUBLIC_URL: PUBLIC_URL,
      TEMPORAL_MIRO_WEBHOOK_PRIVATE: 'true',
      MIRO_API_URL: simulator.url,
      MIRO_URL: simulator.url,
    });
    const stop = () => worker.kill('SIGKILL');
    stops.add(stop);
    void worker.exited.then(() => stops.delete(stop));
    await worker.waitFor(/"ready":true/, 60_000);
    return worker;
  };
  const sim: Stack['sim'] = async (path, body, method = body === undefined ? 'GET' : 'POST') => {
    const init =
      body === undefined
        ? { method }
        : { method, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
    const response = await fetch(`${simulator.url}/_sim/${path}`, init);
    if (!response.ok) throw new Error(`/_sim/${path}: ${response.status} ${await response.text()}`);
    return response.headers.get('content-type')?.includes('json') ? await response.json() : await response.text();
  };
  return {
    ...{ simulator, db, vault, tenantId, databaseUrl: database.url, address, temporal, native, miro, idKey: key },
    ...{ codecKeys, dataConverter },
    ...{ taskQueue, activities, work, spawnWorker, sim },
    state: async () => (await sim('state')) as SimulatorState,
    reopen: async () => void (closeSite = (await site.start({ port: Number(new URL(simulator.url).port) })).close),
    async close() {
      await Promise.all([...stops].map((stop) => stop()));
      await Promise.all(budgets.map((budget) => budget.close()));
      await native.close();
      await connection.close();
      await closeSite();
      await dispatcher.close();
      await db.close();
      await database.drop();
    },
  };
}

export const retro = (key: string, more: Partial<ProvisionRequest> = {}): ProvisionRequest => ({
  key,
  name: 'Retro {{project.name}}',
  placeholders: { project: { name: 'Apollo & Söhne' } },
  template: {
    blueprint: {
      version: 1,
      frames: [
        { id: 'good', title: 'Went well', position: { x: 0, y: 0 }, geometry: { width: 800, height: 600 } },
        { id: 'bad', title: 'To improve', position: { x: 1000, y: 0 }, geometry: { width: 800, height: 600 } },
      ],
      items: [
        {
          id: 's1',
          type: 'sticky_note',
          frame: 'good',
          position: { x: 150, y: 150 },
          content: 'First of {{project.name}}',
          tags: ['t1'],
        },
        { id: 's2', type: 'sticky_note', frame: 'bad', position: { x: 150, y: 150 }, content: 'Second' },
        { id: 'sh', type: 'shape', position: { x: 0, y: 600 }, content: 'Shape', style: { fillColor: '#ff0000' } },
        { id: 'tx', type: 'text', position: { x: 0, y: 800 }, content: 'Text' },
        { id: 'cd', type: 'card', position: { x: 600, y: 800 }, title: 'Card' },
      ],
      connectors: [{ id: 'c1', from: 's1', to: 's2', caption: 'leads to' }],
      tags: [{ id: 't1', title: 'important' }],
    },
  },
  recordUrl: 'https://crm.example.com/deals/4711',
  members: [{ email: 'anna@example.com', role: 'editor' }],
  ...more,
});
