/** Every point at which a worker can be killed, and runs with random faults and kills. A failing run names its seed. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { FAULT_KINDS, type FaultRule } from '../../simulator/faults/rules.js';
import { disturbed, killedAt, undisturbed, type Moment } from './kills.js';

const AT_ONCE = 3;
const RUNS = 20;
const MOMENTS: Moment[] = ['arrived', 'written', 'answered'];

it('leaves the same board wherever the worker is killed', async () => {
  const { picture, writes } = await undisturbed();
  const points = Array.from({ length: writes }, (_, n) => MOMENTS.map((moment) => ({ write: n + 1, moment }))).flat();
  const lane = async () => {
    for (let point = points.shift(); point; point = points.shift())
      expect(await killedAt(point), JSON.stringify(point)).toEqual(picture);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, lane));
});

/** Every kind of trouble, often enough to meet each run and seldom enough to let it end. */
const faults: fc.Arbitrary<FaultRule[]> = fc.array(
  fc.record({
    match: fc.constantFrom({ path: '/v2/**' }, { method: 'POST', path: '/v2/**' }, { method: 'GET', path: '/v2/**' }),
    when: fc.record({ probability: fc.double({ min: 0.02, max: 0.2, noNaN: true }) }),
    fault: fc.constantFrom(...FAULT_KINDS),
    times: fc.integer({ min: 1, max: 6 }),
    delayMs: fc.integer({ min: 20, max: 400 }),
  }),
  { maxLength: 4 },
);
const kills = fc
  .uniqueArray(fc.integer({ min: 1, max: 8 }), { maxLength: 2 })
  .map((writes) => writes.sort((a, b) => a - b));

it('leaves the same board under random faults and kills', async () => {
  const { picture } = await undisturbed();
  await fc.assert(
    fc.asyncProperty(faults, kills, fc.nat(), async (rules, killsAfter, seed) => {
      expect(await disturbed(rules, killsAfter, seed)).toEqual(picture);
    }),
    { numRuns: RUNS, endOnFailure: true },
  );
});
