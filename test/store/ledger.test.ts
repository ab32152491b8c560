import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { OpenedJob } from '../../store/jobs.js';
import {
  claim,
  effectsOf,
  finish,
  getEffect,
  markSent,
  markUnsettled,
  openEffects,
  resolveAbsent,
  surplusOf,
  unsettled,
  type Claim,
  type ClaimInput,
  type Claimed,
} from '../../store/ledger.js';
import { postponeSweep } from '../../store/effects.js';
import { closeJob } from '../../store/jobs.js';
import { claimInput, createTestStore, expireLeases, openNewJob, type TestStore } from './database.js';

let store: TestStore;
beforeAll(async () => {
  store = await createTestStore();
});
afterAll(() => store.close());

const take = async (job: OpenedJob, changes: Partial<ClaimInput> = {}): Promise<Claimed> => {
  const answer: Claim = await claim(store.db, claimInput(job, changes));
  if (answer.state !== 'claimed') throw new Error(`not claimed: ${answer.state}`);
  return answer;
};
const ask = (job: OpenedJob, changes: Partial<ClaimInput> = {}) => claim(store.db, claimInput(job, changes));
const sent = ({ attemptId }: Claimed) => markSent(store.db, { attemptId });
const made = ({ attemptId }: Claimed, objectId: string) =>
  finish(store.db, { attemptId, outcome: 'made', objectId, result: { objectId } });
const ended = ({ attemptId }: Claimed, outcome: 'not_written' | 'not_sent' | 'unknown' | 'set') =>
  finish(store.db, { attemptId, outcome });

describe('a create', () => {
  it('is claimed once, sent once, and answers from the ledger ever after', async () => {
    const job = await openNewJob(store);
    const first = await take(job);
    expect(first).toMatchObject({ number: 1, mustLook: false, settleLeftMs: 0, leaseMs: 60_000 });
    expect(await sent(first)).toBe(true);
    expect(await sent(first)).toBe(false);
    expect(await made(first, 'board-1')).toEqual({ won: true, surplus: false });
    expect(await ask(job)).toEqual({
      state: 'done',
      outcome: 'made',
      objectId: 'board-1',
      result: { objectId: 'board-1' },
    });
  });

  it('is busy while another attempt holds it', async () => {
    const job = await openNewJob(store);
    await take(job, { leaseMs: 30_000 });
    const second = await ask(job);
    expect(second.state).toBe('busy');
    if (second.state !== 'busy') return;
    expect(second.retryAfterMs).toBeGreaterThan(20_000);
    expect(second.retryAfterMs).toBeLessThanOrEqual(30_000);
  });

  it('gives one of many attempts at once the claim', async () => {
    const job = await openNewJob(store);
    const answers = await Promise.all(Array.from({ length: 10 }, () => ask(job)));
    expect(answers.filter(({ state }) => state === 'claimed')).toHaveLength(1);
    expect(answers.filter(({ state }) => state === 'busy')).toHaveLength(9);
    expect(await effectsOf(store.db, job.jobId)).toMatchObject([{ attempts: 1 }]);
  });

  it('looks first when the job is new to the store', async () => {
    expect(await take(await openNewJob(store), { lookFirst: true })).toMatchObject({ mustLook: true, settleLeftMs: 0 });
  });

  it('looks first only once, however slow Miro was about it', async () => {
    const job = await openNewJob(store);
    const slow = await take(job, { lookFirst: true });
    expect(await resolveAbsent(store.db, slow)).toBe(true);
    await expireLeases(store, job.jobId);
    expect(await take(job, { lookFirst: true })).toMatchObject({ number: 2, mustLook: false });
  });

  it('need not look when the attempt before was killed before it was marked sent', async () => {
    const job = await openNewJob(store);
    const killed = await take(job);
    await expireLeases(store, job.jobId);
    expect(await take(job)).toMatchObject({ number: 2, mustLook: false });
    expect(await sent(killed)).toBe(false);
  });

  it('must look when the attempt before was killed after it was marked sent, and waits until that has settled', async () => {
    const job = await openNewJob(store);
    await sent(await take(job, { settleMs: 45_000 }));
    await expireLeases(store, job.jobId);
    const next = await take(job, { settleMs: 45_000 });
    expect(next).toMatchObject({ number: 2, mustLook: true });
    expect(next.settleLeftMs).toBeGreaterThan(40_000);
    expect(next.settleLeftMs).toBeLessThanOrEqual(45_000);
    expect(next.since).toBeInstanceOf(Date);
    expect(await resolveAbsent(store.db, next)).toBe(false);
    expect(await sent(next)).toBe(false);
  });

  it('is sent again only after it was looked for and absent', async () => {
    const job = await openNewJob(store);
    const lost = await take(job);
    await sent(lost);
    await ended(lost, 'unknown');
    const next = await take(job);
    expect(next).toMatchObject({ mustLook: true, settleLeftMs: 0 });
    expect(await sent(next)).toBe(false);
    expect(await resolveAbsent(store.db, next)).toBe(true);
    expect(await sent(next)).toBe(true);
    await ended(next, 'not_written');
    expect(await take(job)).toMatchObject({ number: 3, mustLook: false });
  });

  it.each(['not_written', 'not_sent'] as const)('is free at once after %s', async (outcome) => {
    const job = await openNewJob(store);
    const refused = await take(job);
    await sent(refused);
    expect(await ended(refused, outcome)).toEqual({ won: false, surplus: false });
    expect(await take(job)).toMatchObject({ number: 2, mustLook: false });
  });

  it('lets a clean refusal clear its own attempt only', async () => {
    const job = await openNewJob(store);
    const lost = await take(job);
    await sent(lost);
    await ended(lost, 'unknown');
    const refused = await take(job);
    await ended(refused, 'not_written');
    expect(await take(job)).toMatchObject({ mustLook: true });
  });

  it('is won by what was found', async () => {
    const job = await openNewJob(store);
    const lost = await take(job);
    await sent(lost);
    await ended(lost, 'unknown');
    const { attemptId } = await take(job);
    expect(await finish(store.db, { attemptId, outcome: 'found', objectId: 'board-9' })).toEqual({
      won: true,
      surplus: false,
    });
    expect(await ask(job)).toEqual({ state: 'done', outcome: 'found', objectId: 'board-9' });
  });
});

describe('a late answer', () => {
  const superseded = async () => {
    const job = await openNewJob(store);
    const late = await take(job);
    await sent(late);
    await expireLeases(store, job.jobId);
    return { job, late, next: await take(job) };
  };

  it('wins while its successor has not sent, and keeps it from sending', async () => {
    const { job, late, next } = await superseded();
    expect(await made(late, 'late')).toEqual({ won: true, surplus: false });
    expect(await resolveAbsent(store.db, next)).toBe(false);
    expect(await sent(next)).toBe(false);
    expect(await ended(next, 'not_sent')).toEqual({ won: false, surplus: false });
    expect(await ask(job)).toMatchObject({ state: 'done', objectId: 'late' });
  });

  it('is the same object that its successor found', async () => {
    const { job, late, next } = await superseded();
    await finish(store.db, { attemptId: next.attemptId, outcome: 'found', objectId: 'same' });
    expect(await made(late, 'same')).toEqual({ won: false, surplus: false });
    expect(await surplusOf(store.db, job.jobId)).toEqual([]);
  });

  it('is surplus, with its proof, when its successor has written', async () => {
    const { job, late, next } = await superseded();
    expect(await resolveAbsent(store.db, next)).toBe(true);
    expect(await sent(next)).toBe(true);
    expect(await made(next, 'second')).toEqual({ won: true, surplus: false });
    expect(await made(late, 'first')).toEqual({ won: false, surplus: true });
    expect(await made(late, 'first')).toEqual({ won: false, surplus: true });
    expect(await surplusOf(store.db, job.jobId)).toMatchObject([
      { attemptId: late.attemptId, objectId: 'first', step: 'board' },
    ]);
    expect(await ask(job)).toMatchObject({ state: 'done', objectId: 'second' });
  });

  it('does not end the lease of its successor when it proves nothing', async () => {
    const { job, late } = await superseded();
    for (const outcome of ['unknown', 'not_written', 'not_sent'] as const) {
      expect(await ended(late, outcome)).toEqual({ won: false, surplus: false });
      expect((await ask(job)).state).toBe('busy');
    }
  });

  it('becomes known after it was reported unknown', async () => {
    const job = await openNewJob(store);
    const attempt = await take(job);
    await sent(attempt);
    await ended(attempt, 'unknown');
    expect(await made(attempt, 'after-all')).toEqual({ won: true, surplus: false });
    await ended(attempt, 'unknown');
    expect(await ask(job)).toMatchObject({ state: 'done', objectId: 'after-all' });
  });
});

describe('finish', () => {
  it('keeps the first proof when it is called twice', async () => {
    const job = await openNewJob(store);
    const attempt = await take(job);
    await sent(attempt);
    expect(await made(attempt, 'one')).toEqual({ won: true, surplus: false });
    expect(await made(attempt, 'one')).toEqual({ won: true, surplus: false });
    expect(await ended(attempt, 'not_written')).toEqual({ won: true, surplus: false });
    expect(await getEffect(store.db, { jobId: job.jobId, key: 'board:board' })).toMatchObject({
      state: 'done',
      objectId: 'one',
    });
  });

  it('records whatever Miro said, NUL bytes and halves of characters included', async () => {
    const job = await openNewJob(store);
    const { attemptId } = await take(job);
    await finish(store.db, {
      attemptId,
      outcome: 'made',
      objectId: '1',
      result: { text: 'a\u0000b\ud800c' },
      error: 'x\u0000y',
      status: 201,
      requestId: 'r',
    });
    expect(await ask(job)).toMatchObject({ result: { text: 'ab\ufffdc' } });
  });

  it('refuses an attempt that does not exist', async () => {
    await expect(
      finish(store.db, { attemptId: '01900000-0000-7000-8000-000000000000', outcome: 'unknown' }),
    ).rejects.toThrow('no attempt');
  });
});

describe('a set', () => {
  it('is never answered by the ledger, and leased like the others', async () => {
    const job = await openNewJob(store);
    const first = await take(job, { kind: 'set' });
    expect((await ask(job, { kind: 'set' })).state).toBe('busy');
    expect(await sent(first)).toBe(true);
    expect(await ended(first, 'set')).toEqual({ won: true, surplus: false });
    expect(await getEffect(store.db, { jobId: job.jobId, key: 'board:board' })).toMatchObject({
      state: 'done',
      outcome: 'set',
    });
    const second = await take(job, { kind: 'set' });
    expect(second).toMatchObject({ number: 2, mustLook: false });
    expect(await sent(second)).toBe(true);
  });

  it('may be sent beside a lost one: it reads before it writes', async () => {
    const job = await openNewJob(store);
    const lost = await take(job, { kind: 'set' });
    await sent(lost);
    await ended(lost, 'unknown');
    const next = await take(job, { kind: 'set' });
    expect(next.mustLook).toBe(true);
    expect(await sent(next)).toBe(true);
  });

  it('is not won by an attempt that was superseded', async () => {
    const job = await openNewJob(store);
    const late = await take(job, { kind: 'set' });
    await sent(late);
    await expireLeases(store, job.jobId);
    await take(job, { kind: 'set' });
    expect(await ended(late, 'set')).toEqual({ won: false, surplus: false });
    expect((await ask(job, { kind: 'set' })).state).toBe('busy');
  });
});

describe('a send', () => {
  it('may go out again after a lost answer, which the claim tells', async () => {
    const job = await openNewJob(store);
    const lost = await take(job, { kind: 'send' });
    await sent(lost);
    await ended(lost, 'unknown');
    const again = await take(job, { kind: 'send' });
    expect(again.mustLook).toBe(true);
    expect(await sent(again)).toBe(true);
    await made(again, 'mail');
    expect((await ask(job, { kind: 'send' })).state).toBe('done');
  });
});

describe('what was known before the send', () => {
  it('keeps the watermark from before the first send that may have written', async () => {
    const job = await openNewJob(store);
    const unsent = await take(job, { watermark: '100' });
    expect(unsent).toMatchObject({ watermark: '100' });
    await ended(unsent, 'not_sent');
    const lost = await take(job, { watermark: '200' });
    expect(lost).toMatchObject({ watermark: '200' });
    await sent(lost);
    await ended(lost, 'unknown');
    expect(await take(job, { watermark: '300' })).toMatchObject({ watermark: '200' });
  });

  it('tells who sent what may have been written, whoever asks, and no one when all is known', async () => {
    const job = await openNewJob(store);
    const lost = await take(job, { sender: 'anna' });
    expect(lost.sender).toBeUndefined();
    await sent(lost);
    await ended(lost, 'unknown');
    const looking = await take(job, { sender: 'ben' });
    expect(looking.sender).toBe('anna');
    expect(await resolveAbsent(store.db, looking)).toBe(true);
    await sent(looking);
    await ended(looking, 'unknown');
    const next = await take(job, { sender: 'clara' });
    expect(next.sender).toBe('ben');
    await resolveAbsent(store.db, next);
    await ended(next, 'not_sent');
    expect((await take(job)).sender).toBeUndefined();
  });
});

describe('what the sweeper cannot tell', () => {
  it('goes behind what it has not looked at, each time for longer', async () => {
    const job = await openNewJob(store);
    for (const key of ['items:1', 'items:2']) {
      const lost = await take(job, { key });
      await sent(lost);
      await ended(lost, 'unknown');
    }
    await closeJob(store.db, { ...job, ending: 'failed', result: {} });
    const due = async () =>
      (await unsettled(store.db, { limit: 1000 })).filter(({ jobId }) => jobId === job.jobId).map(({ key }) => key);
    expect(await due()).toEqual(['items:1', 'items:2']);
    const [first] = await effectsOf(store.db, job.jobId);
    const effectId = first?.effectId ?? '';
    const waits = async () => {
      await postponeSweep(store.db, { effectId });
      const minutes = 'round(extract(epoch from sweep_after - clock_timestamp()) / 60)::int as minutes';
      return (
        await store.db.query<{ minutes: number }>(`select ${minutes} from miro.effects where id = $1`, [effectId])
      )[0]?.minutes;
    };
    expect([await waits(), await waits(), await waits()]).toEqual([1, 2, 4]);
    expect(await due()).toEqual(['items:2']);
    await store.db.query('update miro.effects set sweep_after = clock_timestamp() where id = $1', [effectId]);
    expect(await due()).toEqual(['items:2', 'items:1']);
  });
});

describe('what is left open', () => {
  it('is listed, marked at the ending, and left to the sweeper until it is known', async () => {
    const job = await openNewJob(store);
    const lost = await take(job);
    await sent(lost);
    await ended(lost, 'unknown');
    const held = await take(job, { key: 'items:1', step: 'items', subject: '1' });
    await made(await take(job, { key: 'items:2', step: 'items', subject: '2' }), 'item');
    expect((await openEffects(store.db, job)).map(({ key, unresolved }) => [key, unresolved])).toEqual([
      ['board:board', 1],
      ['items:1', 0],
    ]);
    expect(await markUnsettled(store.db, job)).toBe(2);
    await ended(held, 'not_sent');

    const mine = async (idleMs?: number) =>
      (await unsettled(store.db, { limit: 1000, ...(idleMs !== undefined && { idleMs }) })).filter(
        ({ jobId }) => jobId === job.jobId,
      );
    expect(await mine()).toEqual([]); // the run may still live
    expect(await mine(0)).toMatchObject([{ key: 'board:board', jobState: 'running', runId: job.runId }]);
    await closeJob(store.db, { ...job, ending: 'failed', result: {} });
    const [due] = await mine();
    expect(due).toMatchObject({ key: 'board:board', jobState: 'failed' });
    expect(due?.dueAt).toBeInstanceOf(Date);
    expect(due?.unsettledAt).toBeInstanceOf(Date);

    const sweeper = await take(job);
    expect(await mine()).toEqual([]); // under its claim
    expect(await resolveAbsent(store.db, sweeper)).toBe(true);
    await ended(sweeper, 'not_sent');
    expect(await mine()).toEqual([]);
    expect(await openEffects(store.db, job)).toEqual([]);
  });
});
