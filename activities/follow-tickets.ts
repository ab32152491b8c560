import type { ItemOutcome } from '../contract.js';
import { ticketMarker } from '../ids.js';
import { nextRows, type PlannedRow } from '../store/plans.js';
import { linksOfItems, noteFollowed, type StoredLink } from '../store/ticket-links.js';
import { TicketError } from '../tickets/errors.js';
import type { Ticket, TicketChange, TicketState } from '../tickets/tracker.js';
import { ensureCreated, type CreateEffect } from './create-effect.js';
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
   * Tells tickets how their items read now. Effect: create for a comment, which the tracker itself finds by its marker; set for an update. A ticket
   * that a person has deleted is reported, and not made again.
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
    const revision = await (wish === 'update' ? update : comment)(deps, step, planned, link);
    const { fingerprint, title } = planned.row;
    await noteFollowed(deps.db, { ...link, fingerprint, title, words: planned.words, revision });
    return followed;
  });
}

type Follow = (deps: CallingDeps, step: TicketStep, planned: PlannedRow, link: StoredLink) => Promise<string>;

const comment: Follow = async (deps, step, { row }, link) => {
  const sender: TrackerSender<TicketState> = createTrackerSender(deps, step.retro);
  const ensured = await ensureCreated(
    deps.db,
    sender,
    commentEffect(deps, step, { link, fingerprint: row.fingerprint, body: row.body }),
  );
  return ensured.outcome === 'ambiguous' ? (link.revision ?? '') : ensured.result.revision;
};

/** The tracker looks for the comment's marker before it comments, so a look of ours has nothing to add. */
function commentEffect(
  deps: CallingDeps,
  { retro, tracker }: TicketStep,
  { link, fingerprint, body }: { link: StoredLink; fingerprint: string; body: string },
): CreateEffect<TicketState, TicketState, TrackerCall<TicketState>> {
  const named = `${link.itemId}.${link.episode}.${fingerprint.slice(0, 16)}`;
  const marker = ticketMarker(deps.idKey, { keyHash: retro.job.keyHash, itemId: `comment:${named}` }, link.episode);
  const words = `The item on the board reads now:\n\n${body}`;
  return {
    id: effectId(retro, 'comment', named),
    times: trackerTimes(deps, tracker.capabilities),
    lookFirst: false,
    call: () => ({ write: true, send: (how) => tracker.comment(link.ticket.id, { marker, body: words }, how) }),
    look: () => Promise.resolve({ kind: 'absent' }),
    made: (state) => ({ objectId: `${state.id}:${marker}`, result: state }),
  };
}

/** The tracker shows a body in a form of its own: the title proves the write. */
const update: Follow = async (deps, { retro, tracker }, { row }, { ticket, itemId, episode }) => {
  const { title, body, labels } = row;
  const change: TicketChange = { title, body, labels };
  let written = false;
  let revision = '';
  await ensureSet<Ticket>(deps.db, createTrackerSender(deps, retro), {
    id: effectId(retro, 'update', `${itemId}.${episode}`),
    times: trackerTimes(deps, tracker.capabilities),
    async read() {
      const now = await tracker.get(ticket.id, askingTracker(deps));
      if (!now) throw gone(ticket.key);
      revision = now.revision;
      return now;
    },
    holds: (now) => written && now.title === title,
    async write(_, ready) {
      await ready();
      await tracker.update(ticket.id, change, { deadlineMs: deps.timings.tracker.httpMs });
      written = true;
    },
  });
  return revision;
};

const gone = (key: string): TicketError =>
  new TicketError(`the ticket ${key} is gone from the tracker; it is not made again`, {
    kind: 'not_found',
    written: 'no',
    remedy: 'restore it there, or take it back here with: temporal-miro retro undo',
  });
