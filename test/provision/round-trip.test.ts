import fc from 'fast-check';
import { afterAll, beforeAll, it } from 'vitest';
import { startStack, type Stack } from '../stack.js';
import { cases, holds } from './round-trip.js';

let stack: Stack;
beforeAll(async () => {
  stack = await startStack();
  await stack.work();
});
afterAll(() => stack.close());

it('gives a blueprint’s geometry and text back, frame-relative and absolute', { timeout: 120_000 }, async () => {
  let run = 0;
  await fc.assert(
    fc.asyncProperty(cases, (made) => holds(stack, made, `round trip ${(run += 1)}`)),
    { numRuns: 10 },
  );
});
