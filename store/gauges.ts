/** What stands in the store at this moment, in numbers for metrics. */
import { one, type Db } from './db.js';

export interface Gauges {
  grants: { kind: string; state: string; count: number }[];
  /** Runs that wait for a relink. */
  parkedRuns: number;
  /** Messages to Temporal that are not acknowledged, and how long the oldest of them is due. */
  outbox: { kind: string; count: number; lagMs: number }[];
  /** Events that an endpoint has not got yet. */
  pendingWebhooks: number;
  pauses: number;
  /** Hosts of Miro that do not answer. */
  outages: number;
}

/** Counts over the whole installation. */
export async function readGauges(db: Db): Promise<Gauges> {
  const [grants, outbox, counts] = await Promise.all([
    db.query<Gauges['grants'][number]>(
      'select kind, state, count(*)::integer as count from miro.grants group by kind, state order by kind, state',
    ),
    db.query<Gauges['outbox'][number]>(
      `select kind, count(*)::integer as count, greatest(0, extract(epoch from now() - min(due_at)) * 1000)::float8 as "lagMs"
       from miro.outbox group by kind order by kind`,
    ),
    db.query<Omit<Gauges, 'grants' | 'outbox'>>(
      `select (select count(distinct run_id)::integer from miro.parked) as "parkedRuns",
         (select count(*)::integer from miro.webhook_deliveries where state = 'pending') as "pendingWebhooks",
         (select count(*)::integer from miro.pauses) as pauses, (select count(*)::integer from miro.origins) as outages`,
    ),
  ]);
  return { grants, outbox, ...one(counts) };
}
