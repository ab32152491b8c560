/** What does a durable job cost beside a plain script that calls Miro once? */
import type { BenchOptions, BenchRun } from '../bench.js';
import { startServices, startStack, type Services, type Stack } from '../stack.js';
import { creditLimit, startLimitedStack } from './credit-limit.js';
import { startToUrl } from './start-to-url.js';
import { wholeJob } from './whole-job.js';
import { workerReady } from './worker-ready.js';

/** About what a call to api.miro.com takes from Europe. */
const LATENCY_MS = 100;

export async function provision({ quick, log }: BenchOptions): Promise<BenchRun> {
  log('starting Temporal and PostgreSQL');
  const services = await startServices(log);
  log('starting simulators and workers');
  const starting = [startUnlimitedStack(services), startLimitedStack(services, { quick })] as const;
  try {
    const [unlimited, limited] = await Promise.all(starting);
    log('start → URL, job and script in turn');
    const url = await startToUrl(unlimited, { quick });
    log('whole job, job and script in turn');
    const whole = await wholeJob(unlimited, { quick });
    log('workers, from a bundle and from source in turn');
    const ready = await workerReady(services, { quick });
    log('twenty jobs at the credit limit');
    const atTheLimit = await creditLimit(limited, { quick });
    return { measured: [...url, whole, ready, ...atTheLimit], versions: services.versions };
  } finally {
    for (const start of await Promise.allSettled(starting)) {
      if (start.status === 'fulfilled') await start.value.stop();
    }
    await services.stop();
  }
}

/** More credits than are needed: here nothing waits for them. */
function startUnlimitedStack(services: Services): Promise<Stack> {
  const simulatorFlags = ['--latency-ms', `${LATENCY_MS}`, '--credits', '1000000000'];
  return startStack(services, { name: 'provision', simulatorFlags });
}
