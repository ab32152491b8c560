/** A whole job while every kind of trouble comes at random: the board ends up as if nothing had happened. */
import { expect } from 'vitest';
import type { ProvisionBoardInput } from '../../contract.js';
import type { FaultKind, FaultRule } from '../../simulator/faults/rules.js';
import { openEffects, surplusOf } from '../../store/effects.js';
import type { TestStore } from '../store/database.js';
import { createStage, type SimulatedBoard, type Stage } from './stage.js';

const KINDS: FaultKind[] = ['429', '5xx-before', '5xx-after', 'drop-after', 'timeout', 'truncate', 'html', '401'];
/** Not on `/v1`: a token that introspection refuses as well counts as dead. */
const TROUBLE: FaultRule[] = KINDS.map((fault) => ({ match: { path: '/v2/**' }, when: { probability: 0.03 }, fault }));

const job: Partial<ProvisionBoardInput> = {
  name: 'Retro {{project}}',
  placeholders: { project: 'Apollo & Söhne' },
  recordUrl: 'https://crm.example.com/deals/4711',
  members: [
    { email: 'ben@nordlicht.example', role: 'editor' },
    { email: 'guest@example.com', role: 'viewer' },
  ],
  template: {
    blueprint: {
      version: 1,
      frames: ['good', 'bad'].map((id, n) => ({
        ...{ id, title: id, position: { x: n * 1_000, y: 0 }, geometry: { width: 800, height: 600 } },
      })),
      items: [
        ...['good', 'bad', 'good', 'bad'].map((frame, n) => ({
          ...{ id: `s${n}`, type: 'sticky_note' as const, frame, position: { x: 150 + n * 100, y: 150 } },
          ...{ content: `Note ${n} of {{project}}`, tags: ['t1'] },
        })),
        { id: 'start', type: 'shape', shape: 'flow_chart_terminator', content: 'Start', position: { x: 0, y: 700 } },
        { id: 'text', type: 'text', content: 'Text', position: { x: 0, y: 900 } },
        { id: 'card', type: 'card', title: 'Card', position: { x: 600, y: 900 } },
      ],
      connectors: [0, 1, 2].map((n) => ({ id: `c${n}`, from: `s${n}`, to: `s${n + 1}`, caption: `to ${n + 1}` })),
      tags: [
        { id: 't1', title: 'Important' },
        { id: 't2', title: 'Later' },
      ],
    },
  },
};

/** Every step of the job, as its workflow calls them. */
async function run(stage: Stage): Promise<string> {
  const { jobId, outline } = await stage.open(job);
  await stage.untilDone((activities) => activities.ensureBoard({ jobId }));
  for (let batch = 0; batch < outline.batches; batch += 1)
    await stage.untilDone((activities) => activities.ensureItems({ jobId, batch }));
  await stage.untilDone((activities) => activities.ensureTags({ jobId }));
  await stage.untilDone((activities) => activities.ensureConnectors({ jobId }));
  await stage.untilDone((activities) => activities.ensureRecordCard({ jobId }));
  for (let share = 0; share < outline.shares; share += 1)
    await stage.untilDone((activities) => activities.shareBoard({ jobId, share }));
  await stage.untilDone((activities) => activities.settleClaims({ jobId }));
  return jobId;
}

async function boardOf(stage: Stage): Promise<SimulatedBoard> {
  const marked = (await stage.state()).boards.filter(({ description }) => description.includes('[tm:'));
  expect(marked).toHaveLength(1);
  return marked[0]!;
}

/** What people see of the board: no ids, times or markers. */
function shown(board: SimulatedBoard): unknown {
  const textOf = (id: string | undefined) => board.items.find((item) => item.id === id)?.data;
  const clean = (value: unknown): unknown =>
    JSON.parse(JSON.stringify(value).replace(/\[tm:[0-9a-f.]+\]/g, '[marker]')) as unknown;
  return clean({
    name: board.name,
    description: board.description,
    members: board.members.map(({ email, role }) => `${email} ${role}`),
    tags: board.tags.map(({ title }) => title).sort(),
    items: board.items.map(({ type, data, style, position, geometry, parent, tagIds }) => ({
      ...{ type, data, style, position, geometry, parent: textOf(parent?.id) },
      tags: tagIds.map((id) => board.tags.find((tag) => tag.id === id)?.title),
    })),
    connectors: board.connectors
      .map(({ captions, startItem, endItem }) => ({ captions, from: textOf(startItem?.id), to: textOf(endItem?.id) }))
      .sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)),
  });
}

/** Runs the same job on a calm day and through a storm, and compares what is on the boards. */
export async function weather(store: TestStore, seed: number): Promise<void> {
  const calm = await createStage(store);
  const stormy = await createStage(store, { seed, faults: TROUBLE });
  try {
    await run(calm);
    const jobId = await run(stormy);
    expect(shown(await boardOf(stormy))).toEqual(shown(await boardOf(calm)));
    expect(await openEffects(store.db, { jobId })).toEqual([]);
    expect(await surplusOf(store.db, jobId)).toEqual([]);
    expect((await stormy.requests()).filter(({ fault }) => fault !== null)).not.toEqual([]);
  } finally {
    await calm.close();
    await stormy.close();
  }
}
