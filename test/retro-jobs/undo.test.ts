/** Runs and their undo on real parts: what a run shows on the board is never read as the next run's wish, and goes when it is taken back. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addTracker } from '../../store/trackers.js';
import { startStack, type SimulatorBoard, type Stack } from '../stack.js';
import { until } from '../provision/until.js';
import { act, addSticky, boardOf, newBoard, run, ticketTitles } from './boards.js';

let stack: Stack;
beforeAll(async () => {
  stack = await startStack({ simulator: { windowMs: 1_000 } });
  await stack.work();
}, 120_000);
afterAll(() => stack.close());

const texts = ['Fix the login', 'Automate the release', 'Speak to the customers'];
const undo = async (board: string) => await (await stack.miro.undoRetro({ board })).handle.result();
/** What people see, without what changes with every write. */
const seen = ({ items, tags }: SimulatorBoard) => ({
  tags,
  items: items.map(({ id, type, data, position, tagIds }) => ({ id, type, data, position, tagIds })),
});

describe.each(['list', 'card', 'text'] as const)('tickets shown as %s', (linkBack) => {
  it('come once, are no news to the next run, and go with an undo', { timeout: 60_000 }, async () => {
    const titlesBefore = await ticketTitles(stack);
    const board = await newBoard(stack, texts);
    const before = seen(await boardOf(stack, board));
    const { result } = await run(stack, { board, linkBack });
    expect(result).toMatchObject({ ending: 'done', problems: [] });
    const shown = seen(await boardOf(stack, board));
    expect(shown).not.toEqual(before);

    const again = await run(stack, { board, linkBack });
    expect(again.result.plan?.counts).toMatchObject({ create: 0, existing: 3, changed: 0, deleted: 0 });
    expect(seen(await boardOf(stack, board))).toEqual(shown);

    const undone = await undo(board);
    expect(undone).toMatchObject({ ending: 'done', counts: { changed: 3, refused: 0, failed: 0 }, problems: [] });
    expect(undone.runId).toBeDefined();
    expect(seen(await boardOf(stack, board))).toEqual(before);
    expect(await ticketTitles(stack)).toEqual(titlesBefore);
    expect(await undo(board)).toEqual(undone);

    const anew = await run(stack, { board, linkBack });
    expect(anew.result.plan?.counts).toMatchObject({ create: 3, existing: 0 });
    expect(await ticketTitles(stack)).toHaveLength(titlesBefore.length + 3);
  });
});

it('an undo takes back the last run only', { timeout: 60_000 }, async () => {
  const board = await newBoard(stack, texts);
  const before = await ticketTitles(stack);
  await run(stack, { board });
  await addSticky(stack, board, 'Next week', 20);
  await run(stack, { board });
  const { runId } = await undo(board);
  // An answer that was lost is asked for again.
  expect((await stack.miro.undoRetro({ board })).state).toBe('already_undone');
  expect((await ticketTitles(stack)).length).toBe(before.length + 3);
  expect(runId).toBeDefined();
  const { items, tags } = await boardOf(stack, board);
  expect(items.filter(({ type }) => type === 'text')).toHaveLength(1);
  expect(items.filter(({ tagIds }) => tagIds.length > 0)).toHaveLength(3);
  expect(tags).toHaveLength(1);
});

it('an undo that was stopped in the middle is finished by the next run', { timeout: 60_000 }, async () => {
  const board = await newBoard(stack, texts);
  const before = await ticketTitles(stack);
  const { result } = await run(stack, { board });
  const shown = seen(await boardOf(stack, board));
  await stack.sim('faults', [{ match: { method: 'DELETE', path: '/v2/**' }, fault: '5xx-before' }], 'PUT');
  const { handle } = await stack.miro.undoRetro({ board });
  await until(async () => (await ticketTitles(stack)).length === before.length);
  await handle.cancel();
  expect(await handle.result()).toMatchObject({ ending: 'cancelled' });
  await stack.sim('faults', [], 'PUT');
  expect(await stack.miro.planRetro({ board })).toMatchObject({ counts: { create: 3, existing: 0 } });
  const anew = await run(stack, { board });
  expect(anew.result).toMatchObject({ ending: 'done', counts: result.counts, problems: [] });
  const types = ({ items }: ReturnType<typeof seen>) => items.map(({ type }) => type).sort();
  expect(types(seen(await boardOf(stack, board)))).toEqual(types(shown));
});

it('an undo leaves the tag on items that have a ticket in another tracker', { timeout: 60_000 }, async () => {
  const { db, vault, tenantId } = stack;
  await addTracker(db, vault, { tenantId, name: 'second', kind: 'builtin', config: {} });
  const board = await newBoard(stack, texts);
  const before = seen(await boardOf(stack, board));
  const tagged = async () => (await boardOf(stack, board)).items.filter(({ tagIds }) => tagIds.length > 0).length;
  await run(stack, { board });
  await run(stack, { board, tracker: 'second' });
  await undo(board);
  expect(await tagged()).toBe(3);
  await (await stack.miro.undoRetro({ board, tracker: 'second' })).handle.result();
  expect(seen(await boardOf(stack, board))).toEqual(before);
});

it.each(['list', 'card'] as const)(
  'copies of what shows tickets as %s become no tickets',
  { timeout: 60_000 },
  async (linkBack) => {
    const board = await newBoard(stack, texts);
    await run(stack, { board, linkBack });
    const shown = (await boardOf(stack, board)).items.find(({ type }) => type === 'text' || type === 'card');
    await act(stack, 'copy-item', { boardId: board, itemId: shown?.id });
    expect((await run(stack, { board, linkBack })).result.plan?.counts).toMatchObject({ create: 0, existing: 3 });
    const { id: copy } = await act(stack, 'copy-board', { boardId: board });
    expect((await run(stack, { board: copy, linkBack })).result.plan?.counts).toMatchObject({ create: 3, existing: 0 });
  },
);
