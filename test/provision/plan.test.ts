import { afterAll, beforeAll, expect, it } from 'vitest';
import { retro, startStack, type Stack } from '../stack.js';

let stack: Stack;
beforeAll(async () => {
  stack = await startStack();
});
afterAll(() => stack.close());

it('says that no worker answers instead of waiting for one', async () => {
  await expect(stack.miro.planBoard(retro('plan:0'), { waitMs: 1500 })).rejects.toMatchObject({
    type: 'Plan.noAnswer',
    message: expect.stringContaining('no worker polls') as string,
  });
});

it('plans without one write, and the run does what the plan said', async () => {
  const stop = await stack.work();
  const plan = await stack.miro.planBoard(retro('plan:1'));
  const log = (await stack.sim('requests')) as { method: string }[];
  expect(log.filter(({ method }) => method !== 'GET')).toEqual([]);
  expect(plan).toMatchObject({
    board: { outcome: 'make', name: 'Retro Apollo & Söhne' },
    missing: [],
    differences: [],
  });

  await expect(stack.miro.provisionBoard(retro('plan:1', { planHash: 'f'.repeat(64) }))).rejects.toMatchObject({
    type: 'Plan.changed',
  });
  const answer = await stack.miro.provisionBoard(retro('plan:1', { planHash: plan.hash }));
  const { counts } = await answer.handle.result();
  const planned = plan.steps.filter(({ step }) => step.startsWith('create') || step.startsWith('share'));
  // the board itself is one of the parts that were made
  expect(counts.made).toBe(planned.reduce((sum, { count }) => sum + count, 0));
  const writes = ((await stack.sim('requests')) as { method: string; credits: number }[]).filter(
    ({ method }) => method !== 'GET',
  );
  expect(writes.reduce((sum, { credits }) => sum + credits, 0)).toBe(plan.credits);

  expect(await stack.miro.planBoard(retro('plan:1'))).toMatchObject({
    board: { outcome: 'exists' },
    steps: [],
    credits: 0,
  });
  await stop();
});
