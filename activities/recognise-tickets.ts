/** Tickets that the store has lost: what the tracker still has is recognised by its marker, before the first one is made. */
import type { TicketRef } from '../contract-retro.js';
import { sha256, ticketMarker } from '../ids.js';
import { grouped } from '../jobs/retro-to-tickets/grouped.js';
import { CLOCK_SKEW_MS, matchTicket, mayHaveHadTicket } from '../jobs/retro-to-tickets/match-ticket.js';
import { normalisedWords } from '../jobs/retro-to-tickets/words.js';
import { nextRows, type PlannedRow } from '../store/plans.js';
import { linksOfItems, markUndone, nextEpisodes, type StoredLink } from '../store/ticket-links.js';
import type { FoundTickets, MarkedTicket } from '../tickets/tracker.js';
import { adoptFound } from './create-effect.js';
import type { CallingDeps } from './job-context.js';
import { isTicketRefusal, recorded } from './outcomes.js';
import { jobOf, linkTicket, notLooked, openTicketStep, subjectOf, ticketEffect, ticketOutcome } from './tickets.js';
import type { TicketStep } from './tickets.js';
import { askingTracker } from './tracker-calls.js';

/** Where the look goes on. A ticket that was taken back and made anew has a later episode; each round asks for the next two. */
export interface RecogniseFrom {
  round: number;
  /** The tracker's. */
  portion?: string;
}

/** Rows that are read at once. */
const ROWS_AT_ONCE = 1_000;

export const createRecogniseActivities = (deps: CallingDeps) => ({
  /**
   * Looks for tickets of planned items that are older than what the store knows of the job: one portion of the tracker's answer. Effect: create, found.
   * @returns next: where to go on; absent at the end.
   */
  async recogniseTickets({ jobId, planId, from = { round: 0 } }: RecognisePart): Promise<{ next?: RecogniseFrom }> {
    const step = await openTicketStep(deps, jobId);
    if (step.tracker.capabilities.createdOnce === 'idempotent') return {};
    const asked = await askedFor(deps, step, planId, from.round);
    if (asked.size === 0) return {};
    const { found, next } = await lookForMany(deps, step, asked, from.portion);
    for (const recognised of newest(found, asked)) await adopt(deps, step, recognised);
    return { next: next === undefined ? { round: from.round + 1 } : { ...from, portion: next } };
  },
});

export interface RecognisePart {
  jobId: string;
  planId: string;
  from?: RecogniseFrom;
}

/** What one marker asks for. */
interface Asked {
  planned: PlannedRow;
  episode: number;
  /** Links to earlier tickets, found in the round before. */
  before: StoredLink[];
}

/**
 * By marker; the same number in the same order for all portions of a round. In the first round all items to make tickets of, then those of which the
 * last episode asked for was found: it may not be the last.
 */
async function askedFor(
  deps: CallingDeps,
  { retro }: TicketStep,
  planId: string,
  round: number,
): Promise<Map<string, Asked>> {
  const rows = (await allRows(deps, planId)).filter(({ row }) => mayHaveHadTicket(row, retro.job.openedAt));
  const of = { ...jobOf(retro), itemIds: rows.map(({ row }) => row.itemId) };
  const [links, episodes] = await Promise.all([linksOfItems(deps.db, of), nextEpisodes(deps.db, of)]);
  const linked = grouped(links, ({ itemId }) => itemId);
  const { keyHash } = retro.job;
  return new Map(
    rows.flatMap((planned) => {
      const { itemId } = planned.row;
      const before = linked.get(itemId) ?? [];
      const last = Math.max(0, ...before.map(({ episode }) => episode));
      if (last < 2 * round) return [];
      const first = last > 0 ? last + 1 : (episodes.get(itemId) ?? 1);
      return [first, first + 1].map((episode): [string, Asked] => [
        ticketMarker(deps.idKey, { keyHash, itemId }, episode),
        { planned, episode, before },
      ]);
    }),
  );
}

async function lookForMany(
  deps: CallingDeps,
  { tracker }: TicketStep,
  asked: ReadonlyMap<string, Asked>,
  portion: string | undefined,
): Promise<FoundTickets> {
  try {
    return await tracker.findByMarker([...asked.keys()], oldestOf(asked), askingTracker(deps), portion);
  } catch (error) {
    throw isTicketRefusal(error) ? notLooked(error) : error;
  }
}

/** No ticket is older than its item. */
function oldestOf(asked: ReadonlyMap<string, Asked>): Date | undefined {
  const times = [...asked.values()].map(({ planned: { row } }) => Date.parse(row.record?.createdAt ?? ''));
  const oldest = times.reduce((least, time) => Math.min(least, time), Infinity);
  return Number.isFinite(oldest) ? new Date(oldest - CLOCK_SKEW_MS) : undefined;
}

interface Recognised extends Asked {
  ticket: MarkedTicket;
}

/** Of each item the ticket of the latest episode. */
function newest(found: MarkedTicket[], asked: ReadonlyMap<string, Asked>): Recognised[] {
  const best = new Map<string, Recognised>();
  for (const [marker, carrying] of grouped(found, ({ marker }) => marker)) {
    const wanted = asked.get(marker);
    const { ticket } = matchTicket(carrying);
    if (!wanted || !ticket) continue;
    const { itemId } = wanted.planned.row;
    if ((best.get(itemId)?.episode ?? 0) < wanted.episode) best.set(itemId, { ...wanted, ticket });
  }
  return [...best.values()];
}

/** Tickets of earlier episodes were taken back, or there would be no later one. */
async function adopt(
  deps: CallingDeps,
  step: TicketStep,
  { planned, episode, before, ticket }: Recognised,
): Promise<void> {
  const { retro } = step;
  await recorded(deps, retro, subjectOf(planned.row.itemId), async () => {
    const effect = ticketEffect(deps, step, planned.row, episode);
    const { outcome, result } = await adoptFound(deps.db, effect, effect.made(ticket));
    const link = { episode, ticket: result, outcome: outcome === 'made' ? ('made' as const) : ('found' as const) };
    await linkTicket(deps, retro, withoutLinkLine(planned, result), link);
    for (const link of before) await markUndone(deps.db, link);
    return ticketOutcome(outcome, result);
  });
}

/** The item as people wrote it: what an earlier run appended was not known for its own when the board was planned. */
function withoutLinkLine({ row, words }: PlannedRow, { key }: TicketRef): PlannedRow {
  const line = ` ${normalisedWords(key)}`;
  if (!words.endsWith(line)) return { row, words };
  const theirs = words.slice(0, -line.length);
  return { row: { ...row, fingerprint: sha256(theirs) }, words: theirs };
}

async function allRows({ db }: CallingDeps, planId: string): Promise<PlannedRow[]> {
  const all: PlannedRow[] = [];
  for (let from: number | undefined = 0; from !== undefined;) {
    const page: { rows: PlannedRow[]; next?: number } = await nextRows(db, {
      planId,
      decisions: ['create'],
      from,
      limit: ROWS_AT_ONCE,
    });
    all.push(...page.rows);
    from = page.next;
  }
  return all;
}
