/**
 * Saves the histories that replay.test.ts replays: `npx vitest run --config test/replay/record.config.ts`. Run it after a change that adds a step behind
 * `patched`, under a new date; histories of released workflows are never replaced, since runs with them may still live.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { afterAll, beforeAll, it } from 'vitest';
import { startStack, type Stack } from '../stack.js';
import { jobs } from './jobs.js';

const folder = new URL(`histories/${new Date().toISOString().slice(0, 10)}/`, import.meta.url);

let stack: Stack;
beforeAll(async () => {
  await mkdir(folder, { recursive: true });
  stack = await startStack({ plaintext: true });
  await stack.work();
});
afterAll(() => stack.close());

it.each(Object.entries(jobs))('records a job that is %s', async (name, run) => {
  const history = await stack.temporal.workflow.getHandle(await run(stack)).fetchHistory();
  await stack.sim('faults', [], 'PUT');
  await writeFile(new URL(`${name}.json`, folder), impersonal(historyToJSON(history)));
});

/** Without the names of the machine, its processes and its folders. */
function impersonal(history: string): string {
  const isOurs = (key: string, value: unknown): boolean =>
    key === 'identity' || key === 'stackTrace' || (typeof value === 'string' && /^\d+@/.test(value));
  const told: unknown = JSON.parse(history, (key, value: unknown) => (isOurs(key, value) ? '' : value));
  return `${JSON.stringify(told, null, 2)}\n`;
}
