import fc from 'fast-check';
import { it } from 'vitest';
import { useSimulator } from '../simulator/miro.js';
import { hostile, withstand } from './hostile.js';

const { sim, send } = useSimulator({ creditLimit: 1e12, copyMs: 0 });

it('answers hostile requests to every operation, and keeps its state whole', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(hostile, { minLength: 20, maxLength: 40 }), (requests) =>
      withstand(sim(), send, requests),
    ),
    { numRuns: 20 },
  );
});
