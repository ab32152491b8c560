/** Tickets whose answer, link or store was lost: each belongs to the run that sent it, and an undo takes back only what surely nobody has touched. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createActivities } from '../../activities/index.js';
import { workflowRunId } from '../../activities/job-context.js';
import type { Db } from '../../store/db.js';
import { effectsOf, openEffects } from '../../store/effects.js';
import { listItems } from '../../store/items.js';
import { getJob } from '../../store/jobs.js';
import { linksOf } from '../../store/ticket-links.js';
import { allTickets } from '../../store/tickets.js';
import { addTracker } from '../../store/trackers.js';
import { createTestStore, type TestStore } from '../store/database.js';
import { startJira } from '../trackers/jira-stand-in.js';
import { startReceiver, type RunningReceiver } from '../trackers/webhook-stand-in.js';
import { until } from '../provision/until.js';
import { undoTickets } from './retro-board.js';
import { createRetroStage, type RetroStage } from './retro-stage.js';

let store: TestStore;
beforeAll(async () => {
  store = await createTestStore();
});
afterAll(() => store.close());

async function withRetro(texts: string[], work: (retro: RetroStage) => Promise<void>): Promise<void> {
  const retro = await createRetroStage(store, texts);
  try {
    await work(retro);
  } finally {
    await retro.close();
  }
}

const another = (retro: RetroStage, where = store) => createRetroStage(where, [], retro);
const runOf = ({ stage }: RetroStage) => stage.attempt(() => Promise.resolve(workflowRunId()));
const undo = async (retro: RetroStage, { tracker = 'issues', where = store, runId }: Undo = {}) => {
  const { stage, activities, board: boardId } = await another(retro, where);
  const input = { tenant: stage.tenant, boardId, tracker, ...(runId === undefined ? {} : { runId }) };
  await stage.untilDone(() => undoTickets(activities, input));
};
interface Undo {
  tracker?: string;
  where?: TestStore;
  runId?: string;
}
const linksIn = async ({ db }: TestStore, jobId: string) => {
  const job = await getJob(db, jobId);
  return job ? await linksOf(db, job) : [];
};
const toldOf = async ({ jobId }: { jobId: string }, { db } = store) =>
  (await listItems(db, jobId)).map(({ outcome, detail }) => ({ outcome, detail }));
const CREATE = { match: { method: 'POST', path: '/**/issues' }, times: 1 };
const lost = { ...CREATE, fault: 'drop-after' as const };
const firstTry = ({ stage, activities }: RetroStage, of: { jobId: string; planId: string }) =>
  stage.attempt(() => activities.ensureTickets({ ...of, from: 0 })).catch(() => undefined);

/** A process that dies once a statement that matches was sent; with `after`, once its transaction is over. */
function dyingAt(retro: RetroStage, statement: RegExp, died: () => void): Db {
  const die = () => {
    died();
    return new Promise<never>(() => undefined);
  };
  const { db } = retro.stage;
  return {
    ...db,
    query: (sql: string, params?: unknown[]) => (statement.test(sql) ? die() : db.query(sql, params)),
    async tx(work) {
      let seen = false;
      const done = await db.tx((tx) =>
        work({
          query: (sql: string, params?: unknown[]) => {
            seen ||= statement.test(sql);
            return tx.query(sql, params);
          },
        }),
      );
      return seen ? die() : done;
    },
  };
}

async function killed(retro: RetroStage, of: { jobId: string; planId: string }, statement: RegExp): Promise<void> {
  let dead = false;
  const db = dyingAt(retro, statement, () => (dead = true));
  const dying = createActivities({ ...retro.stage.deps, db, allowPrivateWebhooks: true });
  void retro.stage.attempt(() => dying.ensureTickets({ ...of, from: 0 })).catch(() => undefined);
  await until(() => Promise.resolve(dead));
}

describe.concurrent('a ticket whose answer was lost', () => {
  it('belongs to the run that sent it, whoever finds it', async () => {
    await withRetro(['First one', 'Second one'], async (retro) => {
      const of = await retro.plan();
      retro.github.fail({ ...lost, when: { nth: 2 } });
      await firstTry(retro, of);
      await undo(retro, { runId: await runOf(retro) });
      expect(retro.github.state().map(({ state }) => state)).toEqual(['closed', 'closed']);
    });
  });

  it('has the words of which it was made, also when the item was rewritten and planned since', async () => {
    await withRetro(['One'], async (retro) => {
      const of = await retro.plan();
      retro.github.fail(lost);
      await firstTry(retro, of);
      const itemId = (await retro.stage.state()).boards.find(({ id }) => id === retro.board)?.items[0]?.id;
      await retro.stage.act('edit-item', { boardId: retro.board, itemId, content: 'Rewritten' });
      await (await another(retro)).plan();
      const settling = await another(retro);
      await settling.stage.untilDone(() => settling.activities.settleClaims(of));
      expect(await linksIn(store, of.jobId)).toMatchObject([{ title: 'One', words: 'one', runId: await runOf(retro) }]);
    });
  });

  it('is not made again where it may be the one of another account', async () => {
    await withRetro(['One'], async (retro) => {
      const of = await retro.plan();
      retro.github.fail(lost);
      await firstTry(retro, of);
      retro.github.act({ do: 'copy', number: 1, by: 'anna' });
      retro.github.act({ do: 'delete', number: 1 });
      const next = await another(retro);
      await next.tickets(await next.plan());
      expect(retro.github.state()).toMatchObject([{ number: 2 }]);
      expect(JSON.stringify(await toldOf(of))).toContain('#2 may be it, made with another account');
    });
  });

  it('is not taken back when a person may have worked on it', async () => {
    await withRetro(['One'], async (retro) => {
      const of = await retro.plan();
      retro.github.fail(lost);
      await firstTry(retro, of);
      // GitHub tells times by the second.
      await until(() => Promise.resolve(Date.parse(retro.github.state()[0]?.createdAt ?? '') + 1_000 < Date.now()));
      retro.github.act({ do: 'comment', number: 1, by: 'anna', body: 'working on it' });
      const next = await another(retro);
      await next.tickets(await next.plan());
      await undo(retro);
      expect(retro.github.state()).toMatchObject([{ state: 'open' }]);
      expect(JSON.stringify(await toldOf(of))).toContain('nobody can tell');
    });
  });

  it('is left unsettled where only sending it again tells', async () => {
    await withRetro(['One'], async (retro) => {
      const hook = await withReceiver(retro);
      const of = await retro.plan({ tracker: 'hook' });
      hook.fail({ match: { path: '/tickets' }, fault: 'drop-after', times: 1 });
      await firstTry(retro, of);
      await retro.stage.untilDone(() => retro.activities.settleClaims(of));
      expect(await openEffects(store.db, of)).toHaveLength(1);
      await retro.tickets(of);
      expect(hook.state()).toHaveLength(1);
      await undo(retro, { tracker: 'hook' });
      expect(hook.state()).toMatchObject([{ closed: true }]);
      await hook.close();
    });
  });
});

describe.concurrent('a process that was killed', () => {
  it('after it made a built-in ticket leaves one that is found, counted and taken back', async () => {
    await withRetro(['Only one'], async (retro) => {
      const of = await retro.plan({ tracker: 'builtin' });
      await killed(retro, of, /insert into miro\.tickets\b/);
      await retro.stage.untilDone(() => retro.activities.settleClaims(of));
      expect(await toldOf(of)).toMatchObject([{ outcome: 'made' }]);
      await undo(retro, { tracker: 'builtin' });
      expect(await allTickets(store.db, { tenantId: retro.stage.tenantId, tracker: 'builtin' })).toEqual([]);
    });
  });

  it.each(['settled', 'run again', 'undone'])(
    'between ledger and link leaves no ticket without one: it is %s',
    async (what) => {
      await withRetro(['Only one'], async (retro) => {
        const of = await retro.plan();
        await killed(retro, of, /insert into miro\.ticket_links/);
        expect(await effectsOf(store.db, of.jobId)).toMatchObject([{ state: 'done' }]);
        if (what === 'settled') {
          await retro.stage.untilDone(() => retro.activities.settleClaims(of));
          expect(await toldOf(of)).toMatchObject([{ outcome: 'made' }]);
        }
        if (what === 'run again') await (await another(retro)).plan();
        if (what === 'undone') {
          await undo(retro, { runId: await runOf(retro) });
          expect(retro.github.state()).toMatchObject([{ state: 'closed' }]);
        } else expect(await linksIn(store, of.jobId)).toMatchObject([{ outcome: 'made', runId: await runOf(retro) }]);
      });
    },
  );
});

/** A tracker of the name hook. */
async function withReceiver({ stage }: RetroStage): Promise<RunningReceiver> {
  const hook = await startReceiver();
  await addHook(store, stage.tenantId, hook);
  return hook;
}

const addHook = ({ db, vault }: TestStore, tenantId: string, { config, token: secret }: RunningReceiver) =>
  addTracker(db, vault, { tenantId, name: 'hook', kind: 'webhook', config, secret });

describe.concurrent('the store was lost, and a receiver answers with its older ticket', () => {
  async function inEmptyStore(
    meanwhile: (hook: RunningReceiver, retro: RetroStage) => Promise<unknown>,
    then: (hook: RunningReceiver, retro: RetroStage, empty: TestStore) => Promise<void>,
  ): Promise<void> {
    const empty = await createTestStore();
    await withRetro(['One thing'], async (retro) => {
      const hook = await withReceiver(retro);
      await retro.tickets(await retro.plan({ tracker: 'hook' }));
      await meanwhile(hook, retro);
      const again = await another(retro, empty);
      await addHook(empty, again.stage.tenantId, hook);
      await again.tickets(await again.plan({ tracker: 'hook' }));
      await then(hook, again, empty);
      await hook.close();
    });
    await empty.close();
  }

  it('which an undo has closed: another one is made', async () => {
    await inEmptyStore(
      (_, retro) => undo(retro, { tracker: 'hook' }),
      (hook) => Promise.resolve(expect(hook.state().map(({ closed }) => closed)).toEqual([true, false])),
    );
  });

  it('on which people have worked: an undo keeps it', async () => {
    await inEmptyStore(
      (hook) => Promise.resolve(hook.act({ do: 'edit', id: 'T-1', title: 'A person works on this' })),
      async (hook, retro, empty) => {
        await undo(retro, { tracker: 'hook', where: empty });
        expect(hook.state()).toMatchObject([{ closed: false, title: 'A person works on this' }]);
      },
    );
  });
});

describe.concurrent('an undo', () => {
  it('that may not delete closes, and knows that it was it', async () => {
    await withRetro(['One'], async (retro) => {
      const jira = await startJira({ lacks: ['DELETE_ISSUES'] });
      const { tenantId } = retro.stage;
      const { config, token: secret } = jira;
      await addTracker(store.db, store.vault, { tenantId, name: 'jira', kind: 'jira', config, secret });
      const of = await retro.plan({ tracker: 'jira' });
      await retro.tickets(of);
      await undo(retro, { tracker: 'jira' });
      expect(await toldOf(of)).toMatchObject([{ outcome: 'changed' }]);
      expect(await linksIn(store, of.jobId)).toEqual([]);
      await jira.close();
    });
  });

  it('keeps a ticket that a duplicate of the board has too', async () => {
    await withRetro(['One'], async (retro) => {
      const of = await retro.plan();
      await retro.tickets(of);
      const { id: boardId } = await retro.stage.act('copy-board', { boardId: retro.board });
      const copy = await another(retro);
      const copied = await copy.plan({ boardId, sameAs: retro.board });
      await copy.stage.untilDone(() => copy.activities.adoptSameAs(copied));
      await undo(retro);
      expect(retro.github.state()).toMatchObject([{ state: 'open' }]);
      expect(JSON.stringify(await toldOf(of))).toContain(boardId);
    });
  });
});
