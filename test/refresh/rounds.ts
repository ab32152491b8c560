/** Rounds of a race with processes killed at random; what must hold after each. */
import { expect } from 'vitest';
import type { Race, Round } from './race.js';

const PROCESSES = 8;
const CALLS = 200;

/** @throws AssertionError that names the round; prints the counts at the end. */
export async function raceRounds(race: Race, { rounds, seed }: { rounds: number; seed: number }): Promise<void> {
  const random = generator(seed);
  const total = { rounds, calls: 0, fine: 0, generations: 0, exchanges: 0, kills: 0, lostBetweenAnswerAndCommit: 0 };
  for (let n = 0; n < rounds; n += 1) {
    await race.link();
    const kills = random() < 0.7 ? [{ afterMs: 50 + random() * 800, victim: Math.floor(random() * PROCESSES) }] : [];
    const main = await race.round(() => ({ calls: CALLS, lanes: 10 }), kills);
    // Whoever was killed last may have left an exchange behind that nobody has met yet.
    const rest = await race.round(() => ({ calls: 1, lanes: 1, patient: true }));
    const round = { ...sum(main, rest), state: rest.state };
    check(round, `round ${n} of seed ${seed}: ${JSON.stringify({ main, rest })}`);
    total.calls += round.fine + round.parked + round.again;
    total.fine += round.fine;
    total.generations += round.moved;
    total.exchanges += round.exchanged + round.refused;
    total.kills += round.killed;
    if (round.state === 'needs_relink') total.lostBetweenAnswerAndCommit += 1;
  }
  process.stdout.write(`${JSON.stringify(total)}\n`);
}

function check({ state, exchanged, refused, moved, killed, parked }: Round, message: string): void {
  if (state === 'live') {
    expect({ exchanged, refused, parked }, message).toEqual({ exchanged: moved, refused: 0, parked: 0 });
    return;
  }
  // Only a kill between Miro's answer and our commit may cost the grant, and then one more exchange at most.
  expect({ state, killed: killed > 0, exchanged }, message).toEqual({
    ...{ state: 'needs_relink', killed: true, exchanged: moved + 1 },
  });
  expect(refused, message).toBeLessThanOrEqual(1);
}

function sum(one: Round, other: Round): Omit<Round, 'state'> {
  const add = (of: Exclude<keyof Round, 'state'>) => one[of] + other[of];
  return {
    ...{ fine: add('fine'), parked: add('parked'), again: add('again') },
    ...{ exchanged: add('exchanged'), refused: add('refused'), moved: add('moved'), killed: add('killed') },
  };
}

/** The same numbers for the same seed (mulberry32). */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
