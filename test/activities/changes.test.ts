/** `onChange: 'apply'`: what Miro does not take, or people have changed, is told instead of forced. */
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import type { Activities } from '../../activities/index.js';
import type { ProvisionBoardInput } from '../../contract.js';
import { createTestStore, type TestStore } from '../store/database.js';
import { createStage, failureOf, type Stage } from './stage.js';

const BEN = 'ben@nordlicht.example';

let store: TestStore;
let stage: Stage;
beforeAll(async () => {
  store = await createTestStore();
});
afterAll(() => store.close());
beforeEach(async () => {
  stage = await createStage(store);
});
afterEach(() => stage.close());

const note = (content: string): Partial<ProvisionBoardInput> => ({
  template: { blueprint: { version: 1, items: [{ id: 'a', type: 'sticky_note', content, position: { x: 0, y: 0 } }] } },
});
const made = async () => (await stage.state()).boards.find(({ description }) => description.includes('[tm:'));

/** Makes the board as `before` wants it, lets people work on it, and applies `after`. */
async function change(
  before: Partial<ProvisionBoardInput>,
  after: Partial<ProvisionBoardInput>,
  meanwhile: () => Promise<unknown> = () => Promise.resolve(),
) {
  const input = stage.input(before);
  const { jobId, outline } = await stage.open(input);
  await stage.untilDone((activities) => activities.ensureBoard({ jobId }));
  for (let batch = 0; batch < outline.batches; batch += 1)
    await stage.untilDone((activities) => activities.ensureItems({ jobId, batch }));
  await meanwhile();
  const next = { ...input, ...after, onChange: 'apply' as const };
  await stage.untilDone((activities) => activities.adoptSpec({ jobId, input: next }));
  return await stage.untilDone((activities) => activities.applyDifferences({ jobId }));
}

it('applies a new name and a new text', async () => {
  const told = await change(note('Old'), { name: 'Renamed', ...note('New') });
  expect(told.map(({ outcome }) => outcome)).toEqual(['applied', 'applied']);
  expect(await made()).toMatchObject({ name: 'Renamed', items: [{ data: { content: '<p>New</p>' } }] });
});

it('keeps a name and a text that people have changed since', async () => {
  const told = await change(note('Old'), { name: 'Renamed', ...note('New') }, async () => {
    const board = await made();
    await stage.act('edit-board', { as: BEN, boardId: board?.id, name: 'Theirs' });
    await stage.act('edit-item', { as: BEN, boardId: board?.id, itemId: board?.items[0]?.id, content: 'Theirs' });
  });
  expect(told.map(({ outcome }) => outcome)).toEqual(['kept', 'kept']);
  expect(await made()).toMatchObject({ name: 'Theirs', items: [{ data: { content: '<p>Theirs</p>' } }] });
});

it('gives a card another due date', async () => {
  const card = (dueDate: string): Partial<ProvisionBoardInput> => ({
    template: {
      blueprint: { version: 1, items: [{ id: 'a', type: 'card', title: 'Do', dueDate, position: { x: 0, y: 0 } }] },
    },
  });
  const told = await change(card('2027-01-31T00:00:00Z'), card('2027-02-28T00:00:00Z'));
  expect(told).toMatchObject([{ outcome: 'applied' }]);
  expect((await made())?.items).toMatchObject([{ data: { dueDate: expect.stringContaining('2027-02-28') as string } }]);
});

it('moves an item to the same place in another frame, and leaves one in its frame that shall have none', async () => {
  const geometry = { width: 800, height: 600 };
  const inFrame = (frame?: string): Partial<ProvisionBoardInput> => ({
    template: {
      blueprint: {
        version: 1,
        frames: [
          { id: 'left', title: 'Left', position: { x: 0, y: 0 }, geometry },
          { id: 'right', title: 'Right', position: { x: 1_000, y: 0 }, geometry },
        ],
        items: [
          { id: 'a', type: 'sticky_note', content: 'Note', ...(frame && { frame }), position: { x: 200, y: 200 } },
        ],
      },
    },
  });
  const told = await change(inFrame('left'), inFrame('right'));
  expect(told).toMatchObject([{ outcome: 'applied' }]);
  const on = (await made())?.items ?? [];
  const right = on.find(({ data }) => data.title === 'Right');
  expect(on.find(({ type }) => type === 'sticky_note')?.parent?.id).toBe(right?.id);

  expect(await change(inFrame('left'), inFrame())).toMatchObject([{ outcome: 'kept' }]);
});

it('says that a tag which is taken off an item stays on it', async () => {
  const tagged = (...tags: string[]): Partial<ProvisionBoardInput> => ({
    template: {
      blueprint: {
        version: 1,
        tags: [{ id: 'red', title: 'Red' }],
        items: [{ id: 'a', type: 'sticky_note', content: 'Note', position: { x: 0, y: 0 }, tags }],
      },
    },
  });
  expect(await change(tagged('red'), tagged())).toMatchObject([{ outcome: 'kept' }]);
});

it('does not put back an item that people have deleted', async () => {
  const told = await change(note('Old'), note('New'), async () => {
    const board = await made();
    await stage.act('delete-item', { as: BEN, boardId: board?.id, itemId: board?.items[0]?.id });
  });
  expect(told).toMatchObject([{ outcome: 'refused' }]);
  expect((await made())?.items).toEqual([]);
});

it('comes to an end when Miro takes a value and does not show it', async () => {
  // Enterprise answers no_access whatever was asked for
  const sharingPolicy = { inviteToAccountAndBoardLinkAccess: 'editor' as const };
  const told = await change({}, { policy: { sharingPolicy } });
  expect(told).toMatchObject([{ outcome: 'refused', reason: expect.stringContaining('shows') as string }]);
});

it('does not make again a batch of which nobody can tell whether it is on the board', async () => {
  const input = stage.input(note('Old'));
  const { jobId } = await stage.open(input);
  const { boardId } = await stage.untilDone((activities) => activities.ensureBoard({ jobId }));
  const step = (activities: Activities) => activities.ensureItems({ jobId, batch: 0 });
  await stage.fail({ match: { method: 'POST', path: '/v2/boards/*/items/bulk' }, fault: 'drop-after', times: 1 });
  await failureOf(stage.attempt(step));
  // of what people have changed nobody can tell whether it is ours
  const itemId = (await made())?.items[0]?.id;
  await stage.act('edit-item', { as: BEN, boardId, itemId, content: 'Theirs' });
  expect((await stage.untilDone(step)).counts.failed).toBe(1);

  const next = { ...input, ...note('New'), onChange: 'apply' as const };
  const { batches } = await stage.untilDone((activities) => activities.adoptSpec({ jobId, input: next }));
  expect(batches).toBe(0);
});
