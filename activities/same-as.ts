/** Tickets of a board of which this one is a duplicate: its items are new, and their tickets are there. */
import type { RetroToTicketsInput } from '../contract-retro.js';
import { keyHash } from '../ids.js';
import { retroKey } from '../jobs/retro-to-tickets/key.js';
import type { RetroRecord } from '../jobs/retro-to-tickets/model.js';
import type { LinkFacts } from '../jobs/retro-to-tickets/plan.js';
import { pairDuplicates } from '../jobs/retro-to-tickets/same-as.js';
import { nextRows } from '../store/plans.js';
import { linksOf, linksOfItems, nextEpisodes, saveLink, type StoredLink } from '../store/ticket-links.js';
import type { CallingDeps } from './job-context.js';
import { loadRetro, type PlanContext } from './retro-context.js';
import { jobOf } from './tickets.js';

const ROWS_AT_ONCE = 1_000;

export const createSameAsActivities = (deps: CallingDeps) => ({
  /** Gives items the tickets of those that they are duplicates of, as the plan has paired them. Store only. */
  async adoptSameAs({ jobId, planId }: { jobId: string; planId: string }): Promise<void> {
    const retro = await loadRetro(deps, jobId);
    const theirs = await linksOfOther(deps, retro.job.tenantId, retro.options);
    const byTicket = new Map(theirs.map((link) => [link.ticket.id, link]));
    const decisions = ['existing', 'changed'] as const;
    let from: number | undefined = 0;
    while (from !== undefined) {
      const page = await nextRows(deps.db, { planId, decisions, from, limit: ROWS_AT_ONCE });
      const of = { ...jobOf(retro), itemIds: page.rows.map(({ row }) => row.itemId) };
      const [own, episodes] = await Promise.all([linksOfItems(deps.db, of), nextEpisodes(deps.db, of)]);
      const known = new Set(own.map(({ itemId }) => itemId));
      for (const { row } of page.rows) {
        const link = byTicket.get(row.ticket?.id ?? '');
        if (!link || known.has(row.itemId)) continue;
        const { x, y } = row.record?.absolute ?? link;
        const episode = episodes.get(row.itemId) ?? 1;
        const here = { ...jobOf(retro), itemId: row.itemId, episode, jobId, runId: retro.runId, x, y };
        await saveLink(deps.db, { ...link, ...here, outcome: 'same_as' });
      }
      from = page.next;
    }
  },
});

/** What the plan knows of tickets: the job's own, and those of the other board for items that have none. */
export async function linksFor(
  deps: CallingDeps,
  { plan, input }: PlanContext,
  records: readonly RetroRecord[],
): Promise<LinkFacts[]> {
  const own = await linksOf(deps.db, plan);
  const theirs = await linksOfOther(deps, plan.tenantId, input);
  if (theirs.length === 0) return own;
  const known = new Set(own.map(({ itemId }) => itemId));
  const byItem = new Map(theirs.map((link) => [link.itemId, link]));
  const pairs = pairDuplicates(
    records.filter(({ itemId }) => !known.has(itemId)),
    theirs,
  );
  const adopted = [...pairs].flatMap(([itemId, otherId]) => {
    const link = byItem.get(otherId);
    return link ? [{ ...link, itemId }] : [];
  });
  return [...own, ...adopted];
}

async function linksOfOther(
  { db, idKey }: CallingDeps,
  tenantId: string,
  { tenant, tracker, sameAs }: RetroToTicketsInput,
): Promise<StoredLink[]> {
  if (sameAs === undefined) return [];
  const key = retroKey(sameAs, tracker);
  return await linksOf(db, { tenantId, keyHash: keyHash(idKey, { tenant, kind: 'retroToTickets', key }) });
}
