/**
 * What every call to Miro passes before it waits for credits: no write while its job is paused, and nothing at all while Miro is down. Both
 * stand in the database. A pause, and what Miro itself says by 5xx, hold for all workers from the next call on; a Miro from which nothing comes
 * back holds those to whom it happens: where it happens to all they share one probe, and one whose own network is broken holds up nobody else.
 */
import { randomUUID } from 'node:crypto';
import { isAnswering, MiroError, type Surface } from '../miro/index.js';
import { endOutage, findOutage, noteOutage, postponeProbe, takeProbe, type Outage } from '../store/origins.js';
import { findPause, type Pause } from '../store/pauses.js';
import type { Deps, Timings } from './deps.js';
import { retryAfter, retryLater } from './failure.js';
import type { ConnectionRef } from './grants.js';

export type GateDeps = Pick<Deps, 'db' | 'dispatcher' | 'apiUrl' | 'scimUrl' | 'timings'>;

export interface Gate {
  /** To be asked before each write. @throws ApplicationFailure Job.paused with nextRetryDelay. */
  requireUnpaused(job: ConnectionRef & { jobKind: string }): Promise<void>;
  /**
   * To be asked before anything is sent. Who comes when a probe is due sends it, and goes on if it is answered.
   * @throws ApplicationFailure Miro.down with nextRetryDelay.
   */
  requireUp(surface: Surface): Promise<void>;
  /** To be told of every call that was answered. */
  answered(surface: Surface): void;
  /** To be told of every call that failed, unless its caller gave it up. One error of one endpoint is no outage. */
  failed(surface: Surface, error: unknown): Promise<void>;
}

/** Some endpoints answer 500 in half of the cases: only so many failures in a row, with no answer between, are an outage. */
const FAILURES_IN_A_ROW = 5;
/** A Miro that takes longer for its cheapest answer is not back. */
const PROBE_MS = 3_000;
const PROBE_LEASE_MS = 5_000;

type ProbeTimes = Timings['probe'];

export function createGate(deps: GateDeps): Gate {
  const origins: Record<Surface, string> = { rest: new URL(deps.apiUrl).origin, scim: new URL(deps.scimUrl).origin };
  /** Failed calls since the last answer, by origin. */
  const failures = new Map<string, number>();
  /** Origins from which nothing came back to this process, which may be its own network's fault. */
  const unreached = new Set<string>();
  const { pausedMs, probe: times } = deps.timings;
  const answered = (surface: Surface): void => {
    failures.delete(origins[surface]);
    unreached.delete(origins[surface]);
  };

  return {
    async requireUnpaused({ tenantId, connection, jobKind }) {
      const pause = await findPause(deps.db, { tenantId, connectionName: connection, jobKind });
      if (pause) throw retryLater('Job.paused', pausedWords(pause), pausedMs);
    },
    async requireUp(surface) {
      const origin = origins[surface];
      const outage = await findOutage(deps.db, origin);
      if (!outage) return void unreached.delete(origin);
      if (!outage.forAll && !unreached.has(origin)) return;
      const waitMs = outage.probeInMs > 0 ? waitOf(times, outage) : await probe(deps, surface, origin, outage);
      if (waitMs > 0) throw retryAfter('Miro.down', downWords(times, origin, outage), waitMs);
    },
    answered,
    async failed(surface, error) {
      if (!(error instanceof MiroError)) return;
      if (!isNoAnswer(error)) return answered(surface);
      const origin = origins[surface];
      const inARow = (failures.get(origin) ?? 0) + 1;
      failures.set(origin, inARow);
      const unreachable = error.kind === 'unavailable' && error.sent === false;
      if (!unreachable && inARow < FAILURES_IN_A_ROW) return;
      failures.delete(origin);
      const forAll = error.status !== undefined;
      if (!forAll && unreached.has(origin)) return;
      if (!forAll) unreached.add(origin);
      await noteOutage(deps.db, { origin, reason: error.message, forAll });
    },
  };
}

const isNoAnswer = ({ kind, status = 500 }: MiroError): boolean =>
  (kind === 'unavailable' || kind === 'timeout') && status >= 500;

/** Sends the probe that is due, unless somebody else just did. @returns how long to wait, in ms; 0 when Miro is back. */
async function probe(deps: GateDeps, surface: Surface, origin: string, { failures }: Outage): Promise<number> {
  const { db, dispatcher, timings } = deps;
  const owner = randomUUID();
  if (!(await takeProbe(db, { origin, owner, leaseMs: PROBE_LEASE_MS }))) return whileProbing(timings.probe);
  const baseUrl = surface === 'rest' ? deps.apiUrl : deps.scimUrl;
  if (await isAnswering({ surface, baseUrl, dispatcher, deadlineMs: PROBE_MS })) {
    await endOutage(db, { origin, owner });
    return 0;
  }
  const delayMs = intervalMs(timings.probe, failures);
  await postponeProbe(db, { origin, owner, delayMs });
  return delayMs + spread(delayMs);
}

const waitOf = (times: ProbeTimes, { probing, probeInMs, failures }: Outage): number =>
  probing ? whileProbing(times) : probeInMs + spread(intervalMs(times, failures - 1));

/** Somebody's probe is under way and mostly answered soon. */
const whileProbing = ({ firstMs }: ProbeTimes): number => firstMs + spread(firstMs);

/** From one probe to the next, after so many failures. */
const intervalMs = ({ firstMs, longestMs }: ProbeTimes, failures: number): number =>
  Math.min(longestMs, firstMs * 2 ** (failures - 1));

/** Who waits for the same probe comes back one by one, in the half of an interval that follows it. */
const spread = (ms: number): number => (Math.random() * ms) / 2;

function downWords(times: ProbeTimes, origin: string, { since, failures }: Outage): string {
  const every = intervalMs(times, failures) / 1_000;
  return `Miro (${new URL(origin).host}) has not answered since ${since.toISOString()}; one probe goes out every ${every} s, and everything goes on when it is answered`;
}

function pausedWords({ pausedAt, reason, tenant, connectionName, jobKind }: Pause): string {
  const scope = [
    tenant === undefined ? '' : ` --tenant ${tenant}`,
    connectionName === undefined ? '' : ` --connection ${connectionName}`,
    jobKind === undefined ? '' : ` --kind ${jobKind}`,
  ].join('');
  const why = reason === undefined ? '' : `: ${reason}`;
  return `paused since ${pausedAt.toISOString()}${why}; resume with \`temporal-miro resume${scope || ' --all'}\``;
}
