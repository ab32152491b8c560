import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openTracker } from '../../activities/trackers.js';
import { effectsOf, openEffects } from '../../store/effects.js';
import { listItems } from '../../store/items.js';
import { linksOf } from '../../store/ticket-links.js';
import { getJob } from '../../store/jobs.js';
import type { FaultRule } from '../../simulator/faults/rules.js';
import { createTestStore, type TestStore } from '../store/database.js';
import { createRetroStage, type RetroStage } from './retro-stage.js';

let store: TestStore;
beforeAll(async () => {
  store = await createTestStore();
});
afterAll(() => store.close());

const CREATE: FaultRule['match'] = { method: 'POST', path: '/**/issues' };

async function withRetro(texts: string[], work: (retro: RetroStage) => Promise<void>): Promise<void> {
  const retro = await createRetroStage(store, texts);
  try {
    await work(retro);
  } finally {
    await retro.close();
  }
}

const titlesOf = ({ github }: RetroStage): string[] => github.state().map(({ title }) => title);

async function linkedTo(jobId: string): Promise<string[]> {
  const job = await getJob(store.db, jobId);
  return job ? (await linksOf(store.db, job)).map(({ ticket }) => ticket.id) : [];
}

describe.concurrent('a ticket is made once', () => {
  const TROUBLES: { title: string; faults: FaultRule[] }[] = [
    { title: 'when nothing goes wrong', faults: [] },
    { title: 'when the answer is lost', faults: [{ match: CREATE, fault: 'drop-after', times: 1 }] },
    { title: 'when the answer is an error', faults: [{ match: CREATE, fault: '5xx-after', times: 2 }] },
    { title: 'when the answer comes after the deadline', faults: [{ match: CREATE, fault: 'timeout', times: 1 }] },
    { title: 'when the answer cannot be read', faults: [{ match: CREATE, fault: 'truncate', times: 1 }] },
    { title: 'when the tracker is down', faults: [{ match: CREATE, fault: '5xx-before', times: 2 }] },
    { title: 'when too much was asked', faults: [{ match: CREATE, fault: '429', times: 1 }] },
  ];

  it.each(TROUBLES)('$title', async ({ faults }) => {
    await withRetro(['Fix the build', 'Write the docs'], async (retro) => {
      const of = await retro.plan();
      retro.github.fail(...faults);
      await retro.tickets(of);
      await retro.tickets(of);
      expect(titlesOf(retro).sort()).toEqual(['Fix the build', 'Write the docs']);
      expect(await linkedTo(of.jobId)).toHaveLength(2);
      expect(await openEffects(store.db, of)).toEqual([]);
      expect(await listItems(store.db, of.jobId)).toMatchObject([{ outcome: 'made' }, { outcome: 'made' }]);
    });
  });

  it('when two attempts run at once', async () => {
    await withRetro(['Fix the build'], async (retro) => {
      const of = await retro.plan();
      await Promise.all([retro.tickets(of), retro.tickets(of)]);
      expect(titlesOf(retro)).toEqual(['Fix the build']);
      expect(await effectsOf(store.db, of.jobId)).toMatchObject([{ step: 'ticket', state: 'done' }]);
    });
  });
});

describe.concurrent('what the tracker refuses', () => {
  it('is an outcome of that ticket, with its words, and spoils no other', async () => {
    // Fifteen times as long it is more than GitHub takes.
    const mapping = { version: 1 as const, body: '{{body}} '.repeat(15) };
    await withRetro(['Fix the build', 'so long '.repeat(600)], async (retro) => {
      const of = await retro.plan({ mapping });
      await retro.tickets(of);
      expect(titlesOf(retro)).toEqual(['Fix the build']);
      const items = await listItems(store.db, of.jobId);
      expect(items.map(({ outcome }) => outcome).sort()).toEqual(['made', 'refused']);
      expect(JSON.stringify(items)).toContain('body is too long');
    });
  });
});

describe.concurrent('a sticky that reads otherwise', () => {
  /** The next run, in which the only sticky says something else. */
  async function reworded(retro: RetroStage): Promise<RetroStage> {
    const { jobId } = await retro.plan();
    const job = await getJob(store.db, jobId);
    const [link] = job ? await linksOf(store.db, job) : [];
    await retro.stage.act('edit-item', { boardId: retro.board, itemId: link?.itemId, content: 'Fix the deploy' });
    return await createRetroStage(store, [], retro);
  }

  it.each(['comment', 'update'] as const)('is told to its ticket by one %s, whatever befalls it', async (onChange) => {
    await withRetro(['Fix the build'], async (retro) => {
      await retro.tickets(await retro.plan());
      const next = await reworded(retro);
      const of = await next.plan({ onChange });
      const match = { method: onChange === 'comment' ? 'POST' : 'PATCH', path: '/**' };
      retro.github.fail({ match, fault: 'drop-after', times: 1 });
      const follow = () => next.activities.followTickets({ ...of, from: 0 });
      await next.stage.untilDone(follow);
      await next.stage.untilDone(follow);
      const [issue] = retro.github.state();
      if (onChange === 'update') expect(issue?.title).toBe('Fix the deploy');
      else expect(issue?.comments).toHaveLength(1);
      expect(await listItems(store.db, of.jobId)).toMatchObject([{ outcome: 'changed' }]);
    });
  });

  it.each(['comment', 'update'] as const)('that comes and goes is told each time by a %s', async (onChange) => {
    await withRetro(['Fix the build'], async (retro) => {
      const { jobId } = await retro.plan();
      await retro.tickets(await retro.plan());
      const [link] = await linksOf(store.db, (await getJob(store.db, jobId)) ?? expect.fail());
      for (const content of ['Fix the deploy', 'Fix the build', 'Fix the deploy']) {
        await retro.stage.act('edit-item', { boardId: retro.board, itemId: link?.itemId, content });
        const next = await createRetroStage(store, [], retro);
        const of = await next.plan({ onChange });
        await next.stage.untilDone(() => next.activities.followTickets({ ...of, from: 0 }));
        expect(await listItems(store.db, of.jobId)).toMatchObject([{ outcome: 'changed' }]);
        const [issue] = retro.github.state();
        if (onChange === 'update') expect(issue?.title).toBe(content);
        else expect(issue?.comments.at(-1)?.body).toContain(content);
      }
      if (onChange === 'comment') expect(retro.github.state()[0]?.comments).toHaveLength(3);
    });
  });

  it('whose ticket a person has deleted is reported, and gets no other', async () => {
    await withRetro(['Fix the build'], async (retro) => {
      await retro.tickets(await retro.plan());
      const next = await reworded(retro);
      retro.github.act({ do: 'delete', number: 1 });
      const of = await next.plan({ onChange: 'comment' });
      await next.stage.untilDone(() => next.activities.followTickets({ ...of, from: 0 }));
      await next.tickets(of);
      expect(retro.github.state()).toEqual([]);
      expect(await listItems(store.db, of.jobId)).toMatchObject([{ outcome: 'skipped' }]);
    });
  });

  it('overwrites nothing that a person has changed in the ticket, and says how it reads', async () => {
    await withRetro(['Fix the build'], async (retro) => {
      await retro.tickets(await retro.plan());
      const next = await reworded(retro);
      retro.github.act({ do: 'edit', number: 1, title: 'Fix the build, Ben is on it' });
      const of = await next.plan({ onChange: 'update' });
      for (let time = 0; time < 2; time += 1)
        await next.stage.untilDone(() => next.activities.followTickets({ ...of, from: 0 }));
      expect(titlesOf(retro)).toEqual(['Fix the build, Ben is on it']);
      const reason = 'somebody has changed the ticket #1 since; the item now reads "Fix the deploy"';
      expect(await listItems(store.db, of.jobId)).toMatchObject([{ outcome: 'skipped', detail: { reason } }]);
    });
  });

  it.each(['comment', 'update'] as const)(
    'is told by a %s of which only the note was lost: the ticket stays as we left it, until a person comes',
    async (onChange) => {
      await withRetro(['Fix the build'], async (retro) => {
        await retro.tickets(await retro.plan());
        const next = await reworded(retro);
        const of = await next.plan({ onChange });
        const written = { method: onChange === 'comment' ? 'POST' : 'PATCH', path: '/**' };
        retro.github.fail({ match: written, fault: 'drop-after', times: 1 });
        await next.stage.attempt(() => next.activities.followTickets({ ...of, from: 0 })).catch(() => undefined);
        await next.stage.untilDone(() => next.activities.followTickets({ ...of, from: 0 }));
        expect(await isAsWeLeftIt(of.jobId, next)).toBe(true);
        retro.github.act({ do: 'comment', number: 1, by: 'anna', body: 'Mine now' });
        expect(await isAsWeLeftIt(of.jobId, next)).toBe(false);
      });
    },
  );

  it('is told by a comment, and a change that a person made before stays theirs', async () => {
    await withRetro(['Fix the build'], async (retro) => {
      await retro.tickets(await retro.plan());
      const next = await reworded(retro);
      retro.github.act({ do: 'edit', number: 1, title: 'Ben is on it' });
      const of = await next.plan({ onChange: 'comment' });
      await next.stage.untilDone(() => next.activities.followTickets({ ...of, from: 0 }));
      expect(retro.github.state()[0]?.comments).toHaveLength(1);
      expect(await isAsWeLeftIt(of.jobId, next)).toBe(false);
    });
  });

  /** Whether an undo would take the ticket back: it keeps what a person has touched. */
  async function isAsWeLeftIt(jobId: string, { stage }: RetroStage): Promise<boolean> {
    const { tenantId } = stage;
    const { tracker } = await openTracker({ ...stage.deps, allowPrivateWebhooks: true }, { tenantId, name: 'issues' });
    const job = await getJob(store.db, jobId);
    const [link] = job ? await linksOf(store.db, job) : [];
    const now = await tracker.get(link?.ticket.id ?? '', { deadlineMs: 5_000 });
    return now !== undefined && now.revision === link?.revision;
  }
});
