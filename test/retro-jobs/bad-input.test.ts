/** Bad input ends a retro with one sentence that says what, on which object, why and what to do; neither Miro nor a tracker sees a write. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { JobError, type RetroRequest } from '../../client/index.js';
import { addTracker } from '../../store/trackers.js';
import type { TrackerKind } from '../../tickets/tracker.js';
import { startStack, type Stack } from '../stack.js';
import { startGithub, type RunningGithub } from '../trackers/github-stand-in.js';
import { startJira, type RunningJira } from '../trackers/jira-stand-in.js';
import { act, newBoard, ticketTitles } from './boards.js';

let stack: Stack;
let github: RunningGithub;
let jira: RunningJira;
let board: string;
const frames = { empty: '', first: '', second: '' };
let hidden: string;
beforeAll(async () => {
  [stack, github, jira] = await Promise.all([
    startStack({ simulator: { windowMs: 1_000 } }),
    startGithub(),
    startJira(),
  ]);
  await add('issues', 'github', github);
  await add('nowhere', 'github', github, { repository: 'acme/no-such-repository' });
  await add('jira', 'jira', jira);
  await add('lost', 'jira', jira, { project: 'NOPE' });
  board = await newBoard(stack, ['A lonely thought', 'Another one']);
  hidden = (await act(stack, 'create-board', { as: 'goran@nordlicht.example', name: 'Hidden' })).id;
  frames.empty = await frame('Parking lot', 5_000);
  frames.first = await frame('Actions', 10_000);
  frames.second = await frame('Actions', 15_000);
  await stack.work();
}, 120_000);
afterAll(async () => {
  await stack.close();
  await github.close();
  await jira.close();
});

async function add(name: string, kind: TrackerKind, to: RunningGithub | RunningJira, other: object = {}) {
  const { db, vault, tenantId } = stack;
  await addTracker(db, vault, { tenantId, name, kind, config: { ...to.config, ...other }, secret: to.token });
}

async function frame(title: string, x: number): Promise<string> {
  const answer = await fetch(`${stack.simulator.url}/v2/boards/${board}/frames`, {
    method: 'POST',
    headers: { authorization: `Bearer ${stack.simulator.accessToken}`, 'content-type': 'application/json' },
    body: JSON.stringify({ data: { title }, position: { x, y: 0 }, geometry: { width: 800, height: 600 } }),
  });
  return ((await answer.json()) as { id: string }).id;
}

/** What has been written anywhere. */
async function writes(): Promise<unknown> {
  const toMiro = (await stack.sim('requests')) as { method: string; path: string }[];
  return {
    miro: toMiro.filter(({ method, path }) => method !== 'GET' && path.startsWith('/v2/')).length,
    trackers: [...github.seen, ...jira.seen].filter(({ method }) => method !== 'GET').length,
    builtin: await ticketTitles(stack),
  };
}

async function refusalOf(request: Partial<RetroRequest>): Promise<string> {
  const answer = stack.miro.retroToTickets({ board, ...request }).then(({ handle }) => handle.result());
  const error: unknown = await answer.catch((failure: unknown) => failure);
  if (error instanceof JobError) return `${error.type}: ${error.message}`;
  return error instanceof Error ? `${error.name}: ${error.message}` : 'it did not fail';
}

/** What is wrong, the request, and what the sentence must say. */
const REFUSED: [string, () => Partial<RetroRequest>, RegExp | (() => string[])][] = [
  ['an id that is none', () => ({ board: 'no board!' }), /^InvalidInput: board.*no board!/],
  ['a board that is not there', () => ({ board: 'uXjVNobody=' }), /^Board\.refused: board uXjVNobody=: .*; share it/],
  ['a board without access', () => ({ board: hidden }), () => ['Board.refused: board', hidden, '; share it with']],
  ['a connection that is not there', () => ({ connectionId: 'nobody' }), /^Connection\.unknown: .*"nobody"/],
  [
    'a frame that is not there',
    () => ({ source: { frames: ['No such frame'] } }),
    /^Board\.refused: .*"No such frame".*Actions/,
  ],
  [
    'an empty frame',
    () => ({ source: { frames: ['Parking lot'] } }),
    /^Board\.refused: .*"Parking lot".*holds no .*Name a frame that does\./,
  ],
  [
    'an empty frame, by its link',
    () => ({ source: { frames: [`https://miro.com/app/board/${board}/?moveToWidget=${frames.empty}`] } }),
    /^Board\.refused: .*"Parking lot".*holds no /,
  ],
  [
    'a frame name that fits two frames',
    () => ({ source: { frames: ['actions'] } }),
    () => ['2 frames "actions"', `moveToWidget=${frames.first}`, `moveToWidget=${frames.second}`, 'Name one of them'],
  ],
  ['a tracker that is not there', () => ({ tracker: 'unknown' }), /^Tracker\.unknown: .*"unknown".*trackers add/],
  [
    'a project that Jira does not have',
    () => ({ tracker: 'lost' }),
    /^Tracker\.refused: tracker "lost": .*NOPE.*; give/i,
  ],
  [
    'a repository that GitHub does not have',
    () => ({ tracker: 'nowhere' }),
    /^Tracker\.refused: tracker "nowhere": .*no-such-repository.*; /,
  ],
  [
    'a mapping to a field that GitHub lacks',
    () => ({ tracker: 'issues', mapping: { version: 1, priority: 'High' } }),
    /^Tracker\.refused: the mapping sets priority, which tracker "issues" \(github\) does not have; take it out/,
  ],
  [
    'a mapping to a field that the project lacks',
    () => ({ tracker: 'jira', mapping: { version: 1, fields: { customfield_99999: 'x' } } }),
    /^Tracker\.refused: tracker "jira": .*customfield_99999.*; /,
  ],
  [
    'a mapping to a type that the project lacks',
    () => ({ tracker: 'jira', mapping: { version: 1, type: 'Wish' } }),
    /^Tracker\.refused: tracker "jira": .*Wish.*Task/,
  ],
];

it.each(REFUSED)('refuses %s', async (_, request, says) => {
  const before = await writes();
  const refusal = await refusalOf(request());
  expect(refusal.split('\n')).toHaveLength(1);
  if (says instanceof RegExp) expect(refusal).toMatch(says);
  else for (const part of says()) expect(refusal).toContain(part);
  expect(await writes()).toEqual(before);
});

it('refuses edits of items that the plan does not have', async () => {
  const { hash: planHash } = await stack.miro.planRetro({ board });
  const before = await writes();
  for (const edits of [{ drop: ['4711'] }, { set: { '4711': { title: 'Mine' } } }])
    expect(await refusalOf({ planHash, edits })).toMatch(
      /^Input\.refused: the edits name 4711, which the plan does not have; use the item ids of this plan/,
    );
  expect(await writes()).toEqual(before);
});
