/** People copy, move, edit and delete what a job makes, marker and all, while the job does not know yet what it has made. */
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import type { ProvisionBoardInput } from '../../contract.js';
import { effectsOf, surplusOf } from '../../store/effects.js';
import { listItems } from '../../store/items.js';
import { createTestStore, type TestStore } from '../store/database.js';
import { createStage, failureOf, stalledAtWrite, type SimulatedBoard, type Stage } from './stage.js';

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

const sticky = (id: string, content: string, x: number) => ({
  ...{ id, type: 'sticky_note' as const, content, position: { x, y: 0 } },
});
const three = {
  template: {
    blueprint: {
      version: 1 as const,
      items: [sticky('a', 'First', 0), sticky('b', 'Second', 300), sticky('c', 'Third', 600)],
    },
  },
};

const ensureBoard = (jobId: string, on = stage) => on.untilDone((activities) => activities.ensureBoard({ jobId }));
const ensureItems = (jobId: string, on = stage) =>
  on.untilDone((activities) => activities.ensureItems({ jobId, batch: 0 }));
const loseAnswer = (method: string, path: string) =>
  stage.fail({ match: { method, path }, fault: 'drop-after', times: 1 });
/** Boards that carry a marker, oldest first. */
const marked = async () => (await stage.state()).boards.filter(({ description }) => description.includes('[tm:'));
const only = async (): Promise<SimulatedBoard> => {
  const [board, ...others] = await marked();
  if (!board || others.length > 0) throw new Error(`there are ${others.length + (board ? 1 : 0)} boards`);
  return board;
};
const deletions = async () => (await stage.requests()).filter(({ method }) => method === 'DELETE');
/** Miro's clock shows seconds: after these it tells original and copy apart. */
const LATER_MS = 3_000;

/** A job whose board exists, though its only attempt had no answer. */
async function withLostBoard(): Promise<{ jobId: string; original: SimulatedBoard }> {
  const { jobId } = await stage.open({});
  await loseAnswer('POST', '/v2/boards');
  await failureOf(stage.attempt((activities) => activities.ensureBoard({ jobId })));
  return { jobId, original: await only() };
}

/** A job with three stickies on its board, though nobody was told. */
async function withLostItems(changes: Partial<ProvisionBoardInput> = three) {
  const { jobId } = await stage.open(changes);
  const { boardId } = await ensureBoard(jobId);
  await loseAnswer('POST', '/v2/boards/*/items/bulk');
  await failureOf(stage.attempt((activities) => activities.ensureItems({ jobId, batch: 0 })));
  return { jobId, boardId, items: (await only()).items };
}
const itemsOf = async (jobId: string) =>
  (await effectsOf(store.db, jobId)).find(({ step }) => step === 'items')?.result as
    { items: Record<string, string> } | undefined;

it.each([
  ['its own user', undefined],
  ['another user', BEN],
])('takes the original when %s has copied the board before the retry', async (_, as) => {
  const { jobId, original } = await withLostBoard();
  await stage.advance(LATER_MS);
  const copy = await stage.act('copy-board', { boardId: original.id, ...(as && { as }) });
  expect(await ensureBoard(jobId)).toMatchObject({ boardId: original.id, outcome: 'made' });
  expect((await marked()).map(({ id }) => id)).toEqual([original.id, copy.id]);
  expect(await deletions()).toEqual([]);
});

it('names both links and makes nothing when a copy cannot be told from the original', async () => {
  await stage.startSecond();
  const { jobId, original } = await withLostBoard();
  const copy = await stage.act('copy-board', { boardId: original.id });
  await stage.requests();
  const failure = await failureOf(ensureBoard(jobId));
  expect(failure).toMatchObject({ type: 'Board.ambiguous', nonRetryable: true });
  for (const { id } of [original, copy]) expect(failure.message).toContain(id);
  expect((await stage.requests()).filter(({ method }) => method !== 'GET')).toEqual([]);
});

it('does not take the copy of another user when the original is gone', async () => {
  const { jobId, original } = await withLostBoard();
  await stage.advance(LATER_MS);
  const copy = await stage.act('copy-board', { boardId: original.id, as: BEN });
  await stage.act('delete-board', { boardId: original.id });
  const failure = await failureOf(ensureBoard(jobId));
  expect(failure.type).toBe('Board.ambiguous');
  expect(failure.message).toContain(copy.id);
});

it('finds board and content by marker and content after the store was lost, and doubles nothing', async () => {
  const request = { ...three, key: 'project:4711', recordUrl: 'https://crm.example.com/deals/4711' };
  const fill = async (on: Stage) => {
    const { jobId } = await on.open(request);
    const board = await ensureBoard(jobId, on);
    await ensureItems(jobId, on);
    await on.untilDone((activities) => activities.ensureRecordCard({ jobId }));
    return board;
  };
  const { boardId } = await fill(stage);
  const before = await only();
  await stage.advance(600_000);
  await stage.act('copy-board', { boardId });
  await stage.act('copy-board', { boardId, as: BEN });

  const empty = await createTestStore();
  const later = await createStage(empty, { after: stage });
  expect(await fill(later)).toMatchObject({ boardId, outcome: 'existing' });
  const [original, ...copies] = await marked();
  expect(original?.items.map(({ id }) => id)).toEqual(before.items.map(({ id }) => id));
  expect(copies).toHaveLength(2);
  await empty.close();
});

it('doubles nothing when a person has moved one item and edited another before the retry', async () => {
  const { jobId, boardId, items } = await withLostItems();
  await stage.act('move-item', { as: BEN, boardId, itemId: items[0]?.id, x: 5_000, y: 5_000 });
  await stage.act('edit-item', { as: BEN, boardId, itemId: items[1]?.id, content: 'Rewritten' });
  await ensureItems(jobId);
  expect((await only()).items.map(({ id }) => id)).toEqual(items.map(({ id }) => id));
  expect(Object.values((await itemsOf(jobId))?.items ?? {})).toEqual(items.map(({ id }) => id));
});

it.each([
  ['its own user', undefined],
  ['another user', BEN],
])('takes the originals when %s has copied every item before the retry', async (_, as) => {
  const { jobId, boardId, items } = await withLostItems();
  for (const { id } of items) await stage.act('copy-item', { boardId, itemId: id, ...(as && { as }) });
  await ensureItems(jobId);
  expect((await only()).items).toHaveLength(6);
  expect(Object.values((await itemsOf(jobId))?.items ?? {})).toEqual(items.map(({ id }) => id));
});

it('writes nothing and says so when people have changed every item beyond recognition', async () => {
  const { jobId, boardId, items } = await withLostItems();
  for (const { id } of items) {
    await stage.act('edit-item', { as: BEN, boardId, itemId: id, content: `Other ${id}` });
    await stage.act('move-item', { as: BEN, boardId, itemId: id, x: 5_000, y: 5_000 });
  }
  expect((await ensureItems(jobId)).counts).toMatchObject({ failed: 3, made: 0 });
  expect((await only()).items).toHaveLength(3);
  expect((await listItems(store.db, jobId)).filter(({ kind }) => kind === 'item')).toMatchObject(
    items.map(() => ({ detail: { remedy: 'look at the board and add by hand what is missing' } })),
  );
});

it('does not put back an item that a person deleted before the retry', async () => {
  const { jobId, boardId, items } = await withLostItems();
  await stage.act('delete-item', { as: BEN, boardId, itemId: items[1]?.id });
  expect((await ensureItems(jobId)).counts).toMatchObject({ made: 2, skipped: 1 });
  expect((await only()).items).toHaveLength(2);
});

it('does not send a lost bulk again item by item when it may not look', async () => {
  const { jobId, boardId, items } = await withLostItems();
  await stage.act('remove-member', { boardId, user: 'ada@nordlicht.example' });
  expect((await failureOf(ensureItems(jobId))).type).toBe('Miro.forbidden');
  await stage.act('change-role', { boardId, user: 'ada@nordlicht.example', role: 'owner' });
  await ensureItems(jobId);
  expect((await only()).items).toHaveLength(items.length);
});

it('takes its own record card when people have copied it before the retry', async () => {
  const { jobId } = await stage.open({ recordUrl: 'https://crm.example.com/deals/4711' });
  const { boardId } = await ensureBoard(jobId);
  await loseAnswer('POST', '/v2/boards/*/cards');
  await failureOf(stage.attempt((activities) => activities.ensureRecordCard({ jobId })));
  const [card] = (await only()).items;
  await stage.act('copy-item', { boardId, itemId: card?.id });
  await stage.act('copy-item', { boardId, itemId: card?.id, as: BEN });
  await stage.untilDone((activities) => activities.ensureRecordCard({ jobId }));
  expect((await only()).items).toHaveLength(3);
  expect((await effectsOf(store.db, jobId)).find(({ step }) => step === 'record')?.objectId).toBe(card?.id);
});

it('asks Miro nothing about a record card that is there, however large the board', async () => {
  const template = await stage.act('create-board', { name: 'Template' });
  await stage.act('add-sticky', { boardId: template.id, content: 'Goal' });
  const { jobId } = await stage.open({
    recordUrl: 'https://crm.example.com/deals/4711',
    template: { copyFrom: template.id },
  });
  await ensureBoard(jobId);
  await stage.untilDone((activities) => activities.ensureRecordCard({ jobId }));
  await stage.requests();
  await stage.untilDone((activities) => activities.ensureRecordCard({ jobId }));
  expect(await stage.requests()).toEqual([]);
});

it('takes no name that every object has for an item on the board', async () => {
  const { jobId } = await stage.open({
    template: {
      blueprint: {
        version: 1,
        items: ['constructor', 'toString'].map((id) => ({ id, type: 'text', content: id, position: { x: 0, y: 0 } })),
        connectors: [{ id: 'line', from: 'constructor', to: 'toString' }],
      },
    },
  });
  await ensureBoard(jobId);
  const { counts } = await stage.untilDone((activities) => activities.ensureConnectors({ jobId }));
  expect(counts).toMatchObject({ skipped: 1, refused: 0 });
});

it('records a board that Miro made after all hope as surplus, and leaves it alone', async () => {
  const { jobId } = await stage.open({});
  await stage.fail({ match: { method: 'POST', path: '/v2/boards' }, fault: 'slow', delayMs: 3_000, times: 1 });
  const late = await new Promise<{ failure: ReturnType<typeof failureOf> }>((sent) => {
    const miro = stalledAtWrite(() => sent({ failure }));
    const failure = failureOf(stage.attempt((activities) => activities.ensureBoard({ jobId }), { miro }));
  });
  const { boardId } = await ensureBoard(jobId);
  expect((await late.failure).type).toBe('Effect.superseded');
  const other = (await marked()).find(({ id }) => id !== boardId);
  expect(await surplusOf(store.db, jobId)).toMatchObject([{ step: 'board', objectId: other?.id }]);
  expect(await ensureBoard(jobId)).toMatchObject({ boardId });
  expect(await deletions()).toEqual([]);
});

it('leaves items without a tag that a person deleted meanwhile, and says so', async () => {
  const items = [{ ...sticky('a', 'First', 0), tags: ['tag'] }];
  const blueprint = { version: 1 as const, items, tags: [{ id: 'tag', title: 'Important' }] };
  const { jobId } = await stage.open({ template: { blueprint } });
  await ensureBoard(jobId);
  await ensureItems(jobId);
  await stage.fail({ match: { method: 'POST', path: '/v2/boards/*/items/*' }, fault: '5xx-before', times: 1 });
  await failureOf(stage.attempt((activities) => activities.ensureTags({ jobId })));
  const { id, tags } = await only();
  await fetchAs(stage, 'DELETE', `/v2/boards/${encodeURIComponent(id)}/tags/${tags[0]?.id}`);
  await stage.untilDone((activities) => activities.ensureTags({ jobId }));
  expect((await only()).tags).toEqual([]);
  expect(await listItems(store.db, jobId)).toContainEqual(
    expect.objectContaining({ subject: 'tag tag on its items', outcome: 'refused' }),
  );
});

/** There is no deed for it: people and the API delete a tag alike. */
async function fetchAs({ simulator }: Stage, method: string, path: string): Promise<void> {
  const headers = { authorization: `Bearer ${simulator.accessToken}` };
  const { status } = await fetch(`${simulator.url}${path}`, { method, headers });
  expect(status).toBe(204);
}
