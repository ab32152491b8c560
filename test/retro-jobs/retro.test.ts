import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addTracker } from '../../store/trackers.js';
import { startStack, type Stack } from '../stack.js';
import { startGithub, type RunningGithub } from '../trackers/github-stand-in.js';
import { act, addSticky, boardOf, newBoard, run, sprintBoard, stickyOf, ticketTitles } from './boards.js';

let stack: Stack;
let github: RunningGithub;
beforeAll(async () => {
  stack = await startStack({ simulator: { windowMs: 1_000 } });
  await stack.work();
  github = await startGithub();
  const { config, token: secret } = github;
  await addTracker(stack.db, stack.vault, { tenantId: stack.tenantId, name: 'issues', kind: 'github', config, secret });
}, 120_000);
afterAll(async () => {
  await stack.close();
  await github.close();
});

/** Most of these are about tickets; how they show on the board is told elsewhere. */
const linkBack = 'none' as const;

describe('a retro board', () => {
  it('becomes tickets once, and next week only what is new does', { timeout: 60_000 }, async () => {
    const { id: board } = await sprintBoard(stack);
    const first = await run(stack, { board, linkBack });
    expect(first.answer.state).toBe('started');
    expect(first.result).toMatchObject({ ending: 'done', problems: [] });
    const made = first.result.plan?.counts.create ?? 0;
    expect(made).toBeGreaterThan(50);
    expect(await ticketTitles(stack)).toHaveLength(made);

    await addSticky(stack, board, 'Book a bigger room for the next retro', 97);
    const second = await run(stack, { board, linkBack });
    expect(second.result.plan?.counts).toMatchObject({ create: 1, existing: made, changed: 0, deleted: 0 });
    expect(second.result.counts).toMatchObject({ made: 1, existing: made });
    expect(await ticketTitles(stack)).toHaveLength(made + 1);
  });

  it('is read again as it is now: moved, copied, changed and deleted stickies', { timeout: 60_000 }, async () => {
    const texts = ['Fix the build', 'Thank the team', 'Write the docs', 'Buy new chairs'];
    const board = await newBoard(stack, texts);
    const rules = { duplicates: 'keep' as const };
    await run(stack, { board, linkBack, rules });
    const before = await boardOf(stack, board);
    const item = (text: string) => ({ boardId: board, itemId: stickyOf(before, text).id });
    await act(stack, 'move-item', { ...item('Fix the build'), x: 900, y: 700 });
    await act(stack, 'copy-item', item('Thank the team'));
    await act(stack, 'edit-item', { ...item('Write the docs'), content: 'Write the handbook' });
    await act(stack, 'delete-item', item('Buy new chairs'));

    const { result } = await run(stack, { board, linkBack, rules, onChange: 'update' });
    expect(result.plan?.counts).toEqual({ create: 1, existing: 2, changed: 1, dropped: 0, deleted: 1 });
    expect(result.counts).toMatchObject({ made: 1, existing: 2, changed: 1, skipped: 1 });
    expect(result.problems).toEqual([
      expect.objectContaining({ outcome: 'skipped', reason: expect.stringContaining('gone from the board') as string }),
    ]);
    const titles = await ticketTitles(stack);
    expect(titles.filter((title) => title === 'Thank the team')).toHaveLength(2);
    expect(titles).toContain('Write the handbook');
    expect(titles).not.toContain('Write the docs');

    const third = await run(stack, { board, linkBack, rules, onChange: 'update' });
    expect(third.result.plan?.counts).toMatchObject({ create: 0, existing: 4, changed: 0, deleted: 1 });
  });

  it('has one ticket of the same words, also after the first that said so is gone', { timeout: 60_000 }, async () => {
    const board = await newBoard(stack, ['Speak up earlier', 'Leave on time']);
    await run(stack, { board, linkBack });
    const { id } = stickyOf(await boardOf(stack, board), 'Speak up earlier');
    const said = await addSticky(stack, board, 'Speak up earlier', 7);
    await run(stack, { board, linkBack });
    await act(stack, 'delete-item', { boardId: board, itemId: id });
    for (const changed of [0, 1]) {
      const { result } = await run(stack, { board, linkBack, onChange: 'update' });
      expect(result.plan?.counts).toMatchObject({ create: 0, existing: 2 - changed, changed, deleted: 0 });
      await act(stack, 'edit-item', { boardId: board, itemId: said, content: 'Speak up at once' });
    }
    expect((await ticketTitles(stack)).filter((title) => title.startsWith('Speak up'))).toEqual(['Speak up at once']);
  });

  it('has its tickets still where a run is about another part of it', { timeout: 60_000 }, async () => {
    const board = await newBoard(stack, ['Keep the tests fast', 'Thank the cook']);
    await run(stack, { board, linkBack });
    const rules = { rules: [{ when: { text: 'cook' }, kind: 'drop' as const }] };
    const { result } = await run(stack, { board, linkBack, rules });
    expect(result.plan?.counts).toMatchObject({ create: 0, existing: 1, dropped: 1, deleted: 0 });
    expect(result).toMatchObject({ counts: { existing: 2, skipped: 0 }, problems: [] });
  });

  it('that was duplicated has tickets of its own, or those of its original', { timeout: 60_000 }, async () => {
    const board = await newBoard(stack, ['Ship the new search', 'Ask the users']);
    await run(stack, { board, linkBack });
    const { id: copy } = await act(stack, 'copy-board', { boardId: board });
    const { id: other } = await act(stack, 'copy-board', { boardId: board });

    const same = await run(stack, { board: copy, linkBack, sameAs: board });
    expect(same.result.counts).toMatchObject({ made: 0, existing: 2 });
    await addSticky(stack, copy, 'Only on the copy', 5);
    expect((await run(stack, { board: copy, linkBack })).result.counts).toMatchObject({ made: 1, existing: 2 });
    expect((await run(stack, { board: other, linkBack })).result.counts).toMatchObject({ made: 2, existing: 0 });
  });
});

describe('what shows tickets on a board', () => {
  const titles = ['Fix the login', 'Automate the release', 'Meet in person'];

  it('is no record of another tracker, nor a change', { timeout: 60_000 }, async () => {
    const board = await newBoard(stack, titles.slice(0, 1));
    await run(stack, { board, linkBack: 'text' });
    await addSticky(stack, board, titles[1] ?? '', 1);
    await run(stack, { board, linkBack: 'card' });
    await addSticky(stack, board, titles[2] ?? '', 2);
    await run(stack, { board, linkBack: 'list' });
    expect(stickyOf(await boardOf(stack, board), 'Fix the login').data.content).not.toBe(titles[0]);

    const other = await run(stack, { board, tracker: 'issues', linkBack: 'text' });
    expect(other.result.plan?.counts).toMatchObject({ create: 3 });
    const made = github.state().map(({ title, body }) => [title, body?.split('\n')[0]]);
    expect(made.sort()).toEqual(titles.map((title) => [title, title]).sort());
    const again = await run(stack, { board, linkBack, onChange: 'comment' });
    expect(again.result.plan?.counts).toMatchObject({ create: 0, existing: 3, changed: 0 });
  });

  it('comes along with a duplicate of the board, and is none of its words', { timeout: 60_000 }, async () => {
    const board = await newBoard(stack, ['Ship the search', 'Talk to users']);
    await run(stack, { board, linkBack: 'text' });
    const { id: copy } = await act(stack, 'copy-board', { boardId: board });
    const same = await run(stack, { board: copy, linkBack: 'text', sameAs: board });
    expect(same.result.plan?.counts).toMatchObject({ create: 0, existing: 2, changed: 0 });
    expect((await run(stack, { board: copy, linkBack })).result.plan?.counts).toMatchObject({ existing: 2 });
  });
});

describe('a plan', () => {
  it('writes nothing, shows its rows, and binds the run that is given its hash', { timeout: 60_000 }, async () => {
    const board = await newBoard(stack, ['Plan the offsite', 'Clean the backlog']);
    const before = await ticketTitles(stack);
    const plan = await stack.miro.planRetro({ board, linkBack });
    expect(plan.counts).toMatchObject({ create: 2 });
    const rows = [];
    for await (const row of stack.miro.retroPlanRows(plan)) rows.push(row);
    expect(rows.map(({ title }) => title)).toEqual(['Plan the offsite', 'Clean the backlog']);
    expect(await ticketTitles(stack)).toEqual(before);

    const [first, second] = rows;
    const edits = { drop: [first?.itemId ?? ''], set: { [second?.itemId ?? '']: { title: 'Clean the backlog up' } } };
    const bound = await run(stack, { board, linkBack, planHash: plan.hash, edits });
    expect(bound.result.counts).toMatchObject({ made: 1 });
    expect(await ticketTitles(stack)).toContain('Clean the backlog up');

    await addSticky(stack, board, 'Too late for the plan', 7);
    const late = await stack.miro.retroToTickets({ board, linkBack, planHash: plan.hash });
    await expect(late.handle.result()).rejects.toMatchObject({ type: 'Plan.changed' });
  });
});

describe('a second caller', () => {
  it('joins the same run, and is told when another one works', { timeout: 60_000 }, async () => {
    const board = await newBoard(stack, ['Twice asked, once made']);
    await stack.sim(
      'faults',
      [{ match: { method: 'GET', path: '/v2/boards/*' }, fault: 'slow', delayMs: 1_000, times: 1 }],
      'PUT',
    );
    const first = await stack.miro.retroToTickets({ board, linkBack });
    const [same, other] = await Promise.all([
      stack.miro.retroToTickets({ board, linkBack }),
      stack.miro.retroToTickets({ board, linkBack, onChange: 'comment' }),
    ]);
    expect([first.state, same.state, other.state]).toEqual(['started', 'joined', 'still_running']);
    expect(await same.handle.result()).toEqual(await first.handle.result());
    expect((await ticketTitles(stack)).filter((title) => title.startsWith('Twice asked'))).toHaveLength(1);
    const state = await stack.miro.job({ board }).status();
    expect(state).toMatchObject({ state: 'done' });
  });
});
