import { expect, it } from 'vitest';
import { endOf, progressLine, progressOf } from '../../client/commands/follow.js';
import type { JobHandle, JobResult } from '../../client/index.js';

const COUNTS = { made: 3, existing: 0, changed: 0, skipped: 1, refused: 0, failed: 0 };

/** The exit code of a job that ended so. */
async function codeOf(result: object): Promise<number> {
  const ended = { result: () => Promise.resolve({ ending: 'done', counts: COUNTS, ...result }) };
  return (await endOf(ended as unknown as JobHandle<JobResult>)).exitCode;
}

it('a retro or an undo whose tickets were refused or failed has not done what was asked', async () => {
  expect(await codeOf({})).toBe(0);
  expect(await codeOf({ counts: { ...COUNTS, refused: 1 } })).toBe(1);
  expect(await codeOf({ counts: { ...COUNTS, failed: 1 } })).toBe(1);
  expect(await codeOf({ ending: 'deadline' })).toBe(1);
});

it('a board is there even where a part of it was refused', async () => {
  expect(await codeOf({ episode: 1, counts: { ...COUNTS, refused: 1 } })).toBe(0);
});

it('says after some seconds that nobody has begun with a run', async () => {
  const stuck = { workflowId: 'w', runId: 'r', state: 'running', phase: 'opening', pending: [] };
  const shown = async (more: object): Promise<string> => {
    const status = () => Promise.resolve({ ...stuck, startedAt: '2026-01-01T00:00:00Z', ...more });
    const handle = { status } as unknown as JobHandle<JobResult>;
    for await (const progress of progressOf(handle, new AbortController().signal)) return progressLine(progress);
    return '';
  };
  expect(await shown({})).toMatch(/^opening +waits \(retry\): .*do not reach the database/);
  expect(await shown({ phase: undefined })).toMatch(/^running +waits \(retry\)/);
  expect(await shown({ startedAt: new Date().toISOString() })).toBe('opening ');
  expect(await shown({ phase: 'reading' })).toBe('reading ');
});
