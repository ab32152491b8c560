import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startStack, type Stack } from '../stack.js';
import { act, addSticky, boardOf, newBoard, run, sprintBoard, stickyOf, ticketTitles } from './boards.js';

let stack: Stack;
beforeAll(async () => {
  stack = await startStack({ simulator: { windowMs: 1_000 } });
  await stack.work();
}, 120_000);
afterAll(() => stack.close());

describe('a retro board', () => {
  it('becomes tickets once, and next week only what is new does', async () => {
    const { id: board } = await sprintBoard(stack);
    const before = await ticketTitles(stack);
    const first = await run(stack, { board });
    expect(first.answer.state).toBe('started');
    expect(first.result).toMatchObject({ ending: 'done', problems: [] });
    const made = (await ticketTitles(stack)).length - before.length;
    expect(made).toBe(first.result.plan?.counts.create);
    expect(made).toBeGreaterThan(50);

    await addSticky(stack, board, 'Book a bigger room for the next retro', 97);
    const second = await run(stack, { board });
    expect(second.result.plan?.counts).toMatchObject({ create: 1, existing: made, changed: 0, deleted: 0 });
    expect((await ticketTitles(stack)).length - before.length).toBe(made + 1);
  });
});
