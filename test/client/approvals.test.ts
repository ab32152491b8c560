/** People's commands about plans, against PostgreSQL. */
import { randomBytes } from 'node:crypto';
import { userInfo } from 'node:os';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { PlanRow, RetroPlan } from '../../contract-retro.js';
import { askForApproval } from '../../store/approval-waits.js';
import { ensureConnection } from '../../store/connections.js';
import type { OpenedJob } from '../../store/jobs.js';
import { beginPlan, savePlan } from '../../store/plans.js';
import { createTestStore, openNewJob, type TestStore } from '../store/database.js';
import { cli, documentOf } from './cli.js';
import { runInProcess } from './in-process.js';

let store: TestStore;
let env: Record<string, string>;
beforeAll(async () => {
  store = await createTestStore();
  env = { DATABASE_URL: store.url, TEMPORAL_MIRO_ID_KEY: randomBytes(32).toString('base64') };
});
afterAll(() => store.close());

const run = (...args: string[]) => runInProcess(args, env);
const json = async (...args: string[]) => {
  const answer = await run(...args, '--json');
  return { code: answer.code, ...documentOf(answer) };
};

const row = (n: number): PlanRow => ({
  ...{ itemId: `${n}`, type: 'sticky_note', decision: 'create', reason: 'a sticky note', title: `Action ${n}` },
  ...{ body: '', labels: ['retro'], url: 'https://miro.example', fingerprint: 'f' },
});

/** A run that has planned 25 tickets and waits for two people. */
async function asking(): Promise<OpenedJob> {
  const { db, tenantId } = store;
  const job = await openNewJob(store, { kind: 'retroToTickets' });
  const { runId, kind, keyHash } = job;
  const { planId } = await beginPlan(db, { tenantId, kind, keyHash, runId, wish: {} });
  const plan: RetroPlan = {
    ...{ planId, hash: 'h1', tracker: 'builtin', rows: 25, credits: 100 },
    board: { boardId: 'b1', name: 'Retro', url: 'https://miro.example/b1' },
    counts: { create: 25, existing: 0, changed: 0, dropped: 0, deleted: 0 },
  };
  const rows = Array.from({ length: plan.rows }, (_, n) => ({ row: row(n), words: '' }));
  await savePlan(db, { summary: plan, tenantId, reading: 1 }, rows);
  await askForApproval(db, { runId, part: 'tickets', hash: 'h1', needed: 2 });
  return job;
}

it('shows what waits and what would be written, and decides nothing without --yes or the hash', async () => {
  const { workflowId, runId } = await asking();
  const listed = await json('approvals', 'list', '--tenant', 'acme');
  const shown = await cli(['approvals', 'show', runId], { env });
  const undecided = await json('approvals', 'approve', workflowId);
  expect(listed).toMatchObject({ code: 0, approvals: [{ workflowId, runId, part: 'tickets', hash: 'h1', needed: 2 }] });
  expect(shown.code).toBe(0);
  for (const text of ['Retro https://miro.example/b1', '25 create', 'Action 19', '… and 5 more', 'Plan hash: h1'])
    expect(shown.stdout).toContain(text);
  expect(shown.stdout).not.toContain('Action 20');
  expect(undecided).toMatchObject({ code: 3, decided: false, decisions: [], plan: { rows: 25 } });
});

it('decides as who asks, once each, and only on the plan that was seen', async () => {
  const { workflowId, runId } = await asking();
  const approve = (...args: string[]) => json('approvals', 'approve', workflowId, ...args);
  const other = await run('approvals', 'approve', workflowId, '--plan-hash', 'h0');
  const mine = await approve('--plan-hash', 'h1');
  expect(other).toMatchObject({ code: 1, stderr: expect.stringContaining('with hash h1') as string });
  const principal = `cli:${userInfo().username}`;
  expect(mine).toMatchObject({ code: 0, decided: true, missing: 1, decisions: [{ principal, decision: 'approved' }] });
  const turned = await json('approvals', 'reject', workflowId, '--yes');
  const second = await run('approvals', 'approve', runId, '--yes', '--as', 'cli:ben', '--reason', 'fine');
  expect(turned).toMatchObject({ code: 1, decided: false });
  expect(second).toMatchObject({ code: 0, stdout: 'cli:ben has approved it. The run goes on.\n' });
});

it('tells what is wrong with an id, a name or a policy before anything is decided', async () => {
  const { workflowId } = await asking();
  const unknown = await run('approvals', 'show', 'nobody');
  const nameless = await run('approvals', 'reject', workflowId, '--yes', '--as', 'ben');
  const policy = await run('connections', 'policy', 'default', '--approvals', 'provisionBoard=1');
  expect([unknown.code, nameless.code, policy.code]).toEqual([4, 2, 2]);
  expect(nameless.stderr).toContain('--as "ben" must be <kind>:<name>');
  expect(policy.stderr).toContain('retroToTickets');
});

it('sets the policy of a connection', async () => {
  const { db, vault, tenantId } = store;
  await ensureConnection(db, vault, { tenantId, name: 'default', rest: { accessToken: 'token' } });
  const set = await run('connections', 'policy', 'default', '--tenant', 'acme', '--approvals', 'retroToTickets=2');
  expect(set).toMatchObject({ code: 0, stdout: 'retroToTickets: 2 must approve\n' });
});
