/** What a run leaves open is settled at its ending, or later by the sweeper: by looking, never by writing. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openEffects } from '../../store/effects.js';
import { listItems } from '../../store/items.js';
import { closeJob, getJob } from '../../store/jobs.js';
import { markUnsettled } from '../../store/ledger.js';
import { createTestStore, type TestStore } from '../store/database.js';
import { createStage, failureOf, TIMES, type Stage } from './stage.js';

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

const content = {
  recordUrl: 'https://crm.example.com/deals/4711',
  template: {
    blueprint: {
      version: 1 as const,
      items: [
        { id: 'a', type: 'sticky_note' as const, content: 'First', position: { x: 0, y: 0 } },
        { id: 'b', type: 'sticky_note' as const, content: 'Second', position: { x: 300, y: 0 } },
      ],
      tags: [{ id: 'tag', title: 'Important' }],
      connectors: [{ id: 'line', from: 'a', to: 'b' }],
    },
  },
};
const POSTS = { method: 'POST', path: '/v2/boards/**' };
const settle = (jobId: string) => stage.untilDone((activities) => activities.settleClaims({ jobId }));
const writes = async () => (await stage.requests()).filter(({ method }) => method !== 'GET');
const board = async () => (await stage.state()).boards.find(({ description }) => description.includes('[tm:'));

/** The board was asked for once; whether it was made says the fault. */
async function askOnce(fault: 'drop-after' | '5xx-before'): Promise<string> {
  const { jobId } = await stage.open({});
  await stage.fail({ match: { method: 'POST', path: '/v2/boards' }, fault, times: 1 });
  await failureOf(stage.attempt((activities) => activities.ensureBoard({ jobId })));
  await stage.requests();
  return jobId;
}

describe('the ending of a run', () => {
  it('finds a board that was made without an answer, and the job has it', async () => {
    const jobId = await askOnce('drop-after');
    await settle(jobId);
    expect(await writes()).toEqual([]);
    expect(await openEffects(store.db, { jobId })).toEqual([]);
    expect((await getJob(store.db, jobId))?.board?.boardId).toBe((await board())?.id);
    expect(await listItems(store.db, jobId)).toMatchObject([{ subject: 'board', objectId: (await board())?.id }]);
  });

  it('says that nothing was made only after Miro has had the time to', async () => {
    const jobId = await askOnce('5xx-before');
    const failure = await failureOf(stage.attempt((activities) => activities.settleClaims({ jobId })));
    expect(failure).toMatchObject({ type: 'Effect.settling', nonRetryable: false });
    expect(failure.message).toMatch(/which the other side may still process: POST \/v2\/boards .*50\d/);
    expect(Number(failure.nextRetryDelay)).toBeLessThanOrEqual(TIMES.single.settleMs * 1.1);
    await settle(jobId);
    expect(await writes()).toEqual([]);
    expect(await openEffects(store.db, { jobId })).toEqual([]);
    await stage.untilDone((activities) => activities.ensureBoard({ jobId }));
    expect(await writes()).toHaveLength(1);
  });

  it('waits for an attempt that still runs', async () => {
    const { jobId } = await stage.open({});
    await stage.fail({ match: { method: 'POST', path: '/v2/boards' }, fault: 'slow', delayMs: 150, times: 1 });
    const running = stage.attempt((activities) => activities.ensureBoard({ jobId }));
    await settle(jobId);
    await running;
    expect(await openEffects(store.db, { jobId })).toEqual([]);
  });

  it('finds items, card, tag and connector, and writes each down', async () => {
    const { jobId } = await stage.open(content);
    await stage.untilDone((activities) => activities.ensureBoard({ jobId }));
    const lose = async (step: Parameters<Stage['attempt']>[0]) => {
      await stage.fail({ match: POSTS, fault: 'drop-after', times: 1 });
      await failureOf(stage.attempt(step));
      await stage.requests();
      await settle(jobId);
      expect(await writes()).toEqual([]);
    };
    await lose((activities) => activities.ensureItems({ jobId, batch: 0 }));
    await lose((activities) => activities.ensureRecordCard({ jobId }));
    await lose((activities) => activities.ensureTags({ jobId }));
    await lose((activities) => activities.ensureConnectors({ jobId }));
    expect(await openEffects(store.db, { jobId })).toEqual([]);
    const parts = (await listItems(store.db, jobId)).filter(({ objectId }) => objectId).map(({ subject }) => subject);
    expect(parts.sort()).toEqual(['board', 'connector line', 'item a', 'item b', 'record card', 'tag tag']);
  });
});

it('says of an invitation without an answer that nobody knows, and sends none', async () => {
  const { jobId } = await stage.open({ members: [{ email: 'anna@example.com', role: 'editor' }] });
  await stage.untilDone((activities) => activities.ensureBoard({ jobId }));
  await stage.fail({ match: POSTS, fault: 'drop-after', times: 1 });
  await failureOf(stage.attempt((activities) => activities.shareBoard({ jobId, share: 0 })));
  await stage.requests();
  await settle(jobId);
  expect(await writes()).toEqual([]);
  expect(await listItems(store.db, jobId)).toContainEqual(
    expect.objectContaining({ subject: 'member anna@example.com', outcome: 'failed' }),
  );
});

describe('the sweeper', () => {
  const sweep = () => stage.attempt((activities) => activities.settleLeftovers({}));
  /** The run ended before its claims were settled. */
  const end = async (jobId: string) => {
    await markUnsettled(store.db, { jobId });
    const runId = (await getJob(store.db, jobId))?.runId ?? '';
    await closeJob(store.db, { jobId, runId, ending: 'cancelled', result: {} });
  };

  it('settles what ended runs left, without writing, and one that cannot be told does not hold up the others', async () => {
    await stage.startSecond();
    const unclear = await askOnce('drop-after');
    const original = await board();
    await stage.act('copy-board', { boardId: original?.id });
    const clear = await askOnce('drop-after');
    await Promise.all([unclear, clear].map(end));
    expect(await sweep()).toEqual({ settled: 1, left: 1 });
    expect(await openEffects(store.db, { jobId: clear })).toEqual([]);
    expect((await getJob(store.db, clear))?.board).toBeDefined();
    expect(await openEffects(store.db, { jobId: unclear })).toHaveLength(1);
    expect(await writes()).toEqual([]);

    expect(await sweep()).toEqual({ settled: 0, left: 0 }); // its next turn is later

    // people have deleted the copy: now it can be told
    const copies = (await stage.state()).boards.filter(({ name }) => name.startsWith('Copy of'));
    for (const { id } of copies) await stage.act('delete-board', { boardId: id });
    await store.db.query('update miro.effects set sweep_after = clock_timestamp() where job_id = $1', [unclear]);
    expect(await sweep()).toEqual({ settled: 1, left: 0 });
    expect((await getJob(store.db, unclear))?.board?.boardId).toBe(original?.id);
  });
});
