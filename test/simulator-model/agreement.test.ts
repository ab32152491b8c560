import fc from 'fast-check';
import { it } from 'vitest';
import { useSimulator } from '../simulator/miro.js';
import { agree, sequences, SMALL_WORLD } from './agreement.js';

const { send } = useSimulator({ creditLimit: 1e9, copyMs: 0, world: SMALL_WORLD });

it('agrees with the model on boards, items, members, tags and groups', async () => {
  await fc.assert(
    fc.asyncProperty(sequences, (steps) => agree(send, steps)),
    { numRuns: 15 },
  );
});
