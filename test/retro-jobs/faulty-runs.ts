/** Runs in which Miro and the tracker misbehave and processes are killed, for faults.test.ts and faults.soak.ts. */
import { setTimeout as delay } from 'node:timers/promises';
import { expect } from 'vitest';
import type { JobHandle, RetroRequest } from '../../client/index.js';
import type { LinkBack } from '../../contract-retro.js';
import { idKey, keyHash, ticketMarker } from '../../ids.js';
import { retroKey } from '../../jobs/retro-to-tickets/key.js';
import { FAULT_KINDS, type FaultRule } from '../../simulator/faults/rules.js';
import { Random } from '../../simulator/state/random.js';
import type { TrackerKind } from '../../tickets/tracker.js';
import type { SpawnedNode } from '../harness.js';
import { startStack, type Stack } from '../stack.js';
import { boardOf } from './boards.js';
import { makeBoard, messyBoard } from './generated-boards.js';
import { expectShown } from './shown.js';
import { until } from '../provision/until.js';
import { startTracker, type TestTracker } from './trackers.js';

/** Beside what faults cost: a killed worker is noticed after ten seconds, a refused token asked for again after a minute. */
const LONGEST_MS = 300_000;

/** What one seed stands for. */
interface FaultyRun {
  seed: number;
  items: number;
  tracker: TrackerKind;
  /** Of the stand-in. */
  options: object;
  linkBack: LinkBack;
  miroFaults: FaultRule[];
  trackerFaults: FaultRule[];
  /** A person copies the first ticket as soon as it is there. */
  copyEarly: boolean;
  /** Where the worker and the stand-in can be killed. */
  kills: Kill[];
  /** The undo meets the same faults. */
  undoFaults: boolean;
}

interface Kill {
  who: 'worker' | 'tracker';
  /** So many attempts to write have begun. */
  after: number;
  delayMs: number;
}

interface Lane {
  stack: Stack;
  /** Absent where the worker is in this process. */
  worker?: SpawnedNode;
}

export interface Seed {
  seed: number;
  /** The worker and the stand-in are processes of their own, which are killed. */
  killed: boolean;
  /** Also faults that a person would have to mend: the next attempt comes a minute later. */
  unauthorized?: boolean;
}

/** @throws Error that names the seed and what it stands for */
export async function runUnderFaults({ seed, killed, unauthorized = false }: Seed): Promise<void> {
  const stack = await startStack({ simulator: { creditLimit: 1e9, windowMs: 1_000, lagMs: 50 } });
  const run = faultyRun(seed, unauthorized);
  try {
    if (!killed) await stack.work();
    await runOne(killed ? { stack, worker: await stack.spawnWorker() } : { stack }, run);
  } catch (error) {
    throw new Error(`seed ${seed}: ${(error as Error).message}\n${JSON.stringify(run)}`, { cause: error });
  } finally {
    await stack.close();
  }
}

function faultyRun(seed: number, unauthorized: boolean): FaultyRun {
  const random = new Random(seed);
  const items = 1 + random.below(random.next() < 0.5 ? 8 : 60);
  const tracker = random.pick(['github', 'jira', 'webhook', 'builtin'] as const);
  const kinds = FAULT_KINDS.filter((kind) => kind !== '401');
  const rulesFor = (match: FaultRule['match'][]) =>
    Array.from({ length: random.below(4) }, () => faultRule(random, random.pick(kinds), random.pick(match)));
  const mendable = (match: FaultRule['match']): FaultRule[] =>
    random.next() < 0.1 ? [{ match, when: { nth: 1 + random.below(items) }, fault: '401', times: 1 }] : [];
  const refusals = mendable({ method: 'POST' });
  return {
    ...{ seed, items, tracker, options: optionsOf(random, tracker) },
    linkBack: random.pick(['list', 'list', 'card', 'text', 'none'] as const),
    miroFaults: [
      ...rulesFor(['GET', 'POST', 'PATCH', 'DELETE'].map((method) => ({ method, path: '/v2/**' }))),
      ...mendable({ path: '/v2/**' }),
    ],
    trackerFaults: [
      ...rulesFor([{}, { method: 'POST' }, { method: 'GET' }]),
      ...(unauthorized && tracker !== 'webhook' ? refusals : []),
    ],
    kills: Array.from({ length: 1 + random.below(2) }, (): Kill => ({
      who: random.next() < 0.6 || tracker === 'builtin' ? 'worker' : 'tracker',
      after: random.below(items + 4),
      delayMs: random.below(60),
    })).sort((a, b) => a.after - b.after),
    copyEarly: random.next() < 0.5,
    undoFaults: random.next() < 0.3,
  };
}

/** Often enough to meet each run, seldom enough to let it end. */
const faultRule = (random: Random, fault: FaultRule['fault'], match: FaultRule['match']): FaultRule => ({
  ...{ match, fault, when: { probability: 0.02 + random.next() * 0.15 } },
  ...{ times: 1 + random.below(4), delayMs: 20 + random.below(400) },
});

/** Jira finds by a search that lags, also in pages. */
function optionsOf(random: Random, tracker: TrackerKind): object {
  if (tracker !== 'jira') return {};
  const deployment = random.pick(['cloud', 'datacenter']);
  return { deployment, searchLagMs: random.below(500), pageSize: random.pick([7, 100]) };
}

/** One board, its tickets, the same again, and back. */
async function runOne(lane: Lane, run: FaultyRun): Promise<void> {
  const { stack } = lane;
  const tracker = await startTracker(stack, run.tracker, { options: run.options, killable: lane.worker !== undefined });
  try {
    const { boardId } = await makeBoard(stack.simulator, messyBoard(new Random(run.seed), run.items));
    const job = { board: boardId, tracker: tracker.name };
    const request = { ...job, linkBack: run.linkBack };
    const planned = await plannedItems(stack, request);

    await setFaults(stack, tracker, run);
    const { handle } = await stack.miro.retroToTickets(request);
    const [result] = await Promise.all([inTime(handle.result()), meanwhile(lane, tracker, run, handle)]);
    await setFaults(stack, tracker);
    expect(result).toMatchObject({ ending: 'done', counts: { failed: 0, refused: 0 } });
    const made = (await tracker.tickets()).filter(({ byUs }) => byUs);
    expect(made.map(({ marker }) => marker).sort()).toEqual([...planned.keys()].sort());
    const keys = new Map(made.map(({ marker, key }) => [planned.get(marker) ?? '', key]));
    expectShown(await boardOf(stack, boardId), run.linkBack, keys);

    for (const ticket of made.slice(0, 2)) await tracker.copy(ticket);
    const before = { tickets: await tracker.tickets(), board: await boardOf(stack, boardId) };
    const again = await inTime((await stack.miro.retroToTickets(request)).handle.result());
    expect(again).toMatchObject({ ending: 'done', plan: { counts: { create: 0, changed: 0, deleted: 0 } } });
    expect({ tickets: await tracker.tickets(), board: await boardOf(stack, boardId) }).toEqual(before);

    if (run.undoFaults) await setFaults(stack, tracker, run);
    const back = await inTime((await stack.miro.undoRetro(job)).handle.result());
    await setFaults(stack, tracker);
    expect(back).toMatchObject({ ending: 'done', counts: { failed: 0, refused: 0 } });
    const copies = before.tickets.filter(({ byUs }) => !byUs);
    expect((await tracker.tickets()).filter(({ open }) => open)).toEqual(copies);
    expectShown(await boardOf(stack, boardId), run.linkBack, new Map());
  } finally {
    await tracker.close();
  }
}

/** The items that are to have a ticket, by the marker that it must carry. Nothing goes wrong yet. */
async function plannedItems(stack: Stack, request: RetroRequest): Promise<Map<string, string>> {
  const { planId, tracker, board } = await stack.miro.planRetro(request);
  const key = idKey(stack.idKey);
  const job = keyHash(key, { tenant: 'default', kind: 'retroToTickets', key: retroKey(board.boardId, tracker) });
  const planned = new Map<string, string>();
  for await (const { itemId, decision } of stack.miro.retroPlanRows({ planId }))
    if (decision === 'create') planned.set(ticketMarker(key, { keyHash: job, itemId }, 1), itemId);
  return planned;
}

async function setFaults(stack: Stack, tracker: TestTracker, run?: FaultyRun): Promise<void> {
  await stack.sim('faults', run?.miroFaults ?? [], 'PUT');
  await tracker.fail(run?.trackerFaults ?? []);
}

/** What befalls a run: a person copies its first ticket at once, and processes are killed. */
async function meanwhile(lane: Lane, tracker: TestTracker, run: FaultyRun, handle: JobHandle<unknown>): Promise<void> {
  let over = false;
  void handle
    .result()
    .catch(() => undefined)
    .then(() => (over = true));
  const orOver = (ask: () => Promise<boolean>) => until(async () => over || (await ask()), LONGEST_MS);
  if (run.copyEarly) {
    await orOver(async () => (await tracker.tickets()).length > 0);
    const [first] = await tracker.tickets();
    if (first) await tracker.copy(first);
  }
  for (const { who, after, delayMs } of lane.worker ? run.kills : []) {
    await orOver(async () => (await attempts(lane.stack, handle)) >= after);
    await delay(delayMs);
    if (over) return;
    if (who === 'tracker') {
      await tracker.restart();
      await tracker.fail(run.trackerFaults);
    } else {
      await lane.worker?.kill('SIGKILL');
      lane.worker = await lane.stack.spawnWorker();
    }
  }
}

async function attempts({ db }: Stack, { workflowId }: JobHandle<unknown>): Promise<number> {
  const [row] = await db.query<{ begun: number }>(
    `select count(*)::int as begun from miro.attempts a join miro.effects e on e.id = a.effect_id
     join miro.jobs j on j.id = e.job_id where j.workflow_id = $1`,
    [workflowId],
  );
  return row?.begun ?? 0;
}

/** A run that hangs shall name its seed too. */
async function inTime<T>(result: Promise<T>): Promise<T> {
  const late = new AbortController();
  try {
    return await Promise.race([
      result,
      delay(LONGEST_MS, undefined, { signal: late.signal }).then(() => {
        throw new Error(`it has not ended within ${LONGEST_MS} ms`);
      }),
    ]);
  } finally {
    late.abort();
  }
}
