/** (b) One Miro account for everybody: the order in which its credits are given out. */
import type { BenchOptions } from '../bench.js';
import type { Measured } from '../document.js';
import { p95 } from '../samples.js';
import { startStack, type Services } from '../stack.js';
import { install, jobTimes, link, startCrowd } from './tenants.js';

const JOBS = 10;
/** Shorter than Miro's minute and with as many credits a job as make ten jobs wait for some windows. */
const WINDOW_MS = 2_000;
const CREDITS = 6_000;
/** Waits and deadlines shrink less than the window: calls take as long as ever. */
const TIME_SCALE = 0.25;
/** Of an audit that runs at night. */
const BEHIND = 4;

export async function sharedAccount(services: Services, { quick, log }: BenchOptions): Promise<Measured[]> {
  const crowdSize = quick ? 60 : 300;
  const stack = await startStack(services, {
    name: 'shared_account',
    simulatorFlags: ['--latency-ms', '20', '--window-ms', `${WINDOW_MS}`, '--credits', `${CREDITS}`],
    timeScale: TIME_SCALE,
  });
  try {
    const token = await install(stack, { email: 'ben@nordlicht.example', team: 'Product' });
    for (const tenant of ['small', 'equal', 'night']) await link(stack, tenant, token);
    await jobTimes(stack, 'small', { count: 2, round: 'warm-up' });
    log(`${JOBS} jobs alone on a small budget`);
    const alone = p95(await jobTimes(stack, 'small', { count: JOBS, round: 'alone' }));

    log(`${JOBS} jobs beside another tenant's ${crowdSize} on the same budget`);
    const equals = await startCrowd(stack, 'equal', { count: crowdSize });
    await equals.untilWaiting(0.5);
    const beside = p95(await jobTimes(stack, 'small', { count: JOBS, round: 'beside' }));
    await equals.requireOpen();
    await equals.terminate();

    log(`${JOBS} jobs beside ${crowdSize} of lower priority on the same budget`);
    const audit = await startCrowd(stack, 'night', { count: crowdSize, priorityKey: BEHIND });
    await audit.untilWaiting(0.5);
    const first = p95(await jobTimes(stack, 'small', { count: JOBS, round: 'first' }));
    await audit.requireOpen();
    return [
      {
        metric: `p95 of ${JOBS} jobs on one account with another tenant's ${crowdSize}, against half of it and a window`,
        ...{ value: beside, unit: 'ms', against: 2 * alone + WINDOW_MS, goal: ['ratio', '≤', 1] },
      },
      {
        metric: `p95 of ${JOBS} jobs on one account with ${crowdSize} of priority ${BEHIND}, against alone and a window`,
        ...{ value: first, unit: 'ms', against: alone + WINDOW_MS, goal: ['ratio', '≤', 1] },
      },
    ];
  } finally {
    await stack.stop();
  }
}
