/** What every call passes: pauses, the one probe of a Miro that is down, and the same for SCIM. */
import { randomUUID } from 'node:crypto';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { Agent, buildConnector } from 'undici';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Deps } from '../../activities/index.js';
import { createCaller, createScimCaller, type CallDeps, type Caller } from '../../activities/calls.js';
import { createGate } from '../../activities/gate.js';
import { createGrants } from '../../activities/grants.js';
import { boards, createMiro, MiroError, scimUsers, stickyNotes } from '../../miro/index.js';
import { findConnection } from '../../store/connections.js';
import { effectsOf } from '../../store/effects.js';
import { attachScim } from '../../store/link-scim.js';
import { findOutage, noteOutage } from '../../store/origins.js';
import { pause, resume } from '../../store/pauses.js';
import { createTestStore, type TestStore } from '../store/database.js';
import { createStage, failureOf, type Stage, type StageOptions } from './stage.js';

let store: TestStore;
let stage: Stage;
beforeAll(async () => {
  store = await createTestStore();
});
afterAll(() => store.close());
afterEach(async () => {
  await store.db.query('delete from miro.pauses');
  await store.db.query('delete from miro.origins');
  await stage.close();
});

/** What a worker process has of its own. */
function startProcess(changes: Partial<Deps> = {}): CallDeps {
  const deps = { ...stage.deps, ...changes };
  return { ...deps, grants: createGrants(deps), gate: createGate(deps) };
}
/** A process whose network can be cut. `attempts`: connections that were tried meanwhile. */
function startOnNetwork() {
  const connect = buildConnector({});
  const network = {
    isCut: false,
    attempts: 0,
    cut: () => void (network.isCut = true),
    mend: () => void (network.isCut = false),
  };
  const dispatcher = new Agent({
    pipelining: 0, // a connection for each request
    connect(options, callback) {
      if (!network.isCut) return connect(options, callback);
      network.attempts += 1;
      callback(Object.assign(new Error('refused'), { code: 'ECONNREFUSED' }), null);
    },
  });
  const miro = createMiro({ dispatcher, baseUrl: stage.simulator.url });
  return { network, process: startProcess({ dispatcher, miro }) };
}
const inActivity = <T>(run: () => Promise<T>): Promise<T> => {
  const execution = { workflowId: 'test', runId: randomUUID() };
  const env = new MockActivityEnvironment({ workflowExecution: execution }, { logger: new DefaultLogger('ERROR') });
  return env.run<[], T, () => Promise<T>>(run);
};
const who = () => ({
  ...{ tenantId: stage.tenantId, connection: 'default', jobKind: 'provisionBoard' as const },
  purpose: randomUUID(),
});
const rest = <T>(process: CallDeps, run: (caller: Caller) => Promise<T>): Promise<T> =>
  inActivity(() => run(createCaller(process, who())));
const scim = <T>(process: CallDeps, run: (caller: Caller<'scim'>) => Promise<T>): Promise<T> =>
  inActivity(() => run(createScimCaller(process, who())));

const read = (process: CallDeps) => rest(process, (caller) => caller.send(boards.list()));
const write = async (process: CallDeps) => {
  const [board] = (await stage.state()).boards;
  const note = { data: { content: 'Note' }, position: { x: 0, y: 0 } };
  return await rest(process, (caller) => caller.send(stickyNotes.create(board?.id ?? '', note)));
};
const sent = async (method = 'GET') => (await stage.requests()).filter((request) => request.method === method);
const pathsOf = async () => (await stage.requests()).map(({ path }) => path);
const outage = () => findOutage(store.db, stage.simulator.url);
const whole = (runs: Promise<unknown>[]) => Promise.all(runs.map((run) => failureOf(run)));

/** A job that is to give its board another name. */
async function renaming() {
  const input = stage.input({ name: 'Old' });
  const { jobId } = await stage.open(input);
  await stage.untilDone((activities) => activities.ensureBoard({ jobId }));
  const renamed = { ...input, name: 'New', onChange: 'apply' as const };
  await stage.untilDone((activities) => activities.adoptSpec({ jobId, input: renamed }));
  const step: Parameters<Stage['untilDone']>[0] = (activities) => activities.applyDifferences({ jobId });
  const attempts = () =>
    store.db.query(
      `select a.outcome, a.sent_at is not null as sent from miro.attempts a join miro.effects e on e.id = a.effect_id
       where e.job_id = $1 and e.kind = 'set' order by a.number`,
      [jobId],
    );
  return { step, attempts };
}
/** `then` comes after the board was read and before anything is written. */
const afterRead = (then: () => Promise<unknown>) => ({
  miro: (real: Deps['miro']): Deps['miro'] => ({
    ...real,
    async send(call, how) {
      const answer = await real.send(call, how);
      if (call.operation === 'get-specific-board') await then();
      return answer;
    },
  }),
});

describe('a pause', () => {
  beforeEach(async () => {
    stage = await createStage(store);
  });

  it('stops the next write of every process once it is committed, says how to go on, and lets reads go on', async () => {
    const processes = [startProcess(), startProcess()];
    for (const process of processes) await write(process);
    expect(await sent('POST')).toHaveLength(2);
    await pause(store.db, { tenantId: stage.tenantId, jobKind: 'provisionBoard', reason: 'the office moves' });
    for (const process of processes) {
      const failure = await failureOf(write(process));
      const command = `temporal-miro resume --tenant ${stage.tenant} --kind provisionBoard`;
      expect(failure).toMatchObject({ type: 'Job.paused', nonRetryable: false });
      expect(failure.message).toMatch(/^paused since \d{4}-.*Z: the office moves; /);
      expect(failure.message).toContain(`resume with \`${command}\``);
      expect(Number(failure.nextRetryDelay)).toBeGreaterThanOrEqual(5_000);
      expect(Number(failure.nextRetryDelay)).toBeLessThanOrEqual(5_500);
      await read(process);
    }
    expect(await sent('POST')).toEqual([]);
    await resume(store.db, { tenantId: stage.tenantId, jobKind: 'provisionBoard' });
    for (const process of processes) await write(process);
    expect(await sent('POST')).toHaveLength(2);
  });

  it('stops a write that waits for credits when it begins, and gives the credits back', async () => {
    const { budget } = stage.deps;
    let held = 0;
    const waiting: Deps['budget'] = {
      ...budget,
      async reserve(request) {
        const ticket = await budget.reserve(request);
        held += 1;
        await pause(store.db, { connectionName: 'default' });
        return { ...ticket, release: () => void (held -= 1) };
      },
    };
    expect(await failureOf(write(startProcess({ budget: waiting })))).toMatchObject({ type: 'Job.paused' });
    expect(held).toBe(0);
    expect(await sent('POST')).toEqual([]);
  });

  it('stops a step between its claim and its send; afterwards it is made once', async () => {
    const { jobId } = await stage.open({});
    const pausing = {
      miro: (real: Deps['miro']): Deps['miro'] => ({
        ...real,
        async send(call, how) {
          const answer = await real.send(call, how);
          if (call.operation === 'get-boards') await pause(store.db, { tenantId: stage.tenantId });
          return answer;
        },
      }),
    };
    const step: Parameters<Stage['untilDone']>[0] = (activities) => activities.ensureBoard({ jobId });
    expect(await failureOf(stage.attempt(step, pausing))).toMatchObject({ type: 'Effect.late' });
    expect(await failureOf(stage.attempt(step))).toMatchObject({ type: 'Job.paused' });
    expect(await effectsOf(store.db, jobId)).toMatchObject([{ step: 'board', state: 'open', unresolved: 0 }]);
    expect(await sent('POST')).toEqual([]);
    await resume(store.db, { tenantId: stage.tenantId });
    await stage.untilDone(step);
    expect(await sent('POST')).toHaveLength(1);
  });

  it('takes no claim of a step that sets a value, however often it is tried, and no credits', async () => {
    const { step, attempts } = await renaming();
    await pause(store.db, { tenantId: stage.tenantId });
    await pathsOf();
    for (let n = 0; n < 3; n += 1) expect(await failureOf(stage.attempt(step))).toMatchObject({ type: 'Job.paused' });
    expect(await attempts()).toEqual([]);
    expect(await pathsOf()).toEqual([]);
  });

  it('that begins while a value is read stops the write, which counts as not sent', async () => {
    const { step, attempts } = await renaming();
    const pausing = afterRead(() => pause(store.db, { tenantId: stage.tenantId }));
    expect(await failureOf(stage.attempt(step, pausing))).toMatchObject({ type: 'Job.paused' });
    expect(await attempts()).toEqual([{ outcome: 'not_sent', sent: false }]);
    await resume(store.db, { tenantId: stage.tenantId });
    await stage.untilDone(step);
    expect(await sent('PATCH')).toHaveLength(1);
    expect(await attempts()).toMatchObject([{ sent: false }, { outcome: 'set', sent: true }]);
  });

  it('of everything is told with the command that ends it', async () => {
    await pause(store.db, {});
    expect((await failureOf(write(startProcess()))).message).toContain('resume with `temporal-miro resume --all`');
  });
});

describe('a Miro that is down', () => {
  const DOWN = { match: {}, fault: '5xx-before', status: 503 } as const;
  const PROBE = '/v1/oauth-token';
  const start = async (options: StageOptions = {}) => void (stage = await createStage(store, options));
  const due = () => store.db.query('update miro.origins set next_probe_at = now()');
  /** Until the gate is shut. @returns how many calls failed on the way. */
  async function shut(process: CallDeps): Promise<number> {
    for (let failed = 0; ; failed += 1) {
      const error = await read(process).catch((error: unknown) => error);
      if (!(error instanceof MiroError)) return failed;
    }
  }

  it('is asked by one probe for all processes, and all go on when it is answered', async () => {
    await start();
    const processes = Array.from({ length: 4 }, () => startProcess());
    const all = () => Array.from({ length: 20 }, (_, n) => read(processes[n % 4]!));
    for (const process of processes) await read(process);
    await stage.fail(DOWN);
    expect(await shut(processes[0]!)).toBe(5);
    await pathsOf();

    const failures = await whole(all());
    expect(await pathsOf()).toEqual([]);
    expect(new Set(failures.map(({ type }) => type))).toEqual(new Set(['Miro.down']));
    expect(failures[0]?.message).toMatch(
      /^Miro \(127\.0\.0\.1:\d+\) has not answered since .*Z; one probe .* every [\d.]+ s/,
    );
    expect(new Set(failures.map(({ nextRetryDelay }) => nextRetryDelay)).size).toBeGreaterThan(10);

    await due();
    await whole(all());
    expect(await pathsOf()).toEqual([PROBE]);

    await stage.fail();
    await due();
    const answers = await Promise.allSettled(all());
    expect(answers.filter(({ status }) => status === 'fulfilled').length).toBeGreaterThan(0);
    expect(await outage()).toBeUndefined();
    await Promise.all(all());
    expect((await pathsOf()).filter((path) => path === PROBE)).toHaveLength(1);
  });

  it('is probed without a token', async () => {
    await start();
    const process = startProcess();
    await read(process);
    await stage.requests();
    await noteOutage(store.db, { origin: stage.simulator.url, reason: 'test', forAll: true });
    await read(process);
    expect(await stage.requests()).toMatchObject([{ path: PROBE, actor: null }, { path: '/v2/boards' }]);
  });

  it('is noticed by each process at its first refused connection; then one probe stands for all of them', async () => {
    await start();
    const workers = Array.from({ length: 4 }, startOnNetwork);
    const all = () => workers.flatMap(({ process }) => [1, 2, 3].map(() => read(process)));
    const attempts = () => workers.map(({ network }) => network.attempts);
    await Promise.all(all());
    for (const { network } of workers) network.cut();
    for (const { process } of workers) await expect(read(process)).rejects.toThrow('ECONNREFUSED');
    expect(attempts()).toEqual([1, 1, 1, 1]);
    expect((await outage())?.reason).toContain('ECONNREFUSED');

    for (const probes of [1, 2, 3]) {
      await due();
      expect(new Set((await whole(all())).map(({ type }) => type))).toEqual(new Set(['Miro.down']));
      expect(attempts().reduce((sum, tried) => sum + tried)).toBe(4 + probes);
      expect(await outage()).toMatchObject({ failures: 1 + probes });
    }

    for (const { network } of workers) network.mend();
    await due();
    await pathsOf();
    await Promise.allSettled(all());
    expect(await outage()).toBeUndefined();
    await Promise.all(all());
    expect((await pathsOf()).filter((path) => path === PROBE)).toHaveLength(1);
  });

  it('is not taken for down by others when one worker reaches nothing, and that one goes on by itself', async () => {
    await start();
    const broken = startOnNetwork();
    const well = [startProcess(), startProcess(), startProcess()];
    broken.network.cut();
    for (let round = 0; round < 10; round += 1) {
      if (round === 0) await expect(read(broken.process)).rejects.toThrow('ECONNREFUSED');
      else expect(await failureOf(read(broken.process))).toMatchObject({ type: 'Miro.down' });
      await Promise.all(well.map(read));
    }
    expect(await outage()).toMatchObject({ forAll: false });
    expect(broken.network.attempts).toBeLessThanOrEqual(3); // the call that noticed it, and probes
    expect((await stage.requests()).filter(({ actor }) => actor === null)).toEqual([]);

    await due();
    await whole([read(broken.process)]);
    await stage.fail(DOWN);
    expect(await shut(well[0]!)).toBe(5);
    expect(await outage()).toMatchObject({ forAll: true });
    expect(await failureOf(read(well[1]!))).toMatchObject({ type: 'Miro.down' });

    await stage.fail();
    broken.network.mend();
    await due();
    await read(broken.process);
    expect(await outage()).toBeUndefined();
  });

  it('does not hold for long whom one refused connection has brought beside a worker that reaches nothing', async () => {
    await start();
    const [broken, other] = [startOnNetwork(), startOnNetwork()];
    broken.network.cut();
    await expect(read(broken.process)).rejects.toThrow('ECONNREFUSED');
    for (let probes = 0; probes < 8; probes += 1) {
      await due();
      await whole([read(broken.process)]);
    }
    expect((await outage())?.probeInMs).toBeGreaterThan(20_000);
    other.network.cut();
    await expect(read(other.process)).rejects.toThrow('ECONNREFUSED');
    other.network.mend();
    await read(other.process);
    await expect(read(broken.process)).rejects.toThrow('ECONNREFUSED');
    await read(other.process);
  });

  it('is not taken for down when an endpoint answers 500 in half of the cases', async () => {
    await start();
    await stage.fail({ match: { path: '/v2/boards' }, when: { every: 2 }, fault: '5xx-before' });
    const process = startProcess();
    const outcomes = [];
    for (let n = 0; n < 20; n += 1)
      outcomes.push(
        await read(process).then(
          () => 'read',
          () => 'failed',
        ),
      );
    expect(outcomes.filter((outcome) => outcome === 'failed')).toHaveLength(10);
    expect(await outage()).toBeUndefined();
  });

  it('is let go on by its first answer where only one endpoint fails', async () => {
    await start();
    await stage.fail({ match: { path: '/v2/boards' }, fault: '5xx-before', times: 5 });
    const process = startProcess();
    for (let n = 0; n < 5; n += 1) await expect(read(process)).rejects.toThrow('answered 500');
    expect(await outage()).toMatchObject({ failures: 1, probeInMs: 0 });
    await read(process);
    expect(await outage()).toBeUndefined();
  });

  it('that goes away while a value is read stops the write, which counts as not sent', async () => {
    await start();
    const { step, attempts } = await renaming();
    const goingDown = afterRead(async () => {
      await noteOutage(store.db, { origin: stage.simulator.url, reason: 'test', forAll: true });
      await store.db.query(`update miro.origins set next_probe_at = now() + interval '1 hour'`);
    });
    expect(await failureOf(stage.attempt(step, goingDown))).toMatchObject({ type: 'Miro.down' });
    expect(await attempts()).toEqual([{ outcome: 'not_sent', sent: false }]);
    await due();
    await stage.untilDone(step);
    expect(await sent('PATCH')).toHaveLength(1);
  });

  it('takes no claim and no credits of a step that waits for it, and no refresh token', async () => {
    await start({
      rest: ({ accessToken, refreshToken, clientId, clientSecret }) => ({
        rest: { accessToken, refreshToken }, // due at once
        app: { clientId, clientSecret },
      }),
    });
    const { jobId } = await stage.open({});
    await noteOutage(store.db, { origin: stage.simulator.url, reason: 'test', forAll: true });
    await store.db.query(`update miro.origins set next_probe_at = now() + interval '1 hour'`);
    const failure = await failureOf(stage.attempt((activities) => activities.ensureBoard({ jobId })));
    expect(failure).toMatchObject({ type: 'Miro.down', nonRetryable: false });
    expect(await effectsOf(store.db, jobId)).toEqual([]);
    expect(await pathsOf()).toEqual([]);
  });
});

describe('SCIM calls', () => {
  const attach = (scimToken: string) =>
    attachScim(store.db, store.vault, { tenantId: stage.tenantId, name: 'default', scimToken });
  const grants = async () => await findConnection(store.db, { tenantId: stage.tenantId, name: 'default' });
  const list = (process: CallDeps) => scim(process, (caller) => caller.send(scimUsers.list({ count: 2 })));
  beforeEach(async () => {
    stage = await createStage(store);
    await attach(stage.simulator.scimToken);
  });

  it("go out with the organisation's token, each kind on a budget of its own", async () => {
    const budgets: string[] = [];
    const { budget } = stage.deps;
    const process = startProcess({
      budget: {
        ...budget,
        reserve: (request) => (budgets.push(`${request.budget} ${request.credits}`), budget.reserve(request)),
      },
    });
    const { items } = await list(process);
    expect(items).toHaveLength(2);
    await scim(process, (caller) =>
      caller.send(scimUsers.patch(items[0]!.id, [{ op: 'Replace', path: 'displayName', value: 'Ada' }])),
    );
    const grantId = (await grants())?.scim?.grantId;
    expect(budgets).toEqual([`scim:${grantId}:users-read 50`, `scim:${grantId}:users-change 100`]);
  });

  it('stop at a pause and while their site is down', async () => {
    const process = startProcess();
    const [user] = (await list(process)).items;
    await pause(store.db, { tenantId: stage.tenantId });
    await stage.requests();
    const change = scim(process, (caller) => caller.send(scimUsers.delete(user!.id)));
    expect(await failureOf(change)).toMatchObject({ type: 'Job.paused' });
    await noteOutage(store.db, { origin: stage.simulator.url, reason: 'test', forAll: true });
    await list(process);
    expect(await pathsOf()).toEqual(['/api/v1/scim/ServiceProviderConfig', '/api/v1/scim/Users']);
  });

  it('go on after a 401 by mistake', async () => {
    await stage.fail({ match: { path: '/api/v1/scim/**' }, fault: '401', times: 1 });
    expect((await list(startProcess())).items).toHaveLength(2);
    expect((await grants())?.scim).toMatchObject({ state: 'live' });
  });

  it('park on a token that Miro refuses, and leave the REST token as it is', async () => {
    const { scim: grant } = await attach('never-good');
    const failure = await failureOf(list(startProcess()));
    expect(failure).toMatchObject({ type: 'NeedsRelink', nonRetryable: true });
    expect(failure.details).toMatchObject([{ grantId: grant?.grantId, generation: 2, connection: 'default' }]);
    expect(await grants()).toMatchObject({ rest: { state: 'live' }, scim: { state: 'needs_relink' } });
    await read(startProcess());
  });

  it('are refused where the connection has no SCIM token', async () => {
    const run = inActivity(() =>
      createScimCaller(startProcess(), { ...who(), connection: 'second' }).send(scimUsers.list()),
    );
    expect(await failureOf(run)).toMatchObject({ type: 'Connection.unknown', nonRetryable: true });
  });

  it('cannot be mixed up with calls of the other surface', () => {
    const mixed = (restCaller: Caller, scimCaller: Caller<'scim'>, process: CallDeps) => {
      // @ts-expect-error a SCIM call with a REST token
      void restCaller.send(scimUsers.list());
      // @ts-expect-error a REST call with a SCIM token
      void scimCaller.send(boards.list());
      // @ts-expect-error the token of the other surface
      void scimCaller.token().then(({ token }) => process.miro.send(boards.list(), { token, deadlineMs: 1 }));
    };
    expect(mixed).toBeTypeOf('function');
  });
});
