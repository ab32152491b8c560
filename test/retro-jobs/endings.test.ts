/** Retros that wait, are stopped or are decided on by people: what exists is told, and nothing is doubled by the next run. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { JobHandle, JobProgress } from '../../client/index.js';
import type { RetroToTicketsResult } from '../../contract-retro.js';
import { listApprovalWaits, type ApprovalWait } from '../../store/approval-waits.js';
import { decide } from '../../store/approvals.js';
import { setApprovals } from '../../store/connection-policy.js';
import { ensureConnection } from '../../store/connections.js';
import { pause, resume } from '../../store/pauses.js';
import { addTracker } from '../../store/trackers.js';
import { startRelay, type Relay } from '../../workers/relay.js';
import { until } from '../provision/until.js';
import { startStack, type Stack } from '../stack.js';
import { startGithub, type RunningGithub } from '../trackers/github-stand-in.js';
import { act, boardOf, newBoard, run, stickyOf } from './boards.js';

const CREATE = { method: 'POST', path: '/**/issues' };
/** More than one batch. */
const TEXTS = Array.from({ length: 23 }, (_, n) => `Improve part ${String.fromCharCode(97 + n)} of the process`);
const FEW = TEXTS.slice(0, 3);

let stack: Stack;
let relay: Relay;
let github: RunningGithub;
beforeAll(async () => {
  stack = await startStack({ simulator: { windowMs: 1_000 } });
  relay = startRelay({ db: stack.db, client: stack.temporal, taskQueue: stack.taskQueue, log: () => undefined });
  github = await startGithub();
  const { config, token: secret } = github;
  await addTracker(stack.db, stack.vault, { tenantId: stack.tenantId, name: 'issues', kind: 'github', config, secret });
  await stack.work();
}, 120_000);
beforeEach(() => github.fail());
afterAll(async () => {
  await relay.stop();
  await stack.close();
  await github.close();
});

type Handle = JobHandle<RetroToTicketsResult>;

const request = (board: string) => ({ board, tracker: 'issues', linkBack: 'none' as const });
const told = (handle: Handle, is: (now: JobProgress) => boolean): Promise<JobProgress> =>
  until(async () => {
    const now = await handle.status();
    return is(now) && now;
  });
/** Titles of the issues about that board's stickies; every board has the same. */
const titlesSince = (before: number): string[] =>
  github
    .state()
    .slice(before)
    .map(({ title }) => title)
    .sort();

describe('a retro', { timeout: 60_000 }, () => {
  it('parks on a dead grant and goes on after a relink', async () => {
    const board = await newBoard(stack, FEW);
    const before = github.state().length;
    await stack.sim('act', { do: 'kill-token' });
    const { handle } = await stack.miro.retroToTickets(request(board));
    expect(await told(handle, ({ state }) => state === 'parked')).toMatchObject({ waiting: { for: 'relink' } });
    expect(titlesSince(before)).toEqual([]);

    const { accessToken } = (await stack.sim('act', { do: 'link-app' })) as { accessToken: string };
    const { db, vault, tenantId } = stack;
    await ensureConnection(db, vault, { tenantId, name: 'default', rest: { accessToken } });
    expect(await handle.result()).toMatchObject({ ending: 'done', counts: { made: 3, failed: 0 } });
    expect(titlesSince(before)).toEqual(FEW);
  });

  it('writes nothing while it is paused, and goes on where it stood', async () => {
    const board = await newBoard(stack, FEW);
    const before = github.state().length;
    const scope = { tenantId: stack.tenantId, connectionName: 'default' };
    await pause(stack.db, { ...scope, reason: 'a migration' });
    const { handle } = await stack.miro.retroToTickets(request(board));
    const paused = await told(handle, ({ waiting }) => waiting?.for === 'paused');
    expect(paused.waiting?.detail).toContain('a migration');
    expect(titlesSince(before)).toEqual([]);
    await resume(stack.db, scope);
    expect(await handle.result()).toMatchObject({ ending: 'done', counts: { made: 3 } });
    expect(titlesSince(before)).toEqual(FEW);
  });

  it('that is cancelled between two batches tells what exists, and the next run makes the rest', async () => {
    const board = await newBoard(stack, TEXTS);
    const before = github.state().length;
    github.fail({ match: CREATE, fault: '429', when: { nth: 21 } });
    const { handle } = await stack.miro.retroToTickets(request(board));
    await until(() => Promise.resolve(github.state().length - before >= 20));
    await handle.cancel();
    const result = await handle.result();
    const made = github.state().length - before;
    expect(result).toMatchObject({ ending: 'cancelled', error: { type: 'Job.cancelled' }, counts: { made } });
    github.fail();
    const next = await run(stack, request(board));
    expect(next.result).toMatchObject({ ending: 'done', plan: { counts: { create: TEXTS.length - made } } });
    expect(titlesSince(before)).toEqual(TEXTS);
  });
});

describe('people', { timeout: 60_000 }, () => {
  const waitOf = ({ workflowId }: Handle): Promise<ApprovalWait> =>
    until(async () => (await listApprovalWaits(stack.db, { id: workflowId }))[0]);
  const decideOn = ({ tenantId, jobId, part, hash }: ApprovalWait, decision: 'approved' | 'rejected', who: string) =>
    decide(stack.db, { tenantId, jobId, part, hash, decision, principal: `cli:${who}` });

  it('approve a plan before anything is written, as many as the connection’s policy says', async () => {
    const { db, tenantId } = stack;
    await setApprovals(db, { tenantId, name: 'default', approvals: { retroToTickets: 2 } });
    const board = await newBoard(stack, FEW);
    const before = github.state().length;
    const { handle } = await stack.miro.retroToTickets(request(board));
    const wait = await waitOf(handle);
    expect(await told(handle, ({ waiting }) => waiting?.for === 'approval')).toMatchObject({ phase: 'approval' });
    await decideOn(wait, 'approved', 'anna');
    await told(handle, ({ waiting }) => waiting?.detail.startsWith('one more person') ?? false);
    expect(titlesSince(before)).toEqual([]);
    await decideOn(wait, 'approved', 'ben');
    expect(await handle.result()).toMatchObject({ ending: 'done', counts: { made: 3 } });
    expect(titlesSince(before)).toEqual(FEW);
    await setApprovals(db, { tenantId, name: 'default', approvals: { retroToTickets: 0 } });
    expect((await run(stack, { ...request(board), approval: true })).result.counts).toMatchObject({ existing: 3 });
  });

  it('are asked before tickets of earlier runs are shown on the board, and not where nothing is written', async () => {
    const board = await newBoard(stack, FEW);
    await run(stack, request(board));
    await act(stack, 'edit-item', {
      ...{ boardId: board, itemId: stickyOf(await boardOf(stack, board), FEW[0] ?? '').id },
      content: 'Improve something else',
    });
    const ignored = await run(stack, { ...request(board), approval: true });
    expect(ignored.result).toMatchObject({ ending: 'done', plan: { counts: { changed: 1 }, credits: 0 } });

    const asked = { ...request(board), linkBack: 'list' as const, approval: true };
    const { hash, credits } = await stack.miro.planRetro(asked);
    expect(credits).toBeGreaterThan(0);
    const { handle } = await stack.miro.retroToTickets(asked);
    const wait = await waitOf(handle);
    expect(wait.hash).toBe(hash);
    expect((await boardOf(stack, board)).items).toHaveLength(FEW.length);
    await decideOn(wait, 'approved', 'anna');
    expect(await handle.result()).toMatchObject({ ending: 'done', plan: { credits } });
    expect((await boardOf(stack, board)).items.length).toBeGreaterThan(FEW.length);
    // now that they are shown nothing is left to be decided
    expect((await run(stack, asked)).result).toMatchObject({ ending: 'done', plan: { credits: 0 } });
  });

  it('reject a plan, and nothing is written', async () => {
    const board = await newBoard(stack, FEW);
    const before = github.state().length;
    const { handle } = await stack.miro.retroToTickets({ ...request(board), approval: true });
    await decideOn(await waitOf(handle), 'rejected', 'anna');
    await expect(handle.result()).rejects.toMatchObject({ type: 'Approval.rejected' });
    expect(titlesSince(before)).toEqual([]);
    expect(await listApprovalWaits(stack.db, { id: handle.workflowId })).toEqual([]);
  });
});
