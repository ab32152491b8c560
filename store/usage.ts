/** Who used how many credits, by minute, for people and metrics; and what the budgets look like now. */
import type { BudgetKind } from './budgets.js';
import { json, type Db } from './db.js';

/** Credits of some calls of one tenant's job kind. */
export interface Usage {
  tenantId: string;
  jobKind: string;
  credits: number;
  calls: number;
  /** Of the calls: answered with 429. */
  refused: number;
}

/** Adds to the current minute of the store's clock. Figures of a tenant that is no more are dropped. */
export async function addUsage(db: Db, { budget, used }: { budget: string; used: Usage[] }): Promise<void> {
  await db.query(
    `insert into miro.credit_usage as u (tenant_id, budget_key, job_kind, minute, credits, calls, refused)
     select t.id, $1, r."jobKind", date_trunc('minute', clock_timestamp()), sum(r.credits), sum(r.calls), sum(r.refused)
     from jsonb_to_recordset($2) r ("tenantId" uuid, "jobKind" text, credits integer, calls integer, refused integer)
     join miro.tenants t on t.id = r."tenantId" and t.erased_at is null
     group by t.id, r."jobKind"
     order by t.id, r."jobKind" -- two processes that add the same rows take their locks in the same order
     on conflict (tenant_id, budget_key, job_kind, minute) do update
       set credits = u.credits + excluded.credits, calls = u.calls + excluded.calls, refused = u.refused + excluded.refused`,
    [budget, json(used)],
  );
}

/** Deletes minutes that no report asks for any more. */
export async function forgetUsage(db: Db): Promise<void> {
  await db.query(`delete from miro.credit_usage where minute < clock_timestamp() - interval '8 days'`);
}

/** Names of tenants, for people. */
export interface UsageRow {
  tenant: string;
  jobKind: string;
  credits: number;
  calls: number;
  refused: number;
}

export type Since = 'minute' | 'hour' | 'day';

/** Sums over whole minutes, the current one included; most credits first. */
export async function usageReport(
  db: Db,
  { tenantId, since }: { tenantId?: string; since: Since },
): Promise<UsageRow[]> {
  const rows = await db.query<{ tenant: string; job_kind: string; credits: string; calls: string; refused: string }>(
    `select t.name as tenant, job_kind, sum(credits) as credits, sum(calls) as calls, sum(refused) as refused
     from miro.credit_usage u join miro.tenants t on t.id = u.tenant_id
     where minute >= date_trunc('minute', clock_timestamp() - ('1 ' || $1)::interval) and ($2::uuid is null or tenant_id = $2)
     group by t.name, job_kind order by sum(credits) desc, t.name, job_kind`,
    [since, tenantId],
  );
  return rows.map(({ tenant, job_kind: jobKind, ...sums }) => ({
    ...{ tenant, jobKind },
    ...{ credits: Number(sums.credits), calls: Number(sums.calls), refused: Number(sums.refused) },
  }));
}

export interface BudgetRow {
  key: string;
  kind: BudgetKind;
  /** Credits a window. */
  limit: number;
  remaining: number;
  /** Until the window ends; 0 where Miro has not told of the current one. */
  resetsInMs: number;
  waitingCredits: number;
  waitingCalls: number;
  /** What another program uses in a window, estimated. */
  foreignCredits: number;
}

/** Every budget of the installation, or those that a tenant has used in the last eight days or waits for. */
export async function budgetReport(db: Db, { tenantId }: { tenantId?: string } = {}): Promise<BudgetRow[]> {
  const rows = await db.query<{ waiting_credits: string; waiting_calls: string; resets_in_ms: number } & BudgetColumns>(
    `select key, kind, credits_per_window, foreign_credits, w.*, greatest(0, case when resets_at > at
         then remaining - spent else credits_per_window - spent end) as remaining,
       coalesce(greatest(0, extract(epoch from resets_at - at) * 1000), 0)::integer as resets_in_ms
     from miro.budgets b, lateral (
       select clock_timestamp() as at,
         coalesce(sum(credits) filter (where granted_at is null), 0) as waiting_credits,
         count(*) filter (where granted_at is null) as waiting_calls,
         coalesce(sum(credits) filter (where granted_at is not null), 0)::integer as spent
       from miro.reservations r where r.budget_key = b.key) w
     where $1::uuid is null
       or exists (select from miro.credit_usage u where u.budget_key = b.key and u.tenant_id = $1)
       or exists (select from miro.reservations r where r.budget_key = b.key and r.tenant_id = $1)
     order by key`,
    [tenantId],
  );
  return rows.map((row) => ({
    ...{ key: row.key, kind: row.kind, limit: row.credits_per_window, remaining: row.remaining },
    resetsInMs: row.resets_in_ms,
    waitingCredits: Number(row.waiting_credits),
    waitingCalls: Number(row.waiting_calls),
    foreignCredits: row.foreign_credits,
  }));
}

interface BudgetColumns {
  key: string;
  kind: BudgetKind;
  credits_per_window: number;
  remaining: number;
  foreign_credits: number;
}
