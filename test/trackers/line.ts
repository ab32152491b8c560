/** What trackers talk through in these tests. */
import { Agent } from 'undici';
import { TicketError } from '../../tickets/errors.js';
import { createTracker } from '../../tickets/index.js';
import type { TrackerLine } from '../../tickets/settings.js';
import type { TicketDraft, Tracker, TrackerKind, Wanted } from '../../tickets/tracker.js';

const dispatcher = new Agent();

/** Every address is taken for a public one. */
export const line: TrackerLine = {
  dispatcher,
  // These trackers have no table of ours.
  builtin: undefined as never,
  requirePublic: () => Promise.resolve(),
};

/** A tracker that talks to a stand-in. */
export function openStandIn(
  kind: TrackerKind,
  { config, token }: { config: Record<string, unknown>; token: string },
  over: TrackerLine = line,
): Tracker {
  return createTracker({ kind, name: 'ours', config, secret: token }, over);
}

export const how = { deadlineMs: 5_000 };

export const draft = (marker: string, more: Partial<TicketDraft> = {}): TicketDraft => ({
  marker,
  title: 'Fix the login',
  body: 'It **fails** on Mondays.',
  labels: [],
  sourceUrl: 'https://miro.com/app/board/uXj=/?moveToWidget=1',
  ...more,
});

export const nothingWanted: Wanted = {
  types: [],
  statuses: [],
  priorities: [],
  parents: [],
  assignees: [],
  fields: [],
};

/** The error of a request that fails. */
export async function failureOf(work: Promise<unknown>): Promise<TicketError> {
  const outcome: unknown = await work.then(
    () => 'it did not fail',
    (error: unknown) => error,
  );
  if (outcome instanceof TicketError) return outcome;
  throw new Error(`no TicketError: ${String(outcome)}`);
}
