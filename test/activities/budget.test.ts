import { MockActivityEnvironment } from '@temporalio/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createBudget, type Budget, type ReserveRequest } from '../../activities/budget.js';
import { createScimCaller } from '../../activities/calls.js';
import { createGate } from '../../activities/gate.js';
import { createGrants } from '../../activities/grants.js';
import {
  boards,
  createMiro,
  createPool,
  scimUsers,
  type Answer,
  type RateLimit,
  type RestToken,
} from '../../miro/index.js';
import { createSimulator } from '../../simulator/app.js';
import type { Db } from '../../store/db.js';
import { attachScim } from '../../store/link-scim.js';
import { ensureTenant } from '../../store/tenants.js';
import { budgetReport, usageReport } from '../../store/usage.js';
import { createTestStore, type TestStore } from '../store/database.js';
import { createStage, failureOf, isRetryable, TIMES } from './stage.js';

const WINDOW_MS = 60_000;
const LIMIT = 1_000;
/** Every wait is told, none is slept. */
const IMPATIENT = { ...TIMES, shortWaitMs: 0 };

let store: TestStore;
beforeAll(async () => {
  store = await createTestStore();
});
afterAll(() => store.close());

let budgets = 0;
/** The budgets of four processes that share the account `name`. */
function processes({ timings = IMPATIENT, db = store.db }: { timings?: typeof TIMES; db?: Db } = {}) {
  const name = `app:user:${(budgets += 1)}`;
  const open = () => processOf(createBudget({ db, timings, limit: LIMIT, windowMs: WINDOW_MS }), name);
  const [first, second, third, fourth] = [open(), open(), open(), open()];
  return { name, first, second, all: [first, second, third, fourth] };
}

function processOf(budget: Budget, name: string) {
  const reserve = (key: string, credits: number, changes: Partial<ReserveRequest> = {}) =>
    budget.reserve({
      ...{ budget: name, credits, key, tenantId: store.tenantId, jobKind: 'provisionBoard', priority: 2 },
      ...changes,
    });
  /** How long the caller is told to wait, in ms. */
  const waitOf = async (key: string, credits: number, changes?: Partial<ReserveRequest>): Promise<number> => {
    const failure = await failureOf(reserve(key, credits, changes));
    expect(failure).toMatchObject({ type: 'Budget.wait', nonRetryable: false });
    return Number(failure.nextRetryDelay);
  };
  return { reserve, waitOf, close: () => budget.close() };
}

/** Miro's clock is hours behind every other: what its answers say travels as a duration. */
const MIRO_BEHIND_MS = 7_200_000;
const windowEnd = (): number => (Math.floor((Date.now() - MIRO_BEHIND_MS) / WINDOW_MS) + 1) * WINDOW_MS;
const answer = (remaining: number, changes: Partial<Answer> & { limit?: number } = {}): Answer => ({
  ...{ operation: 'get-items', credits: 50, sent: true, status: 200, sentAtMs: 0, tookMs: 1 },
  rateLimit: {
    ...{ limit: changes.limit ?? LIMIT, remaining, window: windowEnd() },
    endsInMs: windowEnd() - Math.floor((Date.now() - MIRO_BEHIND_MS) / 1000) * 1000,
  },
  ...changes,
});

describe('several processes', () => {
  it('spend one account: what one has taken, the others have not', async () => {
    const { all, first, second } = processes();
    const tickets = await Promise.all(all.map(({ reserve }, n) => reserve(`call:${n}`, 250)));
    for (const { waitOf } of all) expect(await waitOf('one more', 50)).toBeGreaterThan(0);
    tickets[0]?.release();
    await first.close();
    await second.reserve('in its place', 200);
  });

  it('give away each credit once when they all ask at once', async () => {
    const { all } = processes();
    const asked = all.flatMap(({ reserve }, p) => Array.from({ length: 25 }, (_, n) => reserve(`call:${p}:${n}`, 50)));
    const settled = await Promise.allSettled(asked);
    expect(settled.filter(({ status }) => status === 'fulfilled')).toHaveLength(LIMIT / 50);
  });

  it('all learn from an answer that one of them has', async () => {
    const { first, second } = processes();
    (await first.reserve('first', 100)).answered(answer(80));
    await first.close();
    const wait = await second.waitOf('second', 100);
    // to the end of Miro's window, and a second more as its clock shows no less
    expect(wait).toBeLessThanOrEqual(WINDOW_MS + 1_100);
    (await second.reserve('third', 50)).release();
  });

  it('send nothing more in a window after one of them was refused', async () => {
    const { first, second } = processes();
    (await first.reserve('refused', 100)).answered(answer(LIMIT, { status: 429 }));
    await first.close();
    await second.waitOf('next', 50);
  });

  it('get back what a process that died had taken, once its calls can no longer arrive', async () => {
    const short = { ...IMPATIENT, copy: { httpMs: 50, leaseMs: 100, settleMs: 0 }, readMs: 100 };
    const { first, second } = processes({ timings: short });
    await first.reserve('lost', LIMIT);
    await second.waitOf('next', LIMIT);
    await untilGranted(() => second.reserve('next', LIMIT));
  });

  it('draw on a budget for each app and user', async () => {
    const { first } = processes();
    await first.reserve('mine', LIMIT);
    await first.reserve('theirs', LIMIT, { budget: 'app:another user' });
  });

  it('go to the store together for all that is asked at the same time', async () => {
    let statements = 0;
    const counting: Db = { ...store.db, query: (sql, params) => ((statements += 1), store.db.query(sql, params)) };
    const { first } = processes({ db: counting });
    await first.reserve('opens the account', 50);
    statements = 0;
    const tickets = await Promise.all(Array.from({ length: 10 }, (_, n) => first.reserve(`call:${n}`, 50)));
    expect(statements).toBe(2);
    tickets.forEach((ticket, n) => ticket.answered(answer(LIMIT - 50 * n)));
    await first.reserve('goes with the answers', 50);
    expect(statements).toBeLessThanOrEqual(4);
  });
});

/** Comes back when it is told to. */
async function untilGranted<T>(ask: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if (!isRetryable(error)) throw error;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}

describe('headers', () => {
  const told = (changes: RateLimit): Partial<Answer> => ({ rateLimit: { ...answer(900).rateLimit, ...changes } });

  it.each<[string, Partial<Answer>]>([
    ['with an absurd limit', told({ limit: 3e9 })],
    ['with parts of credits', told({ limit: 1_000.5, remaining: 900.5 })],
    ['with a reset in parts of a millisecond', told({ window: windowEnd() + 0.25 })],
    ['that want a wait of years', { status: 429, ...told({ retryAfterMs: 999_999_999_999_000 }) }],
    ['without a window that want a wait of years', { status: 429, rateLimit: { retryAfterMs: 1e18 } }],
    ['of an answer that came long after the window', told({ endsInMs: -30.4 })],
  ])('%s do not break the budget', async (_, changes) => {
    const { first, name } = processes();
    for (const n of [1, 2])
      (await first.reserve(`told:${n}`, 50).catch(() => undefined))?.answered(answer(900, changes));
    await first.close();
    const failure = await first.reserve('next', 50).catch((error: unknown) => error);
    if (failure instanceof Error) expect(failure).toMatchObject({ type: 'Budget.wait' });
    const report = (await budgetReport(store.db)).find(({ key }) => key === name);
    expect(report?.resetsInMs).toBeLessThanOrEqual(WINDOW_MS + 2_000);
  });
});

describe('a wait', () => {
  it('says for how many credits of which limit, and until about when', async () => {
    const { first } = processes();
    (await first.reserve('first', LIMIT)).answered(answer(0));
    const failure = await failureOf(first.reserve('second', 200));
    expect(failure.message).toMatch(
      /^waiting for Miro credits: 200 of 1000 per window, with a place at about \d{4}-\S+Z$/,
    );
  });

  it('of a moment stays in the activity', async () => {
    const patient = { ...TIMES, shortWaitMs: 10_000 };
    const budget = processOf(createBudget({ db: store.db, timings: patient, limit: 100, windowMs: 60 }), 'short');
    (await budget.reserve('first', 100)).answered({ ...answer(0), rateLimit: undefined });
    await budget.reserve('second', 100);
  });

  it('that is given up leaves its place to others', async () => {
    const { first, name } = processes({ timings: { ...TIMES, shortWaitMs: 120_000 } });
    (await first.reserve('first', LIMIT)).answered(answer(0));
    const cancel = new AbortController();
    const waiting = first.reserve('second', 200, { signal: cancel.signal });
    const report = async () => (await budgetReport(store.db)).find(({ key }) => key === name);
    await expect.poll(report).toMatchObject({ waitingCredits: 200, waitingCalls: 1 });
    cancel.abort();
    await expect(waiting).rejects.toThrow(/abort/i);
    await expect.poll(report).toMatchObject({ waitingCredits: 0, waitingCalls: 0 });
  });
});

describe('calls of SCIM', () => {
  it('have windows of 30 s with 10 000 credits, and count in them although no header says so', async () => {
    const { first, name } = processes();
    const scim = { kind: 'scim' as const, budget: `scim:${name}:groups:list` };
    for (let n = 0; n < 5; n += 1)
      (await first.reserve(`list:${n}`, 2_000, scim)).answered({ ...answer(0), rateLimit: undefined });
    const wait = await first.waitOf('sixth', 2_000, scim);
    expect(wait).toBeGreaterThan(25_000);
    expect(wait).toBeLessThanOrEqual(31_000);
  });
});

it('of SCIM is an organisation’s, whichever tenant’s token pays', async () => {
  const stage = await createStage(store);
  const asked: string[] = [];
  const { budget } = stage.deps;
  const reserve: Budget['reserve'] = (request) => (asked.push(request.budget), budget.reserve(request));
  const deps = { ...stage.deps, budget: { ...budget, reserve } };
  for (const tenant of ['first of the organisation', 'second of the organisation']) {
    const { tenantId } = await ensureTenant(store.db, tenant);
    const token = { scimToken: stage.simulator.scimToken, orgId: 'org' };
    await attachScim(store.db, store.vault, { tenantId, name: 'default', ...token });
    const of = { tenantId, connection: 'default', jobKind: 'provisionBoard' as const, purpose: tenant };
    const caller = createScimCaller({ ...deps, grants: createGrants(deps), gate: createGate(deps) }, of);
    await new MockActivityEnvironment().run(() => caller.send(scimUsers.list({ count: 1 })));
  }
  expect(asked).toEqual(['scim:org:users-read', 'scim:org:users-read']);
  await stage.close();
});

describe('what is used', () => {
  it('is told by tenant and job kind, calls that were not sent left out', async () => {
    const { first } = processes();
    const { tenantId } = await ensureTenant(store.db, 'user');
    (await first.reserve('kept', 100, { tenantId })).release();
    (await first.reserve('sent', 50, { tenantId })).answered(answer(950));
    (await first.reserve('refused', 100, { tenantId })).answered(answer(900, { status: 429 }));
    await first.close();
    expect(await usageReport(store.db, { tenantId, since: 'hour' })).toEqual([
      { tenant: 'user', jobKind: 'provisionBoard', credits: 50, calls: 2, refused: 1 },
    ]);
  });
});

it('is never overdrawn by four processes that all want more than Miro gives', async () => {
  const simulator = await createSimulator({ windowMs: 1_000, creditLimit: 2_000, latencyMs: 5 }).start();
  const dispatcher = createPool();
  const miro = createMiro({ dispatcher, baseUrl: simulator.url });
  const timings = { ...TIMES, shortWaitMs: 2_000 };
  const until = performance.now() + 4_000;
  const refused: unknown[] = [];
  const work = async (budget: ReturnType<typeof processOf>, name: string): Promise<void> => {
    for (let n = 0; performance.now() < until; n += 1) {
      const ticket = await untilGranted(() => budget.reserve(`${name}:${n}`, 50));
      const how = { token: simulator.accessToken as RestToken, deadlineMs: 10_000 };
      await miro
        .send(boards.get('no-such-board='), { ...how, onAnswer: (sent) => ticket.answered(sent) })
        .catch((error: { kind?: string }) => error.kind === 'not_found' || refused.push(error));
    }
  };
  const all = Array.from({ length: 4 }, () => createBudget({ db: store.db, timings, windowMs: 1_000 }));
  const lanes = all.flatMap((budget, p) =>
    Array.from({ length: 5 }, (_, lane) => work(processOf(budget, 'simulated'), `${p}:${lane}`)),
  );
  await Promise.all(lanes);
  expect(refused).toEqual([]);
  await Promise.all(all.map((budget) => budget.close()));
  await dispatcher.close();
  await simulator.close();
});

it('spends no more than Miro allows on a real job, which waits and comes to its end', async () => {
  const stage = await createStage(store, { creditLimit: 1_000, windowMs: 2_000 });
  const note = (n: number) => ({
    ...{ id: `s${n}`, type: 'sticky_note' as const, content: `${n}`, position: { x: n * 300, y: 0 } },
  });
  const blueprint = {
    version: 1 as const,
    items: [note(0), note(1)],
    connectors: Array.from({ length: 20 }, (_, n) => ({ id: `c${n}`, from: 's0', to: 's1', caption: `${n}` })),
  };
  const { jobId } = await stage.open({ template: { blueprint } });
  await stage.untilDone((activities) => activities.ensureBoard({ jobId }));
  await stage.untilDone((activities) => activities.ensureItems({ jobId, batch: 0 }));
  const waits: string[] = [];
  await stage.untilDone(async (activities) => {
    await activities.ensureConnectors({ jobId }).catch((error: unknown) => {
      waits.push(String((error as { type?: string }).type));
      throw error;
    });
  });
  expect(waits.filter((type) => type !== 'Budget.wait')).toEqual([]);
  const requests = await stage.requests();
  expect(requests.filter(({ status }) => status === 429)).toEqual([]);
  expect(requests.filter(({ method, path }) => method === 'POST' && path.endsWith('/connectors'))).toHaveLength(20);
  await stage.close();
});
