import type { ItemOutcome } from '../contract.js';
import type { PlanRow, TicketRef } from '../contract-retro.js';
import { ticketMarker } from '../ids.js';
import { CLOCK_SKEW_MS, matchTicket, mayHaveHadTicket } from '../jobs/retro-to-tickets/match-ticket.js';
import { getEffect } from '../store/effects.js';
import { recordItems } from '../store/items.js';
import { nextRows, type PlannedRow } from '../store/plans.js';
import {
  linksOfItems,
  nextEpisodes,
  notePlaces,
  linkDone,
  saveLink,
  type StoredLink,
  type TicketLink,
} from '../store/ticket-links.js';
import { TicketError } from '../tickets/errors.js';
import type { FoundTickets, HowToAsk, MarkedTicket, TicketDraft, TicketState, Tracker } from '../tickets/tracker.js';
import { ensureCreated, type CreateEffect, type Look } from './create-effect.js';
import { keyOf } from './effects.js';
import { retryUntilMended } from './failure.js';
import { effectId, type CallingDeps } from './job-context.js';
import { isTicketRefusal, record, recorded, type Recorded } from './outcomes.js';
import { inGroups } from './parallel.js';
import { report, type StepReport } from './report.js';
import { loadRetro, type RetroContext } from './retro-context.js';
import {
  askingTracker,
  createTrackerSender,
  trackerTimes,
  type TrackerCall,
  type TrackerSender,
} from './tracker-calls.js';
import { openTracker } from './trackers.js';

/** Where a step is to go on in the plan; absent at its end. */
export type PartReport = StepReport & { next?: number };

/** Rows that one call works on. */
export const BATCH = 20;
/** Rows that one call only writes down. */
const NOTED_AT_ONCE = 1_000;

export const createTicketActivities = (deps: CallingDeps) => ({
  /**
   * Makes the tickets of the plan's next rows. Effect: create, each under a claim of its own; found again by its marker, or just sent again where the
   * tracker makes one ticket of one marker. What it refuses is an outcome of that row.
   */
  async ensureTickets({ jobId, planId, from }: PartOfPlan): Promise<PartReport> {
    const step = await openTicketStep(deps, jobId);
    const { rows, next } = await nextRows(deps.db, { planId, decisions: ['create'], from, limit: BATCH });
    const known = await knownOf(deps, step.retro, rows);
    const outcomes = await inGroups(
      rows,
      ({ row }) => row.itemId,
      (planned) => ensureTicket(deps, step, planned, known),
      step.tracker.capabilities.concurrency,
    );
    return { ...report(outcomes), ...(next === undefined ? {} : { next }) };
  },

  /** Writes down what stays as it is, on wish with what has changed: where items are, tickets that are there, and those whose item is gone. Store only. */
  async noteStanding({ jobId, planId, from, changed }: PartOfPlan & { changed: boolean }): Promise<PartReport> {
    const retro = await loadRetro(deps, jobId);
    if (from === 0) await notePlaces(deps.db, { ...jobOf(retro), planId });
    const decisions = ['existing', 'deleted', 'dropped', ...(changed ? ['changed' as const] : [])] as const;
    const { rows, next } = await nextRows(deps.db, { planId, decisions, from, limit: NOTED_AT_ONCE });
    // What is dropped now, or lies outside of this run's source, may have a ticket from before.
    const items = rows.flatMap(({ row }) =>
      row.ticket ? [{ subject: subjectOf(row.itemId), kind: 'ticket', ...standing(row) }] : [],
    );
    const { tenantId } = retro.job;
    await recordItems(deps.db, { tenantId, jobId }, items);
    return { ...report(items.map(({ outcome }) => outcome)), ...(next === undefined ? {} : { next }) };
  },
});

export interface PartOfPlan {
  jobId: string;
  planId: string;
  /** Position of the first row. */
  from: number;
}

export interface TicketStep {
  retro: RetroContext;
  tracker: Tracker;
}

export async function openTicketStep(deps: CallingDeps, jobId: string): Promise<TicketStep> {
  const retro = await loadRetro(deps, jobId);
  const { tenantId } = retro.job;
  const { tracker } = await openTracker(deps, { tenantId, name: retro.options.tracker });
  return { retro, tracker };
}

export const jobOf = ({
  job: { tenantId, keyHash },
}: Pick<RetroContext, 'job'>): Pick<TicketLink, 'tenantId' | 'keyHash'> => ({
  tenantId,
  keyHash,
});
export const subjectOf = (itemId: string): string => `ticket ${itemId}`;
export const detailOf = ({ key, url }: TicketRef): { key: string; url?: string } => ({
  key,
  ...(url === undefined ? {} : { url }),
});

function standing({ decision, ticket }: PlanRow): Recorded {
  const named = ticket ? { objectId: ticket.id } : {};
  if (decision !== 'deleted') return { outcome: 'existing', ...named, ...(ticket && { detail: detailOf(ticket) }) };
  const reason = `its item is gone from the board; the ticket ${ticket?.url ?? ticket?.key ?? ''} stays`;
  return {
    outcome: 'skipped',
    ...named,
    detail: { reason, remedy: 'close the ticket by hand if it is not wanted any more' },
  };
}

/** What the store knows of the rows of one batch, read at once. */
interface Known {
  links: Map<string, StoredLink>;
  episodes: Map<string, number>;
}

async function knownOf({ db }: CallingDeps, retro: RetroContext, rows: PlannedRow[]): Promise<Known> {
  const of = { ...jobOf(retro), itemIds: rows.map(({ row }) => row.itemId) };
  const [links, episodes] = await Promise.all([linksOfItems(db, of), nextEpisodes(db, of)]);
  return { links: new Map(links.map((link) => [link.itemId, link])), episodes };
}

async function ensureTicket(
  deps: CallingDeps,
  step: TicketStep,
  { row }: PlannedRow,
  { links, episodes }: Known,
): Promise<ItemOutcome> {
  const { retro } = step;
  return await recorded(deps, retro, subjectOf(row.itemId), async () => {
    const link = links.get(row.itemId);
    if (link)
      return ticketOutcome(link.runId === retro.runId && link.outcome === 'made' ? 'made' : 'existing', link.ticket);
    const sender: TrackerSender<Answer> = createTrackerSender(deps, retro);
    for (let episode = episodes.get(row.itemId) ?? 1; ; episode += 1) {
      const effect = ticketEffect(deps, step, row, episode);
      const ensured = await ensureCreated(deps.db, sender, effect);
      if (ensured.outcome === 'ambiguous') return { outcome: 'failed', detail: { reason: ensured.reason } };
      await linkDone(deps.db, { jobId: retro.job.jobId, key: keyOf(effect.id) });
      if (ensured.result.over && episode < LAST_TRIED) continue;
      return ticketOutcome(ensured.outcome === 'made' ? 'made' : await outcomeKnown(deps, effect), ensured.result);
    }
  });
}

/** How many tickets of an item an undo may have closed before the store was lost; a receiver that closes every ticket gets no more of them. */
const LAST_TRIED = 5;

export const ticketOutcome = (outcome: 'made' | 'existing', ticket: TicketRef): Recorded => ({
  outcome,
  objectId: ticket.id,
  detail: detailOf(ticket),
});

/** An attempt that was killed before it could link its ticket has made it all the same. */
async function outcomeKnown({ db }: CallingDeps, { id }: TicketEffect) {
  const effect = await getEffect(db, { jobId: id.jobId, key: keyOf(id) });
  return effect?.outcome === 'made' ? ('made' as const) : ('existing' as const);
}

/** Of a ticket that was recognised. */
export async function linkTicket(
  { db }: Pick<CallingDeps, 'db'>,
  retro: RetroContext,
  { row, words }: PlannedRow,
  { episode, ticket, outcome }: { episode: number; ticket: MadeTicket; outcome: 'made' | 'found' },
): Promise<void> {
  const { id, key, url, revision } = ticket;
  const { x, y } = row.record?.absolute ?? { x: 0, y: 0 };
  await saveLink(db, {
    ...{ ...jobOf(retro), itemId: row.itemId, episode, jobId: retro.job.jobId, runId: retro.runId, outcome },
    ...(revision === undefined ? {} : { revision }),
    ...{ ticket: { id, key, ...(url === undefined ? {} : { url }) } },
    ...{ title: row.title, words, fingerprint: row.fingerprint, x, y },
  });
}

/** What sending a draft has come to. */
interface Answer extends TicketState {
  /** False: people may have changed it since it was made. */
  untouched?: boolean;
  /** It is an older one, which an undo has closed before the store was lost. */
  over?: boolean;
}

/** As the ledger keeps it. A revision only where it surely is that of a ticket which nobody has touched since it was made. */
export interface MadeTicket extends Partial<TicketState> {
  id: string;
  key: string;
  over?: true;
}

export type TicketEffect = CreateEffect<Answer, MadeTicket, TrackerCall<Answer>>;

/** Also used to settle what an ended run left open. */
export function ticketEffect(
  deps: CallingDeps,
  { retro, tracker }: TicketStep,
  row: PlanRow,
  episode: number,
): TicketEffect {
  const marker = ticketMarker(deps.idKey, { keyHash: retro.job.keyHash, itemId: row.itemId }, episode);
  const id = effectId(retro, 'ticket', `${row.itemId}.${episode}`);
  return {
    id,
    times: trackerTimes(deps, tracker.capabilities),
    lookFirst: false,
    async call() {
      const draft = draftOf(row, marker);
      const { createdOnce, reads } = tracker.capabilities;
      if (createdOnce === 'marker' || !reads) return { write: true, send: (how) => tracker.create(draft, how) };
      const isKnown = (await getEffect(deps.db, { jobId: id.jobId, key: keyOf(id) })) !== undefined;
      const mayBeThere = isKnown || mayHaveHadTicket(row, retro.job.openedAt);
      return { write: true, send: (how) => sendAgain(tracker, draft, how, { isKnown, mayBeThere }) };
    },
    async look({ since }): Promise<Look<MadeTicket>> {
      if (tracker.capabilities.createdOnce === 'idempotent') return { kind: 'absent' };
      const carrying = await lookFor(deps, tracker, marker, since);
      const { ticket, surplus, others } = matchTicket(carrying, { since });
      for (const { id, ...named } of surplus) await record(deps, retro, `surplus ${id}`, surplusOf(named));
      if (ticket) return { kind: 'found', objectId: ticket.id, result: stateOf(ticket) };
      return others.length > 0 ? { kind: 'ambiguous', reason: madeByAnother(others) } : { kind: 'absent' };
    },
    made: (state) => ({ objectId: state.id, result: stateOf(state) }),
  };
}

/** An attempt of ours was not answered, and meanwhile its marker has come up under another account. */
const madeByAnother = (others: MarkedTicket[]): string =>
  `${others.map(({ key }) => key).join(' and ')} may be it, made with another account than the tracker's secret has now; give that account's secret, or delete the ticket`;

const stateOf = ({ id, key, url, revision, untouched = true, over = false }: Answer): MadeTicket => ({
  ...{ id, key },
  ...(url === undefined ? {} : { url }),
  ...(untouched ? { revision } : {}),
  ...(over ? { over } : {}),
});

/**
 * A tracker that makes one ticket of one marker may answer with an older one: where an answer was lost, or the whole store. How it reads tells whether
 * people have changed it since.
 */
async function sendAgain(
  tracker: Tracker,
  draft: TicketDraft,
  how: HowToAsk,
  { isKnown, mayBeThere }: { isKnown: boolean; mayBeThere: boolean },
): Promise<Answer> {
  const answer = await tracker.create(draft, how);
  if (!mayBeThere) return answer;
  const now = await readAfter(() => tracker.get(answer.id, how));
  if (now === 'refused') return { ...answer, untouched: false };
  const isOpen = now !== undefined && (!now.closed || draft.status !== undefined);
  const shown = tracker.shown(draft);
  return {
    ...answer,
    untouched: isOpen && now?.title === shown.title && now.body === shown.body,
    over: !isOpen && !isKnown,
  };
}

/** A question that follows a write: whatever becomes of it, the write is done. */
async function readAfter<T>(read: () => Promise<T>): Promise<T | 'refused'> {
  try {
    return await read();
  } catch (error) {
    if (isTicketRefusal(error)) return 'refused';
    if (!(error instanceof TicketError)) throw error;
    const { message, kind, retryAfterMs } = error;
    throw new TicketError(message, {
      kind,
      written: 'unknown',
      retryAfterMs,
    });
  }
}

const surplusOf = ({ key, url }: Pick<TicketState, 'key' | 'url'>): Recorded => ({
  outcome: 'failed',
  detail: { reason: `the ticket ${url ?? key} was made twice`, remedy: 'look at it and delete it by hand' },
});

/** What the claims tell of the time keeps this to few portions. */
async function lookFor(
  deps: CallingDeps,
  tracker: Tracker,
  marker: string,
  since: Date | undefined,
): Promise<MarkedTicket[]> {
  const from = since && new Date(since.getTime() - CLOCK_SKEW_MS);
  const carrying: MarkedTicket[] = [];
  let portion: string | undefined;
  try {
    do {
      const { found, next }: FoundTickets = await tracker.findByMarker([marker], from, askingTracker(deps), portion);
      carrying.push(...found);
      portion = next;
    } while (portion !== undefined);
    return carrying;
  } catch (error) {
    throw isTicketRefusal(error) ? notLooked(error) : error;
  }
}

/** A look that is refused tells nothing of the ticket: it may be there. */
export const notLooked = ({ kind, message }: TicketError): Error =>
  retryUntilMended(`Tracker.${kind}`, `looking for a ticket of ours: ${message}`, 60_000);

function draftOf(row: PlanRow, marker: string): TicketDraft {
  const { title, body, labels, ticketType: type, status, priority, parent, assignee, fields, url: sourceUrl } = row;
  const optional = Object.entries({ type, status, priority, parent, assignee, fields }).filter(
    ([, value]) => value !== undefined,
  );
  return { marker, title, body, labels, sourceUrl, ...Object.fromEntries(optional) };
}
