import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { cli, CLI, documentOf } from '../client/cli.js';
import { TestBrowser, type SimulatedPeople } from '../gateway/stage.js';
import { spawnNode, type SpawnedNode } from '../harness.js';
import { leftOf, startedBy, type Process } from './processes.js';

let folder: string;
let up: SpawnedNode;
let family: Process[];
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'temporal-miro-up-'));
  up = await start();
}, 90_000);
afterAll(async () => {
  await up.kill('SIGTERM');
  await rm(folder, { recursive: true, force: true });
});

async function start(): Promise<SpawnedNode> {
  const started = await spawnNode(CLI, ['up', '--simulator', '--dir', folder, '--json']);
  await started.waitFor(/"ready":true/, 80_000);
  family = await startedBy(started.pid);
  return started;
}

const stateFile = (name: string) => join(folder, '.temporal-miro', name);

it('other commands in its folder need no environment', async () => {
  const made = await cli(
    [
      'provision',
      '--key',
      'up:1',
      '--name',
      'Up',
      '--blueprint',
      'stakeholder-map',
      '--placeholder',
      'project.name=A',
      '--yes',
      '--json',
    ],
    { cwd: folder },
  );
  expect(made.code).toBe(0);
  const { runs } = documentOf(await cli(['runs', 'list', '--json'], { cwd: folder })) as { runs: object[] };
  expect(runs).toEqual([expect.objectContaining({ state: 'done', url: documentOf(made)['url'] })]);
});

it('a person links an account in a browser, through its gateway', async () => {
  const ready = JSON.parse(await up.waitFor(/"ready":true/)) as { gateway: string; simulator: string };
  const sim = async <T>(path: string) => (await (await fetch(`${ready.simulator}/_sim/${path}`)).json()) as T;
  const { teams } = await sim<SimulatedPeople>('state');
  const miro = { sim, simulator: { url: ready.simulator, teamId: teams[0]?.id ?? '' } };
  const link = await spawnNode(CLI, ['connections', 'link', 'colleague', '--no-open', '--dir', folder]);
  const url = (await link.waitFor(/\/link\//)).trim();
  expect(url).toContain(`${ready.gateway}/link/`);
  expect(await new TestBrowser().link(miro, url)).toMatchObject({ status: 200 });
  expect(await link.exited).toEqual({ code: 0, signal: null });
  expect(link.lines().join('\n')).toMatch(/Linked as "colleague" of tenant "default":\n {2}user {4}\d+/);
});

it('its commands may use trackers on this machine, as its worker may', async () => {
  expect(await readFile(stateFile('running.env'), 'utf8')).toContain('TEMPORAL_MIRO_WEBHOOK_PRIVATE=true');
});

it('its keys are for their owner only', async () => {
  for (const name of ['keys.env', 'running.env']) expect((await stat(stateFile(name))).mode & 0o777).toBe(0o600);
});

it('a second one in the same folder is refused', async () => {
  const second = await cli(['up', '--simulator', '--dir', folder]);
  expect(second.code).toBe(2);
  expect(second.stderr).toContain(`temporal-miro up runs in this folder already (process ${up.pid})`);
});

it('Ctrl-C stops everything; the next one finds the keys and the runs again', { timeout: 120_000 }, async () => {
  const keys = await readFile(stateFile('keys.env'), 'utf8');
  expect(await up.kill('SIGINT')).toEqual({ code: 0, signal: null });
  await expect.poll(() => leftOf(family, folder), { timeout: 5_000 }).toEqual([]);
  await expect(stat(stateFile('running.env'))).rejects.toThrow(/ENOENT/);

  up = await start();
  expect(await readFile(stateFile('keys.env'), 'utf8')).toBe(keys);
  expect(documentOf(await cli(['runs', 'show', 'up:1', '--json'], { cwd: folder }))).toMatchObject({ state: 'done' });
});
