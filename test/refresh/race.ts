/** Eight processes that use one grant at once, and are killed: what becomes of it, for race.test.ts and race.soak.ts. */
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { createSimulator, type RunningSimulator } from '../../simulator/app.js';
import type { SimulatorOptions } from '../../simulator/options.js';
import { ensureConnection, findConnection, type GrantInfo } from '../../store/connections.js';
import { openDb, type Db } from '../../store/db.js';
import { ensureTenant } from '../../store/tenants.js';
import { newVaultKeys, openVault } from '../../store/vault.js';
import { createTestDatabase, spawnNode, type SpawnedNode } from '../harness.js';
import type { CallerSettings, Order, Report } from './caller.js';

const PROCESSES = 8;

export interface Race {
  simulator: RunningSimulator;
  /** Links a new pair of the same user, as a person would. `expiresInMs` as in OAuthPair. */
  link(expiresInMs?: number): Promise<void>;
  grant(): Promise<GrantInfo>;
  /** Gives each process an order, n being 0 to 7, and waits until all have carried theirs out or are dead. */
  round(order: (n: number) => Order, kills?: { afterMs: number; victim: number }[]): Promise<Round>;
  close(): Promise<void>;
}

/** What happened in a round. */
export interface Round extends Report {
  /** Exchanges that Miro processed, and those that it refused. */
  exchanged: number;
  refused: number;
  /** Generations that refreshing has made. */
  moved: number;
  killed: number;
  state: GrantInfo['state'];
}

/** A process that waits for its next order. */
interface Waiting {
  pid: number;
  answer: ServerResponse;
}

export async function startRace(options: Partial<SimulatorOptions>): Promise<Race> {
  const [simulator, database] = await Promise.all([createSimulator(options).start(), createTestDatabase()]);
  const db = openDb({ url: database.url });
  const vaultKeys = newVaultKeys();
  const { tenantId } = await ensureTenant(db, 'default');
  const control = await startControl();
  const settings: CallerSettings = {
    ...{ control: control.url, databaseUrl: database.url, vaultKeys, miroUrl: simulator.url, tenantId },
  };
  const file = fileURLToPath(new URL('caller.ts', import.meta.url));
  const spawn = (): Promise<SpawnedNode> => spawnNode(file, [JSON.stringify(settings)]);
  const processes = await Promise.all(Array.from({ length: PROCESSES }, spawn));
  const grant = (): Promise<GrantInfo> => grantOf(db, tenantId);

  return {
    simulator,
    grant,
    async link(expiresInMs) {
      const { clientId, clientSecret } = simulator;
      const rest = { ...(await linkApp(simulator)), expiresInMs };
      await ensureConnection(db, openVault(vaultKeys), {
        ...{ tenantId, name: 'default', rest, app: { clientId, clientSecret } },
      });
    },
    async round(order, kills = []) {
      await replaceDead(processes, spawn);
      const crew = await control.gather(PROCESSES);
      const before = await grant();
      const since = new Date().toISOString();
      const reports = control.order(crew, order);
      const timers = kills.map(({ afterMs, victim }) =>
        setTimeout(() => void processes[victim]?.kill('SIGKILL'), afterMs),
      );
      for (const process of processes) void process.exited.then(() => control.lost(process.pid));
      const report = await reports;
      timers.forEach(clearTimeout);
      const after = await grant();
      const statuses = await exchangesSince(simulator, since);
      return {
        ...report,
        exchanged: statuses.filter((status) => status === 200 || status === null).length,
        refused: statuses.filter((status) => status !== null && status !== 200).length,
        moved: after.generation - before.generation,
        killed: (await ended(processes)).length,
        state: after.state,
      };
    },
    async close() {
      await Promise.all(processes.map((process) => process.kill('SIGKILL')));
      await control.close();
      await simulator.close();
      await db.close();
      await database.drop();
    },
  };
}

async function grantOf(db: Db, tenantId: string): Promise<GrantInfo> {
  const grant = (await findConnection(db, { tenantId, name: 'default' }))?.rest;
  if (!grant) throw new Error('nothing is linked');
  return grant;
}

async function linkApp({ url }: RunningSimulator): Promise<{ accessToken: string; refreshToken: string }> {
  const response = await fetch(`${url}/_sim/act`, { method: 'POST', body: JSON.stringify({ do: 'link-app' }) });
  const { accessToken, refreshToken } = (await response.json()) as { accessToken: string; refreshToken: string };
  return { accessToken, refreshToken };
}

async function exchangesSince({ url }: RunningSimulator, since: string): Promise<(number | null)[]> {
  const requests = (await (await fetch(`${url}/_sim/requests`)).json()) as {
    time: string;
    path: string;
    status: number | null;
  }[];
  return requests.filter(({ time, path }) => path === '/v1/oauth/token' && time >= since).map(({ status }) => status);
}

async function ended(processes: SpawnedNode[]): Promise<number[]> {
  const ends = await Promise.all(processes.map(({ exited }) => Promise.race([exited, Promise.resolve(undefined)])));
  return ends.flatMap((end, n) => (end ? [n] : []));
}

async function replaceDead(processes: SpawnedNode[], spawn: () => Promise<SpawnedNode>): Promise<void> {
  for (const n of await ended(processes)) processes[n] = await spawn();
}

/** Where the processes ask what to do. */
async function startControl() {
  let waiting: Waiting[] = [];
  let reports = new Map<number, (report: Report) => void>();
  let gathered: () => void = () => undefined;
  const server = createServer((request, answer) => {
    void json(request).then((body) => {
      const { pid, report } = body as { pid: number; report?: Report };
      if (report) reports.get(pid)?.(report);
      waiting.push({ pid, answer });
      gathered();
    });
  });
  server.listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    /** Until so many wait for orders. */
    async gather(count: number): Promise<Waiting[]> {
      while (waiting.length < count) await new Promise<void>((resolve) => (gathered = resolve));
      const crew = waiting;
      waiting = [];
      return crew;
    },
    async order(crew: Waiting[], order: (n: number) => Order): Promise<Report> {
      reports = new Map();
      const all = crew.map(({ pid }) => new Promise<Report>((resolve) => reports.set(pid, resolve)));
      crew.forEach(({ answer }, n) => answer.end(JSON.stringify(order(n))));
      const told = await Promise.all(all);
      const sum = (of: keyof Report) => told.reduce((total, report) => total + report[of], 0);
      return { fine: sum('fine'), parked: sum('parked'), again: sum('again') };
    },
    /** It will not report any more. */
    lost(pid: number): void {
      reports.get(pid)?.({ fine: 0, parked: 0, again: 0 });
      waiting = waiting.filter((process) => process.pid !== pid);
    },
    close: () => new Promise<void>((resolve) => server.close(() => resolve())),
  };
}
