/** What became of each part of a job, for people; the ledger is what decides. */
import type { Counts, ItemOutcome } from '../contract.js';
import { json, type Db, type Queryable } from './db.js';

export interface Item {
  /** Unique in the job, e.g. `item:why` or `member:3074457…`. */
  subject: string;
  kind: string;
  outcome: ItemOutcome;
  objectId?: string;
  /** Reason, remedy and the like. */
  detail?: unknown;
}

export interface RecordedItem extends Item {
  /** When it last changed. */
  at: Date;
}

/** Records one part's outcome; a later one of the same subject replaces it. What the job made stays made when it is met again. */
export async function recordItem(db: Db, item: Item & { jobId: string; tenantId: string }): Promise<void> {
  await db.query(
    `insert into miro.items as i (tenant_id, job_id, subject, kind, outcome, object_id, detail) values ($1, $2, $3, $4, $5, $6, $7)
     on conflict (job_id, subject) do update set
       kind = excluded.kind, object_id = excluded.object_id, detail = excluded.detail, at = clock_timestamp(),
       outcome = case when excluded.outcome = 'existing' and i.outcome in ('made', 'changed') then i.outcome else excluded.outcome end`,
    [item.tenantId, item.jobId, item.subject, item.kind, item.outcome, item.objectId, json(item.detail)],
  );
}

/** Records many parts at once; one that is recorded stays as it is. */
export async function recordItems(
  db: Db,
  { tenantId, jobId }: { tenantId: string; jobId: string },
  items: readonly Item[],
): Promise<void> {
  await db.query(
    `insert into miro.items as i (tenant_id, job_id, subject, kind, outcome, object_id, detail)
     select $1, $2, subject, kind, outcome, "objectId", detail
     from jsonb_to_recordset($3) as r (subject text, kind text, outcome text, "objectId" text, detail jsonb)
     on conflict (job_id, subject) do nothing`,
    [tenantId, jobId, json(items)],
  );
}

const noItems = (): Counts => ({ made: 0, existing: 0, changed: 0, skipped: 0, refused: 0, failed: 0 });

/** How many parts came out how; outcomes without parts are 0. */
export async function countItems(db: Db, jobId: string): Promise<Counts> {
  const counts = noItems();
  const rows = await db.query<{ outcome: ItemOutcome; count: number }>(
    'select outcome, count(*)::int as count from miro.items where job_id = $1 group by outcome',
    [jobId],
  );
  for (const { outcome, count } of rows) counts[outcome] = count;
  return counts;
}

/** All parts of a job, in the order in which they last changed. */
export async function listItems(db: Db, jobId: string): Promise<RecordedItem[]> {
  const rows = await db.query<ItemRow>(
    'select subject, kind, outcome, object_id as "objectId", detail, at from miro.items where job_id = $1 order by at, subject',
    [jobId],
  );
  return rows.map(toItem);
}

/** The parts that the job has are those of this run; the next one begins without any. */
export async function setItemsAside(tx: Queryable, { jobId, runId }: { jobId: string; runId: string }): Promise<void> {
  await tx.query(
    `update miro.runs set past_items = (select coalesce(jsonb_agg(to_jsonb(i)), '[]') from miro.items i where i.job_id = $1)
     where run_id = $2`,
    [jobId, runId],
  );
  await tx.query('delete from miro.items where job_id = $1', [jobId]);
}

/** What became of the parts of one run, as {@link listItems}; of its job, where its runs have them in common. */
export async function itemsOfRun(
  db: Db,
  { jobId, runId }: { jobId: string; runId: string },
): Promise<{ counts: Counts; items: RecordedItem[] }> {
  const rows = await db.query<ItemRow>(
    `select i.subject, i.kind, i.outcome, i.object_id as "objectId", i.detail, i.at
     from miro.runs r, lateral (select * from miro.items where job_id = $1 and r.past_items is null
       union all select * from jsonb_populate_recordset(null::miro.items, r.past_items)) i
     where r.run_id = $2 order by i.at, i.subject`,
    [jobId, runId],
  );
  const counts = noItems();
  for (const { outcome } of rows) counts[outcome] += 1;
  return { counts, items: rows.map(toItem) };
}

interface ItemRow extends Omit<RecordedItem, 'objectId'> {
  objectId: string | null;
}

const toItem = ({ objectId, detail, ...item }: ItemRow): RecordedItem => ({
  ...item,
  ...(objectId !== null && { objectId }),
  ...(detail !== null && { detail }),
});
