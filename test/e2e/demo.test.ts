import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { cli, CLI, documentOf } from '../client/cli.js';
import { spawnNode } from '../harness.js';
import { leftOf, startedBy } from './processes.js';

/** Under it is everything that a demo writes, its data folders too, so that each of its processes names it. */
let folder: string;
beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), 'temporal-miro-e2e-'))));
afterEach(() => rm(folder, { recursive: true, force: true }));

// The loader of TypeScript files keeps its cache there too.
const filesIn = async (path: string) => (await readdir(path)).filter((name) => !name.startsWith('tsx-'));

it(
  'the demo proves that each thing exists exactly once, draws both boards, and leaves nothing behind',
  { timeout: 150_000 },
  async () => {
    const out = join(folder, 'pictures');
    const result = await cli(['demo', '--json', '--out', out], { env: { TMPDIR: folder }, timeoutMs: 140_000 });
    expect(result.stderr).toMatch(/☠ kill -9/);
    for (const fault of ['although it has done it', 'no answer', '429']) expect(result.stderr).toContain(fault);
    const { proven, boards } = documentOf(result) as {
      proven: boolean;
      boards: { title: string; checks: object[]; picture: string }[];
    };
    expect(boards.flatMap(({ checks }) => checks)).toHaveLength(10);
    expect({ proven, code: result.code }).toEqual({ proven: true, code: 0 });
    for (const { picture } of boards) expect(await readFile(picture, 'utf8')).toMatch(/^<svg/);
    expect(await leftOf([], folder)).toEqual([]);
    expect(await filesIn(folder)).toEqual(['pictures']);
  },
);

it(
  'the demo of a retrospective proves that each item has one ticket and one link, and draws the board before and after',
  { timeout: 120_000 },
  async () => {
    const out = join(folder, 'pictures');
    const result = await cli(['demo', 'retro', '--json', '--out', out], {
      env: { TMPDIR: folder },
      timeoutMs: 110_000,
    });
    for (const said of ['nothing written yet', '☠ kill -9', 'a week later']) expect(result.stderr).toContain(said);
    const { proven, boards } = documentOf(result) as {
      proven: boolean;
      boards: { before: string; picture: string; tickets: { key: string }[] }[];
    };
    expect({ proven, code: result.code }).toEqual({ proven: true, code: 0 });
    const [{ before, picture, tickets } = { before: '', picture: '', tickets: [] }] = boards;
    expect(new Set(tickets.map(({ key }) => key)).size).toBe(60); // 59, and the one of a week later
    for (const path of [before, picture]) expect(await readFile(path, 'utf8')).toMatch(/^<svg/);
    expect(await leftOf([], folder)).toEqual([]);
  },
);

it.each([
  ['SIGINT', 'while it is set up', /Setting up/],
  ['SIGHUP', 'while the worker works', /kick-off │ content/],
  ['SIGTERM', 'while the worker is dead', /☠/],
] as const)('%s %s ends the demo, and every process of it', { timeout: 120_000 }, async (signal, _, moment) => {
  const demo = await spawnNode(CLI, ['demo', '--out', folder], { TMPDIR: folder });
  await demo.waitFor(moment, 90_000);
  const family = await startedBy(demo.pid);
  expect(await demo.kill(signal)).toEqual({ code: 3, signal: null });
  await expect.poll(() => leftOf(family, folder), { timeout: 5_000 }).toEqual([]);
  expect(await filesIn(folder)).toEqual([]);
});
