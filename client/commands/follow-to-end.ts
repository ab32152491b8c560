import { stopSignals } from '../../workers/stop-signals.js';
import type { JobHandle, JobResult } from '../index.js';
import { endOf, isOver, progressLine, progressOf, type JobEnd } from './follow.js';
import { createLiveLine } from './live-line.js';
import type { Output } from './output.js';

/**
 * Shows a job live until it ends.
 * @returns undefined when it goes on without us: parked, waiting for people, or somebody pressed Ctrl-C.
 */
export async function followToEnd(handle: JobHandle<JobResult>, output: Output): Promise<JobEnd | undefined> {
  const line = createLiveLine();
  const { signal, release } = stopSignals();
  try {
    for await (const progress of progressOf(handle, signal)) {
      line.show(progressLine(progress));
      if (progress.state === 'parked' || progress.waiting?.for === 'approval') break;
      if (isOver(progress)) return await endOf(handle);
    }
  } finally {
    release();
    line.close();
  }
  if (signal.aborted) output.note('Not waiting any longer; the job goes on.');
  return undefined;
}
