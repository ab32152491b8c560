import { afterEach, it } from 'vitest';
import { startRace, type Race } from './race.js';
import { raceRounds } from './rounds.js';

let race: Race;
afterEach(() => race.close());

it.each([101, 102, 103, 104, 105])('loses no grant around many expiries, 100 rounds (seed %i)', async (seed) => {
  race = await startRace({ tokenTtlMs: 400 });
  await raceRounds(race, { rounds: 100, seed });
});
