import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { BoardUrl, ProvisionRequest } from '../../client/index.js';
import { ensureConnection } from '../../store/connections.js';
import { ensureTenant } from '../../store/tenants.js';
import { spawnNode, type SpawnedNode } from '../harness.js';
import { retro, startStack, type Stack } from '../stack.js';
import { ask, boardsNamed, pictureOf } from './boards.js';

const PROCESSES = 5;
const CALLS = 10;

let stack: Stack;
let callers: { process: SpawnedNode; url: string }[];
beforeAll(async () => {
  stack = await startStack();
  await stack.work();
  callers = await Promise.all(Array.from({ length: PROCESSES }, startCaller));
}, 120_000);
afterAll(async () => {
  await Promise.all(callers.map(({ process }) => process.kill()));
  await stack.close();
});

async function startCaller() {
  const file = fileURLToPath(new URL('caller.ts', import.meta.url));
  const args = [Buffer.from(stack.idKey).toString('hex'), stack.codecKeys, stack.taskQueue];
  const process = await spawnNode(file, args, { TEMPORAL_ADDRESS: stack.address });
  const line = await process.waitFor(/^port \d+$/, 90_000);
  return { process, url: `http://127.0.0.1:${line.slice('port '.length)}` };
}

/** Fifty calls at once. @returns the distinct answers. */
async function callAll(request: ProvisionRequest): Promise<(BoardUrl & { state: string })[]> {
  const answered = await Promise.all(
    callers.map(async ({ url }) => {
      const response = await fetch(url, { method: 'POST', body: JSON.stringify({ request, calls: CALLS }) });
      if (!response.ok) throw new Error(await response.text());
      return (await response.json()) as (BoardUrl & { state: string })[];
    }),
  );
  const answers = answered.flat();
  expect(answers).toHaveLength(PROCESSES * CALLS);
  return [...new Map(answers.map((answer) => [JSON.stringify(answer), answer])).values()];
}

const boards = () => boardsNamed(stack, 'Shared');
const request = retro('shared', { name: 'Shared' });

describe('fifty calls with one key from five processes', { timeout: 120_000 }, () => {
  it('make one board and give one answer', async () => {
    const answers = await callAll(request);
    const [board, ...more] = await boards();
    expect(more).toEqual([]);
    expect(answers).toEqual([expect.objectContaining({ state: 'ready', boardId: board?.id, outcome: 'made' })]);
    expect((await stack.miro.job({ key: 'shared' }).result()).ending).toBe('done');
  });

  it('give that board again after the run has closed', async () => {
    const before = await boards();
    const answers = await callAll(request);
    expect(new Set(answers.map(({ boardId }) => boardId))).toEqual(new Set([before[0]?.id]));
    await stack.miro.job({ key: 'shared' }).result();
    expect(await boards()).toEqual(before);
  });

  it('tell the differences of another input', async () => {
    const before = await boards();
    const answers = await callAll({ ...request, description: 'Another' });
    expect(answers.map(({ differences }) => differences.map(({ field }) => field))).toEqual([['description']]);
    await stack.miro.job({ key: 'shared' }).result();
    expect(await boards()).toEqual(before);
  });

  it('find the same board after the store was lost', async () => {
    await stack.miro.job({ key: 'shared' }).result();
    const before = (await boards()).map(pictureOf);
    await emptyStore();
    const unwanted = ask(stack, { ...request, collision: 'fail' });
    await expect(unwanted).rejects.toMatchObject({ type: 'Job.collision' }); // found by its marker
    const answers = await callAll(request);
    expect(new Set(answers.map(({ boardId }) => boardId)).size).toBe(1);
    expect(answers[0]).toMatchObject({ state: 'ready', outcome: 'existing' });
    expect(await stack.miro.job({ key: 'shared' }).result()).toMatchObject({ ending: 'done', counts: { failed: 0 } });
    expect((await boards()).map(pictureOf)).toEqual(before);
  });

  it('say that the board was deleted, and open one new episode where that is asked for', async () => {
    const [board] = await boards();
    await stack.sim('act', { do: 'delete-board', boardId: board?.id });
    const told = await callAll(request);
    expect(new Set(told.map(({ state }) => state))).toEqual(new Set(['deleted']));
    await stack.miro.job({ key: 'shared' }).result();
    const answers = await callAll({ ...request, again: { after: 1 } });
    const [second, ...more] = await boards();
    expect(more).toEqual([]);
    expect(new Set(answers.map(({ boardId }) => boardId))).toEqual(new Set([second?.id]));
    expect(second?.id).not.toBe(board?.id);
  });
});

/** A new database with the same installation key and the same Miro account. */
async function emptyStore(): Promise<void> {
  const tables = await stack.db.query<{ name: string }>(
    `select format('%I.%I', schemaname, tablename) as name from pg_tables where schemaname = 'miro' and tablename not like '%migrations%'`,
  );
  await stack.db.query(`truncate ${tables.map(({ name }) => name).join(', ')} cascade`, []);
  const { tenantId } = await ensureTenant(stack.db, 'default');
  const rest = { accessToken: stack.simulator.accessToken };
  await ensureConnection(stack.db, stack.vault, { tenantId, name: 'default', rest });
}
