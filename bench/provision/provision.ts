/** What does a durable job cost beside a plain script that calls Miro once? */
import type { BenchOptions, BenchRun } from '../bench.js';
import { startServices, startStack, type Services } from '../stack.js';
import { creditLimit } from './credit-limit.js';
import { startToUrl } from './start-to-url.js';
import { wholeJob } from './whole-job.js';
import { workerReady } from './worker-ready.js';
import type { Measured } from '../document.js';

/** About what a call to api.miro.com takes from Europe. */
const LATENCY_MS = 100;

export async function provision({ quick, log }: BenchOptions): Promise<BenchRun> {
  log('starting Temporal and PostgreSQL');
  const services = await startServices(log);
  try {
    const measured = await besideTheScript(services, { quick, log });
    log('starting workers');
    measured.push(...(await workerReady(services, { quick })));
    log('20 jobs at the credit limit');
    measured.push(...(await creditLimit(services, { quick })));
    return { measured, versions: services.versions };
  } finally {
    await services.stop();
  }
}

async function besideTheScript(services: Services, { quick, log }: BenchOptions): Promise<Measured[]> {
  const stack = await startStack(services, {
    name: 'provision',
    // More credits than are needed: here nothing waits for them.
    simulatorFlags: ['--latency-ms', `${LATENCY_MS}`, '--credits', '1000000000'],
  });
  try {
    log('start → URL, job and script in turn');
    const url = await startToUrl(stack, { quick });
    log('whole job, job and script in turn');
    return [...url, ...(await wholeJob(stack, { quick }))];
  } finally {
    await stack.stop();
  }
}
