import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startRace, type Race } from './race.js';
import { raceRounds } from './rounds.js';

const one = { calls: 1, lanes: 1, patient: true as const };
const none = { calls: 0, lanes: 0 };

describe('eight processes that share a grant', () => {
  let race: Race;
  beforeAll(async () => {
    race = await startRace({});
  });
  afterAll(() => race.close());

  it('refresh once for a thousand calls that meet the expiry', async () => {
    await race.link(0);
    const round = await race.round(() => ({ calls: 125, lanes: 125, patient: true }));
    expect(round).toEqual({
      fine: 1_000,
      parked: 0,
      again: 0,
      exchanged: 1,
      refused: 0,
      moved: 1,
      killed: 0,
      state: 'live',
    });
  });

  it('exchange again when one is killed before it has sent, as often as that happens', async () => {
    await race.link(0);
    for (const n of [0, 1]) {
      const round = await race.round((process) => (process === n ? { ...one, die: 'before-send' } : none));
      expect(round).toMatchObject({ exchanged: 0, refused: 0, moved: 0, killed: 1, state: 'live' });
    }
    expect(await race.round(() => one)).toMatchObject({ fine: 8, exchanged: 1, refused: 0, moved: 1, state: 'live' });
  });

  it('ask for a relink after one last exchange when one is killed between the answer and the commit', async () => {
    await race.link(0);
    await race.round((n) => (n === 0 ? { ...one, die: 'after-answer' } : none));
    const round = await race.round(() => ({ calls: 20, lanes: 20, patient: true }));
    expect(round).toMatchObject({ fine: 0, parked: 160, exchanged: 0, refused: 1, moved: 0, state: 'needs_relink' });
    expect(await race.grant()).toMatchObject({ reason: expect.stringContaining('refused') as string });
    expect((await race.grant()).deadSince).toBeInstanceOf(Date);
    await race.link();
    expect(await race.round(() => one)).toMatchObject({ fine: 8, parked: 0, state: 'live' });
  });
});

it('loses no grant around many expiries, with processes killed at random', async () => {
  const race = await startRace({ tokenTtlMs: 400 });
  try {
    await raceRounds(race, { rounds: 10, seed: 1 });
  } finally {
    await race.close();
  }
}, 300_000);
