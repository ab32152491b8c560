import { describe, it } from 'vitest';
import { runUnderFaults } from './faulty-runs.js';

const KILLED = [29, 46];
const OTHERS = [18, 21, 39, 45, 50, 51, 60, 63];

/** Of all trackers and ways to show tickets; hundreds more are in faults.soak.ts. */
describe('a run makes each ticket and its link once, and takes them back', { timeout: 300_000 }, () => {
  it.concurrent.each(KILLED)('when processes are killed, under the faults of seed %i', (seed) =>
    runUnderFaults({ seed, killed: true }),
  );

  it.concurrent.each(OTHERS)('under the faults of seed %i', (seed) => runUnderFaults({ seed, killed: false }));
});
