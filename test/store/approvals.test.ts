import { afterAll, beforeAll, expect, it } from 'vitest';
import { askForApproval, endApprovalWait, listApprovalWaits } from '../../store/approval-waits.js';
import { consumeApprovals, decide, type DecideInput } from '../../store/approvals.js';
import { findPolicy, setApprovals } from '../../store/connection-policy.js';
import { ensureConnection } from '../../store/connections.js';
import { closeJob, openJob, type OpenedJob } from '../../store/jobs.js';
import { takeOutbox } from '../../store/outbox.js';
import { createTestStore, jobInput, opened, openNewJob, type TestStore } from './database.js';

let store: TestStore;
beforeAll(async () => {
  store = await createTestStore();
});
afterAll(() => store.close());

const PART = { part: 'tickets', hash: 'h1' };

async function asking(needed = 1): Promise<OpenedJob> {
  const job = await openNewJob(store, { kind: 'retroToTickets' });
  expect(await askForApproval(store.db, { ...PART, runId: job.runId, needed })).toEqual({ approved: 0 });
  return job;
}

const by = (principal: string, job: OpenedJob, changes: Partial<DecideInput> = {}) =>
  decide(store.db, {
    ...{ tenantId: job.tenantId, jobId: job.jobId, ...PART, principal, decision: 'approved' },
    ...changes,
  });

const consume = ({ jobId, runId }: OpenedJob, needed = 1) =>
  consumeApprovals(store.db, { ...PART, jobId, runId, needed });

async function messages({ runId }: OpenedJob): Promise<unknown[]> {
  const rows = await takeOutbox(store.db, { kind: 'approval', limit: 100, leaseMs: 0 });
  return rows.map(({ payload }) => payload).filter((payload) => payload.runId === runId);
}

it('leaves one message for the run with each decision', async () => {
  const job = await asking();
  const decided = await by('cli:anna', job);
  expect(decided).toMatchObject({ fresh: true, principal: 'cli:anna', decision: 'approved' });
  const { approvalId } = decided as { approvalId: string };
  const { workflowId, runId } = job;
  expect(await messages(job)).toEqual([{ workflowId, runId, decision: { approvalId, ...PART, decision: 'approved' } }]);
});

it('counts a person once, and keeps the first decision', async () => {
  const job = await asking(2);
  const twice = await Promise.all([by('cli:anna', job), by('cli:anna', job)]);
  expect(twice.map((each) => 'fresh' in each && each.fresh).sort()).toEqual([false, true]);
  expect(await by('cli:anna', job, { decision: 'rejected' })).toMatchObject({ fresh: false, decision: 'approved' });
  expect(await messages(job)).toHaveLength(1);
  expect(await consume(job, 2)).toEqual({ approved: 1 });
  await by('cli:ben', job);
  expect(await consume(job, 2)).toEqual({ approved: 2 });
});

it('takes no decision that nobody asked for, on another plan, or when the wait is over', async () => {
  const job = await asking();
  expect(await by('cli:anna', job, { hash: 'h2' })).toEqual({ refused: 'not_asked' });
  expect(await by('cli:anna', job, { part: 'cut' })).toEqual({ refused: 'not_asked' });
  await endApprovalWait(store.db, { runId: job.runId, part: 'tickets' });
  expect(await by('cli:anna', job)).toEqual({ refused: 'not_asked' });
  expect(await messages(job)).toEqual([]);
});

it('uses approvals up for one owner, who may do so again', async () => {
  const job = await asking();
  await by('cli:anna', job);
  for (const _ of ['first', 'after a crash']) expect(await consume(job)).toEqual({ approved: 1 });
  const rows = await store.db.query('select consumed_by from miro.approvals where job_id = $1', [job.jobId]);
  expect(rows).toEqual([{ consumed_by: `${job.jobId}:1:tickets` }]);
  await store.db.query('update miro.jobs set episode = 2 where id = $1', [job.jobId]);
  expect(await consume(job)).toEqual({ approved: 0 });
});

it('uses nothing up when one of them has rejected it', async () => {
  const job = await asking();
  await by('cli:anna', job);
  await by('cli:ben', job, { decision: 'rejected', reason: 'wrong project' });
  expect(await consume(job)).toMatchObject({
    approved: 1,
    rejected: { principal: 'cli:ben', reason: 'wrong project' },
  });
  const used = await store.db.query('select from miro.approvals where job_id = $1 and consumed_by is not null', [
    job.jobId,
  ]);
  expect(used).toEqual([]);
});

it('asks anew for a later run with the same plan, and not for an earlier one', async () => {
  const { tenantId } = store;
  const input = jobInput(store, { kind: 'retroToTickets' });
  const first = opened(await openJob(store.db, input));
  await askForApproval(store.db, { ...PART, runId: first.runId, needed: 1 });
  await by('cli:anna', first);
  await closeJob(store.db, { jobId: first.jobId, runId: first.runId, ending: 'failed', result: {} });
  const second = opened(await openJob(store.db, { ...input, runId: 'second' }));
  expect(await askForApproval(store.db, { ...PART, runId: 'second', needed: 1 })).toEqual({ approved: 0 });
  expect(await askForApproval(store.db, { ...PART, runId: first.runId, needed: 1 })).toBeUndefined();
  expect(await listApprovalWaits(store.db, { tenantId, id: input.workflowId })).toMatchObject([{ runId: 'second' }]);
  expect(await by('cli:anna', second)).toMatchObject({ fresh: true });
});

it('lists what waits, with who has decided, and nothing of a run that has ended', async () => {
  const job = await asking(2);
  await by('cli:anna', job);
  const { runId, workflowId, jobId } = job;
  const [wait] = await listApprovalWaits(store.db, { id: runId });
  expect(wait).toMatchObject({ workflowId, jobId, tenant: 'acme', kind: 'retroToTickets', ...PART, needed: 2 });
  expect(wait?.decisions).toMatchObject([{ principal: 'cli:anna', decision: 'approved' }]);
  await closeJob(store.db, { jobId, runId, ending: 'cancelled', result: {} });
  expect(await listApprovalWaits(store.db, { id: runId })).toEqual([]);
});

it('keeps a policy per kind of job, also when the account is linked anew', async () => {
  const { db, vault, tenantId } = store;
  const link = (accessToken: string) => ensureConnection(db, vault, { tenantId, name: 'ours', rest: { accessToken } });
  await link('one');
  expect(await findPolicy(db, { tenantId, name: 'ours' })).toEqual({ approvals: {} });
  await setApprovals(db, { tenantId, name: 'ours', approvals: { retroToTickets: 2 } });
  await setApprovals(db, { tenantId, name: 'ours', approvals: {} });
  await link('two');
  expect(await findPolicy(db, { tenantId, name: 'ours' })).toEqual({ approvals: { retroToTickets: 2 } });
  expect(await findPolicy(db, { tenantId, name: 'other' })).toBeUndefined();
});
