/** What do tickets from a board cost and spare, beside a script with the official clients? */
import type { BenchOptions, BenchRun } from '../bench.js';
import { startServices, startStack, type Services, type Stack } from '../stack.js';
import { newBoard } from './boards.js';
import { largeBoard } from './large-board.js';
import { LATENCY_MS } from './trackers.js';
import { underFaults } from './under-faults.js';
import { runRetro, wholeRun } from './whole-run.js';

/** A 429 costs the rest of Miro's minute, and a lost answer the time in which it may still turn up: nothing is timed under faults. */
const FAULTY_SCALE = 0.02;
const MINUTE_MS = 60_000;

export async function retro({ quick, log }: BenchOptions): Promise<BenchRun> {
  log('starting Temporal and PostgreSQL');
  const services = await startServices(log);
  log('starting simulators and workers');
  const starting = [start(services, 'retro', 1), start(services, 'retro_faults', FAULTY_SCALE)] as const;
  try {
    const [calm, faulty] = await Promise.all(starting);
    // A worker runs for days: its first run, with nothing loaded yet, is not what anybody waits for.
    await runRetro(calm, { name: 'builtin' }, (await newBoard(calm, 20)).boardId);
    log('GitHub, ours and the official clients in turn');
    const github = await wholeRun(calm, 'github', { quick });
    log('Jira, ours and the official clients in turn');
    const jira = await wholeRun(calm, 'jira', { quick });
    log('faults, and a large board');
    const [faults, large] = await Promise.all([underFaults(faulty, { quick }), largeBoard(calm, { quick })]);
    return { measured: [github, jira, ...faults, ...large], versions: services.versions };
  } finally {
    for (const start of await Promise.allSettled(starting)) {
      if (start.status === 'fulfilled') await start.value.stop();
    }
    await services.stop();
  }
}

/** More credits than are needed: here nothing waits for them. */
const start = (services: Services, name: string, timeScale: number): Promise<Stack> =>
  startStack(services, {
    ...{ name, timeScale, env: { TEMPORAL_MIRO_WEBHOOK_PRIVATE: 'true' } },
    simulatorFlags: ['--latency-ms', LATENCY_MS, '--credits', 1e9, '--window-ms', MINUTE_MS * timeScale].map(String),
  });
