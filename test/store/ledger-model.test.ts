import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { play, steps } from './ledger-model.js';
import { createTestStore, type TestStore } from './database.js';

let store: TestStore;
beforeAll(async () => {
  store = await createTestStore();
});
afterAll(() => store.close());

it('leaves one object, one winner and every proof, whatever the order of claims, sends, losses, deaths and leases', async () => {
  await fc.assert(
    fc.asyncProperty(steps, (script) => play(store, script)),
    { numRuns: 60 },
  );
  expect(await store.db.query(`select from miro.effects where state <> 'done'`)).toEqual([]);
});
