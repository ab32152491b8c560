/** How much of the credits is used while work waits, and how many calls does Miro refuse? One worker process, four, and a plain script. */
import { setTimeout as delay } from 'node:timers/promises';
import type { RunningSimulator } from '../../simulator/app.js';
import type { LogEntry } from '../../simulator/http/request-log.js';
import { openDb } from '../../store/db.js';
import { migrate } from '../../store/migrate.js';
import { ensureTenant } from '../../store/tenants.js';
import type { BenchOptions, BenchRun } from '../bench.js';
import type { Goal, Measured } from '../document.js';
import { startProgram } from '../program.js';
import { startServices, type Services } from '../stack.js';
import type { CallerSettings } from './caller.js';

const MINUTE_MS = 60_000;
/** A window: many calls, so that one more or less is no per cent, and few enough for two cores. */
const CREDITS = 20_000;
const LATENCY_MS = 50;
/** Calls that want to go at the same time, over all processes. */
const LANES = 80;
const SCHEMA = 'budget';

interface Size {
  windowMs: number;
  /** Windows until the credits are used up and all wait. */
  warmUp: number;
  windows: number;
}

const sizeOf = (quick: boolean): Size =>
  quick ? { windowMs: 3_000, warmUp: 2, windows: 2 } : { windowMs: 10_000, warmUp: 2, windows: 4 };

export async function budget({ quick, log }: BenchOptions): Promise<BenchRun> {
  const size = sizeOf(quick);
  log('starting PostgreSQL');
  const services = await startServices(log);
  try {
    const tenantId = await prepare(services);
    const run = (file: string, processes: number): Promise<Use> =>
      measure(size, { file, processes, common: { databaseUrl: services.databaseUrl, schema: SCHEMA, tenantId } });
    log('one worker process');
    const one = await run('bench/budget/caller.ts', 1);
    log('four worker processes');
    const four = await run('bench/budget/caller.ts', 4);
    log('the official client in a loop');
    const naive = await run('bench/budget/naive.ts', 1);
    return {
      measured: [
        used('1 worker process', one, naive, ['value', '≥', 98]),
        used('4 worker processes', four, naive, ['value', '≥', 97]),
        refused('1 worker process', one, naive, ['value', '≤', 0]),
        refused('4 worker processes', four, naive, ['value', '≤', 1]),
      ],
      versions: services.versions,
    };
  } finally {
    await services.stop();
  }
}

async function prepare({ databaseUrl }: Services): Promise<string> {
  await migrate({ url: databaseUrl, schema: SCHEMA });
  const db = openDb({ url: databaseUrl, schema: SCHEMA, max: 1 });
  try {
    return (await ensureTenant(db, 'bench')).tenantId;
  } finally {
    await db.close();
  }
}

interface Use {
  /** Per cent of the credits. */
  used: number;
  /** 429s in 1,000 calls. */
  refused: number;
}

interface Run {
  /** Of the program that calls. */
  file: string;
  processes: number;
  common: Pick<CallerSettings, 'databaseUrl' | 'schema' | 'tenantId'>;
}

/** Against a simulator of its own, over whole windows in which work waits at any time. */
async function measure(size: Size, { file, processes, common }: Run): Promise<Use> {
  const { windowMs } = size;
  const flags = ['--window-ms', windowMs, '--credits', CREDITS, '--latency-ms', LATENCY_MS].map(String);
  const programs = [await startProgram('simulator/main.ts', flags)];
  try {
    const simulator = programs[0]?.ready as RunningSimulator;
    const settings: CallerSettings = {
      ...common,
      ...{ url: simulator.url, accessToken: simulator.accessToken, boardId: await newBoard(simulator) },
      ...{ name: '', budget: `${file}:${processes}`, lanes: LANES / processes, timeScale: windowMs / MINUTE_MS },
    };
    const starting = Array.from({ length: processes }, (_, n) =>
      startProgram(file, [JSON.stringify({ ...settings, name: `${n}` })]),
    );
    programs.unshift(...(await Promise.all(starting)));
    const from = (Math.ceil(Date.now() / windowMs) + size.warmUp - 1) * windowMs;
    const to = from + size.windows * windowMs;
    await delay(to - Date.now());
    const log = (await (await fetch(`${simulator.url}/_sim/requests`)).json()) as LogEntry[];
    return useOf(
      log.filter(({ time }) => Date.parse(time) >= from && Date.parse(time) < to),
      size,
    );
  } finally {
    for (const program of programs) await program.stop();
  }
}

function useOf(log: LogEntry[], { windows }: Size): Use {
  const credits = log.reduce((sum, entry) => sum + entry.credits, 0);
  const refusals = log.filter(({ status }) => status === 429).length;
  return { used: (100 * credits) / (CREDITS * windows), refused: (1_000 * refusals) / log.length };
}

async function newBoard({ url, accessToken }: RunningSimulator): Promise<string> {
  const headers = { authorization: `Bearer ${accessToken}`, 'content-type': 'application/json' };
  const response = await fetch(`${url}/v2/boards`, { method: 'POST', headers, body: '{"name":"Bench"}' });
  return ((await response.json()) as { id: string }).id;
}

const used = (who: string, ours: Use, naive: Use, goal: Goal): Measured => ({
  metric: `credits used while work waits, ${who}, against the official client with naive retry`,
  ...{ value: ours.used, unit: '%', against: naive.used, goal },
});

const refused = (who: string, ours: Use, naive: Use, goal: Goal): Measured => ({
  metric: `calls refused with 429, ${who}, against the official client with naive retry`,
  ...{ value: ours.refused, unit: 'of 1,000', against: naive.refused, goal },
});
