/** Tickets on the board: shown once, beside what people have put there, and never anew where people took them away. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { LinkBack } from '../../contract-retro.js';
import { ownMarks } from '../../activities/own-marks.js';
import { covered } from '../../jobs/retro-to-tickets/tickets-frame.js';
import { listItems } from '../../store/items.js';
import { createTestStore, type TestStore } from '../store/database.js';
import { COMMON_TROUBLES, createRetroBoard, KEY, showTickets, URL_OF, type RetroBoard } from './retro-board.js';
import { createStage, type SimulatedBoard, type SimulatedItem, type Stage } from './stage.js';
import { TROUBLES } from './troubles.js';

const BEN = 'ben@nordlicht.example';

let store: TestStore;
beforeAll(async () => {
  store = await createTestStore();
});
afterAll(() => store.close());

const framesOf = ({ items }: SimulatedBoard) => items.filter(({ type }) => type === 'frame');
const rowsOf = ({ items }: SimulatedBoard) => items.filter(({ type }) => type === 'text');
const cardsOf = ({ items }: SimulatedBoard) => items.filter(({ type }) => type === 'card');
const linksIn = (items: SimulatedItem[]): string[] =>
  items.flatMap(({ data }) =>
    [...`${data.content ?? ''}${data.description ?? ''}`.matchAll(/href="([^"]+)"/g)].map(([, url]) => url ?? ''),
  );
const taggedIn = ({ items }: SimulatedBoard) => items.filter(({ tagIds }) => tagIds.length > 0).map(({ id }) => id);

/** Each ticket's link and tag, once. */
function expectShown(way: LinkBack, board: SimulatedBoard, retro: RetroBoard): void {
  const urls = retro.itemIds.map((_, n) => URL_OF(n)).sort();
  expect(linksIn(board.items).sort()).toEqual(urls);
  if (way === 'list') {
    expect(framesOf(board).map(({ data }) => data.title)).toEqual(['Tickets']);
    expect(board.tags.map(({ title }) => title)).toEqual(['ticketed']);
    expect(taggedIn(board).sort()).toEqual(retro.itemIds.toSorted());
    expect(rowsOf(board).every(({ parent }) => parent?.id === framesOf(board)[0]?.id)).toBe(true);
  }
  if (way === 'card') expect(cardsOf(board)).toHaveLength(urls.length);
}

describe.concurrent.each([
  { what: 'the frame', way: 'list' as const, write: { method: 'POST', path: '/v2/boards/*/frames' } },
  {
    what: 'the rows',
    way: 'list' as const,
    write: { method: 'POST', path: '/v2/boards/*/items/bulk' },
    troubles: TROUBLES,
  },
  { what: 'the tag', way: 'list' as const, write: { method: 'POST', path: '/v2/boards/*/tags' } },
  { what: 'a tag on an item', way: 'list' as const, write: { method: 'POST', path: '/v2/boards/*/items/*' } },
  { what: 'cards', way: 'card' as const, write: { method: 'POST', path: '/v2/boards/*/items/bulk' } },
  { what: 'a link in a text', way: 'text' as const, write: { method: 'PATCH', path: '/v2/boards/*/sticky_notes/*' } },
])('makes $what once when', ({ way, write, troubles = COMMON_TROUBLES }) => {
  it.concurrent.each(troubles)('$title', async ({ strike }) => {
    const stage = await createStage(store);
    try {
      const retro = await createRetroBoard(stage, { tickets: 3, linkBack: way });
      const { jobId } = retro;
      const step: Parameters<typeof strike>[0]['step'] = (activities) => showTickets(activities, jobId);
      await strike({ stage, jobId, step, firstWrite: (fault) => stage.fail({ match: write, times: 1, ...fault }) });
      await retro.show();
      await retro.show();
      expectShown(way, await retro.board(), retro);
    } finally {
      await stage.close();
    }
  });
});

describe('on a board', () => {
  let stage: Stage;
  beforeEach(async () => {
    stage = await createStage(store);
  });
  afterEach(() => stage.close());

  const boxOf = ({ position = { x: 0, y: 0 }, geometry }: SimulatedItem) => ({
    ...position,
    ...(geometry as { width: number; height: number }),
  });
  const parts = async ({ jobId }: RetroBoard, kind: string) =>
    (await listItems(stage.db, jobId)).filter((part) => part.kind === kind);

  it('45 tickets take three texts, in a frame that covers nothing', async () => {
    const retro = await createRetroBoard(stage, { tickets: 45 });
    await retro.show();
    const board = await retro.board();
    expectShown('list', board, retro);
    expect(rowsOf(board)).toHaveLength(3);
    expect(linksIn(rowsOf(board))).toEqual(retro.itemIds.map((_, n) => URL_OF(n)));
    const frame = boxOf(framesOf(board)[0]!);
    for (const item of board.items.filter(({ type }) => type === 'sticky_note'))
      expect(covered(frame, boxOf(item))).toBe(0);
    expect(await parts(retro, 'link')).toHaveLength(45);
  });

  it('a tag that cannot be attached now leaves the other items theirs', async () => {
    const retro = await createRetroBoard(stage, { tickets: 25 });
    const { jobId } = retro;
    await stage.untilDone((activities) => activities.planLinkBack({ jobId }));
    await stage.untilDone((activities) => activities.ensureTicketsFrame({ jobId, number: 1 }));
    await stage.untilDone((activities) => activities.ensureTicketRows({ jobId, number: 1 }));
    await stage.fail({ match: { method: 'POST', path: '/v2/boards/*/items/*' }, fault: '5xx-before', times: 1 });
    await expect(stage.attempt((activities) => activities.tagTicketed({ jobId, number: 1 }))).rejects.toThrow('500');
    expect(taggedIn(await retro.board())).toEqual(expect.arrayContaining(retro.itemIds.slice(10)));
    await retro.show();
    expectShown('list', await retro.board(), retro);
  });

  it('a second run writes nothing', async () => {
    const retro = await createRetroBoard(stage, { tickets: 3 });
    await retro.show();
    await stage.requests();
    await retro.show();
    expect(await stage.requests()).toEqual([]);
  });

  it('tickets of the next week come into the same frame, which grows', async () => {
    const retro = await createRetroBoard(stage, { tickets: 3 });
    await retro.show();
    const before = boxOf(framesOf(await retro.board())[0]!);
    await retro.addTicket('Next week');
    await retro.show();
    const board = await retro.board();
    expectShown('list', board, retro);
    const after = boxOf(framesOf(board)[0]!);
    expect(after.width).toBeGreaterThan(before.width);
    expect(after.x - after.width / 2).toBeCloseTo(before.x - before.width / 2);
  });

  it('tickets of the next week get a frame of their own where the first cannot grow', async () => {
    const retro = await createRetroBoard(stage, { tickets: 3 });
    await retro.show();
    const frame = boxOf(framesOf(await retro.board())[0]!);
    const beside = { x: frame.x + frame.width / 2 + 150, y: frame.y };
    await stage.act('add-sticky', { as: BEN, boardId: retro.boardId, content: 'Mine', position: beside });
    await retro.addTicket('Next week');
    await retro.show();
    const board = await retro.board();
    expect(framesOf(board)).toHaveLength(2);
    expect(boxOf(framesOf(board)[0]!)).toEqual(frame);
    for (const frame of framesOf(board)) expect(covered(boxOf(frame), { ...beside, width: 199, height: 228 })).toBe(0);
  });

  it('what people deleted is not made again for the tickets that it showed', async () => {
    const retro = await createRetroBoard(stage, { tickets: 3 });
    await retro.show();
    const { boardId } = retro;
    for (const { id } of [...rowsOf(await retro.board()), ...framesOf(await retro.board())])
      await stage.act('delete-item', { as: BEN, boardId, itemId: id });
    await retro.show();
    expect(framesOf(await retro.board())).toEqual([]);
    await retro.addTicket('Next week');
    await retro.show();
    const board = await retro.board();
    expect(framesOf(board)).toHaveLength(1);
    expect(linksIn(rowsOf(board))).toEqual([URL_OF(3)]);
  });

  it('a frame that goes before its rows come is an outcome, and the next run makes another', async () => {
    const retro = await createRetroBoard(stage, { tickets: 2 });
    const { jobId, boardId } = retro;
    await stage.untilDone((activities) => activities.planLinkBack({ jobId }));
    await stage.untilDone((activities) => activities.ensureTicketsFrame({ jobId, number: 1 }));
    await stage.act('delete-item', { boardId, itemId: framesOf(await retro.board())[0]?.id });
    await retro.show();
    expect(await parts(retro, 'link')).toMatchObject([{ outcome: 'refused' }, { outcome: 'refused' }]);
    await retro.show();
    expectShown('list', await retro.board(), retro);
  });

  it('copies of rows, frame and cards are nobody of ours', async () => {
    const retro = await createRetroBoard(stage, { tickets: 2, linkBack: 'card' });
    await retro.show();
    const { boardId } = retro;
    const copy = await stage.act('copy-item', { as: BEN, boardId, itemId: cardsOf(await retro.board())[0]?.id });
    await retro.addTicket('Next week');
    await retro.show();
    expect(cardsOf(await retro.board())).toHaveLength(4);
    const { itemIds } = await ownMarks(stage.deps, { tenantId: stage.tenantId, boardId });
    expect(itemIds.has(copy.id)).toBe(false);
    expect(itemIds.size).toBe(3);
  });

  it('a tag of that title is used, whoever made it, and an item with eight tags is told', async () => {
    const retro = await createRetroBoard(stage, { tickets: 2 });
    const { boardId } = retro;
    const token = { authorization: `Bearer ${stage.simulator.accessToken}`, 'content-type': 'application/json' };
    const call = async (path: string, body?: object) =>
      (await (
        await fetch(`${stage.simulator.url}/v2/boards/${boardId}/${path}`, {
          ...{ method: 'POST', headers: token },
          ...(body && { body: JSON.stringify(body) }),
        })
      ).text()) || '{}';
    await call('tags', { title: 'ticketed' });
    for (let n = 0; n < 8; n += 1) {
      const { id } = JSON.parse(await call('tags', { title: `tag ${n}` })) as { id: string };
      await call(`items/${retro.itemIds[0]}?tag_id=${id}`);
    }
    await retro.show();
    const board = await retro.board();
    expect(board.tags.filter(({ title }) => title === 'ticketed')).toHaveLength(1);
    expect(await parts(retro, 'tag')).toMatchObject([{ subject: `tag ${retro.itemIds[0]}`, outcome: 'refused' }]);
    expect(await parts(retro, 'link')).toMatchObject([{ outcome: 'made' }, { outcome: 'made' }]);
  });

  it('shapes and texts get their row, and no tag', async () => {
    const retro = await createRetroBoard(stage, { tickets: 0 });
    const { id } = await stage.act('add-item', { boardId: retro.boardId, type: 'shape', content: 'Do it' });
    await retro.addTicket('Do it', { itemId: id });
    await retro.show();
    expect(await parts(retro, 'tag')).toMatchObject([{ outcome: 'skipped' }]);
    expect(linksIn(rowsOf(await retro.board()))).toEqual([URL_OF(0)]);
  });

  it('a text keeps its words above the link, and who takes the link out has their way', async () => {
    const retro = await createRetroBoard(stage, { tickets: 1, linkBack: 'text' });
    await retro.show();
    const [sticky] = (await retro.board()).items;
    expect(sticky?.data.content).toBe(`<p>Idea 0</p><p><a href="${URL_OF(0)}">${KEY(0)}</a></p>`);
    const itemId = retro.itemIds[0];
    await stage.act('edit-item', { as: BEN, boardId: retro.boardId, itemId, content: 'Idea 0' });
    await retro.show();
    expect(linksIn((await retro.board()).items)).toEqual([]);
  });

  it('60 tickets cost one call each for the tag, and one bulk for all rows', async () => {
    const retro = await createRetroBoard(stage, { tickets: 60 });
    await stage.requests();
    await retro.show();
    const writes = (await stage.requests()).filter(({ method }) => method !== 'GET');
    expect(writes).toHaveLength(1 + 1 + 1 + 60); // frame, rows in one bulk, tag, attachments
  });
});
