/**
 * Origins that do not answer. While there is a row nobody whom it holds sends there but the one holder of the probe. The
 * moment of the next probe is the holder's lease too: whoever dies with it is followed when that moment has come.
 */
import type { Db } from './db.js';
import { msUntil } from './effects.js';

export interface Outage {
  since: Date;
  /** What went wrong when it was noticed. */
  reason: string;
  /** The origin itself said so. Otherwise nothing came back, and it holds only the processes to which that happened. */
  forAll: boolean;
  /** Failures that stand behind it: the first one and every probe since. */
  failures: number;
  /** Until the next probe may go out; 0 when it is due. */
  probeInMs: number;
  /** One is under way. */
  probing: boolean;
}

/**
 * Says that an origin does not answer. The first probe is due at once. An outage that holds all stays as it is; one that does
 * not gets another witness: it counts anew, so that one whose network is well again does not wait as long as one whose is not.
 */
export async function noteOutage(
  db: Db,
  { origin, reason, forAll }: Pick<Outage, 'reason' | 'forAll'> & { origin: string },
): Promise<void> {
  await db.query(
    `insert into miro.origins as o (origin, reason, for_all, next_probe_at) values ($1, $2, $3, now())
     on conflict (origin) do update set reason = excluded.reason, for_all = excluded.for_all, failures = 1,
       next_probe_at = case when o.probe_owner is null then excluded.next_probe_at else o.next_probe_at end
     where not o.for_all`,
    [origin, reason, forAll],
  );
}

export async function findOutage(db: Db, origin: string): Promise<Outage | undefined> {
  const [outage] = await db.query<Outage>(
    `select down_since as since, reason, for_all as "forAll", failures, ${msUntil('next_probe_at')} as "probeInMs", probe_owner is not null as probing
     from miro.origins where origin = $1`,
    [origin],
  );
  return outage;
}

/**
 * Asks for the one probe that is due. @param probe its owner is a UUID of the caller's own; leaseMs outlasts the request.
 * @returns whether the caller may send it.
 */
export async function takeProbe(db: Db, probe: { origin: string; owner: string; leaseMs: number }): Promise<boolean> {
  const taken = await db.query(
    `update miro.origins set probe_owner = $2, next_probe_at = clock_timestamp() + $3::float8 * interval '1 ms'
     where origin = $1 and next_probe_at <= clock_timestamp() returning origin`,
    [probe.origin, probe.owner, probe.leaseMs],
  );
  return taken.length > 0;
}

/** The probe was answered: the outage is over. A holder whose lease has ended changes nothing. */
export async function endOutage(db: Db, { origin, owner }: { origin: string; owner: string }): Promise<void> {
  await db.query('delete from miro.origins where origin = $1 and probe_owner = $2', [origin, owner]);
}

/** The probe was not answered: the next one goes out after `delayMs`. A holder whose lease has ended changes nothing. */
export async function postponeProbe(
  db: Db,
  { origin, owner, delayMs }: { origin: string; owner: string; delayMs: number },
): Promise<void> {
  await db.query(
    `update miro.origins set probe_owner = null, failures = failures + 1,
       next_probe_at = clock_timestamp() + $3::float8 * interval '1 ms' where origin = $1 and probe_owner = $2`,
    [origin, owner, delayMs],
  );
}
