import { nextRows, type PlannedRow } from '../store/plans.js';
import { linksOfItems, type StoredLink } from '../store/ticket-links.js';
import { ensureCreated, type CreateEffect } from './create-effect.js';
import { effectId, type CallingDeps } from './job-context.js';
import { isTicketRefusal, record, refused } from './outcomes.js';
import { inGroups } from './parallel.js';
import { BATCH, jobOf, openTicketStep, type PartOfPlan, type TicketStep } from './tickets.js';
import { createTrackerSender, trackerTimes, type TrackerCall } from './tracker-calls.js';

type Pair = [StoredLink, StoredLink];

export const createRelateActivities = (deps: CallingDeps) => ({
  /**
   * Joins the tickets of items that connectors join, once: a person may take a relation away again. Effect: create; a tracker keeps one relation of two
   * tickets, so it is just sent again. Only what is refused is recorded.
   */
  async relateTickets({ jobId, planId, from }: PartOfPlan): Promise<{ next?: number }> {
    const step = await openTicketStep(deps, jobId);
    if (!step.tracker.capabilities.links) return {};
    const { rows, next } = await nextRows(deps.db, {
      ...{ planId, decisions: ['create', 'existing', 'changed'], related: true },
      ...{ from, limit: BATCH },
    });
    await inGroups(
      await pairsOf(deps, step, rows),
      ([one]) => one.itemId,
      (pair) => relate(deps, step, pair),
      step.tracker.capabilities.concurrency,
    );
    return next === undefined ? {} : { next };
  },
});

/** Each pair is met from both of its items; the smaller id does it. */
async function pairsOf({ db }: CallingDeps, { retro }: TicketStep, rows: PlannedRow[]): Promise<Pair[]> {
  const wanted = rows.flatMap(({ row: { itemId, record } }) =>
    [...new Set(record?.relations)].filter((other) => itemId < other).map((other) => [itemId, other] as const),
  );
  const links = await linksOfItems(db, { ...jobOf(retro), itemIds: [...new Set(wanted.flat())] });
  const byItem = new Map(links.map((link) => [link.itemId, link]));
  return wanted.flatMap(([one, other]) => {
    const [a, b] = [byItem.get(one), byItem.get(other)];
    return a && b && a.ticket.id !== b.ticket.id ? [[a, b] as Pair] : [];
  });
}

async function relate(deps: CallingDeps, { retro, tracker }: TicketStep, [a, b]: Pair): Promise<void> {
  const subject = `${a.itemId}.${a.episode}-${b.itemId}.${b.episode}`;
  const effect: CreateEffect<void, object, TrackerCall<void>> = {
    id: effectId(retro, 'relate', subject),
    times: { ...trackerTimes(deps, tracker.capabilities), settleMs: 0 },
    lookFirst: false,
    call: () => ({ write: true, send: (how) => tracker.link(a.ticket.id, b.ticket.id, how) }),
    look: () => Promise.resolve({ kind: 'absent' }),
    made: () => ({ objectId: subject, result: {} }),
  };
  try {
    await ensureCreated(deps.db, createTrackerSender<void>(deps, retro), effect);
  } catch (error) {
    if (!isTicketRefusal(error)) throw error;
    await record(deps, retro, `relation ${a.ticket.key} ${b.ticket.key}`, refused(error.message, error.remedy));
  }
}
