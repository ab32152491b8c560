import { afterAll, beforeAll, expect, it } from 'vitest';
import { retro, startStack, type Stack } from '../stack.js';
import { ask, boardsNamed, finished } from './boards.js';

let stack: Stack;
beforeAll(async () => {
  stack = await startStack();
  await stack.work();
});
afterAll(() => stack.close());

it('says that people have deleted the board, and makes another only when asked for it', async () => {
  const request = retro('deleted', { name: 'Deleted' });
  const { result } = await finished(stack, request);
  await stack.sim('act', { do: 'delete-board', boardId: result.boardId });

  const { answer, result: told } = await finished(stack, request);
  expect(answer).toMatchObject({ state: 'deleted', outcome: 'deleted', boardId: result.boardId, episode: 1 });
  expect(told).toMatchObject({ ending: 'deleted', boardId: result.boardId });
  expect(await boardsNamed(stack, 'Deleted')).toEqual([]);

  const { answer: second } = await finished(stack, { ...request, again: { after: 1 } });
  expect(second).toMatchObject({ state: 'ready', outcome: 'made', episode: 2 });
  expect(await boardsNamed(stack, 'Deleted')).toHaveLength(1);
  expect((await finished(stack, request)).answer).toMatchObject({ state: 'ready', episode: 2 });
});

it('opens one new episode, however often the same call is repeated', async () => {
  const request = retro('again', { name: 'Again' });
  await finished(stack, request);
  const again = { ...request, again: { after: 1 } };
  const [one, two] = await Promise.all([ask(stack, again), ask(stack, again)]);
  await one.handle.result();
  const later = await finished(stack, again); // as if both answers had been lost
  const boards = await boardsNamed(stack, 'Again');
  expect(boards).toHaveLength(2);
  for (const answer of [one, two, later.answer])
    expect(answer).toMatchObject({ state: 'ready', episode: 2, boardId: boards[1]?.id });
});

it('says that an episode still runs, and names the last one where the number is wrong', async () => {
  const request = retro('early', { name: 'Early' });
  const { handle } = await ask(stack, request);
  const early = await ask(stack, { ...request, again: { after: 1 } });
  expect(early).toMatchObject({ state: 'still_running', accepted: true });
  expect((await handle.result()).ending).toBe('done');
  await expect(ask(stack, { ...request, again: { after: 7 } })).rejects.toMatchObject({
    type: 'Input.refused',
    message: expect.stringContaining('again.after is 7, but the last episode of this key is 1') as string,
  });
  expect(await boardsNamed(stack, 'Early')).toHaveLength(1);
});
