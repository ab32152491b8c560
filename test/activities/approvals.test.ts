import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createApprovalActivities } from '../../activities/approvals.js';
import { decide } from '../../store/approvals.js';
import { setApprovals } from '../../store/connection-policy.js';
import { ensureConnection } from '../../store/connections.js';
import type { OpenedJob } from '../../store/jobs.js';
import { createTestStore, openNewJob, type TestStore } from '../store/database.js';

let store: TestStore;
beforeAll(async () => {
  store = await createTestStore();
  const { db, vault, tenantId } = store;
  await ensureConnection(db, vault, { tenantId, name: 'strict', rest: { accessToken: 'token' } });
  await setApprovals(db, { tenantId, name: 'strict', approvals: { retroToTickets: 2 } });
});
afterAll(() => store.close());

type Approvals = ReturnType<typeof createApprovalActivities>;

/** One attempt in a worker, by the job's own run or another one. */
function attempt<T>(
  { workflowId, runId }: Pick<OpenedJob, 'workflowId' | 'runId'>,
  step: (of: Approvals) => Promise<T>,
) {
  const env = new MockActivityEnvironment(
    { workflowExecution: { workflowId, runId } },
    { logger: new DefaultLogger('ERROR') },
  );
  return env.run<[], T, () => Promise<T>>(() => step(createApprovalActivities(store)));
}

const openRetro = (options: object = { connectionId: 'strict' }, kind = 'retroToTickets') =>
  openNewJob(store, { kind, options });

const WISH = { part: 'tickets', hash: 'h1', needed: 2 };

const person = ({ tenantId, jobId }: OpenedJob, principal: string, decision: 'approved' | 'rejected' = 'approved') =>
  decide(store.db, { tenantId, jobId, ...WISH, principal, decision, reason: 'because' });

it('needs as many people as the policy says, and one where only the caller asks', async () => {
  const needed = async (options: object, kind?: string) => {
    const job = await openRetro(options, kind);
    return attempt(job, (of) => of.approvalsNeeded(job));
  };
  expect(await needed({ connectionId: 'strict', approval: true })).toBe(2);
  expect(await needed({ connectionId: 'strict' })).toBe(2);
  expect(await needed({ connectionId: 'other', approval: true })).toBe(1);
  expect(await needed({ connectionId: 'other' })).toBe(0);
  expect(await needed({ connectionId: 'strict' }, 'provisionBoard')).toBe(0);
});

it('says how many are missing, however often it is asked, until there are enough', async () => {
  const job = await openRetro();
  const missing = async () => (await attempt(job, (of) => of.awaitApproval(WISH))).missing;
  expect([await missing(), await missing()]).toEqual([2, 2]);
  await person(job, 'cli:anna');
  expect(await missing()).toBe(1);
  await person(job, 'cli:ben');
  expect(await missing()).toBe(0);
});

it('lets nobody write who has not the approvals of this plan, and who has them again after a crash', async () => {
  const job = await openRetro();
  const consume = (hash: string) => attempt(job, (of) => of.consumeApprovals({ ...WISH, hash, jobId: job.jobId }));
  await attempt(job, (of) => of.awaitApproval(WISH));
  await person(job, 'cli:anna');
  await expect(consume('h1')).rejects.toMatchObject({ type: 'Approval.missing', nonRetryable: true });
  await person(job, 'cli:ben');
  await consume('h1');
  await consume('h1');
  await expect(consume('h2')).rejects.toMatchObject({ type: 'Approval.missing' });
  const other = attempt({ ...job, runId: 'other' }, (of) => of.consumeApprovals({ ...WISH, jobId: job.jobId }));
  await expect(other).rejects.toMatchObject({ type: 'Approval.missing' });
});

it('ends a run that was rejected with the reason, and without the name of who did', async () => {
  const job = await openRetro();
  await attempt(job, (of) => of.awaitApproval(WISH));
  await person(job, 'cli:anna', 'rejected');
  for (const step of [
    (of: Approvals) => of.awaitApproval(WISH),
    (of: Approvals) => of.consumeApprovals({ ...WISH, jobId: job.jobId }),
  ]) {
    const failure = (await attempt<unknown>(job, step).catch((error: unknown) => error)) as Error;
    expect(failure).toMatchObject({ type: 'Approval.rejected', nonRetryable: true });
    expect(failure.message).toMatch(
      /^part "tickets" of the plan was rejected \(cli, approval [0-9a-f-]{36}\): because$/,
    );
  }
});

it('ends the wait of a run that holds no job', async () => {
  const stray = attempt({ workflowId: 'w', runId: 'nobody' }, (of) => of.awaitApproval(WISH));
  await expect(stray).rejects.toMatchObject({ type: 'Job.unknown', nonRetryable: true });
});
