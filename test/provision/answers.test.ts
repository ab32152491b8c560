import { randomBytes } from 'node:crypto';
import { Client } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTemporalMiro, InvalidInput } from '../../client/index.js';
import { retro, startStack, type Stack } from '../stack.js';
import { ask, boardsNamed, pictureOf, theBoard } from './boards.js';
import { until } from './until.js';

let stack: Stack;
let stop: () => Promise<void>;
beforeAll(async () => {
  stack = await startStack();
  stop = await stack.work();
});
afterAll(() => stack.close());

describe('the URL first', () => {
  it('answers before the content is there, and makes all of it', async () => {
    await stack.sim('faults', [{ match: { path: '/v2/boards/*/items/bulk' }, fault: 'slow', delayMs: 150 }], 'PUT');
    const answer = await ask(stack, retro('project:1'));
    const atOnce = await theBoard(stack);
    expect(answer).toMatchObject({ state: 'ready', accepted: true, outcome: 'made', episode: 1, differences: [] });
    expect(atOnce.items).toEqual([]);

    const result = await answer.handle.result();
    await stack.sim('faults', [], 'PUT');
    expect(result).toMatchObject({ ending: 'done', boardId: atOnce.id, problems: [], differences: [] });
    expect(result.counts).toEqual({ made: 12, existing: 0, changed: 0, skipped: 0, refused: 0, failed: 0 });
    const board = await theBoard(stack);
    expect(board.items.map(({ type }) => type)).toEqual(
      ['frame', 'frame', 'sticky_note', 'sticky_note', 'shape', 'text', 'card', 'card'], // the last one links to the record
    );
    expect(pictureOf(board)).toMatchObject({
      connectors: [{ captions: ['<p>leads to</p>'] }],
      members: expect.arrayContaining(['anna@example.com editor']) as string[],
      tags: ['important'],
    });
  });

  it('gives the same board to the same call at any time, also after the run has closed', async () => {
    const request = retro('project:2', { name: 'Second' });
    const first = await ask(stack, request);
    const whileItRuns = await ask(stack, request);
    await first.handle.result();
    const afterwards = await ask(stack, request);
    const [board, ...more] = await boardsNamed(stack, 'Second');
    expect(more).toEqual([]);
    for (const answer of [first, whileItRuns, afterwards])
      expect(answer).toMatchObject({ state: 'ready', boardId: board?.id, differences: [] });
    expect(await afterwards.handle.result()).toMatchObject({ ending: 'done', boardId: board?.id });
    expect((await boardsNamed(stack, 'Second'))[0]).toEqual(board);
  });

  it('tells phase, counts and state of a job by its key, and of none that there is none', async () => {
    const { handle } = await ask(stack, retro('project:3', { name: 'Third' }));
    await handle.result();
    const progress = await stack.miro.job({ key: 'project:3' }).status();
    expect(progress).toMatchObject({ workflowId: handle.workflowId, state: 'done', pending: [] });
    await handle.cancel(); // too late, and no error
    for (const verb of ['status', 'result', 'cancel'] as const)
      await expect(stack.miro.job({ key: 'nobody' })[verb]()).rejects.toMatchObject({ type: 'Job.unknown' });
  });

  it('shows the board and how far it is while the rest goes on', async () => {
    await stack.sim('faults', [{ match: { path: '/v2/boards/*/connectors' }, fault: '5xx-before', times: 2 }], 'PUT');
    const { handle } = await ask(stack, retro('project:4', { name: 'Fourth' }));
    const status = await until(async () => {
      const now = await handle.status();
      return now.pending.some(({ lastFailure }) => lastFailure !== undefined) && now;
    });
    expect(status).toMatchObject({ state: 'running', phase: 'content', total: 11, waiting: { for: 'miro_down' } });
    expect(status.finished).toBeGreaterThanOrEqual(8);
    expect(status.board?.boardId).toBe((await boardsNamed(stack, 'Fourth'))[0]?.id);
    expect((await handle.result()).ending).toBe('done');
  });
});

describe('what is refused', () => {
  it('refuses a wrong input before anything is started', async () => {
    await expect(ask(stack, retro('bad:1', { name: 'x'.repeat(61) }))).rejects.toThrow(InvalidInput);
    await expect(stack.miro.job({ key: 'bad:1' }).status()).rejects.toMatchObject({ type: 'Job.unknown' });
  });

  it('refuses a second board for the key where the caller wants none, also while the first run lives', async () => {
    const first = await ask(stack, retro('once', { name: 'Once' }));
    const again = retro('once', { name: 'Once', collision: 'fail' });
    await expect(ask(stack, again)).rejects.toMatchObject({ type: 'Job.collision' });
    await first.handle.result();
    await expect(ask(stack, again)).rejects.toMatchObject({ type: 'Job.collision' });
    expect(await boardsNamed(stack, 'Once')).toHaveLength(1);
  });

  it('refuses a caller with another installation key before any write', async () => {
    const writes = async () =>
      ((await stack.sim('requests')) as { method: string }[]).filter(({ method }) => method !== 'GET').length;
    const before = await writes();
    const { temporal: client, taskQueue } = stack;
    const stranger = await createTemporalMiro({ client, taskQueue, idKey: randomBytes(32) });
    const asked = stranger.provisionBoard(retro('project:5', { name: 'Fifth' }));
    await expect(asked).rejects.toMatchObject({ type: 'Installation.mismatch' });
    expect(await writes()).toBe(before);
    expect(await stack.db.query(`select from miro.jobs where spec->'spec'->>'name' = 'Fifth'`)).toEqual([]);
  });

  it('refuses a caller that encrypts nothing where the workers do, before any write', async () => {
    const { idKey, taskQueue } = stack;
    const client = new Client({ connection: stack.temporal.connection });
    const open = await createTemporalMiro({ client, taskQueue, idKey });
    // Under the workers' key, so this caller can't read it.
    await expect(open.provisionBoard(retro('project:8', { name: 'Eighth' }))).rejects.toThrow();
    await expect(stack.miro.job({ key: 'project:8' }).result()).rejects.toMatchObject({ type: 'Codec.mismatch' });
    expect(await stack.db.query(`select from miro.jobs where spec->'spec'->>'name' = 'Eighth'`)).toEqual([]);
  });

  it('says that no worker polls, in time, and goes on when one comes', async () => {
    await stop();
    const { temporal: client, idKey } = stack;
    const elsewhere = await createTemporalMiro({ client, idKey, taskQueue: `${stack.taskQueue}-unattended` });
    const unattended = await elsewhere.provisionBoard(retro('project:6'), { waitMs: 500 });
    expect(unattended).toMatchObject({ state: 'no_worker', accepted: true });
    expect(await unattended.handle.status()).toMatchObject({ state: 'running', pending: [] });

    const request = retro('project:7', { name: 'Seventh' });
    const waiting = await stack.miro.provisionBoard(request, { waitMs: 500 });
    expect(waiting).toMatchObject({ accepted: true });
    expect(['queued', 'no_worker']).toContain(waiting.state); // a worker that has just left is still listed
    stop = await stack.work();
    expect(await stack.miro.provisionBoard(request, { waitMs: 30_000 })).toMatchObject({ state: 'ready' });
    expect((await waiting.handle.result()).ending).toBe('done');
  });
});
