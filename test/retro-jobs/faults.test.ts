import { describe, it } from 'vitest';
import { faultyRuns } from './faulty-runs.js';

describe('a run makes each ticket and its link once, and takes them back, whatever goes wrong', () => {
  it.concurrent.each([
    { seeds: [1, 2, 3, 4, 5, 6, 7], killed: false },
    { seeds: [8], killed: true },
    { seeds: [9], killed: true },
    { seeds: [10], killed: true },
  ])('with seeds $seeds, processes killed: $killed', { timeout: 300_000 }, (seeds) => faultyRuns(seeds));
});
