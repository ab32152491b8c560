/** Runs once per `vitest run`: one Temporal dev server and one PostgreSQL for all test files, each started when a test first asks. */
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import type { TestProject } from 'vitest/node';
import { startEmbedded } from '../store/embedded.js';
import { migrate } from '../store/migrate.js';
import { startDevServer } from '../workers/dev-server.js';
import { endWithUs } from '../workers/orphan-guard.js';
import { findTemporal } from '../workers/temporal-binary.js';

declare module 'vitest' {
  export interface ProvidedContext {
    /** Address of the HTTP server below: `GET /temporal`, `GET /postgres`. */
    services: string;
  }
}

export interface TemporalService {
  address: string;
}
export interface PostgresService {
  /** Superuser of a database that tests leave alone. */
  url: string;
  /** Name of a migrated database to copy. */
  template: string;
}

interface Started<T> {
  service: T;
  stop: () => Promise<void>;
}

const log = (line: string) => console.error(line);

export async function setup(project: TestProject): Promise<() => Promise<void>> {
  // May take minutes on a new machine: here, where no test's timeout runs. Tests that need it get the reason if there is none.
  await findTemporal({ log }).catch(() => undefined);
  const starters: Record<string, () => Promise<Started<unknown>>> = {
    '/temporal': startTemporal,
    '/postgres': startPostgres,
  };
  const started = new Map<string, Promise<Started<unknown>>>();
  const server = createServer((request, response) => {
    const path = request.url ?? '';
    const starting = started.get(path) ?? starters[path]?.();
    if (starting === undefined) return void response.writeHead(404).end();
    started.set(path, starting);
    starting.then(
      ({ service }) => response.end(JSON.stringify(service)),
      (err: unknown) => response.writeHead(500).end(err instanceof Error ? err.message : String(err)),
    );
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  project.provide('services', `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  return async () => {
    server.close();
    server.closeAllConnections();
    for (const starting of await Promise.allSettled(started.values()))
      if (starting.status === 'fulfilled') await starting.value.stop();
  };
}

async function startTemporal(): Promise<Started<TemporalService>> {
  const { address, stop } = await startDevServer({ log });
  return { service: { address }, stop };
}

async function startPostgres(): Promise<Started<PostgresService>> {
  const dir = await mkdtemp(join(tmpdir(), 'temporal-miro-test-'));
  const postgres = await startEmbedded({ dir, durable: false });
  const template = 'template_miro';
  const release = endWithUs(await makeTemplate(postgres.url, template), 'SIGINT');
  const url = new URL(postgres.url);
  url.pathname = template;
  await migrate({ url: url.href });
  const stop = async () => {
    await postgres.stop();
    release();
    await rm(dir, { recursive: true, force: true });
  };
  return { service: { url: postgres.url, template }, stop };
}

/** @returns the server's process id. */
async function makeTemplate(url: string, template: string): Promise<number> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(`create database ${template}`);
    const { rows } = await client.query<{ pid: string }>(`select pg_read_file('postmaster.pid') as pid`);
    return Number.parseInt(rows[0]?.pid ?? '', 10);
  } finally {
    await client.end();
  }
}
