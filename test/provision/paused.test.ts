/** Jobs that may not write, or whose Miro does not answer: they wait, say why, and go on where they stood. */
import { createServer } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JobHandle, JobProgress } from '../../client/index.js';
import { findOutage } from '../../store/origins.js';
import { pause, resume } from '../../store/pauses.js';
import { retro, startStack, type Stack } from '../stack.js';
import { ask, boardsNamed, finished, pictureOf, theBoard } from './boards.js';
import { until } from './until.js';

const WORKERS = 2;

let stack: Stack;
let picture: object;
beforeAll(async () => {
  stack = await startStack();
  await Promise.all([stack.work(), stack.spawnWorker()]);
  await finished(stack, named('Undisturbed'));
  picture = await pictureNamed('Undisturbed');
}, 120_000);
afterAll(() => stack.close());

const named = (name: string, more: Parameters<typeof retro>[1] = {}) => retro(name, { name, ...more });
/** What is on the board of that name, and how it is shared. */
const pictureNamed = async (name: string) => ({ ...pictureOf(await theBoard(stack, name)), name: '', description: '' });
/** Miro makes no connectors: jobs get that far and no farther. */
const stuckAtConnectors = () =>
  stack.sim('faults', [{ match: { method: 'POST', path: '/v2/boards/*/connectors' }, fault: '5xx-before' }], 'PUT');
const isStuck = (handle: JobHandle) =>
  until(async () =>
    (await handle.status()).pending.some(
      ({ step, lastFailure }) => step === 'ensureConnectors' && lastFailure !== undefined,
    ),
  );
const writes = async () => {
  const requests = (await stack.sim('requests')) as { method: string }[];
  return requests.filter(({ method }) => method !== 'GET').length;
};
/** A step that was refused by Miro just before says so until its next attempt. */
const waitingFor = (handle: JobHandle, reason: string, words: string): Promise<JobProgress> =>
  until(async () => {
    const now = await handle.status();
    return now.waiting?.for === reason && now.waiting.detail.includes(words) && now;
  }, 60_000);
const attemptOf = ({ pending }: JobProgress): number => pending[0]?.attempt ?? 0;

describe('a pause', { timeout: 120_000 }, () => {
  const scope = () => ({ tenantId: stack.tenantId, connectionName: 'default' });

  it('stops a running job before its next write; after the resume it makes the rest, once', async () => {
    await stuckAtConnectors();
    const { handle } = await ask(stack, named('Paused'));
    await isStuck(handle);
    await pause(stack.db, { ...scope(), reason: 'a migration at Miro' });
    const paused = await waitingFor(handle, 'paused', 'resume with');
    await stack.sim('faults', [], 'PUT');
    const before = await writes();
    expect(paused.state).toBe('running');
    expect(paused.waiting?.detail).toContain('a migration at Miro');
    expect(paused.waiting?.detail).toContain('temporal-miro resume --tenant default --connection default');
    await until(async () => attemptOf(await handle.status()) > attemptOf(paused) + 10);
    expect(await writes()).toBe(before);
    expect(await pictureNamed('Paused')).not.toEqual(picture);

    await resume(stack.db, scope());
    expect(await handle.result()).toMatchObject({ ending: 'done', counts: { made: 12, failed: 0 } });
    expect(await pictureNamed('Paused')).toEqual(picture);
  });

  it('holds a job that is opened meanwhile before its first write', async () => {
    await pause(stack.db, { jobKind: 'provisionBoard' });
    const { state, handle } = await stack.miro.provisionBoard(named('Late'), { waitMs: 1_000 });
    expect(state).toBe('queued');
    expect(await waitingFor(handle, 'paused', 'resume with')).toMatchObject({ phase: 'board' });
    expect(await boardsNamed(stack, 'Late')).toEqual([]);
    await resume(stack.db, { jobKind: 'provisionBoard' });
    expect(await handle.result()).toMatchObject({ ending: 'done' });
    expect(await pictureNamed('Late')).toEqual(picture);
  });

  it('lets a job be cancelled', async () => {
    await pause(stack.db, {});
    const { handle } = await stack.miro.provisionBoard(named('Unwanted'), { waitMs: 1_000 });
    await waitingFor(handle, 'paused', 'resume with');
    await handle.cancel();
    expect(await handle.result()).toMatchObject({ ending: 'cancelled' });
    await resume(stack.db, {});
    expect(await boardsNamed(stack, 'Unwanted')).toEqual([]);
  });
});

describe('a Miro that is down', { timeout: 180_000 }, () => {
  const names = ['Down 1', 'Down 2', 'Down 3', 'Down 4', 'Down 5', 'Down 6'];
  const PROBE = 'GET /v1/oauth-token';

  /** Several jobs in the middle of their work. */
  async function underWay(prefix: string): Promise<JobHandle[]> {
    await stuckAtConnectors();
    const answers = await Promise.all(names.map((name) => ask(stack, named(`${prefix} ${name}`))));
    const handles = answers.map(({ handle }) => handle);
    await Promise.all(handles.map(isStuck));
    return handles;
  }
  async function allDone(prefix: string, handles: JobHandle[]): Promise<void> {
    for (const handle of handles) expect(await handle.result()).toMatchObject({ ending: 'done', counts: { made: 12 } });
    for (const name of names) expect(await pictureNamed(`${prefix} ${name}`)).toEqual(picture);
    expect(await findOutage(stack.db, stack.simulator.url)).toBeUndefined();
  }

  it('is asked by one probe at a time for all jobs while it is gone, and they go on when it is back', async () => {
    const handles = await underWay('Gone');
    await stack.simulator.close();
    const waiting = await Promise.all(
      handles.map((handle) => waitingFor(handle, 'miro_down', 'has not answered since')),
    );
    expect(waiting[0]).toMatchObject({ state: 'running', waiting: { until: expect.any(String) as string } });

    const busy = await startBusySite(Number(new URL(stack.simulator.url).port));
    await until(async () => Promise.resolve(busy.requests.length >= 2));
    expect(new Set(busy.requests)).toEqual(new Set([PROBE]));
    await busy.close();
    await stack.reopen();
    await stack.sim('faults', [], 'PUT');
    await allDone('Gone', handles);
  });

  it('is asked no more by each job on its own while it answers 503', async () => {
    const handles = await underWay('Busy');
    await stack.sim('faults', [{ match: {}, fault: '5xx-before', status: 503 }], 'PUT');
    const begun = ((await stack.sim('requests')) as object[]).length;
    await Promise.all(handles.map((handle) => waitingFor(handle, 'miro_down', 'has not answered since')));
    const probes = async () => {
      const requests = (await stack.sim('requests')) as { method: string; path: string; actor: string | null }[];
      return requests.slice(begun).filter(({ actor }) => actor === null).length;
    };
    await until(async () => (await probes()) >= 2);
    const [all, probed] = [((await stack.sim('requests')) as object[]).length - begun, await probes()];
    // five failures in a row of each worker shut the gate, beside what was on its way then
    expect(all - probed).toBeLessThanOrEqual(WORKERS * 5 + names.length * 6);
    const before = all;
    await until(async () => (await probes()) > probed);
    const after = ((await stack.sim('requests')) as object[]).length - begun;
    expect(after - before).toBe((await probes()) - probed);

    await stack.sim('faults', [], 'PUT');
    await allDone('Busy', handles);
  });
});

/** At the simulator's address, so that what comes meanwhile can be counted; answers 503. */
async function startBusySite(port: number): Promise<{ requests: string[]; close: () => Promise<void> }> {
  const requests: string[] = [];
  const server = createServer((request, response) => {
    requests.push(`${request.method} ${request.url}`);
    response.writeHead(503, { connection: 'close' }).end();
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return { requests, close };
}
