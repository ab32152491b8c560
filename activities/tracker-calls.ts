/** One way to a tracker for all activities. What it answers badly becomes a failure in failure.ts, never a retry here. */
import { cancellationSignal } from '@temporalio/activity';
import type { Capabilities, HowToAsk } from '../tickets/tracker.js';
import type { Caller } from './calls.js';
import type { Sender } from './create-effect.js';
import type { Deps, WriteTimes } from './deps.js';
import type { AnyJob, CallingDeps } from './job-context.js';

/** One request to a tracker. */
export interface TrackerCall<T> {
  write: boolean;
  send(how: HowToAsk): Promise<T>;
}

export interface TrackerSender<T> extends Sender<TrackerCall<T>, T>, Pick<Caller, 'requireUnpaused'> {}

/** Sends a job's calls, once each. A write waits for the end of a pause, and is not aborted by a cancellation: its outcome would be unknown. */
export function createTrackerSender<T>(
  { gate }: Pick<CallingDeps, 'gate'>,
  { job, connection }: Pick<AnyJob, 'job' | 'connection'>,
): TrackerSender<T> {
  const requireUnpaused = (): Promise<void> =>
    gate.requireUnpaused({ tenantId: job.tenantId, connection, jobKind: job.kind });
  const prepare: TrackerSender<T>['prepare'] = async (call) => {
    if (call.write) await requireUnpaused();
    return {
      token: {},
      send: (deadlineMs) => call.send({ deadlineMs, ...(call.write ? {} : { signal: cancellationSignal() }) }),
      release: () => undefined,
    };
  };
  // A tracker's credentials are one secret, not a pair that renews itself: its 401 is an error of its own, told in failure.ts.
  return { prepare, prepareAfter401: prepare, requireUnpaused };
}

/** The times of one write to this tracker. Where the same marker is the same ticket, nothing has to settle. */
export function trackerTimes({ timings }: Pick<Deps, 'timings'>, { createdOnce, settleMs }: Capabilities): WriteTimes {
  const { httpMs, leaseMs, settleScale } = timings.tracker;
  return { httpMs, leaseMs, settleMs: createdOnce === 'idempotent' ? 0 : Math.ceil(settleMs * settleScale) };
}

/** How a read is asked for. */
export function askingTracker({ timings }: Pick<Deps, 'timings'>): HowToAsk {
  return { deadlineMs: timings.tracker.httpMs, signal: cancellationSignal() };
}
