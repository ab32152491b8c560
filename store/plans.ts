/** What runs are going to write, as it was planned; and the board they were planned from, while it is read. */
import { uuidv7 } from 'uuidv7';
import type { PlanRow, RetroPlan, RowDecision } from '../contract-retro.js';
import { json, one, type Db, type Queryable } from './db.js';

/** `summary` and `hash` are there once it is planned to its end. */
export interface StoredPlan {
  planId: string;
  tenantId: string;
  kind: string;
  keyHash: string;
  runId: string;
  /** The input that it is planned for. */
  wish: unknown;
  /** The how-manieth time its board is read, from 1. */
  reading: number;
  hash?: string;
  summary?: RetroPlan;
}

export interface BeginPlan {
  tenantId: string;
  kind: string;
  /** `keyHash` of ids.ts: of the job. */
  keyHash: string;
  /** Temporal's. */
  runId: string;
  wish: unknown;
}

/**
 * The plan of that run, begun if there is none. Those of the same job that nobody can need any more go: what was not planned to its end after a
 * day, the others after 30. Safe to repeat.
 */
export async function beginPlan(db: Db, input: BeginPlan): Promise<{ planId: string }> {
  const { tenantId, kind, keyHash, runId, wish } = input;
  return db.tx(async (tx) => {
    await tx.query(
      `delete from miro.plans where tenant_id = $1 and kind = $2 and key_hash = $3 and run_id <> $4
         and created_at < now() - case when hash is null then interval '1 day' else interval '30 days' end`,
      [tenantId, kind, keyHash, runId],
    );
    const rows = await tx.query<{ id: string }>(
      `insert into miro.plans as p (tenant_id, id, kind, key_hash, run_id, wish) values ($1, $2, $3, $4, $5, $6)
       on conflict (tenant_id, run_id) do update set run_id = p.run_id returning id`,
      [tenantId, uuidv7(), kind, keyHash, runId, json(wish)],
    );
    return { planId: one(rows).id };
  });
}

/**
 * Forgets what was read and planned, for the board to be read anew. Safe to repeat: a reading that was begun already is left alone.
 * @param reading which one it is, from 2.
 */
export async function beginReading(db: Db, { planId, reading }: { planId: string; reading: number }): Promise<void> {
  await db.tx(async (tx) => {
    const begun = await tx.query(
      'update miro.plans set readings = $2, hash = null, summary = null where id = $1 and readings < $2 returning id',
      [planId, reading],
    );
    if (begun.length === 0) return;
    await tx.query('delete from miro.plan_rows where plan_id = $1', [planId]);
    await tx.query('delete from miro.board_pages where plan_id = $1', [planId]);
  });
}

export async function findPlan(db: Db, planId: string): Promise<StoredPlan | undefined> {
  const [row] = await db.query<PlanRecord>(
    `select id as "planId", tenant_id as "tenantId", kind, key_hash as "keyHash", run_id as "runId", wish, readings as reading, hash, summary
     from miro.plans where id = $1`,
    [planId],
  );
  if (!row) return undefined;
  const { hash, summary, ...plan } = row;
  return { ...plan, ...(hash !== null && { hash }), ...(summary !== null && { summary }) };
}

/** A row and the normalised words of its item. */
export interface PlannedRow {
  row: PlanRow;
  words: string;
}

/** How many rows one statement writes. */
const ROWS_AT_ONCE = 500;

/**
 * Writes the plan of that reading down whole, and forgets the board that it was made from.
 * @returns false if another attempt was faster: its plan stands, and this one's is not written.
 */
export async function savePlan(
  db: Db,
  { summary, tenantId, reading }: { summary: RetroPlan; tenantId: string; reading: number },
  rows: PlannedRow[],
): Promise<boolean> {
  const { planId, hash } = summary;
  return db.tx(async (tx) => {
    const planned = await tx.query(
      'update miro.plans set hash = $2, summary = $3 where id = $1 and hash is null and readings = $4 returning id',
      [planId, hash, json(summary), reading],
    );
    if (planned.length === 0) return false;
    for (let from = 0; from < rows.length; from += ROWS_AT_ONCE) {
      await insertRows(tx, { tenantId, planId, from }, rows.slice(from, from + ROWS_AT_ONCE));
    }
    await tx.query('delete from miro.board_pages where plan_id = $1', [planId]);
    return true;
  });
}

async function insertRows(
  tx: Queryable,
  { tenantId, planId, from }: { tenantId: string; planId: string; from: number },
  rows: PlannedRow[],
): Promise<void> {
  const packed = rows.map(({ row, words }, i) => ({ position: from + i, subject: row.itemId, row, words }));
  await tx.query(
    `insert into miro.plan_rows (tenant_id, plan_id, position, subject, row, words)
     select $1, $2, position, subject, row, words
     from jsonb_to_recordset($3) as r (position integer, subject text, row jsonb, words text)`,
    [tenantId, planId, json(packed)],
  );
}

/** Rows `from` (inclusive) to `to` (exclusive), in the order of the plan. */
export async function rowsOf(
  db: Db,
  { planId, from, to }: { planId: string; from: number; to: number },
): Promise<PlannedRow[]> {
  return db.query<PlannedRow>(
    'select row, words from miro.plan_rows where plan_id = $1 and position >= $2 and position < $3 order by position',
    [planId, from, to],
  );
}

/**
 * The next rows of that decision, at most `limit`, in the order of the plan.
 * @param of.related only rows whose item is joined with others.
 * @returns next: where to go on; absent at the end.
 */
export async function nextRows(
  db: Db,
  of: { planId: string; decisions: readonly RowDecision[]; related?: boolean; from: number; limit: number },
): Promise<{ rows: PlannedRow[]; next?: number }> {
  const rows = await db.query<PlannedRow & { position: number }>(
    `select position, row, words from miro.plan_rows where plan_id = $1 and position >= $2 and row->>'decision' = any ($3)
       and (not $4 or row->'record'->'relations' <> '[]') order by position limit $5`,
    [of.planId, of.from, of.decisions, of.related ?? false, of.limit + 1],
  );
  const further = rows[of.limit];
  return {
    rows: rows.slice(0, of.limit).map(({ row, words }) => ({ row, words })),
    ...(further && { next: further.position }),
  };
}

/** The newest plan of a job that has a row of that item. */
export async function plannedRowOf(
  db: Db,
  { tenantId, kind, keyHash, itemId }: Pick<BeginPlan, 'tenantId' | 'kind' | 'keyHash'> & { itemId: string },
): Promise<PlannedRow | undefined> {
  const [row] = await db.query<PlannedRow>(
    `select r.row, r.words from miro.plans p join miro.plan_rows r on r.plan_id = p.id and r.subject = $4
     where p.tenant_id = $1 and p.kind = $2 and p.key_hash = $3 order by p.created_at desc limit 1`,
    [tenantId, kind, keyHash, itemId],
  );
  return row;
}

/** How a page is known: the list that it is of, and its place in it. */
export interface PageKey {
  part: string;
  number: number;
}

/** Keeps a page of the board. @returns the page that stands: of one that was read twice, the first. */
export async function savePage(
  db: Db,
  { tenantId, planId, part, number, content }: PageKey & { tenantId: string; planId: string; content: unknown },
): Promise<unknown> {
  const rows = await db.query<{ content: unknown }>(
    `insert into miro.board_pages as p (tenant_id, plan_id, part, number, content) values ($1, $2, $3, $4, $5)
     on conflict (plan_id, part, number) do update set content = p.content returning content`,
    [tenantId, planId, part, number, json(content)],
  );
  return one(rows).content;
}

/** Forgets what was read of boards whose reading has stood still for so long; of one plan, or of all. */
export async function forgetPages(
  db: Db,
  { planId, idleMinutes }: { planId?: string; idleMinutes: number },
): Promise<{ forgotten: number }> {
  const forgotten = await db.query(
    `delete from miro.board_pages where plan_id in (
       select plan_id from miro.board_pages where $1::uuid is null or plan_id = $1
       group by plan_id having max(read_at) < now() - $2 * interval '1 minute') returning plan_id`,
    [planId ?? null, idleMinutes],
  );
  return { forgotten: forgotten.length };
}

/** What was read of a list so far, in order. */
export async function pagesOf(db: Db, { planId, part }: { planId: string; part: string }): Promise<unknown[]> {
  const rows = await db.query<{ content: unknown }>(
    'select content from miro.board_pages where plan_id = $1 and part = $2 order by number',
    [planId, part],
  );
  return rows.map(({ content }) => content);
}

interface PlanRecord extends Omit<StoredPlan, 'hash' | 'summary'> {
  hash: string | null;
  summary: RetroPlan | null;
}
