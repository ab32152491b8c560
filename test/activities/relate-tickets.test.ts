/** Tickets whose items a connector joins are related once in Jira, whatever befalls the request. */
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { createActivities, type Activities } from '../../activities/index.js';
import type { FaultRule } from '../../simulator/faults/rules.js';
import type { Db } from '../../store/db.js';
import { effectsOf, openEffects } from '../../store/effects.js';
import { listItems } from '../../store/items.js';
import { addTracker } from '../../store/trackers.js';
import { until } from '../provision/until.js';
import { createTestStore, type TestStore } from '../store/database.js';
import { startJira, type RunningJira } from '../trackers/jira-stand-in.js';
import { createRetroStage, type RetroStage } from './retro-stage.js';
import { isRetryable } from './stage.js';

const LINK: FaultRule['match'] = { method: 'POST', path: '/rest/api/*/issueLink' };

let store: TestStore;
let retro: RetroStage;
let jira: RunningJira;
let of: { jobId: string; planId: string };
beforeAll(async () => {
  store = await createTestStore();
});
afterAll(() => store.close());
beforeEach(async () => {
  retro = await createRetroStage(store, []);
  jira = await startJira();
  const { config, token: secret } = jira;
  const { tenantId } = retro.stage;
  await addTracker(store.db, store.vault, { tenantId, name: 'jira', kind: 'jira', config, secret });
  const [cause, effect] = [await retro.sticky('The build breaks'), await retro.sticky('Nobody deploys')];
  await retro.sticky('Thank the team');
  await connect(cause, effect);
  of = await retro.plan({ tracker: 'jira' });
  await retro.tickets(of);
});
afterEach(async () => {
  await jira.close();
  await retro.close();
});

async function connect(from: string, to: string): Promise<void> {
  const { url, accessToken } = retro.stage.simulator;
  const answer = await fetch(`${url}/v2/boards/${retro.board}/connectors`, {
    method: 'POST',
    headers: { authorization: `Bearer ${accessToken}`, 'content-type': 'application/json' },
    body: JSON.stringify({ startItem: { id: from }, endItem: { id: to } }),
  });
  expect(answer.ok).toBe(true);
}

const step = (activities: Activities) => activities.relateTickets({ ...of, from: 0 });
const relate = () => retro.stage.untilDone(() => step(retro.activities));
const attempt = () =>
  retro.stage.attempt(() => step(retro.activities)).catch((error: unknown) => expect(isRetryable(error)).toBe(true));
const linkRequests = () => jira.seen.filter(({ path, method }) => method === 'POST' && path.endsWith('/issueLink'));
/** Each issue and how many others it is related with. */
const related = () => jira.state().map(({ fields, links }) => [fields['summary'], links.length]);
const ONCE = [
  ['The build breaks', 1],
  ['Nobody deploys', 1],
  ['Thank the team', 0],
];

/** A process that reaches its store no more as soon as `dead` says so. */
const dying = (db: Db, dead: () => boolean): Db => {
  const never = new Promise<never>(() => undefined);
  return {
    ...db,
    query: (text, values) => (dead() ? never : db.query(text, values)),
    tx: (work) => (dead() ? never : db.tx(work)),
  };
};

async function killed(): Promise<void> {
  const deps = { ...retro.stage.deps, allowPrivateWebhooks: true };
  const doomed = createActivities({ ...deps, db: dying(store.db, () => linkRequests().length > 0) });
  void retro.stage.attempt(() => step(doomed));
  await until(() => Promise.resolve(linkRequests().length > 0));
}

const TROUBLES: { title: string; strike: () => Promise<unknown> }[] = [
  { title: 'it runs twice', strike: relate },
  { title: 'two attempts run at once', strike: () => Promise.all([attempt(), attempt()]) },
  { title: 'the process is killed between the write and its answer', strike: killed },
  ...(['drop-after', '5xx-after', 'timeout', '429', '5xx-before'] as const).map((fault) => ({
    title: `the tracker's answer is: ${fault}`,
    strike: () => {
      jira.fail({ match: LINK, fault, times: 1 });
      return attempt();
    },
  })),
];

it.each(TROUBLES)('relates two tickets once when $title', async ({ strike }) => {
  await strike();
  await relate();
  await relate();
  expect(related()).toEqual(expect.arrayContaining(ONCE));
  expect(related()).toHaveLength(ONCE.length);
  expect(await openEffects(store.db, of)).toEqual([]);
});

it('sends no relation again in the next run: a person may have taken it away', async () => {
  await relate();
  const [effect] = (await effectsOf(store.db, of.jobId)).filter(({ step }) => step === 'relate');
  expect(effect).toMatchObject({ state: 'done' });
  const sent = linkRequests().length;
  const next = await createRetroStage(store, [], retro);
  const later = await next.plan({ tracker: 'jira' });
  await next.stage.untilDone(() => next.activities.relateTickets({ ...later, from: 0 }));
  expect(linkRequests()).toHaveLength(sent);
});

it('tells what the tracker refuses, and spoils nothing else', async () => {
  jira.act({ do: 'delete', id: jira.state().find(({ fields }) => fields['summary'] === 'Nobody deploys')?.id ?? '' });
  await relate();
  expect(related()).toEqual(
    expect.arrayContaining([
      ['The build breaks', 0],
      ['Thank the team', 0],
    ]),
  );
  const told = (await listItems(store.db, of.jobId)).filter(({ subject }) => subject.startsWith('relation '));
  expect(told).toMatchObject([{ outcome: 'refused' }]);
});
