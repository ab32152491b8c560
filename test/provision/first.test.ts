import { afterAll, beforeAll, expect, it } from 'vitest';
import { retro, startStack, type Stack } from '../stack.js';

let stack: Stack;
beforeAll(async () => {
  stack = await startStack();
  await stack.work();
});
afterAll(() => stack.close());

it('makes a board with everything on it, and answers with its URL first', async () => {
  const t0 = performance.now();
  const answer = await stack.miro.provisionBoard(retro('project:1'));
  console.log('url after', performance.now() - t0);
  expect(answer.state).toBe('ready');
  const result = await answer.handle.result();
  console.log('all after', performance.now() - t0);
  console.log(JSON.stringify(result));
  const state = await stack.state();
  console.log(
    JSON.stringify(
      state.boards.map((b) => ({
        n: b.name,
        d: b.description,
        i: b.items.length,
        c: b.connectors.length,
        t: b.tags,
        m: b.members,
      })),
    ),
  );
  expect(result.ending).toBe('done');
});
