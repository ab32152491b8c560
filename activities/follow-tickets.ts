import type { ItemOutcome } from '../contract.js';
import { ticketMarker } from '../ids.js';
import { getEffect } from '../store/effects.js';
import { nextRows, type PlannedRow } from '../store/plans.js';
import { linksOfItems, noteFollowed, type StoredLink } from '../store/ticket-links.js';
import type { Ticket, TicketState, Tracker } from '../tickets/tracker.js';
import { ensureCreated, type CreateEffect } from './create-effect.js';
import { keyOf } from './effects.js';
import { effectId, type CallingDeps } from './job-context.js';
import { recorded, skipped, type Recorded } from './outcomes.js';
import { inGroups } from './parallel.js';
import { report } from './report.js';
import { ensureSet } from './set-effect.js';
import {
  BATCH,
  detailOf,
  jobOf,
  openTicketStep,
  subjectOf,
  type PartOfPlan,
  type PartReport,
  type TicketStep,
} from './tickets.js';
import {
  askingTracker,
  createTrackerSender,
  trackerTimes,
  type TrackerCall,
  type TrackerSender,
} from './tracker-calls.js';

export const createFollowActivities = (deps: CallingDeps) => ({
  /**
   * Tells tickets how their items read now. Effect: create for a comment, which the tracker itself finds by its marker; set for an update. What a
   * person has changed is never overwritten; a ticket that a person has deleted is not made again: both are reported.
   */
  async followTickets({ jobId, planId, from }: PartOfPlan): Promise<PartReport> {
    const step = await openTicketStep(deps, jobId);
    const { rows, next } = await nextRows(deps.db, { planId, decisions: ['changed'], from, limit: BATCH });
    const of = { ...jobOf(step.retro), itemIds: rows.map(({ row }) => row.itemId) };
    const links = new Map((await linksOfItems(deps.db, of)).map((link) => [link.itemId, link]));
    const outcomes = await inGroups(
      rows,
      ({ row }) => row.itemId,
      (planned) => followTicket(deps, step, planned, links.get(planned.row.itemId)),
      step.tracker.capabilities.concurrency,
    );
    return { ...report(outcomes), ...(next === undefined ? {} : { next }) };
  },
});

async function followTicket(
  deps: CallingDeps,
  step: TicketStep,
  planned: PlannedRow,
  link: StoredLink | undefined,
): Promise<ItemOutcome> {
  const { retro, tracker } = step;
  return await recorded(deps, retro, subjectOf(planned.row.itemId), async () => {
    if (!link) return skipped('its ticket was taken back meanwhile');
    const { comments, updates } = tracker.capabilities;
    const wish = retro.options.onChange === 'update' ? 'update' : 'comment';
    if (wish === 'update' ? !updates : !comments) {
      return {
        ...skipped(`the tracker takes no ${wish}s; the ticket ${link.ticket.key} reads as before`),
        objectId: link.ticket.id,
      };
    }
    const followed: Recorded = { outcome: 'changed', objectId: link.ticket.id, detail: detailOf(link.ticket) };
    // A step that was cut off between the write and its note in the store comes back here.
    if (link.fingerprint === planned.row.fingerprint) return followed;
    const told = await (wish === 'update' ? update : comment)(deps, step, planned, link);
    if ('kept' in told) return { ...told.kept, objectId: link.ticket.id };
    const { fingerprint, title } = planned.row;
    const { revision, ...known } = link;
    const as = told.revision === undefined ? known : { ...known, revision: told.revision };
    await noteFollowed(deps.db, { ...as, fingerprint, title, words: planned.words, followed: link.followed + 1 });
    return followed;
  });
}

/** The revision as we left it; none where a person has changed the ticket too: it stays theirs. `kept`: nothing was written. */
type Told = { revision: string | undefined } | { kept: Recorded };
type Follow = (deps: CallingDeps, step: TicketStep, planned: PlannedRow, link: StoredLink) => Promise<Told>;

/** The effect is known by the words, and by what was told before: words that come back are told again. */
const subjectFor = ({ itemId, episode, followed }: StoredLink, { row }: PlannedRow): string =>
  `${itemId}.${episode}.${followed}.${row.fingerprint.slice(0, 16)}`;

const comment: Follow = async (deps, step, planned, link) => {
  const { tracker } = step;
  const now = tracker.capabilities.reads ? await tracker.get(link.ticket.id, askingTracker(deps)) : undefined;
  if (tracker.capabilities.reads && !now) return { kept: gone(link) };
  const sender: TrackerSender<TicketState> = createTrackerSender(deps, step.retro);
  const effect = commentEffect(deps, step, { link, planned, before: now?.revision ?? '' });
  const ensured = await ensureCreated(deps.db, sender, effect);
  // The ledger knows the revision from before the first send, when no comment of ours had changed it.
  const told = await getEffect(deps.db, { jobId: effect.id.jobId, key: keyOf(effect.id) });
  const isOurs = ensured.outcome !== 'ambiguous' && told?.watermark === link.revision;
  return { revision: isOurs ? ensured.result.revision : undefined };
};

/** The tracker looks for the comment's marker before it comments, so a look of ours has nothing to add. */
function commentEffect(
  deps: CallingDeps,
  { retro, tracker }: TicketStep,
  { link, planned, before }: { link: StoredLink; planned: PlannedRow; before: string },
): CreateEffect<TicketState, TicketState, TrackerCall<TicketState>> {
  const named = subjectFor(link, planned);
  const marker = ticketMarker(deps.idKey, { keyHash: retro.job.keyHash, itemId: `comment:${named}` }, link.episode);
  const words = `The item on the board reads now:\n\n${planned.row.body}`;
  return {
    id: effectId(retro, 'comment', named),
    times: trackerTimes(deps, tracker.capabilities),
    lookFirst: false,
    watermark: before,
    call: () => ({ write: true, send: (how) => tracker.comment(link.ticket.id, { marker, body: words }, how) }),
    look: () => Promise.resolve({ kind: 'absent' }),
    made: (state) => ({ objectId: `${state.id}:${marker}`, result: state }),
  };
}

/**
 * Writes only into a ticket that is as we left it. One that reads already as it would be written, after an attempt of ours, is an attempt's whose
 * answer was lost.
 */
const update: Follow = async (deps, { retro, tracker }, planned, link) => {
  const { title, body, labels } = planned.row;
  const { id: ticketId } = link.ticket;
  const id = effectId(retro, 'update', subjectFor(link, planned));
  const before = await getEffect(deps.db, { jobId: id.jobId, key: keyOf(id) });
  const mayBeWritten = before !== undefined && (before.state === 'done' || before.unresolved > 0);
  const readsSo = reading(tracker.shown({ title, body }));
  let written = false;
  let last: Ticket | undefined;
  try {
    await ensureSet<Ticket>(deps.db, createTrackerSender(deps, retro), {
      id,
      times: trackerTimes(deps, tracker.capabilities),
      async read() {
        last = await tracker.get(ticketId, askingTracker(deps));
        if (!last) throw new Kept(gone(link));
        return last;
      },
      // A tracker may keep a body in another form than it says.
      holds: (now) => readsSo(now) || (written && now.title === tracker.shown({ title, body }).title),
      async write(now, ready) {
        if (now.revision !== link.revision) throw new Kept(touched(link, planned));
        await ready();
        await tracker.update(ticketId, { title, body, labels }, { deadlineMs: deps.timings.tracker.httpMs });
        written = true;
      },
    });
  } catch (error) {
    if (error instanceof Kept) return { kept: error.told };
    throw error;
  }
  return { revision: written || mayBeWritten ? last?.revision : undefined };
};

/** Whether a ticket reads so, however its blanks were set. */
function reading(wanted: Shown): (now: Shown) => boolean {
  const flat = ({ title, body }: Shown): string =>
    [title, body].map((text) => text.replace(/\s+/g, ' ').trim()).join('\n');
  return (now) => flat(now) === flat(wanted);
}

type Shown = ReturnType<Tracker['shown']>;

/** The ticket is left alone. */
class Kept extends Error {
  override readonly name = 'Kept';
  readonly told: Recorded;

  constructor(told: Recorded) {
    super('the ticket is left alone');
    this.told = told;
  }
}

const touched = ({ ticket: { key, url } }: StoredLink, { row: { title } }: PlannedRow): Recorded => ({
  outcome: 'skipped',
  detail: {
    reason: `somebody has changed the ticket ${key} since; the item now reads "${title}"`,
    remedy: `look at ${url ?? key} in the tracker, and change it by hand if it is to say so`,
  },
});

const gone = ({ ticket: { key } }: StoredLink): Recorded => ({
  outcome: 'skipped',
  detail: {
    reason: `the ticket ${key} is gone from the tracker; it is not made again`,
    remedy: 'restore it there, or take it back here with: temporal-miro retro undo',
  },
});
