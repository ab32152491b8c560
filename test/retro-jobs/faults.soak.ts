/** Boards under random faults, in two of three runs with kills. `npm run soak -- test/retro-jobs -t 'seed 17$'` runs one of them alone. */
import { describe, it } from 'vitest';
import { runUnderFaults } from './faulty-runs.js';

const RUNS = 500;

describe('a run makes each ticket and its link once, and takes them back', () => {
  it.concurrent.each(Array.from({ length: RUNS }, (_, n) => n + 1))('under the faults of seed %i', (seed) =>
    runUnderFaults({ seed, killed: seed % 3 !== 0, unauthorized: true }),
  );
});
