/** What the store does not know (any more), and the tracker and the board still have. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { getJob } from '../../store/jobs.js';
import { linksOf, type StoredLink } from '../../store/ticket-links.js';
import { createTestStore, type TestStore } from '../store/database.js';
import type { GithubOptions } from '../trackers/github-stand-in.js';
import { showTickets, undoTickets } from './retro-board.js';
import { createRetroStage, type RetroStage } from './retro-stage.js';

let store: TestStore;
beforeAll(async () => {
  store = await createTestStore();
});
afterAll(() => store.close());

/** @param later the same Miro and GitHub, with an empty store */
async function withLostStore(
  { texts = ['Fix the build', 'Write the docs'], github }: { texts?: string[]; github?: GithubOptions },
  work: (retro: RetroStage, later: () => Promise<{ retro: RetroStage; empty: TestStore }>) => Promise<void>,
): Promise<void> {
  const retro = await createRetroStage(store, texts, undefined, github);
  const empty = await createTestStore();
  try {
    await work(retro, async () => ({ retro: await createRetroStage(empty, [], retro), empty }));
  } finally {
    await retro.close();
    await empty.close();
  }
}

async function linksIn({ db }: TestStore, jobId: string): Promise<StoredLink[]> {
  const job = await getJob(db, jobId);
  return job ? await linksOf(db, job) : [];
}

describe.concurrent('the store was lost', () => {
  it('and what the tracker has is recognised, but not what a person copied', async () => {
    await withLostStore({}, async (retro, later) => {
      await retro.tickets(await retro.plan());
      retro.github.act({ do: 'copy', number: 1, by: 'anna' });
      const { retro: again, empty } = await later();
      const of = await again.plan();
      await again.recognise(of);
      await again.tickets(of);
      expect(retro.github.state()).toHaveLength(3);
      const links = await linksIn(empty, of.jobId);
      expect(links).toMatchObject([{ outcome: 'found' }, { outcome: 'found' }]);
      expect(links.map(({ ticket }) => ticket.key).sort()).toEqual(['#1', '#2']);
    });
  });

  it('and of tickets that were taken back and made anew the last one counts', async () => {
    await withLostStore({ texts: ['Fix the build'] }, async (retro, later) => {
      let last = retro;
      for (let made = 1; made <= 4; made += 1) {
        await last.tickets(await last.plan());
        if (made === 4) break;
        const { tenant } = last.stage;
        const undo = await createRetroStage(store, [], last);
        const input = { tenant, boardId: retro.board, tracker: 'issues' };
        expect(await undo.stage.untilDone(() => undoTickets(undo.activities, input))).toBeDefined();
        last = await createRetroStage(store, [], last);
      }
      expect(retro.github.state().map(({ state }) => state)).toEqual(['closed', 'closed', 'closed', 'open']);
      const { retro: again, empty } = await later();
      const of = await again.plan();
      await again.recognise(of);
      await again.tickets(of);
      expect(retro.github.state()).toHaveLength(4);
      expect(await linksIn(empty, of.jobId)).toMatchObject([{ episode: 4, ticket: { key: '#4' } }]);
    });
  });

  it('and a large repository is looked through in portions, no further back than the oldest item', async () => {
    await withLostStore({ github: { pageSize: 2 } }, async (retro, later) => {
      for (let n = 0; n < 4; n += 1) await oldIssue(retro);
      await retro.tickets(await retro.plan());
      for (let n = 0; n < 22; n += 1) retro.github.act({ do: 'copy', number: 1, by: 'anna' });
      const { retro: again, empty } = await later();
      const of = await again.plan();
      retro.github.seen.length = 0;
      await again.recognise(of);
      expect((await linksIn(empty, of.jobId)).map(({ ticket }) => ticket.key).sort()).toEqual(['#5', '#6']);
      const pages = retro.github.seen.filter(({ method, path }) => method === 'GET' && path.endsWith('/issues'));
      expect(pages).toHaveLength(13);
    });
  });
});

describe.concurrent('the store was lost, and what shows the tickets on the board', () => {
  it.each(['list', 'card', 'text'] as const)('as %s is not made again, and reads as no change', async (linkBack) => {
    await withLostStore({}, async (retro, later) => {
      const board = async () =>
        (await retro.stage.state()).boards.find(({ id }) => id === retro.board) ?? expect.fail();
      const first = await retro.plan({ linkBack });
      await retro.tickets(first);
      await retro.stage.untilDone(() => showTickets(retro.activities, first.jobId));
      const before = (await board()).items;
      const { retro: again, empty } = await later();
      const of = await again.plan({ linkBack });
      await again.recognise(of);
      await again.stage.untilDone(() => showTickets(again.activities, of.jobId));
      expect((await board()).items).toEqual(before);

      await again.sticky('Next week');
      const third = await createRetroStage(empty, [], again);
      const next = await third.plan({ linkBack, onChange: 'comment' });
      const page = { tenant: third.stage.tenant, planId: next.planId, from: 0 };
      const { rows } = await third.stage.attempt(() => third.activities.readPlanPage(page));
      const asked = rows.map(({ decision }) => decision).filter((decision) => decision !== 'dropped');
      expect(asked.sort()).toEqual(['create', 'existing', 'existing']);
      await third.tickets(next);
      await third.stage.untilDone(() => showTickets(third.activities, next.jobId));
      const frames = (await board()).items.filter(({ type }) => type === 'frame');
      expect(frames).toHaveLength(linkBack === 'list' ? 1 : 0);
    });
  });
});

/** One that has nothing to do with us. */
async function oldIssue({ github }: RetroStage): Promise<void> {
  const answer = await fetch(`${github.url}/repos/ours/app/issues`, {
    method: 'POST',
    headers: { authorization: `token ${github.token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ title: 'Before the board' }),
  });
  const { number } = (await answer.json()) as { number: number };
  github.act({ do: 'date', number, createdAt: '2020-01-01T00:00:00Z' });
}

describe.concurrent('a ticket that was looked for in vain, and turns up after all', () => {
  it('is recognised by the next run as ours, and not made again', async () => {
    const retro = await createRetroStage(store, ['Fix the build']);
    try {
      const first = await retro.plan();
      retro.github.fail({ match: { method: 'POST', path: '/**/issues' }, fault: 'drop-after', times: 1 });
      await retro.stage.attempt(() => retro.activities.ensureTickets({ ...first, from: 0 })).catch(() => undefined);
      // As long as it is dated so, nobody looks as far back.
      retro.github.act({ do: 'date', number: 1, createdAt: '2020-01-01T00:00:00Z' });
      await retro.stage.untilDone(() => retro.activities.settleClaims(first));
      expect(await linksIn(store, first.jobId)).toEqual([]);
      retro.github.act({ do: 'date', number: 1, createdAt: new Date().toISOString() });
      const again = await createRetroStage(store, [], retro);
      const of = await again.plan();
      await again.recognise(of);
      await again.tickets(of);
      expect(retro.github.state()).toHaveLength(1);
      expect(await linksIn(store, of.jobId)).toMatchObject([{ outcome: 'made' }]);
    } finally {
      await retro.close();
    }
  });
});
