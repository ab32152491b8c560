/** The product as it runs in production, on this machine: Temporal, PostgreSQL, worker and Miro each in a process of its own; the client is here. */
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { startLocalServices } from '../client/commands/local-services.js';
import { createTemporalMiro, type TemporalMiro } from '../client/index.js';
import { dataConverterFor } from '../codec.js';
import { isolated, type Env } from '../config.js';
import { idKey, type IdKey } from '../ids.js';
import { newKeyRing } from '../key-ring.js';
import type { RunningSimulator } from '../simulator/app.js';
import type { LogEntry } from '../simulator/http/request-log.js';
import { openDb, one, type Db } from '../store/db.js';
import { migrate } from '../store/migrate.js';
import { newVaultKeys, openVault, type Vault } from '../store/vault.js';
import { startProgram } from './program.js';

export interface Services {
  temporalAddress: string;
  databaseUrl: string;
  client: Client;
  /** Key ring of the payload codec: of the client here, and of every worker. */
  codecKeys: string;
  versions: Record<string, string>;
  stop: () => Promise<void>;
}

/** Temporal and PostgreSQL, in memory and without fsync: they are the same for everything that is compared. */
export async function startServices(log: (line: string) => void): Promise<Services> {
  const folder = await mkdtemp(join(tmpdir(), 'temporal-miro-bench-'));
  const stops = [() => rm(folder, { recursive: true, force: true })];
  const stop = async (): Promise<void> => {
    for (const step of stops.splice(0)) await step();
  };
  try {
    const { signal } = new AbortController();
    const services = await startLocalServices({ folder, durable: false, given: { database: {} }, log, signal });
    stops.unshift(services.stop);
    const { TEMPORAL_ADDRESS: temporalAddress = '', DATABASE_URL: databaseUrl = '' } = services.env;
    const connection = await Connection.connect({ address: temporalAddress });
    stops.unshift(() => connection.close());
    const codecKeys = newKeyRing();
    const client = new Client({ connection, dataConverter: dataConverterFor(codecKeys) });
    return {
      temporalAddress,
      databaseUrl,
      client,
      codecKeys,
      versions: await versionsOf(databaseUrl, connection),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function versionsOf(databaseUrl: string, { workflowService }: Connection): Promise<Record<string, string>> {
  const db = openDb({ url: databaseUrl, max: 1 });
  try {
    const { postgresql } = one(
      await db.query<{ postgresql: string }>(`select current_setting('server_version') as postgresql`),
    );
    const { serverVersion } = await workflowService.getSystemInfo({});
    return { 'temporal server': serverVersion, postgresql };
  } finally {
    await db.close();
  }
}

export interface StackOptions {
  /** Names the stack's schema and task queue. */
  name: string;
  /** Of `simulator/main.ts`. */
  simulatorFlags: string[];
  /** Factor on deadlines, leases and short waits; as the simulator's window to Miro's. */
  timeScale?: number;
  /** More settings of the worker. */
  env?: Env;
}

export interface Stack {
  client: Client;
  miro: TemporalMiro;
  idKey: IdKey;
  taskQueue: string;
  /** For what the product's clients never do themselves: linking accounts, and reading what the worker has written. */
  store: { db: Db; vault: Vault };
  simulator: RunningSimulator;
  workerPid: number;
  /** What the simulator was asked so far, oldest first. */
  requests: () => Promise<LogEntry[]>;
  stop: () => Promise<void>;
}

/** A simulator, a worker and a client of their own on the shared services. */
export async function startStack(services: Services, options: StackOptions): Promise<Stack> {
  const { name, simulatorFlags, timeScale = 1, env: more = {} } = options;
  const key = idKey(randomBytes(32));
  const vaultKeys = newVaultKeys();
  await migrate({ url: services.databaseUrl, schema: name });
  const simulatorProgram = await startProgram('simulator/main.ts', simulatorFlags);
  const db = openDb({ url: services.databaseUrl, schema: name });
  const stops = [simulatorProgram.stop, () => db.close()];
  const stop = async (): Promise<void> => {
    for (const step of stops) await step();
  };
  try {
    const simulator = simulatorProgram.ready as RunningSimulator;
    const env = isolated({
      TEMPORAL_ADDRESS: services.temporalAddress,
      TEMPORAL_MIRO_ID_KEY: Buffer.from(key).toString('hex'),
      TEMPORAL_MIRO_VAULT_KEYS: vaultKeys,
      TEMPORAL_MIRO_CODEC_KEYS: services.codecKeys,
      TEMPORAL_MIRO_TASK_QUEUE: name,
      TEMPORAL_MIRO_TIME_SCALE: String(timeScale),
      DATABASE_URL: services.databaseUrl,
      DATABASE_SCHEMA: name,
      MIRO_API_URL: simulator.url,
      MIRO_URL: simulator.url,
      MIRO_ACCESS_TOKEN: simulator.accessToken,
      ...more,
    });
    const worker = await startProgram('workers/main.ts', [], env);
    stops.unshift(worker.stop);
    const requests = async () => (await (await fetch(`${simulator.url}/_sim/requests`)).json()) as LogEntry[];
    const { client } = services;
    const miro = await createTemporalMiro({ client, idKey: key, taskQueue: name });
    const store = { db, vault: openVault(vaultKeys) };
    return { client, miro, idKey: key, taskQueue: name, store, simulator, workerPid: worker.pid, requests, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
