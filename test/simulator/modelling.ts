import fc from 'fast-check';
import { describe, it } from 'vitest';
import { useSimulator } from './miro.js';
import { commands, setUp, type Model, type Real } from './model.js';

/** Random sequences of calls leave the simulator and a small model with the same board. */
export function describeModel(numRuns: number, seed: number): void {
  const { send } = useSimulator({ creditLimit: 1e12 });
  describe('a random sequence of calls', () => {
    it(`leaves simulator and model alike (${numRuns} sequences)`, async () => {
      const sequence = fc.commands(commands, { maxCommands: 40, size: 'max' });
      const run = fc.asyncProperty(sequence, (all) =>
        fc.asyncModelRun<Model, Real, false, Model>(() => setUp(send), all),
      );
      await fc.assert(run, { numRuns, seed });
    });
  });
}
