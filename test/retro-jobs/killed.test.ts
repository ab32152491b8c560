import { afterEach, expect, it } from 'vitest';
import { until } from '../provision/until.js';
import { startStack, type Stack } from '../stack.js';
import { startGithub, type RunningGithub } from '../trackers/github-stand-in.js';
import { addTracker } from '../../store/trackers.js';
import { newBoard } from './boards.js';

const TEXTS = Array.from({ length: 12 }, (_, i) => `Improve part ${String.fromCharCode(97 + i)}${i} of the process`);

let stack: Stack | undefined;
let github: RunningGithub | undefined;
afterEach(async () => {
  await stack?.close();
  await github?.close();
});

it('makes every ticket once, whenever the worker is killed', { timeout: 120_000 }, async () => {
  stack = await startStack({ simulator: { windowMs: 1_000 } });
  github = await startGithub();
  const { config, token: secret, seen } = github;
  await addTracker(stack.db, stack.vault, { tenantId: stack.tenantId, name: 'issues', kind: 'github', config, secret });
  const board = await newBoard(stack, TEXTS);
  const worker = await stack.spawnWorker();
  const { handle } = await stack.miro.retroToTickets({ board, tracker: 'issues', linkBack: 'none' });
  // The request is worked on and its answer is held: the worker dies between write and answer.
  github.fail({ match: { method: 'POST', path: '/**/issues' }, when: { nth: 4 }, fault: 'timeout', times: 1 });
  await until(() => Promise.resolve(seen.filter(({ method }) => method === 'POST').length >= 4));
  expect(await worker.kill('SIGKILL')).toMatchObject({ signal: 'SIGKILL' });
  await stack.spawnWorker();
  expect(await handle.result()).toMatchObject({ ending: 'done', counts: { made: TEXTS.length, existing: 0 } });
  expect(
    github
      .state()
      .map(({ title }) => title)
      .sort(),
  ).toEqual(TEXTS.toSorted());
});
