import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Blueprint } from '../../client/index.js';
import { retro, startStack, type Stack } from '../stack.js';
import { ask, boardsNamed, finished, textOf, theBoard } from './boards.js';
import { until } from './until.js';

let stack: Stack;
beforeAll(async () => {
  stack = await startStack();
  await stack.work();
});
afterAll(() => stack.close());

const blueprint = (first: string, second: string, more: Blueprint['items'] = []): { blueprint: Blueprint } => ({
  blueprint: {
    version: 1,
    items: [
      { id: 'one', type: 'sticky_note', position: { x: 0, y: 0 }, content: first },
      { id: 'two', type: 'sticky_note', position: { x: 300, y: 0 }, content: second },
      ...more,
    ],
  },
});
const added = { id: 'three', type: 'sticky_note' as const, position: { x: 600, y: 0 }, content: 'Three' };

const texts = async (name: string): Promise<string[]> => (await theBoard(stack, name)).items.map(textOf).sort();
const plain = (key: string, template: { blueprint: Blueprint }) =>
  retro(key, { name: key, template, members: [], recordUrl: undefined });

it('tells in what another input differs, and changes nothing', async () => {
  const { result } = await finished(stack, plain('reported', blueprint('One', 'Two')));
  const { answer } = await finished(stack, plain('reported', blueprint('Eins', 'Two')));
  expect(answer).toMatchObject({
    state: 'ready',
    boardId: result.boardId,
    differences: [{ field: 'items.one.content', before: 'One', after: 'Eins', outcome: 'reported' }],
  });
  expect(await texts('reported')).toEqual(['<p>One</p>', '<p>Two</p>']);
});

it('applies what differs where it is asked for, and keeps what people have changed', async () => {
  await finished(stack, plain('applied', blueprint('One', 'Two')));
  const board = await theBoard(stack, 'applied');
  const [, two] = board.items;
  await stack.sim('act', { do: 'edit-item', boardId: board.id, itemId: two?.id, content: '<p>Anna was here</p>' });

  const changed = { ...plain('applied', blueprint('Eins', 'Zwei', [added])), onChange: 'apply' as const };
  const { result } = await finished(stack, changed);
  expect(result.differences.map(({ field, outcome }) => `${field} ${outcome}`)).toEqual([
    'items.one.content applied',
    'items.two.content kept',
    'items.three applied',
  ]);
  expect(await texts('applied')).toEqual(['<p>Anna was here</p>', '<p>Eins</p>', '<p>Three</p>']);
  expect((await finished(stack, changed)).answer).toMatchObject({ differences: [] });
  expect(await boardsNamed(stack, 'applied')).toHaveLength(1);
});

it('applies a change that comes while the first input is still worked on', async () => {
  await stack.sim('faults', [{ match: { path: '/v2/boards/*/items/bulk' }, fault: 'slow', delayMs: 150 }], 'PUT');
  const first = await ask(stack, plain('live', blueprint('One', 'Two')));
  const late = { ...plain('live', blueprint('One', 'Zwei', [added])), onChange: 'apply' as const };
  const answer = await ask(stack, late);
  await stack.sim('faults', [], 'PUT');
  expect(answer).toMatchObject({ state: 'ready', differences: [{ outcome: 'reported' }, { outcome: 'reported' }] });
  const result = await first.handle.result();
  expect(result.differences.map(({ outcome }) => outcome)).toEqual(['applied', 'applied']);
  expect(await texts('live')).toEqual(['<p>One</p>', '<p>Three</p>', '<p>Zwei</p>']);
});

it('loses no change that comes at any moment of a run', async () => {
  // a run takes about half a second
  for (const afterMs of [0, 200, 400]) {
    const key = `moment ${afterMs}`;
    const first = await ask(stack, plain(key, blueprint('One', 'Two')));
    await delay(afterMs);
    const change = { ...plain(key, blueprint('One', 'Zwei')), onChange: 'apply' as const };
    const answer = await ask(stack, change);
    await first.handle.result();
    await answer.handle.result();
    expect(await texts(key)).toEqual(['<p>One</p>', '<p>Zwei</p>']);
  }
});

it('finishes a change that was cut short by a cancel', async () => {
  await finished(stack, plain('cut', blueprint('One', 'Two')));
  await stack.sim('faults', [{ match: { method: 'PATCH' }, fault: '5xx-before' }], 'PUT');
  const change = { ...plain('cut', blueprint('Eins', 'Zwei', [added])), onChange: 'apply' as const };
  const { handle } = await ask(stack, change);
  await until(async () => (await handle.status()).pending.some(({ lastFailure }) => lastFailure !== undefined));
  await handle.cancel();
  expect((await handle.result()).ending).toBe('cancelled');
  await stack.sim('faults', [], 'PUT');
  expect(await texts('cut')).toEqual(['<p>One</p>', '<p>Two</p>']);

  expect((await finished(stack, change)).result).toMatchObject({ ending: 'done' });
  expect(await texts('cut')).toEqual(['<p>Eins</p>', '<p>Three</p>', '<p>Zwei</p>']);
});
