/** What a terminated retro left without an answer is settled by the sweeper: by looking, never by writing. */
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { openEffects } from '../../store/effects.js';
import { listItems } from '../../store/items.js';
import { closeJob, getJob, type Job } from '../../store/jobs.js';
import { linksOf } from '../../store/ticket-links.js';
import { createTestStore, type TestStore } from '../store/database.js';
import { showTickets } from './retro-board.js';
import { createRetroStage, type RetroStage } from './retro-stage.js';
import { failureOf } from './stage.js';

let store: TestStore;
let retro: RetroStage;
beforeAll(async () => {
  store = await createTestStore();
});
afterAll(() => store.close());
beforeEach(async () => {
  retro = await createRetroStage(store, ['Fix the build']);
});
afterEach(() => retro.close());

type Planned = Awaited<ReturnType<RetroStage['plan']>>;

async function jobOf({ jobId }: Planned): Promise<Job> {
  const job = await getJob(store.db, jobId);
  if (!job) throw new Error('the store has no such job');
  return job;
}

/** The run ended before its writes were settled, and nobody closed it. */
async function terminate(of: Planned): Promise<void> {
  const { runId } = await jobOf(of);
  await closeJob(store.db, { jobId: of.jobId, runId, ending: 'cancelled', result: {} });
}

/** Sweeps until nothing is open. @returns what was written meanwhile, to Miro and to GitHub */
async function sweep(of: Planned): Promise<unknown[]> {
  const { stage, github } = retro;
  await stage.requests();
  const seenBefore = github.seen.length;
  while ((await openEffects(store.db, of)).length > 0) {
    await store.db.query('update miro.effects set sweep_after = clock_timestamp() where job_id = $1', [of.jobId]);
    await stage.attempt(() => retro.activities.settleLeftovers({}));
  }
  const writes = [...(await stage.requests()), ...github.seen.slice(seenBefore)];
  return writes.filter(({ method, path }) => method !== 'GET' && !path.includes('/oauth'));
}

/** The same board and tracker in another run. */
const nextRun = () => createRetroStage(store, [], retro);

it.each([
  { fault: 'drop-after' as const, made: 1 },
  { fault: '5xx-before' as const, made: 0 },
])(
  'a ticket without an answer ($fault) is linked if it is there, and the next run makes none twice',
  async (strike) => {
    const of = await retro.plan();
    retro.github.fail({ match: { method: 'POST', path: '/**/issues' }, fault: strike.fault, times: 1 });
    await failureOf(retro.stage.attempt(() => retro.activities.ensureTickets({ ...of, from: 0 })));
    await terminate(of);
    expect(await sweep(of)).toEqual([]);
    expect(await linksOf(store.db, await jobOf(of))).toHaveLength(strike.made);
    expect(await listItems(store.db, of.jobId)).toHaveLength(strike.made);

    const next = await nextRun();
    await next.tickets(await next.plan());
    expect(retro.github.state()).toHaveLength(1);
    expect(await linksOf(store.db, await jobOf(of))).toHaveLength(1);
  },
);

it('a comment without an answer is settled, and the next run adds none twice', async () => {
  await retro.tickets(await retro.plan());
  const itemId = (await retro.stage.state()).boards.find(({ id }) => id === retro.board)?.items[0]?.id;
  await retro.stage.act('edit-item', { boardId: retro.board, itemId, content: 'Fix the deploy' });
  const second = await nextRun();
  const of = await second.plan({ onChange: 'comment' });
  retro.github.fail({ match: { method: 'POST', path: '/**/comments' }, fault: 'drop-after', times: 1 });
  await failureOf(second.stage.attempt(() => second.activities.followTickets({ ...of, from: 0 })));
  await terminate(of);
  expect(await sweep(of)).toEqual([]);

  const third = await nextRun();
  const again = await third.plan({ onChange: 'comment' });
  await third.stage.untilDone(() => third.activities.followTickets({ ...again, from: 0 }));
  expect(retro.github.state()).toMatchObject([{ comments: [{}] }]);
});

it.each([
  { what: 'frame', path: '/v2/boards/*/frames' },
  { what: 'rows', path: '/v2/boards/*/items/bulk' },
  { what: 'tag', path: '/v2/boards/*/tags' },
])('the $what of a link back without an answer is found, and the next run shows each ticket once', async ({ path }) => {
  const of = await retro.plan();
  await retro.tickets(of);
  await retro.stage.fail({ match: { method: 'POST', path }, fault: 'drop-after', times: 1 });
  await failureOf(retro.stage.attempt((activities) => showTickets(activities, of.jobId)));
  await terminate(of);
  expect(await sweep(of)).toEqual([]);

  const next = await nextRun();
  await next.plan();
  await next.stage.untilDone((activities) => showTickets(activities, of.jobId));
  const board = (await retro.stage.state()).boards.find(({ id }) => id === retro.board);
  const typesOf = (board?.items ?? []).map(({ type }) => type).sort();
  expect(typesOf).toEqual(['frame', 'sticky_note', 'text']);
  expect(board?.tags.map(({ title }) => title)).toEqual(['ticketed']);
});
