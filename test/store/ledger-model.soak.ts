import fc from 'fast-check';
import { afterAll, beforeAll, it } from 'vitest';
import { play, steps } from './ledger-model.js';
import { createTestStore, type TestStore } from './database.js';

let store: TestStore;
beforeAll(async () => {
  store = await createTestStore();
});
afterAll(() => store.close());

it('leaves one object, one winner and every proof, in thousands of orders', async () => {
  await fc.assert(
    fc.asyncProperty(steps, (script) => play(store, script)),
    { numRuns: 3_000 },
  );
});
