import { afterAll, beforeAll, it } from 'vitest';
import { createTestStore, type TestStore } from '../store/database.js';
import { weather } from './storm.js';

const SEEDS = [1, 2, 3];

let store: TestStore;
beforeAll(async () => {
  store = await createTestStore();
});
afterAll(() => store.close());

it.concurrent.each(SEEDS)('a job ends in a storm as on a calm day (seed %i)', (seed) => weather(store, seed));
