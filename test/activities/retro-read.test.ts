/** A board is read whole and once, whatever interrupts the reading; nothing is written to it. */
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import type { Miro } from '../../miro/index.js';
import { rowsOf, savePage, savePlan } from '../../store/plans.js';
import { until } from '../provision/until.js';
import { createTestStore, type TestStore } from '../store/database.js';
import { createRetroStage, type RetroStage } from './retro-stage.js';
import { failureOf } from './stage.js';

const ITEMS = { method: 'GET', path: '/v2/boards/*/items' };
/** Two pages of items, the second with a few. */
const TEXTS = Array.from({ length: 53 }, (_, n) => `Thought ${n}`);
const READ_PARTS = ['', '/items', '/items', '/connectors', '/groups', '/members', '/tags'].sort();

let store: TestStore;
let retro: RetroStage;
beforeAll(async () => {
  store = await createTestStore();
});
afterAll(() => store.close());
beforeEach(async () => {
  retro = await createRetroStage(store, TEXTS);
});
afterEach(() => retro.close());

const begin = async ({ stage, board: boardId }: Pick<RetroStage, 'stage' | 'board'> = retro): Promise<string> => {
  const input = { tenant: stage.tenant, connectionId: 'default', boardId, tracker: 'issues' };
  return (await stage.attempt((activities) => activities.openRetroPlan({ input }))).planId;
};
const read = (planId: string) => retro.stage.untilDone((activities) => activities.readBoard({ planId }));
/** What was asked of the board since the last call, by its address. */
const asked = async () => {
  const requests = await retro.stage.requests();
  expect(requests.filter(({ method }) => method !== 'GET')).toEqual([]);
  return requests
    .filter(({ path }) => path.startsWith('/v2/boards/'))
    .map(({ path, query, status }) => ({ part: path.replace(/^\/v2\/boards\/[^/]+/, ''), query, status }));
};
const titlesOf = async (planId: string): Promise<string[]> => {
  const { plan } = await retro.stage.untilDone(() => retro.activities.planTickets({ planId }));
  return (await rowsOf(store.db, { planId, from: 0, to: plan.rows })).map(({ row }) => row.title).sort();
};

/** A worker that dies when it asks for the second page of items. */
const dyingAtSecondPage = (real: Miro): Miro => ({
  ...real,
  send: (call, how) =>
    call.path.endsWith('/items') && call.query?.['cursor'] !== undefined
      ? new Promise<never>(() => undefined)
      : real.send(call, how),
});

/** Reads all but the second page of items. */
async function readHalf(planId: string): Promise<void> {
  void retro.stage.attempt((activities) => activities.readBoard({ planId }), { miro: dyingAtSecondPage });
  const kept = () => store.db.query('select from miro.board_pages where plan_id = $1', [planId]);
  await until(async () => (await kept()).length === READ_PARTS.length - 1);
}

it('goes on after its worker died where it stood, and asks for each page once', async () => {
  const planId = await begin();
  await retro.stage.requests();
  await readHalf(planId);
  const first = await asked();
  expect(await read(planId)).toEqual({ done: true });
  const second = await asked();
  expect(second).toMatchObject([{ part: '/items', query: expect.stringContaining('cursor') as string }]);
  expect([...first, ...second].map(({ part }) => part).sort()).toEqual(READ_PARTS);
  expect(await titlesOf(planId)).toEqual(TEXTS.toSorted());
});

it('asks for nothing any more once it is read', async () => {
  const planId = await begin();
  await retro.stage.requests();
  await read(planId);
  expect((await asked()).map(({ part }) => part).sort()).toEqual(READ_PARTS);
  await read(planId);
  expect(await titlesOf(planId)).toHaveLength(TEXTS.length);
  expect(await asked()).toEqual([]);
});

it('reads each item once where the board changes between two pages', async () => {
  const planId = await begin();
  await readHalf(planId);
  const items = (await retro.stage.state()).boards.find(({ id }) => id === retro.board)?.items ?? [];
  const onFirstPage = items.slice(0, 2).map(({ id }) => id);
  await retro.stage.act('edit-item', { boardId: retro.board, itemId: onFirstPage[0], content: 'Said otherwise' });
  await retro.stage.act('delete-item', { boardId: retro.board, itemId: onFirstPage[1] });
  await retro.sticky('Said late');
  await read(planId);
  // what was read stays as it was read; the next run sees the rest
  expect(await titlesOf(planId)).toEqual([...TEXTS, 'Said late'].sort());
});

const age = (planId: string, minutes: number) =>
  store.db.query(`update miro.board_pages set read_at = read_at - $2 * interval '1 minute' where plan_id = $1`, [
    planId,
    minutes,
  ]);

it('reads all of it anew where the reading stood still for long', async () => {
  const planId = await begin();
  await readHalf(planId);
  await retro.sticky('Said the next day');
  await age(planId, 31);
  await retro.stage.requests();
  await read(planId);
  expect((await asked()).map(({ part }) => part).sort()).toEqual(READ_PARTS);
  // and once more, where the tracker made the planning wait
  await age(planId, 31);
  expect(await titlesOf(planId)).toEqual([...TEXTS, 'Said the next day'].sort());
  expect((await asked()).map(({ part }) => part).sort()).toEqual(READ_PARTS);
});

it('forgets what was read for a run that has ended before its plan, and nothing that is being read', async () => {
  const next = await createRetroStage(store, [], retro);
  const [left, going] = [await begin(), await begin(next)];
  await Promise.all([left, going].map(read));
  await age(left, 61);
  await retro.stage.attempt((activities) => activities.forgetBoards({}));
  const kept = await store.db.query<{ id: string }>('select distinct plan_id as id from miro.board_pages');
  expect(kept.map(({ id }) => id)).toEqual([going]);
});

it('goes on from the page that stands where two attempts read at once', async () => {
  const planId = await begin();
  const { tenantId } = retro.stage;
  const page = (content: unknown) => savePage(store.db, { tenantId, planId, part: 'items', number: 0, content });
  expect(await page({ data: [], cursor: 'first' })).toEqual({ data: [], cursor: 'first' });
  expect(await page({ data: [], cursor: 'second' })).toEqual({ data: [], cursor: 'first' });
});

it('has one plan where two attempts plan at once, and the first stands', async () => {
  const planId = await begin();
  await read(planId);
  const plan = () => retro.stage.untilDone(() => retro.activities.planTickets({ planId }));
  const [one, other] = await Promise.all([plan(), plan()]);
  expect(other).toEqual(one);
  const { tenantId } = retro.stage;
  const late = { ...one.plan, hash: 'of another board', rows: 0 };
  expect(await savePlan(store.db, { summary: late, tenantId, reading: 1 }, [])).toBe(false);
  expect(await rowsOf(store.db, { planId, from: 0, to: 100 })).toHaveLength(TEXTS.length);
});

it('waits out a 429 in the middle and asks for that page again only', async () => {
  const planId = await begin();
  await retro.stage.requests();
  await retro.stage.fail({ match: ITEMS, fault: '429', when: { nth: 2 }, times: 1 });
  await read(planId);
  const requests = await asked();
  expect(requests.filter(({ status }) => status === 429)).toHaveLength(1);
  expect(
    requests
      .filter(({ status }) => status === 200)
      .map(({ part }) => part)
      .sort(),
  ).toEqual(READ_PARTS);
});

it('says who cannot read a board without access, and what to do', async () => {
  const { id } = await retro.stage.act('create-board', { as: 'goran@nordlicht.example', name: 'Hidden' });
  for (const boardId of [id, 'uXjVNoSuch0=']) {
    const planId = await begin({ ...retro, board: boardId });
    const failure = await failureOf(retro.stage.attempt((activities) => activities.readBoard({ planId })));
    expect(failure).toMatchObject({ type: 'Board.refused', nonRetryable: true });
    expect(failure.message).toMatch(
      /^board \S+: the Miro user of connection "default" cannot read it .*; share it with/,
    );
  }
});
