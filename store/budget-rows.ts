/** Budgets and their places as rows: what is reckoned in numbers is kept in columns. */
import type { BudgetState, Known, Place } from './budgets.js';

const epochMs = (column: string): string => `date_part('epoch', r.${column}) * 1000`;
/** A {@link PlaceColumns}: thousands of objects with times as text take several times as long to write and to read. */
export const PLACE = `json_build_array(r.id, r.key, r.tenant_id, r.priority, r.credits, ${epochMs('queued_at')},
  ${epochMs('slot_from')}, ${epochMs('slot_until')}, ${epochMs('granted_at')}, ${epochMs('answered_at')})`;

/** What {@link PLACE} and the account's columns give. */
export interface BudgetRow {
  version: string;
  now: Date;
  credits_per_window: number;
  window_ms: number;
  margin_ms: number;
  blocked_until: Date | null;
  foreign_credits: number;
  window_name: Date | null;
  resets_at: Date | null;
  remaining: number | null;
  own_credits: number;
  observed_at: Date | null;
  /** Null where they are known. */
  places: PlaceColumns[] | null;
}

/** As it is written: times are text. */
interface PlaceRow {
  id: string;
  budget_key: string;
  tenant_id: string;
  key: string;
  priority: number;
  credits: number;
  queued_at: string;
  slot_from: string;
  slot_until: string;
  granted_at: string | null;
  answered_at: string | null;
}

export function toState(row: BudgetRow, known: Known | undefined): BudgetState {
  const { window_name: name, resets_at: endsAt, remaining, observed_at: at } = row;
  return {
    version: row.version,
    now: row.now.getTime(),
    account: {
      limit: row.credits_per_window,
      windowMs: row.window_ms,
      marginMs: row.margin_ms,
      ...(row.blocked_until && { blockedUntil: row.blocked_until.getTime() }),
      foreign: row.foreign_credits,
      ...(name &&
        endsAt &&
        remaining !== null &&
        at && {
          told: {
            ...{ name: name.getTime(), endsAt: endsAt.getTime(), at: at.getTime() },
            ...{ remaining, own: row.own_credits },
          },
        }),
    },
    places: row.places?.map(toPlace) ?? known?.places ?? [],
  };
}

/** Times in epoch ms, with the fractions that a floating-point number leaves. */
type PlaceColumns = [
  ...[id: string, key: string, tenantId: string, priority: number, credits: number],
  ...[queuedAt: number, slotFrom: number, slotUntil: number, grantedAt: number | null, answeredAt: number | null],
];

function toPlace([id, key, tenantId, priority, credits, queuedAt, slotFrom, slotUntil, ...later]: PlaceColumns): Place {
  const [grantedAt, answeredAt] = later;
  return {
    ...{ id, key, tenantId, priority, credits },
    ...{ queuedAt: Math.round(queuedAt), slotFrom: Math.round(slotFrom), slotUntil: Math.round(slotUntil) },
    ...(grantedAt !== null && { grantedAt: Math.round(grantedAt) }),
    ...(answeredAt !== null && { answeredAt: Math.round(answeredAt) }),
  };
}

export function toRow(budgetKey: string, place: Place): PlaceRow {
  return {
    ...{ id: place.id, budget_key: budgetKey, tenant_id: place.tenantId, key: place.key },
    ...{ priority: place.priority, credits: place.credits },
    queued_at: text(place.queuedAt),
    slot_from: text(place.slotFrom),
    slot_until: text(place.slotUntil),
    granted_at: place.grantedAt === undefined ? null : text(place.grantedAt),
    answered_at: place.answeredAt === undefined ? null : text(place.answeredAt),
  };
}

/** Of PostgreSQL's integer. */
const MOST = 2 ** 31 - 1;
/** As the columns hold it: what is reckoned from measured times has fractions. */
export const whole = (amount: number): number => Math.max(0, Math.min(Math.round(amount), MOST));
const text = (ms: number): string => new Date(ms).toISOString();
export const time = (ms: number | undefined): Date | null => (ms === undefined ? null : new Date(ms));
