/** The package as others install it: built once, then used from a folder that holds nothing but what npm would put there. */
import { cpSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode } from '@temporalio/worker';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { spawnNode } from '../harness.js';

interface Manifest {
  exports: Record<string, string | { types: string; default: string }>;
  dependencies: Record<string, string>;
  devDependencies: Record<string, string>;
  peerDependencies: Record<string, string>;
  peerDependenciesMeta: Record<string, { optional: boolean }>;
}

const root = fileURLToPath(new URL('../..', import.meta.url));
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Manifest;
const doors = Object.entries(manifest.exports).filter(([door]) => door !== './package.json');
const requiredPeers = Object.keys(manifest.peerDependencies).filter((name) => !manifest.peerDependenciesMeta[name]);

let host: string;
beforeAll(async () => {
  host = await mkdtemp(join(tmpdir(), 'temporal-miro-host-'));
  const build = await spawnNode(join(root, 'client/setup.mjs'), ['client/build.ts']);
  expect(await build.exited, build.lines().join('\n')).toEqual({ code: 0, signal: null });
  const modules = join(host, 'node_modules');
  cpSync(join(root, 'dist'), join(modules, 'temporal-miro/dist'), { recursive: true });
  cpSync(join(root, 'package.json'), join(modules, 'temporal-miro/package.json'));
  for (const name of [...Object.keys(manifest.dependencies), ...requiredPeers]) {
    mkdirSync(dirname(join(modules, name)), { recursive: true });
    symlinkSync(join(root, 'node_modules', name), join(modules, name), 'junction');
  }
}, 240_000);
afterAll(() => rm(host, { recursive: true, force: true }));

it('has the code and the types that each of its doors names', () => {
  expect(doors.map(([door]) => door)).toEqual(['.', './worker', './activities', './workflows', './miro']);
  for (const [door, files] of doors)
    for (const file of Object.values(files)) expect(existsSync(join(root, file)), `${door}: ${file}`).toBe(true);
});

it('pins the peers of a clone to one version of the SDK', () => {
  for (const [name, range] of Object.entries(manifest.peerDependencies)) {
    const pinned = manifest.devDependencies[name] ?? '';
    expect(range.replace('~', ''), name).toBe(pinned);
  }
});

it('is usable for a client that has none of the optional parts', async () => {
  const script = join(host, 'node_modules/temporal-miro/try.mjs');
  cpSync(fileURLToPath(new URL('programs/open-door.mjs', import.meta.url)), script);
  const child = await spawnNode(script, ['temporal-miro']);
  expect(await child.waitFor(/^exports/)).toMatch(/createTemporalMiro/);
});

it('answers as a command that has none of the optional parts', async () => {
  const child = await spawnNode(join(host, 'node_modules/temporal-miro/dist/client/cli.js'), ['--help']);
  expect(await child.exited).toEqual({ code: 0, signal: null });
  expect(child.lines().join('\n')).toContain('provision');
});

it.each(['worker', 'activities', 'miro'])('opens the door ./%s in a full installation', async (door) => {
  // A package may import itself by name, which goes through its own list of doors.
  const script = fileURLToPath(new URL('programs/open-door.mjs', import.meta.url));
  const child = await spawnNode(script, [`temporal-miro/${door}`]);
  await child.waitFor(/^exports \w/);
});

it('lets the workflows of a host take in ours', async () => {
  const workflowsPath = join(host, 'workflows.js');
  writeFileSync(workflowsPath, `export { provisionBoard } from 'temporal-miro/workflows';`);
  const { code } = await bundleWorkflowCode({ workflowsPath });
  expect(code).toContain('provisionBoard');
});
