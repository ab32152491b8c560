import { afterAll, beforeAll, it } from 'vitest';
import { createTestStore, type TestStore } from '../store/database.js';
import { weather } from './storm.js';

const SEEDS = Array.from({ length: 200 }, (_, n) => 100 + n);

let store: TestStore;
beforeAll(async () => {
  store = await createTestStore();
});
afterAll(() => store.close());

it.concurrent.each(SEEDS)('a job ends in a storm as on a calm day (seed %i)', (seed) => weather(store, seed));
