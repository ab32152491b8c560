import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { countItems, listItems, recordItem } from '../../store/items.js';
import {
  advanceEpisode,
  closeJob,
  findJob,
  getJob,
  markUrlReturned,
  openJob,
  setJobBoard,
  setJobSpec,
  type OpenedJob,
} from '../../store/jobs.js';
import { claim, finish, markSent } from '../../store/ledger.js';
import { listRuns, showRun } from '../../store/runs.js';
import { claimInput, createTestStore, jobInput, openNewJob, opened, type TestStore } from './database.js';

let store: TestStore;
beforeAll(async () => {
  store = await createTestStore();
});
afterAll(() => store.close());

const open = async (input: ReturnType<typeof jobInput>) => opened(await openJob(store.db, input));
const close = (job: OpenedJob, ending: 'done' | 'failed' = 'done', runId = job.runId) =>
  closeJob(store.db, { jobId: job.jobId, runId, ending, result: { ending } });
const anotherRun = <Input extends { runId: string }>(input: Input): Input => ({ ...input, runId: randomUUID() });

describe('opening a job', () => {
  it('makes the first episode, and is the same job when it is repeated', async () => {
    const input = jobInput(store);
    const job = await open(input);
    expect(job).toMatchObject({
      episode: 1,
      state: 'running',
      fresh: true,
      newToStore: true,
      spec: { name: 'Retro' },
      specHash: 'h1',
    });
    expect(await open(input)).toEqual({ ...job, fresh: false });
    expect(await findJob(store.db, input)).toMatchObject({ jobId: job.jobId });
    expect(await getJob(store.db, randomUUID())).toBeUndefined();
  });

  it('makes one row when many open it at once', async () => {
    const input = jobInput(store);
    const jobs = await Promise.all(Array.from({ length: 10 }, () => open(anotherRun(input))));
    expect(new Set(jobs.map(({ jobId }) => jobId)).size).toBe(1);
    expect(jobs.filter(({ fresh }) => fresh)).toHaveLength(1);
  });

  it('answers a done job with its result and the spec that it has', async () => {
    const input = jobInput(store);
    const job = await open(input);
    await setJobBoard(store.db, { jobId: job.jobId, boardId: 'b', url: 'https://miro.com/app/board/b' });
    expect(await close(job)).toBe(true);
    const again = await open({ ...anotherRun(input), spec: { name: 'Other' }, specHash: 'h2' });
    expect(again).toMatchObject({
      ...{
        jobId: job.jobId,
        state: 'done',
        fresh: false,
        newToStore: false,
        result: { ending: 'done' },
        specHash: 'h1',
      },
      board: { boardId: 'b', url: 'https://miro.com/app/board/b' },
    });
  });

  it('runs a failed job on in the same episode', async () => {
    const input = jobInput(store);
    const job = await open(input);
    await close(job, 'failed');
    expect(await open(anotherRun(input))).toMatchObject({
      jobId: job.jobId,
      episode: 1,
      state: 'running',
      newToStore: true,
    });
  });

  it('is taken over by the next run, but not by a late call of the run before', async () => {
    const input = jobInput(store);
    await open(input);
    const next = anotherRun(input);
    expect((await open(next)).runId).toBe(next.runId);
    const late = await open(input);
    expect(late.runId).toBe(next.runId);
    expect(await close(late, 'failed', input.runId)).toBe(false);
    expect((await getJob(store.db, late.jobId))?.state).toBe('running');
    expect(await close(late, 'done', next.runId)).toBe(true);
    expect(await close(late, 'done', next.runId)).toBe(true);
  });
});

describe('episodes', () => {
  it('opens the next one once, after the one before has ended', async () => {
    const input = jobInput(store);
    const first = await open(input);
    const next = { ...anotherRun(input), again: 1 };
    expect(await openJob(store.db, { ...next, workflowId: 'other' })).toEqual({
      refused: 'still_running',
      episode: 1,
      runId: first.runId,
    });
    await close(first);
    const calls = await Promise.all(Array.from({ length: 6 }, () => open(anotherRun(next))));
    expect(new Set(calls.map(({ jobId, episode }) => `${jobId} ${episode}`)).size).toBe(1);
    expect(calls[0]).toMatchObject({ episode: 2, newToStore: false });
    expect((await findJob(store.db, input))?.episode).toBe(2);
    expect((await findJob(store.db, { ...input, episode: 1 }))?.jobId).toBe(first.jobId);
    expect(await open(anotherRun(input))).toMatchObject({ episode: 2 });
  });

  it('refuses to come after one that does not exist', async () => {
    const input = jobInput(store);
    expect(await openJob(store.db, { ...input, again: 1 })).toEqual({ refused: 'no_such_episode', highest: 0 });
    await close(await open(input));
    expect(await openJob(store.db, { ...input, again: 2 })).toEqual({ refused: 'no_such_episode', highest: 1 });
  });

  it('waits until the writes of the one before are settled', async () => {
    const input = jobInput(store);
    const job = await open(input);
    const lost = await claim(store.db, claimInput(job, { settleMs: 60_000 }));
    if (lost.state !== 'claimed') throw new Error('not claimed');
    await markSent(store.db, lost);
    await finish(store.db, { attemptId: lost.attemptId, outcome: 'unknown' });
    await close(job);
    const next = { ...anotherRun(input), again: 1 };
    expect(await openJob(store.db, next)).toEqual({ refused: 'unsettled', episode: 1, effects: 1 });
    await finish(store.db, { attemptId: lost.attemptId, outcome: 'made', objectId: 'b' });
    expect(await open(next)).toMatchObject({ episode: 2 });
  });

  it('does not wait for writes that must have turned up by now, though nobody can tell what became of them', async () => {
    const input = jobInput(store);
    const job = await open(input);
    const lost = await claim(store.db, claimInput(job, { settleMs: 0 }));
    if (lost.state !== 'claimed') throw new Error('not claimed');
    await markSent(store.db, lost);
    await finish(store.db, { attemptId: lost.attemptId, outcome: 'unknown' });
    await close(job);
    expect(await open({ ...anotherRun(input), again: 1 })).toMatchObject({ episode: 2 });
  });

  it('comes after a run of its own workflow that ended without a word, and waits for itself and for others', async () => {
    const input = jobInput(store);
    const { runId } = await open(input);
    const refused = { refused: 'still_running', episode: 1, runId };
    expect(await openJob(store.db, { ...input, again: 1 })).toEqual(refused);
    expect(await openJob(store.db, { ...anotherRun(input), workflowId: 'other', again: 1 })).toEqual(refused);
    expect(await open({ ...anotherRun(input), again: 1 })).toMatchObject({ episode: 2 });
  });

  it('advances to what a marker told, only forward and only before it has made anything', async () => {
    const job = await openNewJob(store);
    expect(await advanceEpisode(store.db, { jobId: job.jobId, episode: 3 })).toBe(true);
    expect(await advanceEpisode(store.db, { jobId: job.jobId, episode: 2 })).toBe(false);
    expect((await getJob(store.db, job.jobId))?.episode).toBe(3);
    const attempt = await claim(store.db, claimInput(job));
    if (attempt.state === 'claimed')
      await finish(store.db, { attemptId: attempt.attemptId, outcome: 'found', objectId: 'b' });
    expect(await advanceEpisode(store.db, { jobId: job.jobId, episode: 4 })).toBe(true);
    const next = await claim(store.db, claimInput(job, { key: 'items:1' }));
    if (next.state === 'claimed') await finish(store.db, { attemptId: next.attemptId, outcome: 'made', objectId: 'i' });
    expect(await advanceEpisode(store.db, { jobId: job.jobId, episode: 5 })).toBe(false);
  });
});

describe('spec and facts', () => {
  it('replaces the spec once, and a done job runs again', async () => {
    const job = await openNewJob(store);
    await close(job);
    const change = { jobId: job.jobId, fromHash: 'h1', toHash: 'h2', spec: { name: 'Kick-off' } };
    expect(
      await Promise.all([setJobSpec(store.db, change), setJobSpec(store.db, { ...change, toHash: 'h3' })]),
    ).toContain(false);
    expect(await getJob(store.db, job.jobId)).toMatchObject({ state: 'running', spec: { name: 'Kick-off' } });
  });

  it('remembers when the URL was first returned', async () => {
    const job = await openNewJob(store);
    await markUrlReturned(store.db, job);
    const first = (await getJob(store.db, job.jobId))?.urlReturnedAt;
    await markUrlReturned(store.db, job);
    expect(first).toBeInstanceOf(Date);
    expect((await getJob(store.db, job.jobId))?.urlReturnedAt).toEqual(first);
  });
});

describe('items and runs', () => {
  it('keeps the last outcome of each part', async () => {
    const { jobId, tenantId } = await openNewJob(store);
    const item = { jobId, tenantId, subject: 'item:why', kind: 'sticky_note' };
    await recordItem(store.db, { ...item, outcome: 'refused', detail: { reason: 'locked' } });
    await recordItem(store.db, { ...item, outcome: 'made', objectId: '1' });
    await recordItem(store.db, {
      ...item,
      subject: 'member:1',
      kind: 'member',
      outcome: 'failed',
      detail: { reason: 'unknown' },
    });
    expect(await countItems(store.db, jobId)).toEqual({
      made: 1,
      existing: 0,
      changed: 0,
      skipped: 0,
      refused: 0,
      failed: 1,
    });
    expect(await listItems(store.db, jobId)).toMatchObject([
      { subject: 'item:why', outcome: 'made', objectId: '1' },
      { subject: 'member:1', outcome: 'failed', detail: { reason: 'unknown' } },
    ]);
  });

  it('lists runs, newest first, and shows one with what became of its parts', async () => {
    const input = jobInput(store);
    const first = await open(input);
    await recordItem(store.db, { ...first, subject: 'item:1', kind: 'text', outcome: 'made' });
    await close(first, 'failed');
    const second = await open(anotherRun(input));
    const all = await listRuns(store.db, { tenantId: store.tenantId, limit: 2 });
    expect(all.map(({ runId, state }) => [runId, state])).toEqual([
      [second.runId, 'running'],
      [first.runId, 'failed'],
    ]);
    expect(all[1]).toMatchObject({
      tenant: 'acme',
      kind: 'provisionBoard',
      episode: 1,
      parked: false,
      workflowId: input.workflowId,
    });
    expect(await listRuns(store.db, { tenantId: randomUUID(), limit: 2 })).toEqual([]);
    expect((await listRuns(store.db, { state: 'failed', limit: 1 }))[0]?.runId).toBe(first.runId);
    expect(await showRun(store.db, first.runId)).toMatchObject({
      state: 'failed',
      result: { ending: 'failed' },
      counts: { made: 1 },
    });
    expect(await showRun(store.db, input.workflowId)).toMatchObject({ runId: second.runId, open: [], surplus: [] });
    expect(await showRun(store.db, 'no such run')).toBeUndefined();
  });

  it('shows of a job that runs again and again what became of the parts of each run', async () => {
    const input = { ...jobInput(store), repeat: true };
    const first = await open(input);
    const part = { ...first, kind: 'ticket', outcome: 'made' as const };
    await recordItem(store.db, { ...part, subject: 'ticket 1', objectId: '7', detail: { key: '#7' } });
    await close(first);
    const second = await open(anotherRun(input));
    await open({ ...input, runId: second.runId });
    await recordItem(store.db, { ...part, subject: 'ticket 2', outcome: 'refused' });
    const third = await open(anotherRun(input));
    const shown = async (runId: string) => await showRun(store.db, runId);
    expect(await shown(first.runId)).toMatchObject({
      counts: { made: 1, refused: 0 },
      items: [{ subject: 'ticket 1', kind: 'ticket', outcome: 'made', objectId: '7', detail: { key: '#7' } }],
    });
    expect((await shown(first.runId))?.items[0]?.at).toBeInstanceOf(Date);
    expect((await shown(second.runId))?.items).toMatchObject([{ subject: 'ticket 2', outcome: 'refused' }]);
    expect((await shown(third.runId))?.items).toEqual([]);
  });
});
