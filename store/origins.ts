/**
 * Origins that do not answer. While there is a row nobody sends there but the one holder of the probe. The moment of the
 * next probe is the holder's lease too: whoever dies with it is followed when that moment has come.
 */
import type { Db } from './db.js';
import { msUntil } from './effects.js';

export interface Outage {
  since: Date;
  /** What went wrong when it was noticed. */
  reason: string;
  /** Failures that stand behind it: the first one and every probe since. */
  failures: number;
  /** Until the next probe may go out; 0 when it is due. */
  probeInMs: number;
  /** One is under way. */
  probing: boolean;
}

/** Says that an origin does not answer. Known outages stay as they are. The first probe is due at once. */
export async function noteOutage(db: Db, { origin, reason }: { origin: string; reason: string }): Promise<void> {
  await db.query(
    'insert into miro.origins (origin, reason, next_probe_at) values ($1, $2, now()) on conflict (origin) do nothing',
    [origin, reason],
  );
}

export async function findOutage(db: Db, origin: string): Promise<Outage | undefined> {
  const [outage] = await db.query<Outage>(
    `select down_since as since, reason, failures, ${msUntil('next_probe_at')} as "probeInMs", probe_owner is not null as probing
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
