/** `onFailure: 'remove'`: what provably is ours and untouched goes, whatever befalls the removal; all else stays. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ProvisionBoardInput } from '../../contract.js';
import { getJob, markUrlReturned } from '../../store/jobs.js';
import { createTestStore, type TestStore } from '../store/database.js';
import { createStage, type SimulatedBoard, type Stage } from './stage.js';
import { TROUBLES } from './troubles.js';

const BEN = 'ben@nordlicht.example';
const sticky = (id: string, x: number) => ({
  ...{ id, type: 'sticky_note' as const, content: `Note ${id}`, position: { x, y: 0 } },
});
const content = {
  template: {
    blueprint: {
      version: 1 as const,
      items: [sticky('a', 0), sticky('b', 300)],
      connectors: [{ id: 'line', from: 'a', to: 'b' }],
    },
  },
};

let store: TestStore;
beforeAll(async () => {
  store = await createTestStore();
});
afterAll(() => store.close());

/** A job that has made its board and content, and failed then. */
async function failed(stage: Stage): Promise<{ jobId: string; boardId: string }> {
  const { jobId } = await stage.open(content);
  const { boardId } = await stage.untilDone((activities) => activities.ensureBoard({ jobId }));
  await stage.untilDone((activities) => activities.ensureItems({ jobId, batch: 0 }));
  await stage.untilDone((activities) => activities.ensureConnectors({ jobId }));
  return { jobId, boardId };
}
const left = async (stage: Stage): Promise<SimulatedBoard | undefined> =>
  (await stage.state()).boards.find(({ description }) => description.includes('[tm:'));

describe.each([
  { what: 'the board', urlSeen: false, path: '/v2/boards/*', remains: undefined },
  { what: 'the content of a board that was seen', urlSeen: true, path: '/v2/boards/*/items/*', remains: [] },
])('removes $what when', ({ urlSeen, path, remains }) => {
  it.concurrent.each(TROUBLES)('$title', async ({ strike }) => {
    const stage = await createStage(store);
    try {
      const { jobId } = await failed(stage);
      const step: Parameters<typeof strike>[0]['step'] = (activities) => activities.removeMade({ jobId, urlSeen });
      const match = { method: 'DELETE', path };
      await strike({ stage, jobId, step, firstWrite: (fault) => stage.fail({ match, times: 1, ...fault }) });
      await stage.untilDone(step);
      await stage.untilDone(step);
      expect((await left(stage))?.items).toEqual(remains);
    } finally {
      await stage.close();
    }
  });
});

describe('keeps', () => {
  let stage: Stage;
  let job: { jobId: string; boardId: string };
  beforeEach(async () => {
    stage = await createStage(store);
    job = await failed(stage);
  });
  afterEach(() => stage.close());

  const remove = (urlSeen = false) =>
    stage.untilDone((activities) => activities.removeMade({ jobId: job.jobId, urlSeen }));
  const idOf = async (text: string) =>
    (await left(stage))?.items.find(({ data }) => data.content?.includes(text))?.id ?? '';

  it('a board whose URL was returned', async () => {
    await markUrlReturned(store.db, job);
    await remove();
    expect(await left(stage)).toMatchObject({ id: job.boardId, items: [] });
  });

  it('a board that a person has added to, with what they added', async () => {
    const added = await stage.act('add-sticky', { as: BEN, boardId: job.boardId, content: 'Mine' });
    await remove();
    expect((await left(stage))?.items.map(({ id }) => id)).toEqual([added.id]);
  });

  it('a board that a person was invited to by hand', async () => {
    await stage.act('change-role', { user: BEN, boardId: job.boardId, role: 'editor' });
    await remove();
    expect((await left(stage))?.members).toHaveLength(2);
  });

  it('an item that a person has edited, and one that they moved', async () => {
    await stage.act('edit-item', { as: BEN, boardId: job.boardId, itemId: await idOf('Note a'), content: 'Better' });
    await stage.act('move-item', { as: BEN, boardId: job.boardId, itemId: await idOf('Note b'), x: 2_000, y: 0 });
    await remove(true);
    expect((await left(stage))?.items).toHaveLength(2);
    expect((await left(stage))?.connectors).toHaveLength(0);
  });

  it('copies of the board and of its items, marker and all', async () => {
    const copied = await stage.act('copy-item', { boardId: job.boardId, itemId: await idOf('Note a') });
    const copy = await stage.act('copy-board', { as: BEN, boardId: job.boardId });
    await remove();
    const { boards } = await stage.state();
    expect(boards.find(({ id }) => id === copy.id)?.items).toHaveLength(3);
    expect(boards.find(({ id }) => id === job.boardId)?.items.map(({ id }) => id)).toEqual([copied.id]);
  });

  it('a board that was found by its marker instead of made by this job', async () => {
    const other = await stage.open({ key: 'lost', ...content });
    await stage.fail({ match: { method: 'POST', path: '/v2/boards' }, fault: 'drop-after', times: 1 });
    await stage.untilDone((activities) => activities.ensureBoard({ jobId: other.jobId }));
    await stage.untilDone((activities) => activities.removeMade({ jobId: other.jobId, urlSeen: false }));
    expect((await stage.state()).boards.filter(({ description }) => description.includes('[tm:'))).toHaveLength(2);
  });
});

describe('is followed by the same call, which makes', () => {
  let stage: Stage;
  beforeEach(async () => {
    stage = await createStage(store);
  });
  afterEach(() => stage.close());

  const all = { ...content, recordUrl: 'https://crm.example.com/deals/4711' };
  /** What a run does, in its order. */
  async function run(input: ProvisionBoardInput): Promise<string> {
    const { jobId, outline } = await stage.attempt((activities) => activities.openJob({ input }));
    await stage.untilDone((activities) => activities.ensureBoard({ jobId }));
    for (let batch = 0; batch < outline.batches; batch += 1)
      await stage.untilDone((activities) => activities.ensureItems({ jobId, batch }));
    await stage.untilDone((activities) => activities.ensureConnectors({ jobId }));
    await stage.untilDone((activities) => activities.ensureRecordCard({ jobId }));
    return jobId;
  }
  const remove = (jobId: string, urlSeen: boolean) =>
    stage.untilDone((activities) => activities.removeMade({ jobId, urlSeen }));
  const parts = async () => {
    const board = await left(stage);
    return { items: board?.items.length, connectors: board?.connectors.length };
  };

  it('another board with all of it', async () => {
    const input = stage.input(all);
    await remove(await run(input), false);
    expect(await left(stage)).toBeUndefined();
    await run(input);
    expect(await parts()).toEqual({ items: 3, connectors: 1 });
    expect((await stage.state()).boards.filter(({ description }) => description.includes('[tm:'))).toHaveLength(1);
  });

  it('all that was removed from a board that was seen', async () => {
    const input = stage.input(all);
    await remove(await run(input), true);
    expect(await parts()).toEqual({ items: 0, connectors: 0 });
    await run(input);
    expect(await parts()).toEqual({ items: 3, connectors: 1 });
    await run(input);
    expect(await parts()).toEqual({ items: 3, connectors: 1 });
  });

  it('only what was removed, beside what was kept', async () => {
    const input = stage.input(all);
    const jobId = await run(input);
    const board = await left(stage);
    const itemId = board?.items.find(({ data }) => data.content?.includes('Note a'))?.id ?? '';
    await stage.act('edit-item', { as: BEN, boardId: board?.id, itemId, content: 'Better' });
    await remove(jobId, true);
    expect(await parts()).toEqual({ items: 1, connectors: 0 });
    await run(input);
    expect(await parts()).toEqual({ items: 3, connectors: 1 });
    expect((await left(stage))?.connectors[0]?.startItem?.id).toBe(itemId);
  });

  it('nothing, if it was people who deleted the board', async () => {
    const input = stage.input(all);
    const jobId = await run(input);
    await stage.act('delete-board', { boardId: (await left(stage))?.id });
    await remove(jobId, false);
    expect((await getJob(store.db, jobId))?.board).toBeDefined();
  });
});
