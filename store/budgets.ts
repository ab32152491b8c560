/**
 * Accounts of credits at Miro, shared by all processes. A process reads an account with all its places, decides, and
 * writes what follows where nobody else has written since: two statements, and no lock is held between them, unless
 * others were quicker several times.
 */
import { PLACE, time, toRow, toState, whole, type BudgetRow } from './budget-rows.js';
import { json, type Queryable } from './db.js';

export type BudgetKind = 'rest' | 'scim';

/** Times are epoch ms on the store's clock. */
export interface Account {
  limit: number;
  windowMs: number;
  /** How long after its end a window may still count. */
  marginMs: number;
  /** Nothing goes out before. */
  blockedUntil?: number;
  /** Credits a window that another program uses, estimated. */
  foreign: number;
  /** The window that Miro last told of; absent until then. */
  told?: ToldWindow;
}

export interface ToldWindow {
  /** Its end by Miro's clock, as the headers name it. */
  name: number;
  endsAt: number;
  /** The least that was said to be left. */
  remaining: number;
  /** What our own answered calls used of it. */
  own: number;
  /** When it was first heard of. */
  at: number;
}

/** One call's place: it waits for its slot, or was granted and counts as spent. */
export interface Place {
  id: string;
  /** The caller's own name of this send. */
  key: string;
  tenantId: string;
  priority: number;
  credits: number;
  queuedAt: number;
  slotFrom: number;
  slotUntil: number;
  grantedAt?: number;
  answeredAt?: number;
}

export interface BudgetState {
  version: string;
  /** The store's clock. */
  now: number;
  account: Account;
  places: Place[];
}

export interface BudgetId {
  key: string;
  kind: BudgetKind;
  /** Until Miro tells: credits a window, and its length. */
  limit: number;
  windowMs: number;
}

/** All places of a budget, as of one version of it. */
export type Known = Pick<BudgetState, 'version' | 'places'>;

/**
 * The account as it is now; a budget that is new to the store is opened. Its places come from `known` where nobody has
 * written since: thousands may wait.
 */
export async function readBudget(db: Queryable, budget: BudgetId, known?: Known): Promise<BudgetState> {
  const [row] = await db.query<BudgetRow>(
    `select version, credits_per_window, window_ms, margin_ms, blocked_until, foreign_credits,
       window_name, resets_at, remaining, own_credits, observed_at, clock_timestamp() as now,
       case when version is distinct from $2
         then (select coalesce(json_agg(${PLACE}), '[]') from miro.reservations r where r.budget_key = b.key) end as places
     from miro.budgets b where key = $1`,
    [budget.key, known?.version],
  );
  if (row) return toState(row, known);
  await db.query(
    `insert into miro.budgets (key, kind, credits_per_window, window_ms) values ($1, $2, $3, $4) on conflict do nothing`,
    [budget.key, budget.kind, budget.limit, budget.windowMs],
  );
  return await readBudget(db, budget);
}

/** What PostgreSQL says where a lock was not to be had in time. https://www.postgresql.org/docs/current/errcodes-appendix.html */
const LOCK_NOT_AVAILABLE = '55P03';

/** @returns whether an error came of {@link lockBudget} having waited in vain. */
export const isContended = (error: unknown): boolean =>
  (error as { code?: unknown } | null)?.code === LOCK_NOT_AVAILABLE;

/**
 * Keeps all others from writing until the transaction ends. Read the budget after it, in a statement of its own, which
 * sees what they wrote before.
 * @throws an error that {@link isContended} knows, after `patienceMs`
 */
export async function lockBudget(tx: Queryable, key: string, patienceMs: number): Promise<void> {
  await tx.query(`select set_config('lock_timeout', $1, true)`, [`${Math.max(1, Math.ceil(patienceMs))}ms`]);
  await tx.query('select from miro.budgets where key = $1 for update', [key]);
}

export interface BudgetChange {
  key: string;
  /** Of the state that the change follows from. */
  version: string;
  account: Account;
  /** New or changed. */
  put: Place[];
  /** Ids of places that are no more. */
  gone: string[];
}

/** @returns the version that follows; undefined where another process has written since: read and decide again. */
export async function writeBudget(
  db: Queryable,
  { key, version, account, put, gone }: BudgetChange,
): Promise<string | undefined> {
  const { told } = account;
  const [won] = await db.query<{ version: string }>(
    `with won as (
       update miro.budgets set version = version + 1, credits_per_window = $3, window_ms = $4, margin_ms = $5,
         blocked_until = $6, foreign_credits = $7, window_name = $8, resets_at = $9, remaining = $10, own_credits = $11,
         observed_at = $12
       where key = $1 and version = $2 returning key, version),
     gone as (delete from miro.reservations r using won where r.budget_key = won.key and r.id = any($13::uuid[])),
     put as (
       insert into miro.reservations
       select r.* from won, jsonb_populate_recordset(null::miro.reservations, $14) r
       on conflict (id) do update set priority = excluded.priority, credits = excluded.credits,
         slot_from = excluded.slot_from, slot_until = excluded.slot_until, granted_at = excluded.granted_at,
         answered_at = excluded.answered_at)
     select version from won`,
    [
      ...[key, version, whole(account.limit), whole(account.windowMs), whole(account.marginMs)],
      ...[time(account.blockedUntil), whole(account.foreign)],
      ...[time(told?.name), time(told?.endsAt), told && whole(told.remaining), whole(told?.own ?? 0), time(told?.at)],
      ...[gone, json(put.map((place) => toRow(key, place)))],
    ],
  );
  return won?.version;
}
