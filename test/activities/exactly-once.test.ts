/** Each activity that writes × each trouble that can befall it: Miro has one thing, the ledger one effect, and nothing is left open. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { effectsOf, openEffects, surplusOf } from '../../store/effects.js';
import { listItems } from '../../store/items.js';
import { createTestStore, type TestStore } from '../store/database.js';
import { createStage, type Stage } from './stage.js';
import { board, SUBJECTS, type Subject } from './subjects.js';
import { TROUBLES, type Scene } from './troubles.js';

let store: TestStore;
beforeAll(async () => {
  store = await createTestStore();
});
afterAll(() => store.close());

describe.concurrent.each(SUBJECTS)('$name makes one thing when', (subject) => {
  it.each(TROUBLES)('$title', async ({ strike, unsure }) => {
    const stage = await createStage(store);
    try {
      const scene = await enter(stage, subject);
      await strike(scene);
      await stage.untilDone(scene.step);
      await stage.untilDone(scene.step);
      await expectOne(scene, subject);
      if (subject.ledgerStep === 'share') expect(await warnings(scene)).toHaveLength(unsure ? 1 : 0);
    } finally {
      await stage.close();
    }
  });
});

/** Brings the job to where the activity begins. */
async function enter(stage: Stage, { input, before, step, write }: Subject): Promise<Scene> {
  const wanted = stage.input((await input?.(stage)) ?? {});
  const { jobId } = await stage.open(wanted);
  const job = { stage, jobId, input: wanted };
  await (before ?? board)(job);
  return {
    ...{ stage, jobId, step: (activities) => step(activities, jobId) },
    firstWrite: (fault) => stage.fail({ match: write, times: 1, ...fault }),
  };
}

async function expectOne({ stage, jobId }: Scene, { things, ledgerStep }: Subject): Promise<void> {
  const marked = (await stage.state()).boards.filter(({ description }) => description.includes('[tm:'));
  expect(marked).toHaveLength(1);
  expect(marked.flatMap((made) => things(made))).toHaveLength(1);
  const effects = (await effectsOf(store.db, jobId)).filter((effect) => effect.step === ledgerStep);
  expect(effects).toMatchObject([{ state: 'done' }]);
  expect(await openEffects(store.db, { jobId })).toEqual([]);
  expect(await surplusOf(store.db, jobId)).toEqual([]);
}

/** Parts that are reported as perhaps sent twice. */
async function warnings({ jobId }: Scene): Promise<unknown[]> {
  return (await listItems(store.db, jobId)).filter(({ detail }) => JSON.stringify(detail ?? '').includes('sent twice'));
}
