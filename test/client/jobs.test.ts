/** The commands about jobs, against a worker process, Temporal, PostgreSQL and the simulator. */
import { randomBytes, randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newVaultKeys } from '../../store/vault.js';
import { createSimulator, type RunningSimulator } from '../../simulator/app.js';
import { createTestDatabase, spawnNode, temporalAddress, type SpawnedNode, type TestDatabase } from '../harness.js';
import { cli, CLI, documentOf } from './cli.js';

const WORKER = fileURLToPath(new URL('../../workers/main.ts', import.meta.url));

let simulator: RunningSimulator;
let database: TestDatabase;
let worker: SpawnedNode;
let env: Record<string, string>;

beforeAll(async () => {
  simulator = await createSimulator({ seed: 3 }).start();
  database = await createTestDatabase();
  env = {
    DATABASE_URL: database.url,
    TEMPORAL_ADDRESS: await temporalAddress(),
    TEMPORAL_MIRO_TASK_QUEUE: `cli-${randomUUID()}`,
    TEMPORAL_MIRO_ID_KEY: randomBytes(32).toString('base64'),
    TEMPORAL_MIRO_VAULT_KEYS: newVaultKeys(),
    TEMPORAL_MIRO_CODEC_KEYS: newVaultKeys(),
    TEMPORAL_MIRO_TIME_SCALE: '0.1',
    MIRO_API_URL: simulator.url,
    MIRO_ACCESS_TOKEN: simulator.accessToken,
  };
  worker = await spawnNode(WORKER, [], env);
  await worker.waitFor(/"ready"/);
});
afterAll(async () => {
  await worker.kill('SIGKILL');
  await database.drop();
  await simulator.close();
});

const boardsMade = async (): Promise<number> => {
  const requests = (await (await fetch(`${simulator.url}/_sim/requests`)).json()) as { method: string; path: string }[];
  return requests.filter(({ method, path }) => method === 'POST' && path === '/v2/boards').length;
};
const setFaults = (rules: object[]) =>
  fetch(`${simulator.url}/_sim/faults`, { method: 'PUT', body: JSON.stringify(rules) });

const request = (key: string) => [
  ...['provision', '--key', key, '--name', 'Retro {{team.name}}', '--blueprint', 'stakeholder-map', '--json'],
  ...['--placeholder', 'team.name=Falcons', '--placeholder', 'project.name=Apollo', '--placeholder', 'sprint.name=12'],
];

it('a worker says in one JSON line that it polls', () => {
  const [line] = worker.lines();
  expect(JSON.parse(line ?? '')).toEqual({ ready: true, taskQueue: env['TEMPORAL_MIRO_TASK_QUEUE'] });
});

describe('provision', () => {
  it('--plan tells what would be made, and makes nothing', async () => {
    const result = await cli([...request('plan:1'), '--plan'], { env });
    expect(result.code).toBe(0);
    expect(documentOf(result)).toMatchObject({ board: { name: 'Retro Falcons', outcome: 'make' }, missing: [] });
    expect(await boardsMade()).toBe(0);
  });

  it('runs exactly the plan whose hash is given, waits for everything, and gives the same board when asked again', async () => {
    const plan = documentOf(await cli([...request('project:1'), '--plan'], { env }));
    const first = await cli([...request('project:1'), '--plan-hash', String(plan['hash'])], { env });
    expect(first.code).toBe(0);
    expect(documentOf(first)).toMatchObject({
      state: 'ready',
      outcome: 'made',
      episode: 1,
      result: { ending: 'done', problems: [] },
    });

    const again = await cli([...request('project:1'), '--yes', '--no-wait'], { env });
    expect(again.code).toBe(3);
    expect(documentOf(again)).toMatchObject({ outcome: 'existing', url: documentOf(first)['url'] });
    expect(await boardsMade()).toBe(1);
  });

  it('with the hash of another plan ends with 1 before anything is written', async () => {
    const before = await boardsMade();
    const result = await cli([...request('project:2'), '--plan-hash', 'f'.repeat(64)], { env });
    expect(result.code).toBe(1);
    expect(documentOf(result)).toHaveProperty('error.type');
    expect(await boardsMade()).toBe(before);
  });

  it('for a connection that is not there ends with 4', async () => {
    const result = await cli([...request('project:3'), '--yes', '--connection', 'elsewhere'], { env });
    expect(result.stderr).toMatch(/names no connection .*"elsewhere"/);
    expect(result.code).toBe(4);
  });

  it('without a worker ends with 3 and says how to start one', async () => {
    const alone = { ...env, TEMPORAL_MIRO_TASK_QUEUE: `nobody-${randomUUID()}` };
    const result = await cli([...request('project:4'), '--yes', '--wait-ms', '1500'], { env: alone });
    expect(result.code).toBe(3);
    expect(documentOf(result)).toMatchObject({ state: 'no_worker', accepted: true });
    expect(result.stderr).toMatch(/temporal-miro worker/);
  });
});

describe('runs', () => {
  it('list and show tell of a run that has ended, by key, by workflow id and by run id', async () => {
    await cli([...request('listed:1'), '--yes'], { env });
    const shown = documentOf(await cli(['runs', 'show', 'listed:1', '--json'], { env }));
    expect(shown).toMatchObject({ state: 'done', episode: 1, tenant: 'default' });
    expect(shown['items']).toContainEqual(expect.objectContaining({ subject: 'board', outcome: 'made' }));

    const { runs } = documentOf(await cli(['runs', 'list', '--json', '--state', 'done'], { env })) as {
      runs: Record<string, string>[];
    };
    expect(runs).toContainEqual(
      expect.objectContaining({ workflowId: shown['workflowId'], runId: shown['runId'], state: 'done' }),
    );
    for (const id of [shown['workflowId'], shown['runId']]) {
      expect(documentOf(await cli(['runs', 'show', String(id), '--json'], { env }))).toMatchObject({
        runId: shown['runId'],
      });
    }
  });

  it('show tells why a run failed, whether the store has heard of it or not', async () => {
    await cli([...request('failed:1'), '--yes', '--connection', 'elsewhere'], { env });
    const early = documentOf(await cli(['runs', 'show', 'failed:1', '--json'], { env }));
    expect(early).toMatchObject({ state: 'failed', error: { type: 'Connection.unknown' } });
    expect(early).not.toHaveProperty('jobId');
    await cli([...request('failed:2'), '--yes', '--team', '999'], { env });
    const late = documentOf(await cli(['runs', 'show', 'failed:2', '--json'], { env }));
    expect(late).toMatchObject({ state: 'failed', jobId: expect.any(String) as string });
    const { type, message } = late['error'] as { type: string; message: string };
    const { stdout } = await cli(['runs', 'show', 'failed:2'], { env });
    expect(stdout).toContain(`\nReason   ${type}: ${message}\n`);
    expect(message).toMatch(/; /); // what to do
  });

  it.each(['show', 'watch', 'cancel'])('%s ends with 4 for a run that nobody knows', async (command) => {
    const { code, stderr } = await cli(['runs', command, 'nothing:1'], { env });
    expect(stderr).toMatch(/there is no run "nothing:1"/);
    expect(code).toBe(4);
  });

  it('watch gives one document a line, leaves the job running on Ctrl-C, and cancel stops it and tells what exists', async () => {
    await setFaults([{ match: { method: 'POST', path: '/v2/boards/*/items/bulk' }, fault: '5xx-before' }]);
    const started = documentOf(await cli([...request('stuck:1'), '--yes', '--no-wait'], { env }));

    const watching = await spawnNode(CLI, ['runs', 'watch', 'stuck:1', '--json'], env);
    const line = JSON.parse(await watching.waitFor(/"for":"miro_down"/)) as object;
    expect(line).toMatchObject({ state: 'running', phase: 'content', waiting: { for: 'miro_down' } });
    expect(await watching.kill('SIGINT')).toEqual({ code: 3, signal: null });
    expect(watching.lines().at(-1)).toBe('Not watching any longer; the job goes on.');

    const { runs } = documentOf(await cli(['runs', 'list', '--json', '--state', 'running'], { env })) as {
      runs: object[];
    };
    expect(runs).toContainEqual(expect.objectContaining({ workflowId: started['workflowId'], state: 'running' }));

    const cancelled = await cli(['runs', 'cancel', 'stuck:1', '--json'], { env });
    expect(documentOf(cancelled)).toMatchObject({ result: { ending: 'cancelled', url: started['url'] } });
    expect(cancelled.code).toBe(0);
    expect((await cli(['runs', 'watch', 'stuck:1', '--json'], { env })).code).toBe(1);
    await setFaults([]);
  });
});
