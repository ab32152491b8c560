/** How tickets show on their board: what was decided to be written, and which items it became. */
import { json, one, type Db } from './db.js';

export type Way = 'list' | 'card' | 'text';

export interface LinkBackInfo {
  /** From 1, in the order of planning; the subject of its effects. */
  number: number;
  way: Way;
  /** dropped: never written; its tickets are shown by another one. */
  state: 'open' | 'done' | 'dropped';
  /** {@link subjectOf} each of its tickets. */
  subjects: string[];
}
export type NewLinkBack = Pick<LinkBackInfo, 'way' | 'state' | 'subjects'> & { plan: object };

/** Names one ticket of one item in the job. */
export const subjectOf = ({ itemId, episode }: { itemId: string; episode: number }): string => `${itemId}.${episode}`;

/** All of a job, in order, without their plans. */
export async function linkBacksOf(db: Db, { jobId }: { jobId: string }): Promise<LinkBackInfo[]> {
  return db.query<LinkBackInfo>(
    'select number, way, state, subjects from miro.link_backs where job_id = $1 order by number',
    [jobId],
  );
}

/** @returns undefined for a number that the job does not have. */
export async function findLinkBack<P extends object>(
  db: Db,
  { jobId, number }: { jobId: string; number: number },
): Promise<(LinkBackInfo & { plan: P }) | undefined> {
  const rows = await db.query<LinkBackInfo & { plan: P }>(
    'select number, way, state, subjects, plan from miro.link_backs where job_id = $1 and number = $2',
    [jobId, number],
  );
  return rows[0];
}

/**
 * Adds link backs behind number `after`, if that still is the last one of the job.
 * @returns false if another attempt was faster: plan again with what it has added.
 */
export async function addLinkBacks(
  db: Db,
  { tenantId, jobId, after }: { tenantId: string; jobId: string; after: number },
  added: NewLinkBack[],
): Promise<boolean> {
  return db.tx(async (tx) => {
    await tx.query('select from miro.jobs where id = $1 for no key update', [jobId]);
    const { last } = one(
      await tx.query<{ last: number }>(
        'select coalesce(max(number), 0)::int as last from miro.link_backs where job_id = $1',
        [jobId],
      ),
    );
    if (last !== after) return false;
    for (const [i, { way, state, subjects, plan }] of added.entries())
      await tx.query(
        'insert into miro.link_backs (tenant_id, job_id, number, way, state, subjects, plan) values ($1, $2, $3, $4, $5, $6, $7)',
        [tenantId, jobId, after + 1 + i, way, state, subjects, json(plan)],
      );
    return true;
  });
}

/** Ends an open one. Safe to repeat. */
export async function endLinkBack(
  db: Db,
  { jobId, number, state }: { jobId: string; number: number; state: 'done' | 'dropped' },
): Promise<void> {
  await db.query(`update miro.link_backs set state = $3 where job_id = $1 and number = $2 and state = 'open'`, [
    jobId,
    number,
    state,
  ]);
}

/** Steps whose effects make items that show tickets; their results name these. */
export const SHOWING_STEPS = ['tickets-frame', 'ticket-rows', 'ticket-cards'] as const;

/** Ids of all items that any attempt of the job has made or found to show tickets, those of second writes too. */
export async function shownItems(db: Db, { jobId }: { jobId: string }): Promise<Set<string>> {
  const rows = await db.query<{ id: string }>(
    `select distinct i.value as id from miro.effects e join miro.attempts a on a.effect_id = e.id
       cross join lateral jsonb_each_text(a.result -> 'items') i
     where e.job_id = $1 and e.step = any ($2) and a.result is not null and i.value <> ''`,
    [jobId, SHOWING_STEPS],
  );
  return new Set(rows.map(({ id }) => id));
}

/** Subjects of the job's effects of that step which are over. */
export async function doneSubjects(db: Db, { jobId, step }: { jobId: string; step: string }): Promise<Set<string>> {
  const rows = await db.query<{ subject: string }>(
    `select subject from miro.effects where job_id = $1 and step = $2 and state = 'done'`,
    [jobId, step],
  );
  return new Set(rows.map(({ subject }) => subject));
}

/** The same of all jobs of the tenant's on that board, in whichever tracker their tickets are. */
export async function itemsShownOn(
  db: Db,
  { tenantId, boardId }: { tenantId: string; boardId: string },
): Promise<Set<string>> {
  const jobs = await db.query<{ jobId: string }>(
    `select id as "jobId" from miro.jobs where tenant_id = $1 and kind = 'retroToTickets' and board_id = $2`,
    [tenantId, boardId],
  );
  const shown = await Promise.all(jobs.map((job) => shownItems(db, job)));
  return new Set(shown.flatMap((ids) => [...ids]));
}

/** Keys and addresses of all tickets of items on those boards, in any tracker; of those that were taken back too. */
export async function namesOfTickets(
  db: Db,
  { tenantId, boardIds }: { tenantId: string; boardIds: readonly string[] },
): Promise<string[]> {
  const rows = await db.query<{ name: string | null }>(
    `select distinct unnest(array[l.ticket_key, l.ticket_url]) as name
     from miro.ticket_links l join miro.jobs j on j.tenant_id = l.tenant_id and j.id = l.job_id
     where j.tenant_id = $1 and j.kind = 'retroToTickets' and j.board_id = any ($2)`,
    [tenantId, boardIds],
  );
  return rows.flatMap(({ name }) => name ?? []);
}

/** Those of the items that a list of any tracker has tagged, and no person; in the order of their ids. */
export async function hungByLists(
  db: Db,
  { tenantId, itemIds }: { tenantId: string; itemIds: readonly string[] },
): Promise<string[]> {
  const rows = await db.query<{ itemId: string }>(
    `select distinct t.id as "itemId" from miro.link_backs, lateral jsonb_array_elements_text(plan -> 'toTag') as t (id)
     where tenant_id = $1 and way = 'list' and t.id = any ($2) order by t.id`,
    [tenantId, itemIds],
  );
  return rows.map(({ itemId }) => itemId);
}

/** Ids of the tags that any job of the tenant's has made on that board to tell of tickets. */
export async function tagsMadeOn(
  db: Db,
  { tenantId, boardId }: { tenantId: string; boardId: string },
): Promise<Set<string>> {
  const rows = await db.query<{ objectId: string }>(
    `select e.object_id as "objectId" from miro.effects e join miro.jobs j on j.tenant_id = e.tenant_id and j.id = e.job_id
     where j.tenant_id = $1 and j.kind = 'retroToTickets' and j.board_id = $2
       and e.step = 'ticketed' and e.state = 'done' and e.outcome = 'made'`,
    [tenantId, boardId],
  );
  return new Set(rows.map(({ objectId }) => objectId));
}

/** What the job's effects of that step have made themselves: subject, and the object's id. */
export async function madeObjects(
  db: Db,
  { jobId, step }: { jobId: string; step: string },
): Promise<{ subject: string; objectId: string }[]> {
  return db.query<{ subject: string; objectId: string }>(
    `select subject, object_id as "objectId" from miro.effects
     where job_id = $1 and step = $2 and state = 'done' and outcome = 'made'`,
    [jobId, step],
  );
}
