import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ProvisionBoardInput } from '../../contract.js';
import { parseRequest } from '../../client/provision.js';
import { idKey, workflowId } from '../../ids.js';
import { retro, startStack, type Stack } from '../stack.js';
import { ask, boardsNamed, finished, textOf, theBoard } from './boards.js';
import { until } from './until.js';

let stack: Stack;
beforeAll(async () => {
  stack = await startStack();
  await stack.work();
});
afterAll(() => stack.close());
beforeEach(async () => void (await stack.sim('faults', [], 'PUT')));

/** Miro makes no connectors: the job gets that far and no farther. */
const stuckAtConnectors = () =>
  stack.sim('faults', [{ match: { method: 'POST', path: '/v2/boards/*/connectors' }, fault: '5xx-before' }], 'PUT');

const isStuck = (handle: Awaited<ReturnType<typeof ask>>['handle']) =>
  until(async () =>
    (await handle.status()).pending.some(
      ({ step, lastFailure }) => step === 'ensureConnectors' && lastFailure !== undefined,
    ),
  );

describe('cancel', () => {
  it('stops at the next safe point, says what exists, and a later call goes on from there', async () => {
    const request = retro('cancelled', { name: 'Cancelled' });
    await stuckAtConnectors();
    const { handle } = await ask(stack, request);
    await isStuck(handle);
    await handle.cancel();
    const result = await handle.result();
    const board = await theBoard(stack, 'Cancelled');
    expect(result).toMatchObject({
      ending: 'cancelled',
      boardId: board.id,
      counts: { made: 9 }, // the board, two frames, five items, one tag
      error: { type: 'Job.cancelled' },
    });
    expect((await handle.status()).state).toBe('cancelled');

    await stack.sim('faults', [], 'PUT');
    const { result: rest } = await finished(stack, request);
    expect(rest).toMatchObject({ ending: 'done', boardId: board.id, counts: { made: 12, existing: 0 } });
    expect((await theBoard(stack, 'Cancelled')).items).toHaveLength(8);
  });

  it('waits for a write under way, so that nothing is written after the end', async () => {
    await stack.sim('faults', [{ match: { path: '/v2/boards/*/items/bulk' }, fault: 'slow', delayMs: 150 }], 'PUT');
    const { handle } = await ask(stack, retro('waits', { name: 'Waits' }));
    await until(async () => (await handle.status()).pending.some(({ step }) => step === 'ensureItems'));
    await handle.cancel();
    const { counts } = await handle.result();
    const { items } = await theBoard(stack, 'Waits');
    expect(counts.made).toBe(1 + items.length); // the board, and what is on it
    await stack.sim('clock', { advanceMs: 1_000 });
    expect((await theBoard(stack, 'Waits')).items).toEqual(items);
  });
});

describe('a job that cannot be done', () => {
  it('ends with the reason for a template that the token cannot see', async () => {
    const request = retro('template', { template: { copyFrom: 'uXjVNoSuchBoard=' }, placeholders: undefined });
    await expect(ask(stack, { ...request, name: 'Copy' })).rejects.toMatchObject({
      type: 'Template.missing',
      message: expect.stringContaining('share it with that user') as string,
    });
    await expect(stack.miro.job({ key: 'template' }).result()).rejects.toMatchObject({
      result: { ending: 'failed', error: { type: 'Template.missing' } },
    });
    expect(await boardsNamed(stack, 'Copy')).toEqual([]);
  });

  it('ends with the reason for a team that the user is not in, and goes on with the right one', async () => {
    const asked = ask(stack, retro('team', { name: 'Team', teamId: '3074457345618261000' }));
    await expect(asked).rejects.toMatchObject({ type: 'Board.refused' });

    const { result } = await finished(stack, retro('team', { name: 'Team' }));
    expect(result).toMatchObject({ ending: 'done', differences: [] });
    expect(await boardsNamed(stack, 'Team')).toHaveLength(1);
  });

  it('reports an e-mail that Miro refuses and does all the rest', async () => {
    const members = [
      { email: 'eve@blocked.example', role: 'viewer' as const },
      { email: 'anna@example.com', role: 'editor' as const },
    ];
    const { result } = await finished(stack, retro('refused', { name: 'Refused', members }));
    expect(result).toMatchObject({
      ending: 'done',
      counts: { refused: 1, failed: 0 },
      problems: [{ subject: 'member eve@blocked.example', outcome: 'refused' }],
    });
  });
});

describe("onFailure: 'remove'", () => {
  /** A run without a caller that waits for the URL. */
  async function startUnseen(key: string, name: string) {
    const input: ProvisionBoardInput = parseRequest(retro(key, { name, onFailure: 'remove' }));
    const id = workflowId(idKey(stack.idKey), { tenant: 'default', kind: 'provisionBoard', key });
    await stack.temporal.workflow.start('provisionBoard', {
      workflowId: id,
      taskQueue: stack.taskQueue,
      args: [input],
    });
    return stack.miro.job({ workflowId: id });
  }

  it('removes the board if nobody was given its URL and all on it is ours', async () => {
    await stuckAtConnectors();
    const job = await startUnseen('unseen', 'Unseen');
    await isStuck(job);
    await job.cancel();
    const result = await job.result();
    expect(result.ending).toBe('cancelled');
    expect(await boardsNamed(stack, 'Unseen')).toEqual([]);
    expect(result.problems).toContainEqual(expect.objectContaining({ subject: 'board', outcome: 'skipped' }));

    await stack.sim('faults', [], 'PUT');
    const { answer, result: anew } = await finished(stack, retro('unseen', { name: 'Unseen' }));
    expect(answer).toMatchObject({ state: 'ready', outcome: 'made' });
    expect(anew).toMatchObject({ ending: 'done', counts: { made: 12, skipped: 0 } });
    expect((await theBoard(stack, 'Unseen')).items).toHaveLength(8);
  });

  it('keeps a board on which a person has put something, and that something', async () => {
    await stuckAtConnectors();
    const job = await startUnseen('visited', 'Visited');
    await isStuck(job);
    const board = await theBoard(stack, 'Visited');
    await stack.sim('act', { do: 'add-sticky', boardId: board.id, content: '<p>Mine</p>' });
    await job.cancel();
    await job.result();
    expect((await theBoard(stack, 'Visited')).items.map(textOf)).toEqual(['<p>Mine</p>']);
  });

  it('removes the items only, once somebody has the URL', async () => {
    await stuckAtConnectors();
    const { handle } = await ask(stack, retro('seen', { name: 'Seen', onFailure: 'remove' }));
    await isStuck(handle);
    const board = await theBoard(stack, 'Seen');
    const edited = board.items.find(({ type }) => type === 'text');
    await stack.sim('act', { do: 'edit-item', boardId: board.id, itemId: edited?.id, content: '<p>Edited</p>' });
    await handle.cancel();
    await handle.result();
    expect((await theBoard(stack, 'Seen')).items.map(textOf)).toEqual(['<p>Edited</p>']);
  });
});
