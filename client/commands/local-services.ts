/** Everything that a job needs, on this machine: Temporal, PostgreSQL and, if wanted, a stand-in Miro. For `up` and `demo`. */
import { join } from 'node:path';
import { openDb, one } from '../../store/db.js';
import { startEmbedded } from '../../store/embedded.js';
import { migrate } from '../../store/migrate.js';
import { createSimulator } from '../../simulator/app.js';
import type { SimulatorOptions } from '../../simulator/options.js';
import { startDevServer } from '../../workers/dev-server.js';
import { endWithUs } from '../../workers/orphan-guard.js';
import { findTemporal } from '../../workers/temporal-binary.js';
import type { Env, StoreConfig } from '../../config.js';

export interface LocalOptions {
  /** Holds the database's files. */
  folder: string;
  /** Temporal's and PostgreSQL's data outlive the processes. */
  durable: boolean;
  /** Services that run already are not started. */
  given: { database: StoreConfig; temporalAddress?: string | undefined };
  simulator?: Partial<SimulatorOptions>;
  log: (line: string) => void;
  /** Aborted: nothing more is started. */
  signal: AbortSignal;
}

export interface LocalServices {
  /** What the processes of the product need to find all this. */
  env: Env;
  temporalUi?: string;
  simulatorUrl?: string;
  stop: () => Promise<void>;
}

/** @throws AbortError when `signal` was aborted before all ran; what ran then is stopped. */
export async function startLocalServices(options: LocalOptions): Promise<LocalServices> {
  const stops: (() => Promise<void>)[] = [];
  const stop = async (): Promise<void> => {
    for (const stopOne of stops.splice(0)) await stopOne();
  };
  try {
    const temporal = await startTemporal(options, stops);
    options.signal.throwIfAborted();
    const { url: databaseUrl = await startPostgres(options, stops), schema } = options.given.database;
    options.signal.throwIfAborted();
    await migrate({ url: databaseUrl, ...(schema ? { schema } : {}) });
    const simulator = options.simulator && (await createSimulator(options.simulator).start());
    if (simulator) stops.unshift(simulator.close);
    options.signal.throwIfAborted();
    const env: Env = {
      ...temporal.env,
      DATABASE_URL: databaseUrl,
      ...(simulator && {
        MIRO_API_URL: simulator.url,
        MIRO_URL: simulator.url,
        MIRO_CLIENT_ID: simulator.clientId,
        MIRO_CLIENT_SECRET: simulator.clientSecret,
        MIRO_ACCESS_TOKEN: simulator.accessToken,
        MIRO_REFRESH_TOKEN: simulator.refreshToken,
      }),
    };
    return {
      env,
      ...(temporal.uiUrl === undefined ? {} : { temporalUi: temporal.uiUrl }),
      ...(simulator ? { simulatorUrl: simulator.url } : {}),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

type Stops = (() => Promise<void>)[];

async function startTemporal(options: LocalOptions, stops: Stops): Promise<{ env: Env; uiUrl?: string | undefined }> {
  const { given, durable, folder, log, signal } = options;
  if (given.temporalAddress !== undefined) return { env: { TEMPORAL_ADDRESS: given.temporalAddress } };
  // May build for minutes; a build that nobody waits for ends with this process.
  await Promise.race([findTemporal({ log }), aborted(signal)]);
  const server = await startDevServer({
    log,
    ui: durable,
    ...(durable ? { persistent: join(folder, 'temporal.db') } : {}),
  });
  stops.unshift(server.stop);
  // A profile of yours, for another server, stays out of this one: the file is not there.
  return {
    env: { TEMPORAL_ADDRESS: server.address, TEMPORAL_CONFIG_FILE: join(folder, 'temporal.toml') },
    uiUrl: server.uiUrl,
  };
}

async function startPostgres({ folder, durable, log }: LocalOptions, stops: Stops): Promise<string> {
  const server = await startEmbedded({ dir: folder, durable, log });
  const release = endWithUs(await serverPid(server.url), 'SIGINT');
  stops.unshift(async () => {
    await server.stop();
    release();
  });
  return server.url;
}

async function serverPid(url: string): Promise<number> {
  const db = openDb({ url, max: 1 });
  try {
    const sql = `select split_part(pg_read_file('postmaster.pid'), E'\\n', 1)::int as pid`;
    return one(await db.query<{ pid: number }>(sql)).pid;
  } finally {
    await db.close();
  }
}

/** Rejects when `signal` is aborted. */
export function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const give = (): void => reject(signal.reason as Error);
    if (signal.aborted) give();
    else signal.addEventListener('abort', give, { once: true });
  });
}
