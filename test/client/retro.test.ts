/** The command `retro` against a worker, Temporal, PostgreSQL and the simulator. */
import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'csv-parse/sync';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { verdictOn } from '../../client/commands/exit-codes.js';
import type { RetroPlanFile } from '../../jobs/retro-to-tickets/plan-file.js';
import { addTracker } from '../../store/trackers.js';
import { spawnNode } from '../harness.js';
import { addSticky, boardOf, newBoard, ticketTitles } from '../retro-jobs/boards.js';
import { startStack, type Stack } from '../stack.js';
import { documentOf, type CliResult } from './cli.js';
import { runInProcess } from './in-process.js';

let stack: Stack;
let folder: string;
let env: Record<string, string>;
beforeAll(async () => {
  stack = await startStack({ simulator: { windowMs: 1_000 } });
  folder = await mkdtemp(join(tmpdir(), 'temporal-miro-retro-'));
  env = {
    DATABASE_URL: stack.databaseUrl,
    TEMPORAL_ADDRESS: stack.address,
    TEMPORAL_MIRO_ID_KEY: Buffer.from(stack.idKey).toString('base64'),
    TEMPORAL_MIRO_CODEC_KEYS: stack.codecKeys,
    TEMPORAL_MIRO_TASK_QUEUE: stack.taskQueue,
  };
  await stack.work();
}, 120_000);
afterAll(async () => {
  await rm(folder, { recursive: true });
  await stack.close();
});

const retro = (...args: string[]): Promise<CliResult> => runInProcess(['retro', ...args, '--dir', folder], env);
const json = async (...args: string[]) => {
  const result = await retro(...args, '--json');
  return { code: result.code, ...documentOf(result) };
};
const file = (name: string): string => join(folder, name);
async function planFile(name: string, board: string, edit: (plan: RetroPlanFile) => void = () => undefined) {
  expect((await retro(board, '--plan', '--out', file(name))).code).toBe(0);
  const plan = JSON.parse(await readFile(file(name), 'utf8')) as RetroPlanFile;
  edit(plan);
  await writeFile(file(name), JSON.stringify(plan));
}

describe('retro', () => {
  it('plans without a write, runs, finds nothing new, and is taken back', { timeout: 60_000 }, async () => {
    const board = await newBoard(stack, ['Tidy the wiki 👍👍', '会議が多い', '???']);
    const before = await boardOf(stack, board);
    const shown = await retro(board, '--plan');
    expect(shown.code).toBe(0);
    const lines = shown.stdout.split('\n').filter((line) => /^(?:item|\d{10,}) /.test(line));
    expect(lines[0]).toMatch(/^item +title +kind +(?:column +)?votes +why$/);
    expect(lines.slice(1)).toEqual([
      expect.stringMatching(/ new ticket +Tidy the wiki 👍👍 +task .* 2 +it lies/),
      expect.stringMatching(/ new ticket +会議が多い +task /),
      expect.stringMatching(/ none +\?\?\? +empty: it has no words$/),
    ]);
    expect(shown.stdout).toMatch(/^Plan: 2 new, 1 dropped\..* credits/m);
    expect(await json(board, '--plan')).toMatchObject({ code: 0, plan: { counts: { create: 2 } }, rows: [{}, {}, {}] });
    expect(await boardOf(stack, board)).toEqual(before);

    const ran = await retro(board, '--yes');
    expect([ran.code, ran.stdout]).toEqual([
      0,
      expect.stringMatching(/^Plan +2 new, 1 dropped\nEnded +done\nOutcome +\d made/m),
    ]);
    const again = await json(board, '--yes', '--link-back', 'none');
    expect(again).toMatchObject({ code: 0, result: { counts: { made: 0, existing: 2 } } });
    const { workflowId } = again as unknown as { workflowId: string };
    const run = await runInProcess(['runs', 'show', workflowId, '--dir', folder], env);
    expect(run.stdout).toMatch(/^ticket \d+ +ticket +existing +\S+ +T-\d+$/m);
    const undone = await json('undo', board, '--yes');
    expect(undone).toMatchObject({ code: 0, result: { ending: 'done', problems: [] } });
    expect(await ticketTitles(stack)).not.toContain('会議が多い');
    expect((await boardOf(stack, board)).items).toHaveLength(before.items.length);
  });

  it('says which service a plan waits for, and tells it meanwhile', { timeout: 30_000 }, async () => {
    const { tenantId, db, vault } = stack;
    const config = { url: 'http://127.0.0.1:9/tickets', supports: [] };
    const secret = `whsec_${randomBytes(24).toString('base64')}`;
    await addTracker(db, vault, { tenantId, name: 'down', kind: 'webhook', config, secret });
    const board = await newBoard(stack, ['Only this']);
    const told: string[] = [];
    const patience = { waitMs: 5_000, onWaiting: (why: string) => void told.push(why) };
    const error: unknown = await stack.miro.planRetro({ board, tracker: 'down' }, patience).catch((e: unknown) => e);
    expect(error).toMatchObject({
      type: 'Tracker.unavailable',
      message: expect.stringMatching(/no plan yet: .*ECONNREFUSED/) as string,
    });
    expect(verdictOn(error).exitCode).toBe(5);
    expect(told).toEqual([expect.stringMatching(/^Tracker\.unavailable: .*ECONNREFUSED/)]);
  });

  it('exports records as JSON, CSV and a document', { timeout: 30_000 }, async () => {
    const board = await newBoard(stack, ['=SUM(A1)', 'Thank | Ben']);
    const exported = async (format: string) => (await retro(board, '--export', format)).stdout;
    expect(JSON.parse(await exported('json'))).toMatchObject([{ title: '=SUM(A1)' }, { title: 'Thank | Ben' }]);
    expect(parse(await exported('csv'), { columns: true })).toMatchObject([
      { title: "'=SUM(A1)" },
      { title: 'Thank | Ben' },
    ]);
    const out = file('retro.md');
    expect(await json(board, '--export', 'md', '--out', out)).toMatchObject({ code: 0, rows: 2 });
    expect(await readFile(out, 'utf8')).toMatch(/^# \[Retro\].*\n[\s\S]*- \[Thank \\\| Ben\]\(\S+\)/);
  });

  it('says in one sentence what is wrong, before anything is written', { timeout: 30_000 }, async () => {
    const board = await newBoard(stack, ['Only this']);
    await writeFile(file('votes.csv'), 'text,votes\nOnly this,many\n');
    await writeFile(file('heads.csv'), 'a,b\n1,2\n');
    await writeFile(file('mapping.yaml'), 'version: 1\ntitle: "{{colum}}"\n');
    const before = await boardOf(stack, board);
    const wrong: [string[], number, RegExp][] = [
      [[], 2, /which board\?/],
      [[board], 2, /give --yes, or --plan-hash/],
      [['no board', '--plan'], 2, /no board id/],
      [['uXjVNoSuch0=', '--yes'], 2, /cannot read it \(404\); share it/],
      [[board, '--frame', 'Nowhere', '--yes'], 2, /has no frame "Nowhere"/],
      [[board, '--tracker', 'nosuch', '--plan'], 4, /no tracker "nosuch".*trackers add nosuch/],
      [[board, '--mapping', file('mapping.yaml'), '--plan'], 2, /mapping\.title .*did you mean column\?/],
      [[board, '--votes', file('votes.csv'), '--plan'], 2, /line 2: votes is "many"; write a whole number/],
      [[board, '--votes', file('heads.csv'), '--plan'], 2, /needs a heading line/],
      [[board, '--votes', file('none.csv'), '--plan'], 2, /can't be read/],
      [[board, '--plan', '--export', 'md'], 2, /exclude each other/],
      [[board, '--out', 'x', '--yes'], 2, /--out goes with/],
      [[board, '--accept-changes', '--yes'], 2, /goes with --apply/],
      [[board, '--apply', 'plan.json'], 2, /give it alone/],
      [['undo', board], 2, /give --yes/],
      [['undo', board, '--tracker', 'nosuch', '--yes'], 4, /no run has made tickets/],
    ];
    for (const [args, code, says] of wrong) {
      const result = await retro(...args);
      expect([args, result.code]).toEqual([args, code]);
      expect(result.stderr + result.stdout).toMatch(says);
    }
    expect(await boardOf(stack, board)).toEqual(before);
  });

  it('--no-wait and a run that waits for people end with 3', { timeout: 30_000 }, async () => {
    const board = await newBoard(stack, ['Ask first']);
    const waits = await retro(board, '--approval', '--yes');
    expect([waits.code, waits.stderr]).toEqual([3, expect.stringMatching(/waits \(approval\): .*approvals show/)]);
    const listed = await runInProcess(['runs', 'list', '--dir', folder], env);
    expect(listed.stdout).toMatch(/^started \(UTC\) +state +waits for +.*\n.* running +approval +retroToTickets:/);
    const other = await retro(board, '--yes', '--no-wait');
    expect([other.code, other.stderr]).toEqual([
      3,
      expect.stringMatching(/still_running: a run with another input works/),
    ]);
    await stack.miro.job({ board }).cancel();
  });
});

describe('retro --apply', () => {
  it('does what the edited plan says', { timeout: 30_000 }, async () => {
    const board = await newBoard(stack, ['Water the plants', 'Paint the walls']);
    await planFile('edited.json', board, ({ rows }) => {
      rows.splice(1, 1);
      Object.assign(rows[0] ?? {}, { title: 'Water all plants' });
    });
    expect(await json('--apply', file('edited.json'))).toMatchObject({
      code: 0,
      result: { plan: { counts: { create: 1, dropped: 1 } } },
    });
    const titles = await ticketTitles(stack);
    expect(titles).toContain('Water all plants');
    expect(titles).not.toContain('Paint the walls');
  });

  it('says what has changed on the board and refuses, unless that is accepted', { timeout: 30_000 }, async () => {
    const board = await newBoard(stack, ['Sort the mail']);
    await planFile('old.json', board);
    await addSticky(stack, board, 'Came later', 7);
    const refused = await retro('--apply', file('old.json'));
    expect([refused.code, refused.stderr]).toEqual([
      1,
      expect.stringMatching(
        /board has changed since the plan was made: item \d+ \("Came later"\) is new; .*--accept-changes/,
      ),
    ]);
    const accepted = await retro('--apply', file('old.json'), '--accept-changes');
    expect([accepted.code, accepted.stderr]).toEqual([0, expect.stringMatching(/Changed since: .*is new/)]);
    const titles = await ticketTitles(stack);
    expect(titles).toContain('Sort the mail');
    expect(titles).not.toContain('Came later');
  });

  it('refuses rows of items that the plan did not have, and files that are no plan', { timeout: 30_000 }, async () => {
    const board = await newBoard(stack, ['Keep calm']);
    await planFile('foreign.json', board, ({ rows }) => Object.assign(rows[0] ?? {}, { itemId: '123' }));
    const foreign = await retro('--apply', file('foreign.json'));
    expect([foreign.code, foreign.stderr]).toEqual([
      2,
      expect.stringMatching(/rows\[0\]\.itemId is no item of this plan/),
    ]);
    await writeFile(file('other.json'), '{"version":1}');
    expect((await retro('--apply', file('other.json'))).code).toBe(2);
    expect((await retro('--apply', file('absent.json'))).code).toBe(2);
  });
});

it('README example: the library plans, and runs what it has planned', { timeout: 30_000 }, async () => {
  const root = new URL('../../', import.meta.url);
  const page = await readFile(new URL('docs/retro.md', root), 'utf8');
  const [, example = ''] = /^```ts\n([\s\S]*?)^```$/m.exec(page) ?? [];
  const code = example
    .replace("'temporal-miro'", `'${new URL('client/index.ts', root).href}'`)
    .replace('createTemporalMiro({', `createTemporalMiro({ taskQueue: '${stack.taskQueue}',`);
  const place = await mkdtemp(fileURLToPath(new URL('test/client/example-', root)));
  try {
    await writeFile(join(place, 'example.ts'), code);
    const BOARD = await newBoard(stack, ['From a program']);
    const example = await spawnNode(join(place, 'example.ts'), [], { ...env, BOARD });
    expect(await example.exited).toEqual({ code: 0, signal: null });
    expect(example.lines()[0]).toMatch(/^create From a program /);
    expect(example.lines().join('\n')).toMatch(/^done \{/m);
  } finally {
    await rm(place, { recursive: true });
  }
});
