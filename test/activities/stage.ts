/** The activities on real parts: a simulator of their own over HTTP, a real PostgreSQL, and attempts that go wrong as they do in the world. */
import { randomBytes, randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { ApplicationFailure } from '@temporalio/common';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import {
  createActivities,
  createBudget,
  type Activities,
  type Deps,
  type OpenedJob,
  type Timings,
} from '../../activities/index.js';
import type { ProvisionBoardInput } from '../../contract.js';
import { idKey } from '../../ids.js';
import { createMiro, createPool, createScim, scimUrl, type Miro } from '../../miro/index.js';
import { createSimulator, type RunningSimulator } from '../../simulator/app.js';
import type { FaultRule } from '../../simulator/faults/rules.js';
import type { LogEntry } from '../../simulator/http/request-log.js';
import type { SimulatorOptions } from '../../simulator/options.js';
import { ensureConnection, type ConnectionInput } from '../../store/connections.js';
import type { Db } from '../../store/db.js';
import { ensureTenant } from '../../store/tenants.js';
import type { TestStore } from '../store/database.js';

const WINDOW_MS = 1_000;
const QUIET = new DefaultLogger('ERROR');

/** Small, and far enough apart that a busy machine keeps their order: request < lease, and settling outlasts {@link LATE_MS}. */
export const TIMES: Timings = {
  single: { httpMs: 300, leaseMs: 700, settleMs: 500 },
  bulk: { httpMs: 300, leaseMs: 700, settleMs: 500 },
  copy: { httpMs: 300, leaseMs: 700, settleMs: 500 },
  tracker: { httpMs: 300, leaseMs: 700, settleScale: 0.01 },
  readMs: 2_000,
  webhook: { httpMs: 2_000, retryMs: [20, 20, 20] },
  shortWaitMs: 50,
  pausedMs: 5_000,
  probe: { firstMs: 1_000, longestMs: 30_000 },
};
/** Longer than the deadline of a request, and soon enough after it that settling covers it. */
export const LATE_MS = 500;
/** Within the deadline of a request. */
export const SLOW_MS = 100;

export interface SimulatedBoard {
  id: string;
  name: string;
  description: string;
  project?: { id: string } | null;
  createdBy: { id: string };
  members: { id: string; role: string; email: string }[];
  items: SimulatedItem[];
  connectors: { id: string; captions?: unknown; startItem?: { id: string }; endItem?: { id: string } }[];
  tags: { id: string; title: string }[];
}
export interface SimulatedItem {
  id: string;
  type: string;
  data: { content?: string; title?: string; description?: string; shape?: string };
  style?: Record<string, string>;
  position?: { x: number; y: number };
  geometry?: object;
  parent?: { id: string } | null;
  tagIds: string[];
}

export interface SimulatedState {
  boards: SimulatedBoard[];
  users: { id: string; email: string }[];
  projects: { id: string; name: string }[];
}

export interface Attempt {
  /** Stands between the activity and Miro, e.g. {@link dyingAfter}. */
  miro?: (real: Miro) => Miro;
  cancelled?: AbortSignal;
}

type Step<T> = (activities: Activities) => Promise<T>;

export interface Stage {
  db: Db;
  deps: Deps;
  tenant: string;
  tenantId: string;
  simulator: RunningSimulator;
  input(changes: Partial<ProvisionBoardInput>): ProvisionBoardInput;
  open(changes: Partial<ProvisionBoardInput>): Promise<OpenedJob>;
  /** One attempt, as a worker makes it. */
  attempt<T>(step: Step<T>, how?: Attempt): Promise<T>;
  /** Attempts as Temporal makes them: again after what is retryable, when the failure says so. */
  untilDone<T>(step: Step<T>, how?: Attempt): Promise<T>;
  state(): Promise<SimulatedState>;
  /** What reached the simulator since the last call. */
  requests(): Promise<LogEntry[]>;
  fail(...rules: FaultRule[]): Promise<void>;
  /** Does as a person would, by default as the grant's own user. */
  act<T = { id: string }>(deed: string, input?: object): Promise<T>;
  advance(ms: number): Promise<void>;
  /** Brings Miro's clock to the start of a second: it shows no more, so what follows at once has one time. */
  startSecond(): Promise<void>;
  close(): Promise<void>;
}

export interface StageOptions extends Partial<SimulatorOptions> {
  /** Default: a static token. */
  rest?: (account: {
    accessToken: string;
    refreshToken: string;
    clientId: string;
    clientSecret: string;
  }) => Pick<ConnectionInput, 'rest' | 'app'>;
  shortWaitMs?: number;
  /** The same Miro, tenant and installation; the store is another one. */
  after?: Stage;
}

export async function createStage({ db, vault }: TestStore, options: StageOptions = {}): Promise<Stage> {
  const {
    rest = ({ accessToken }) => ({ rest: { accessToken } }),
    shortWaitMs = TIMES.shortWaitMs,
    after,
    ...simulated
  } = options;
  const simulator =
    after?.simulator ?? (await createSimulator({ windowMs: WINDOW_MS, copyMs: 20, ...simulated }).start());
  const tenant = after?.tenant ?? `t${randomBytes(6).toString('hex')}`;
  const { tenantId } = await ensureTenant(db, tenant);
  await ensureConnection(db, vault, { tenantId, name: 'default', ...rest(simulator) });
  const dispatcher = createPool();
  const deps: Deps = {
    ...{
      db,
      vault,
      dispatcher,
      apiUrl: simulator.url,
      scimUrl: scimUrl(simulator.url),
      timings: { ...TIMES, shortWaitMs },
    },
    miro: createMiro({ dispatcher, baseUrl: simulator.url }),
    scim: createScim({ dispatcher, baseUrl: scimUrl(simulator.url) }),
    idKey: after?.deps.idKey ?? idKey(randomBytes(32)),
    budget: createBudget({ db, timings: { ...TIMES, shortWaitMs }, windowMs: simulated.windowMs ?? WINDOW_MS }),
  };
  // A worker has one set of activities; an attempt with a Miro of its own is in another process.
  const activities = createActivities(deps);
  const execution = { workflowId: `test:${tenant}`, runId: randomUUID() };

  const attempt = async <T>(step: Step<T>, { miro, cancelled }: Attempt = {}): Promise<T> => {
    const env = new MockActivityEnvironment({ workflowExecution: execution }, { logger: QUIET });
    cancelled?.addEventListener('abort', () => env.cancel());
    const own = miro ? createActivities({ ...deps, miro: miro(deps.miro) }) : activities;
    return await env.run<[], T, () => Promise<T>>(() => step(own));
  };
  const untilDone: Stage['untilDone'] = async (step, how) => {
    for (;;) {
      try {
        return await attempt(step, how);
      } catch (error) {
        if (!isRetryable(error)) throw error;
        await delay(error.nextRetryDelay === undefined ? 20 : Number(error.nextRetryDelay));
      }
    }
  };
  const sim = async (path: string, body?: object, method = body ? 'POST' : 'GET'): Promise<unknown> => {
    const response = await fetch(`${simulator.url}/_sim/${path}`, {
      method,
      ...(body && { body: JSON.stringify(body) }),
    });
    if (!response.ok) throw new Error(`/_sim/${path}: ${response.status} ${await response.text()}`);
    return await response.json();
  };
  const input: Stage['input'] = (changes) => ({
    ...{ tenant, connectionId: 'default', key: randomUUID(), name: 'Kick-off' },
    template: { blueprint: { version: 1 } },
    ...changes,
  });
  let advanced = 0;
  const advance = async (advanceMs: number): Promise<void> => {
    await sim('clock', { advanceMs });
    advanced += advanceMs;
  };
  let seen = 0;
  return {
    ...{ db, deps, tenant, tenantId, simulator, input, attempt, untilDone },
    open: (changes) => attempt((activities) => activities.openJob({ input: input(changes) })),
    state: async () => (await sim('state')) as SimulatedState,
    async requests() {
      const all = (await sim('requests')) as LogEntry[];
      const fresh = all.slice(seen);
      seen = all.length;
      return fresh;
    },
    fail: async (...rules) => void (await sim('faults', rules, 'PUT')),
    act: async <T>(deed: string, more: object = {}) => (await sim('act', { do: deed, ...more })) as T,
    advance,
    startSecond: () => advance(1_000 - ((Date.now() + advanced) % 1_000)),
    async close() {
      await deps.budget.close();
      await dispatcher.destroy();
      await simulator.close();
    },
  };
}

export function isRetryable(error: unknown): error is ApplicationFailure {
  return error instanceof ApplicationFailure && !error.nonRetryable;
}

/** A process that dies between a write and its answer: the write happens, and nothing of ours runs after it. */
export const dyingAfterWrite =
  (died: () => void) =>
  (real: Miro): Miro => ({
    ...real,
    async send(call, how) {
      const answer = await real.send(call, how);
      if (!call.write) return answer;
      died();
      return await new Promise<never>(() => undefined);
    },
  });

/** `told` when a write is about to be sent. */
export const tellingOfWrite =
  (told: () => void) =>
  (real: Miro): Miro => ({
    ...real,
    send(call, how) {
      if (call.write) told();
      return real.send(call, how);
    },
  });

/** A process that stalls while its write is under way: it takes the answer long after deadline and lease. `begun` is told of the write. */
export const stalledAtWrite =
  (begun: () => void) =>
  (real: Miro): Miro => ({
    ...real,
    send(call, how) {
      if (call.write) begun();
      return real.send(call, { ...how, deadlineMs: 30_000 });
    },
  });

/** A failure's type and words; the test fails if there was none. */
export async function failureOf(run: Promise<unknown>): Promise<ApplicationFailure> {
  const error = await run.then(
    () => new Error('it did not fail'),
    (reason: unknown) => reason,
  );
  if (error instanceof ApplicationFailure) return error;
  throw error;
}
