/** (a) Two tenants, each with a Miro account of its own: what they share is Temporal, the store, the worker and its slots. */
import type { BenchOptions } from '../bench.js';
import type { Measured } from '../document.js';
import { p95 } from '../samples.js';
import { startStack, type Services } from '../stack.js';
import { install, jobTimes, link, startCrowd } from './tenants.js';

/** About what a call to api.miro.com takes from Europe. */
const LATENCY_MS = 100;
const JOBS = 10;

/** Miro's own window and credits: what an account's calls wait for, and what bounds how much of the worker they can hold. */
export async function ownAccounts(services: Services, { quick, log }: BenchOptions): Promise<Measured[]> {
  const size = quick ? { crowd: 200, rounds: 1 } : { crowd: 1000, rounds: 5 };
  const stack = await startStack(services, {
    name: 'own_accounts',
    simulatorFlags: ['--latency-ms', `${LATENCY_MS}`],
  });
  try {
    await link(stack, 'small', await install(stack, { email: 'ben@nordlicht.example', team: 'Product' }));
    await link(stack, 'large', await install(stack, { email: 'kofi@nordlicht.example', team: 'Platform' }));
    const rounds = async (name: string): Promise<number[]> => {
      const times: number[] = [];
      for (let n = 0; n < size.rounds; n += 1)
        times.push(...(await jobTimes(stack, 'small', { count: JOBS, round: `${name}:${n}` })));
      return times;
    };
    await jobTimes(stack, 'small', { count: JOBS, round: 'warm-up' });
    log(`${JOBS} jobs alone`);
    const alone = p95(await rounds('alone'));
    log(`${JOBS} jobs while another tenant's ${size.crowd} begin`);
    const crowd = await startCrowd(stack, 'large', { count: size.crowd });
    const atTheStart = p95(await jobTimes(stack, 'small', { count: JOBS, round: 'start' }));
    await crowd.untilWaiting(0.9);
    log(`${JOBS} jobs while the others wait for credits`);
    const beside = p95(await rounds('beside'));
    await crowd.requireOpen();
    return [
      {
        metric: `p95 of ${JOBS} jobs beside another tenant's ${size.crowd}, against alone`,
        ...{ value: beside, unit: 'ms', against: alone, goal: ['ratio', '≤', 1.5] },
      },
      {
        metric: `the same while the ${size.crowd} are being started`,
        ...{ value: atTheStart, unit: 'ms', against: alone },
      },
    ];
  } finally {
    await stack.stop();
  }
}
