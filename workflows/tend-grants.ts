/** The fleet-wide look at every grant, in shards beside each other: one that is slow holds up a part of its shard only. */
import type { Tended } from '../activities/index.js';
import { background } from './steps.js';

const SHARDS = 4;
/** Half an hour of work for a shard; what is left then is due first an hour later. */
const ROUNDS = 90;

export async function tendGrants(): Promise<Omit<Tended, 'more'>> {
  const shards = await Promise.all(Array.from({ length: SHARDS }, (_, shard) => tendShard(shard)));
  return shards.flat().reduce(
    (sum, { fine, dead, postponed }) => ({
      fine: sum.fine + fine,
      dead: sum.dead + dead,
      postponed: sum.postponed + postponed,
    }),
    { fine: 0, dead: 0, postponed: 0 },
  );
}

async function tendShard(shard: number): Promise<Tended[]> {
  const rounds: Tended[] = [];
  while (rounds.length < ROUNDS) {
    const round = await background.tendGrants({ shard, shards: SHARDS });
    rounds.push(round);
    if (!round.more) break;
  }
  return rounds;
}
