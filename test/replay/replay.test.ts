/** Runs live for days: workflow code of today must agree with what every saved run has done. */
import { readdirSync, readFileSync } from 'node:fs';
import { Worker } from '@temporalio/worker';
import { expect, it } from 'vitest';
import { workflowBundle } from '../stack.js';
import { jobs } from './jobs.js';

const folder = new URL('histories/', import.meta.url);
const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.json'));

it('has a history of each kind', () => {
  const kinds = new Set(files.map((file) => file.replace(/^.*[/\\]|\.json$/g, '')));
  expect([...kinds].sort()).toEqual(Object.keys(jobs).sort());
});

it.each(files)('replays %s', async (file) => {
  const history: unknown = JSON.parse(readFileSync(new URL(file.replaceAll('\\', '/'), folder), 'utf8'));
  await Worker.runReplayHistory({ workflowBundle: await workflowBundle() }, history, file);
});

it('would notice a step that is missing', async () => {
  const saved = JSON.parse(
    readFileSync(new URL(files.find((file) => file.endsWith('done.json')) ?? '', folder), 'utf8'),
  ) as {
    events: { activityTaskScheduledEventAttributes?: { activityType?: { name?: string } } }[];
  };
  for (const { activityTaskScheduledEventAttributes: scheduled } of saved.events)
    if (scheduled?.activityType?.name === 'ensureTags') scheduled.activityType.name = 'ensureConnectors';
  const replay = Worker.runReplayHistory({ workflowBundle: await workflowBundle() }, saved, 'tampered');
  await expect(replay).rejects.toThrow(/[Nn]ondeterminism|determin/);
});
