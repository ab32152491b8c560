/** Which ticket an item of a board has. Outlives plans and runs: it is what the next run of the job knows. */
import type { TicketRef } from '../contract-retro.js';
import type { Db } from './db.js';
import { UNRESOLVED } from './effects.js';

export interface TicketLink {
  tenantId: string;
  /** `keyHash` of ids.ts: of the job. */
  keyHash: string;
  itemId: string;
  /** Advances when a ticket was taken back and is made anew. */
  episode: number;
  jobId: string;
  /** Temporal's id of the run that made it. */
  runId: string;
  /** same_as: it belongs to the board of which this one is a duplicate. */
  outcome: 'made' | 'found' | 'same_as';
  ticket: TicketRef;
  /** The ticket's, as we left it. */
  revision?: string;
  title: string;
  /** Normalised, as the ticket last had them. */
  words: string;
  fingerprint: string;
  /** Centre of the item in canvas units, when it was last planned. */
  x: number;
  y: number;
}

export interface StoredLink extends TicketLink {
  /** How often its ticket was told of other words. */
  followed: number;
  /** Ids of items that said the same when the board was last planned. */
  merged: string[];
  madeAt: Date;
  /** Since when the item is gone from the board. */
  goneAt?: Date;
  undoneAt?: Date;
}

/** Names one link. */
export type LinkKey = Pick<TicketLink, 'tenantId' | 'keyHash' | 'itemId' | 'episode'>;

/** Records a link. The run and the outcome of the first time stand; a revision is kept where none is given. Safe to repeat. */
export async function saveLink(db: Db, link: TicketLink): Promise<void> {
  const { ticket } = link;
  await db.query(
    `insert into miro.ticket_links as l (tenant_id, key_hash, item_id, episode, job_id, run_id, outcome, ticket_id, ticket_key, ticket_url,
       revision, title, words, fingerprint, x, y) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)
     on conflict (tenant_id, key_hash, item_id, episode) do update set ticket_id = excluded.ticket_id, ticket_key = excluded.ticket_key,
       ticket_url = excluded.ticket_url, revision = coalesce(l.revision, excluded.revision)`,
    [
      ...[...keyOf(link), link.jobId, link.runId, link.outcome, ticket.id, ticket.key, ticket.url],
      ...[link.revision, link.title, link.words, link.fingerprint, link.x, link.y],
    ],
  );
}

/**
 * Links the tickets that only the ledger knows of, or the one of `key`: each to the run whose attempt has made it, with the words of that run's plan.
 * Safe to repeat. @returns the links that are new.
 */
export async function linkDone(db: Db, { jobId, key }: { jobId: string; key?: string }): Promise<StoredLink[]> {
  const rows = await db.query<LinkRow>(
    `insert into miro.ticket_links as l (tenant_id, key_hash, item_id, episode, job_id, run_id, made_at, outcome, ticket_id, ticket_key,
       ticket_url, revision, title, words, fingerprint, x, y, undone_at)
     select e.tenant_id, j.key_hash, s.item_id, s.episode, e.job_id, a.run_id, a.claimed_at,
       case when e.outcome = 'found' and a.id = e.done_attempt then 'found' else 'made' end,
       e.result->>'id', e.result->>'key', e.result->>'url', e.result->>'revision', r.row->>'title', r.words, r.row->>'fingerprint',
       coalesce((r.row #>> '{record,absolute,x}')::double precision, 0), coalesce((r.row #>> '{record,absolute,y}')::double precision, 0),
       case when e.result ? 'over' then now() end
     from miro.effects e join miro.jobs j on j.tenant_id = e.tenant_id and j.id = e.job_id
       cross join lateral (
         select substring(e.subject from '^(.+)[.]') as item_id, substring(e.subject from '[0-9]+$')::int as episode) s
       cross join lateral (
         select a.id, a.run_id, a.claimed_at from miro.attempts a
         where a.effect_id = e.id and (a.id = e.done_attempt or (e.outcome = 'found' and ${UNRESOLVED})) order by a.number limit 1) a
       cross join lateral (
         select r.row, r.words from miro.plans p join miro.plan_rows r on r.plan_id = p.id and r.subject = s.item_id
         where p.tenant_id = e.tenant_id and p.kind = j.kind and p.key_hash = j.key_hash
         order by p.run_id = a.run_id desc, p.created_at desc limit 1) r
     where e.job_id = $1 and e.step = 'ticket' and e.state = 'done' and ($2::text is null or e.key = $2)
       and not exists (select from miro.ticket_links l where l.tenant_id = e.tenant_id and l.key_hash = j.key_hash
         and l.item_id = s.item_id and l.episode = s.episode)
     on conflict do nothing returning ${COLUMNS}`,
    [jobId, key],
  );
  return rows.map(toLink);
}

/** All links of a job whose ticket was not taken back, by item id. */
export async function linksOf(
  db: Db,
  { tenantId, keyHash }: Pick<TicketLink, 'tenantId' | 'keyHash'>,
): Promise<StoredLink[]> {
  return select(db, `where tenant_id = $1 and key_hash = $2 and ${LIVE} order by item_id`, [tenantId, keyHash]);
}

/** The links of these items whose ticket was not taken back. */
export async function linksOfItems(
  db: Db,
  { tenantId, keyHash, itemIds }: Pick<TicketLink, 'tenantId' | 'keyHash'> & { itemIds: readonly string[] },
): Promise<StoredLink[]> {
  return select(db, `where tenant_id = $1 and key_hash = $2 and item_id = any ($3) and ${LIVE} order by item_id`, [
    tenantId,
    keyHash,
    itemIds,
  ]);
}

/** Those of the items on a board that have a ticket of another job: in another tracker. */
export async function itemsOfOtherJobs(
  db: Db,
  { tenantId, keyHash, itemIds }: Pick<TicketLink, 'tenantId' | 'keyHash'> & { itemIds: readonly string[] },
): Promise<Set<string>> {
  const rows = await db.query<{ itemId: string }>(
    `select distinct item_id as "itemId" from miro.ticket_links l
     where tenant_id = $1 and key_hash <> $2 and item_id = any ($3) and ${LIVE}`,
    [tenantId, keyHash, itemIds],
  );
  return new Set(rows.map(({ itemId }) => itemId));
}

/** The links that a run has made or found, taken back ones too, in the order of their making. */
export async function linksOfRun(
  db: Db,
  { tenantId, runId }: Pick<TicketLink, 'tenantId' | 'runId'>,
): Promise<StoredLink[]> {
  return select(db, 'where tenant_id = $1 and run_id = $2 order by made_at, item_id', [tenantId, runId]);
}

/** Ids of boards that are duplicates of the link's, and have its ticket too. */
export async function boardsSharing(
  db: Db,
  { tenantId, jobId, ticket }: Pick<TicketLink, 'tenantId' | 'jobId' | 'ticket'>,
): Promise<string[]> {
  const rows = await db.query<{ boardId: string }>(
    `select distinct j.board_id as "boardId" from miro.ticket_links l join miro.jobs j on j.id = l.job_id
       join miro.jobs own on own.id = $2 and own.spec->>'tracker' = j.spec->>'tracker'
     where l.tenant_id = $1 and l.outcome = 'same_as' and l.ticket_id = $3 and ${LIVE} order by 1`,
    [tenantId, jobId, ticket.id],
  );
  return rows.map(({ boardId }) => boardId);
}

/** The ticket has been told of how its item reads now. Safe to repeat. */
export async function noteFollowed(
  db: Db,
  link: LinkKey & Pick<StoredLink, 'fingerprint' | 'words' | 'title' | 'revision' | 'followed'>,
): Promise<void> {
  await db.query(
    `update miro.ticket_links set fingerprint = $5, words = $6, title = $7, revision = coalesce($8, revision), followed = $9 where ${BY_KEY}`,
    [...keyOf(link), link.fingerprint, link.words, link.title, link.revision, link.followed],
  );
}

/** Where the items of that plan are now, which others say the same, and since when those are gone that the board has no more. Safe to repeat. */
export async function notePlaces(
  db: Db,
  { tenantId, keyHash, planId }: Pick<TicketLink, 'tenantId' | 'keyHash'> & { planId: string },
): Promise<void> {
  await db.query(
    `update miro.ticket_links l set
       x = coalesce((r.row #>> '{record,absolute,x}')::double precision, l.x),
       y = coalesce((r.row #>> '{record,absolute,y}')::double precision, l.y),
       merged = case when r.row ? 'record' then array(select jsonb_array_elements_text(r.row #> '{record,duplicates}')) else l.merged end,
       gone_at = case when r.row->>'decision' = 'deleted' then coalesce(l.gone_at, now()) end
     from miro.plan_rows r where r.plan_id = $3 and r.subject = l.item_id and l.tenant_id = $1 and l.key_hash = $2`,
    [tenantId, keyHash, planId],
  );
}

/** The runs of a job whose undo was cut off: tickets of theirs are taken back, and may still be shown on the board. */
export async function halfUndoneRuns(
  db: Db,
  { tenantId, keyHash }: Pick<TicketLink, 'tenantId' | 'keyHash'>,
): Promise<string[]> {
  const rows = await db.query<{ runId: string }>(
    `select distinct run_id as "runId" from miro.ticket_links l
     where tenant_id = $1 and key_hash = $2 and ${TAKEN} order by run_id`,
    [tenantId, keyHash],
  );
  return rows.map(({ runId }) => runId);
}

/** Its ticket was taken back: the item may have another one, in the next episode. */
export async function markUndone(db: Db, link: LinkKey): Promise<void> {
  await db.query(`update miro.ticket_links set undone_at = coalesce(undone_at, now()) where ${BY_KEY}`, keyOf(link));
}

/** In which episode each of these items gets its next ticket, by item id; those that never had one, in 1, are left out. */
export async function nextEpisodes(
  db: Db,
  { tenantId, keyHash, itemIds }: Pick<TicketLink, 'tenantId' | 'keyHash'> & { itemIds: readonly string[] },
): Promise<Map<string, number>> {
  const rows = await db.query<{ itemId: string; episode: number }>(
    `select item_id as "itemId", max(episode) + case when bool_or(${LIVE}) then 0 else 1 end as episode
     from miro.ticket_links l where tenant_id = $1 and key_hash = $2 and item_id = any ($3) group by item_id`,
    [tenantId, keyHash, itemIds],
  );
  return new Map(rows.map(({ itemId, episode }) => [itemId, episode]));
}

/** Condition on links `l`: an undo has taken its ticket back, and was cut off before it wrote that down here. */
const TAKEN = `(l.undone_at is null and exists (select from miro.effects e where e.job_id = l.job_id
  and e.key = 'untake:' || l.item_id || '.' || l.episode and e.state = 'done'))`;
/** Condition on links `l`: its ticket was not taken back. */
const LIVE = `(l.undone_at is null and not ${TAKEN})`;
const BY_KEY = 'tenant_id = $1 and key_hash = $2 and item_id = $3 and episode = $4';
const keyOf = ({ tenantId, keyHash, itemId, episode }: LinkKey): unknown[] => [tenantId, keyHash, itemId, episode];

interface LinkRow extends Omit<StoredLink, 'ticket' | 'revision' | 'goneAt' | 'undoneAt'> {
  ticketId: string;
  ticketKey: string;
  ticketUrl: string | null;
  revision: string | null;
  goneAt: Date | null;
  undoneAt: Date | null;
}

const COLUMNS = `l.tenant_id as "tenantId", l.key_hash as "keyHash", l.item_id as "itemId", l.episode, l.job_id as "jobId", l.run_id as "runId",
  l.outcome, l.ticket_id as "ticketId", l.ticket_key as "ticketKey", l.ticket_url as "ticketUrl", l.revision, l.title, l.words, l.fingerprint,
  l.followed, l.merged, l.x, l.y, l.made_at as "madeAt", l.gone_at as "goneAt", l.undone_at as "undoneAt"`;

async function select(db: Db, rest: string, params: unknown[]): Promise<StoredLink[]> {
  return (await db.query<LinkRow>(`select ${COLUMNS} from miro.ticket_links l ${rest}`, params)).map(toLink);
}

function toLink({ ticketId, ticketKey, ticketUrl, revision, goneAt, undoneAt, ...link }: LinkRow): StoredLink {
  return {
    ...link,
    ticket: { id: ticketId, key: ticketKey, ...(ticketUrl !== null && { url: ticketUrl }) },
    ...(revision !== null && { revision }),
    ...(goneAt && { goneAt }),
    ...(undoneAt && { undoneAt }),
  };
}
