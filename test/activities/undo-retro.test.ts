/** An undo takes back what its run has made, wherever it is killed; what people have made or changed stays, and is told. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { LinkBack } from '../../contract-retro.js';
import { listItems } from '../../store/items.js';
import { linksOf, nextEpisodes } from '../../store/ticket-links.js';
import { createTestStore, type TestStore } from '../store/database.js';
import { COMMON_TROUBLES, createRetroBoard, showTickets, undoTickets, URL_OF, type RetroBoard } from './retro-board.js';
import { createStage, failureOf, type SimulatedBoard, type Stage } from './stage.js';

const BEN = 'ben@nordlicht.example';

let store: TestStore;
beforeAll(async () => {
  store = await createTestStore();
});
afterAll(() => store.close());

const inputOf = ({ tenant }: Stage, { boardId }: RetroBoard) => ({ tenant, boardId, tracker: 'builtin' });
/** An activity of its own: one that fails is tried again, without those before it. */
async function undo(stage: Stage, retro: RetroBoard): Promise<string | undefined> {
  const undone = await stage.untilDone((activities) => undoTickets(activities, inputOf(stage, retro)));
  await stage.untilDone((activities) => activities.tidyTickets({ jobId: retro.jobId }));
  return undone;
}
const itemsOf = ({ items }: SimulatedBoard, type: string) => items.filter((item) => item.type === type);
/** The board as it was before its tickets were shown. */
const asBefore = (retro: RetroBoard) => ({
  ...{ tags: [], frames: 0, texts: 0, cards: 0 },
  notes: retro.itemIds.map((_, n) => ({ content: `<p>Idea ${n}</p>`, tagIds: [] })),
});
const shown = (board: SimulatedBoard) => ({
  tags: board.tags,
  ...{ frames: itemsOf(board, 'frame').length, texts: itemsOf(board, 'text').length },
  cards: itemsOf(board, 'card').length,
  notes: itemsOf(board, 'sticky_note').map(({ data, tagIds }) => ({ content: data.content, tagIds })),
});
const ticketsLeft = async (retro: RetroBoard, tickets: { id: string }[]): Promise<number> =>
  (await Promise.all(tickets.map(({ id }) => retro.table.get(id)))).filter(Boolean).length;

describe.concurrent.each([
  { what: 'rows', way: 'list' as const, write: { method: 'DELETE', path: '/v2/boards/*/items/*' } },
  { what: 'cards', way: 'card' as const, write: { method: 'DELETE', path: '/v2/boards/*/items/*' } },
  { what: 'links in texts', way: 'text' as const, write: { method: 'PATCH', path: '/v2/boards/*/sticky_notes/*' } },
])('takes $what back when', ({ way, write }) => {
  it.concurrent.each(COMMON_TROUBLES)('$title', async ({ strike }) => {
    const stage = await createStage(store);
    try {
      const retro = await createRetroBoard(stage, { tickets: 3, linkBack: way });
      const { jobId } = retro;
      const tickets = await Promise.all(retro.itemIds.map(async (itemId) => (await retro.ticketOf(itemId)).ticket));
      await retro.show();
      const step: Parameters<typeof strike>[0]['step'] = (activities) => undoTickets(activities, inputOf(stage, retro));
      await strike({ stage, jobId, step, firstWrite: (fault) => stage.fail({ match: write, times: 1, ...fault }) });
      await undo(stage, retro);
      await undo(stage, retro);
      expect(shown(await retro.board())).toEqual(asBefore(retro));
      expect(await ticketsLeft(retro, tickets)).toBe(0);
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

  const told = async ({ jobId }: RetroBoard) =>
    (await listItems(stage.db, jobId)).filter(({ outcome }) => outcome === 'refused').map(({ subject }) => subject);
  const shownRetro = async (tickets: number, linkBack: LinkBack = 'list'): Promise<RetroBoard> => {
    const retro = await createRetroBoard(stage, { tickets, linkBack });
    await retro.show();
    return retro;
  };

  it('a ticket that somebody has touched stays, with what shows it', async () => {
    const retro = await shownRetro(3);
    const { ticket } = await retro.ticketOf(retro.itemIds[1]!);
    await retro.table.comment(ticket.id, { marker: 'm', body: 'I am on it' });
    await undo(stage, retro);
    expect(await retro.table.get(ticket.id)).toBeDefined();
    const board = await retro.board();
    expect(itemsOf(board, 'text').map(({ data }) => data.content)).toEqual([expect.stringContaining(URL_OF(1))]);
    expect(itemsOf(board, 'text')[0]?.data.content?.match(/<p>/g)).toHaveLength(1);
    expect(board.items.filter(({ tagIds }) => tagIds.length > 0).map(({ id }) => id)).toEqual([retro.itemIds[1]]);
    expect(await told(retro)).toEqual([`ticket ${retro.itemIds[1]}`]);
    const { outcome, detail } = (await listItems(stage.db, retro.jobId)).find(({ outcome }) => outcome === 'refused')!;
    expect({ outcome, detail }).toMatchObject({
      detail: { reason: expect.stringContaining('changed or commented') as string },
    });
  });

  it('a ticket that is gone already takes its row along', async () => {
    const retro = await shownRetro(2);
    await retro.table.remove((await retro.ticketOf(retro.itemIds[0]!)).ticket.id);
    await undo(stage, retro);
    expect(shown(await retro.board())).toEqual(asBefore(retro));
  });

  it('a row that a person has edited stays, and so do their words in the text', async () => {
    const retro = await shownRetro(2);
    const [text] = itemsOf(await retro.board(), 'text');
    const content = `${text?.data.content?.replace('Idea 0', 'Idea 0, urgent') ?? ''}<p>Ask Anna</p>`;
    await stage.act('edit-item', { as: BEN, boardId: retro.boardId, itemId: text?.id, content });
    await undo(stage, retro);
    const [left] = itemsOf(await retro.board(), 'text');
    expect(left?.data.content).toContain('Idea 0, urgent');
    expect(left?.data.content).toContain('Ask Anna');
    expect(left?.data.content).not.toContain(URL_OF(1));
    expect(await told(retro)).toEqual(['rows 1.0']);
  });

  it('rows, cards and frames that a person has moved stay', async () => {
    const retro = await shownRetro(1, 'card');
    const [card] = itemsOf(await retro.board(), 'card');
    await stage.act('move-item', { boardId: retro.boardId, itemId: card?.id, x: 5_000, y: 0 });
    await retro.setWay('list');
    await retro.addTicket('Idea 1');
    await retro.show();
    const [frame] = itemsOf(await retro.board(), 'frame');
    await stage.act('move-item', { boardId: retro.boardId, itemId: frame?.id, x: 9_000, y: 0 });
    await undo(stage, retro);
    expect(shown(await retro.board())).toMatchObject({ frames: 1, texts: 0, cards: 1 });
    expect((await told(retro)).length).toBe(2);
  });

  it('copies and what people have put into the frame stay', async () => {
    const retro = await shownRetro(2);
    const { boardId } = retro;
    const board = await retro.board();
    const [frame] = itemsOf(board, 'frame');
    const copy = await stage.act('copy-item', { as: BEN, boardId, itemId: itemsOf(board, 'text')[0]?.id });
    const note = { content: 'Mine', position: { x: 200, y: 200 }, parent: { id: frame?.id } };
    const mine = await stage.act('add-sticky', { as: BEN, boardId, ...note });
    await undo(stage, retro);
    const left = (await retro.board()).items.map(({ id }) => id);
    expect(left).toEqual(expect.arrayContaining([copy.id, mine.id, frame?.id]));
  });

  it('a tag that was there before stays, and on the items that had it', async () => {
    const retro = await createRetroBoard(stage, { tickets: 2 });
    const headers = { authorization: `Bearer ${stage.simulator.accessToken}`, 'content-type': 'application/json' };
    const call = (path: string, body = '') =>
      fetch(`${stage.simulator.url}/v2/boards/${retro.boardId}/${path}`, {
        method: 'POST',
        headers,
        ...(body && { body }),
      });
    const { id } = (await (await call('tags', JSON.stringify({ title: 'ticketed' }))).json()) as { id: string };
    await call(`items/${retro.itemIds[0]}?tag_id=${id}`);
    await retro.show();
    await undo(stage, retro);
    const { tags, items } = await retro.board();
    expect(tags).toHaveLength(1);
    expect(items.filter(({ tagIds }) => tagIds.length > 0).map(({ id }) => id)).toEqual([retro.itemIds[0]]);
  });

  it('what an ended run had only begun to show goes too', async () => {
    const retro = await createRetroBoard(stage, { tickets: 2 });
    const { jobId } = retro;
    await stage.untilDone((activities) => activities.planLinkBack({ jobId }));
    await stage.untilDone((activities) => activities.ensureTicketsFrame({ jobId, number: 1 }));
    await undo(stage, retro);
    await stage.untilDone((activities) => showTickets(activities, jobId));
    expect(shown(await retro.board())).toEqual(asBefore(retro));
  });

  it('after it the same items may have tickets again, shown anew', async () => {
    const retro = await shownRetro(2);
    const { tenantId } = stage;
    await undo(stage, retro);
    const [itemId = ''] = retro.itemIds;
    const { keyHash } = retro;
    const episode = (await nextEpisodes(stage.db, { tenantId, keyHash, itemIds: [itemId] })).get(itemId);
    expect(episode).toBe(2);
    await retro.addTicket('Idea 0', { itemId, episode: 2 });
    await retro.show();
    expect(shown(await retro.board())).toMatchObject({ frames: 1, texts: 1, tags: [{ title: 'ticketed' }] });
  });

  it('an undo that was cut off is finished by the next one, and goes no further back', async () => {
    const retro = await shownRetro(2);
    const input = inputOf(stage, retro);
    await stage.untilDone(async (activities) => {
      const { jobId } = await activities.openUndoRetro({ input });
      const { undone = '' } = await activities.runToUndo({ jobId });
      await activities.takeBackTickets({ jobId, undone, from: 0 });
    });
    const { tenantId } = stage;
    const { keyHash } = retro;
    const [itemId = ''] = retro.itemIds;
    expect(await linksOf(stage.db, { tenantId, keyHash })).toEqual([]);
    expect((await nextEpisodes(stage.db, { tenantId, keyHash, itemIds: [itemId] })).get(itemId)).toBe(2);
    expect(await undo(stage, retro)).toBeDefined();
    expect(shown(await retro.board())).toEqual(asBefore(retro));
    expect(await undo(stage, retro)).toBeUndefined();
  });

  it('a run that the job never had is refused', async () => {
    const input = { ...inputOf(stage, await shownRetro(1)), runId: '00000000-0000-4000-8000-000000000000' };
    const refused = await failureOf(stage.attempt((activities) => activities.openUndoRetro({ input })));
    expect(refused.type).toBe('Run.unknown');
  });

  it('nothing is undone twice, and without a run there is nothing to undo', async () => {
    const retro = await shownRetro(2);
    expect(await undo(stage, retro)).toBeDefined();
    await stage.requests();
    const again = await stage.untilDone((activities) => undoTickets(activities, inputOf(stage, retro)));
    expect(again).toBeUndefined();
    expect(await stage.requests()).toEqual([]);
    const other = { ...inputOf(stage, retro), boardId: 'uXjVOther0001=' };
    expect((await failureOf(stage.attempt((activities) => undoTickets(activities, other)))).type).toBe('Job.unknown');
  });
});
