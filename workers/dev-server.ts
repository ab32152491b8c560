import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { Connection } from '@temporalio/client';
import { type LocalConfig, localConfig } from '../config.js';
import { SEARCH_ATTRIBUTES } from '../contract.js';
import { endWithUs } from './orphan-guard.js';
import { findTemporal } from './temporal-binary.js';

export interface DevServerOptions {
  /** SQLite file that keeps everything between starts; absent: in memory. */
  persistent?: string;
  /** Port of the frontend; absent: a free one. */
  port?: number;
  /** Also serves Temporal's web UI, on a free port. */
  ui?: boolean;
  log: (line: string) => void;
  local?: LocalConfig;
}

export interface DevServer {
  address: string;
  uiUrl?: string;
  stop: () => Promise<void>;
}

const HOST = '127.0.0.1';
const START_TIMEOUT_MS = 30_000;
// An in-memory server has nothing to lose; one on a file gets the time to close it.
const STOP_TIMEOUT_MS = 5_000;
const PORT_TRIES = 3;

const DYNAMIC_CONFIG = {
  // With its one shard a dev server holds every task back for 50 ms after a burst of about 20; 137 ms → 53 ms per small job.
  'history.transferProcessorMaxPollRPS': 2_000,
  'history.timerProcessorMaxPollRPS': 2_000,
  'history.visibilityProcessorMaxPollRPS': 2_000,
  // Tenants take turns within a task queue.
  'matching.useNewMatcher': true,
  'matching.enableFairness': true,
  // One machine and one user: the limits against noisy neighbours would only slow the tests.
  'frontend.rps': 100_000,
  'frontend.namespaceRPS': 100_000,
  'frontend.namespaceRPS.visibility': 10_000,
  'frontend.namespaceCount': 10_000,
  'frontend.persistenceMaxQPS': 100_000,
  'history.rps': 100_000,
  'history.persistenceMaxQPS': 100_000,
  'matching.rps': 100_000,
  'matching.persistenceMaxQPS': 100_000,
};

/**
 * Starts a Temporal dev server with our search attributes, and waits until it answers. It never outlives this process.
 * @throws Error with the server's own last words when it does not come up.
 */
export async function startDevServer(options: DevServerOptions): Promise<DevServer> {
  const { port, ui = false, log, local = localConfig() } = options;
  const binary = await findTemporal({ log, local });
  for (let left = PORT_TRIES; ; left -= 1) {
    const ports = { port: port ?? (await freePort()), uiPort: ui ? await freePort() : undefined };
    try {
      return await launch(binary, ports, options.persistent);
    } catch (err) {
      // Somebody else took the port between our look and the server's start.
      const taken =
        port === undefined && /address already in use|only one usage of each socket/i.test((err as Error).message);
      if (!taken || left === 1) throw err;
    }
  }
}

interface Ports {
  port: number;
  uiPort?: number;
}

async function launch(binary: string, ports: Ports, persistent: string | undefined): Promise<DevServer> {
  const address = `${HOST}:${ports.port}`;
  // Detached: on Ctrl-C the workers finish first, then the server is stopped.
  const child = spawn(binary, serverArgs(ports, persistent), {
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: process.platform !== 'win32',
    windowsHide: true,
  });
  const lastWords = keepLastWords(child);
  await once(child, 'spawn');
  const release = endWithUs(child.pid ?? 0);
  const exited = once(child, 'exit').then(release);
  const stop = async () => {
    child.kill();
    const timer = setTimeout(() => child.kill('SIGKILL'), persistent === undefined ? 0 : STOP_TIMEOUT_MS);
    await exited;
    clearTimeout(timer);
  };
  try {
    await untilReady(address, child);
  } catch (err) {
    await stop();
    throw new Error(`The Temporal dev server did not start: ${(err as Error).message}\n${lastWords()}`.trimEnd(), {
      cause: err,
    });
  }
  return { address, uiUrl: ports.uiPort === undefined ? undefined : `http://${HOST}:${ports.uiPort}`, stop };
}

function serverArgs({ port, uiPort }: Ports, persistent: string | undefined): string[] {
  return [
    ...['server', 'start-dev', '--ip', HOST, '--port', String(port), '--log-level', 'error'],
    ...(uiPort === undefined ? ['--headless'] : ['--ui-port', String(uiPort)]),
    ...(persistent === undefined ? [] : ['--db-filename', persistent]),
    ...Object.entries(DYNAMIC_CONFIG).flatMap(([key, value]) => ['--dynamic-config-value', `${key}=${value}`]),
    ...Object.entries(SEARCH_ATTRIBUTES).flatMap(([name, type]) => ['--search-attribute', `${name}=${cliType(type)}`]),
  ];
}

/** KEYWORD → Keyword, KEYWORD_LIST → KeywordList. */
function cliType(type: string): string {
  return type.toLowerCase().replace(/(?:^|_)([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

function keepLastWords(child: ChildProcess): () => string {
  let words = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding('utf8').on('data', (text: string) => (words = (words + text).slice(-4_000)));
  return () => words;
}

/** Ready means: the default namespace is there, with our search attributes. */
async function untilReady(address: string, child: ChildProcess): Promise<void> {
  const giveUpAt = performance.now() + START_TIMEOUT_MS;
  const connection = Connection.lazy({ address });
  try {
    for (;;) {
      if (child.exitCode !== null) throw new Error(`it ended with exit code ${child.exitCode}`);
      const failure = await connection.withDeadline(Date.now() + 1_000, () => whyNotReady(connection));
      if (failure === undefined) return;
      if (performance.now() > giveUpAt) throw new Error(`no answer after ${START_TIMEOUT_MS / 1000} s: ${failure}`);
      await delay(50);
    }
  } finally {
    await connection.close();
  }
}

async function whyNotReady(connection: Connection): Promise<string | undefined> {
  try {
    const found = await connection.operatorService.listSearchAttributes({ namespace: 'default' });
    const missing = Object.keys(SEARCH_ATTRIBUTES).filter((name) => !(name in found.customAttributes));
    return missing.length === 0 ? undefined : `without search attribute ${missing.join(', ')}`;
  } catch (err) {
    return (err as Error).message;
  }
}

/** A port of 127.0.0.1 that nobody listens on at the moment. */
export async function freePort(): Promise<number> {
  const { port, release } = await holdPort();
  await release();
  return port;
}

/** Keeps a port of 127.0.0.1 from others until `release`, which may be called again: the wanted one, or a free one where that is taken. */
export async function holdPort(wanted = 0): Promise<{ port: number; release: () => Promise<void> }> {
  const server = createServer((socket) => socket.destroy()).listen(wanted, HOST);
  try {
    await once(server, 'listening');
  } catch (error) {
    if (wanted !== 0) return holdPort();
    throw error;
  }
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the system gave no port');
  const release = async (): Promise<void> => {
    if (server.listening) await once(server.close(), 'close');
  };
  return { port: address.port, release };
}
