/**
 * Refreshing a pair: single-flight in this process, guarded by an intent row between processes. The exchange runs outside any transaction, and the
 * new pair is committed before it is used (docs/architecture.md, Tokens).
 */
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { MiroError, oauth, refreshToken, refusesToken, restToken, revoke, type TokenPair } from '../miro/index.js';
import {
  claimRefresh,
  commitRefresh,
  forgiveRefresh,
  lostRefresh,
  markRefreshSent,
  readToken,
  refuseRefresh,
  releaseRefresh,
  type RefreshIntent,
  type RefreshSecret,
} from '../store/grants.js';
import type { Deps } from './deps.js';
import { isUnauthorized, retryLater, retryUntilMended } from './failure.js';

export type RefreshDeps = Pick<Deps, 'db' | 'vault' | 'apiUrl' | 'dispatcher' | 'miro' | 'timings'>;

/** Which token is to be replaced. */
export interface Stale {
  grantId: string;
  generation: number;
}

export type Refreshed = { state: 'newer' } | { state: 'dead'; reason: string };

export interface Refresher {
  /**
   * Until the grant has a newer token than the stale one, whoever exchanges it, or is dead.
   * @throws MiroError when Miro could not be asked; ApplicationFailure Refresh.busy or Refresh.refused, to be retried.
   */
  refresh(stale: Stale): Promise<Refreshed>;
  /** Ends when this process exchanges nothing any more: an answer that was not committed would cost the grant. */
  idle(): Promise<void>;
}

/** Another process's exchange is over soon; whoever waits for it looks this often. */
const LOOK_MS = 50;
/** It was not over soon: Temporal frees the slot meanwhile. */
const BUSY_MS = 1_000;
/** How long an answer is kept while the database cannot be written, and the longest pause between two tries. */
const COMMIT_MS = 60_000;
const COMMIT_PAUSE_MS = 2_000;

/** Refusals: asking at once again changes nothing. */
const REFUSED: ReadonlySet<MiroError['kind']> = new Set(['unauthorized', 'invalid', 'forbidden', 'not_found']);
/** Whoever has to mend an app or an address needs longer. */
const MEND_MS = 10_000;

export function createRefresher(deps: RefreshDeps): Refresher {
  const inFlight = new Map<string, Promise<Refreshed>>();
  return {
    refresh(stale) {
      const id = `${stale.grantId}:${stale.generation}`;
      const running = inFlight.get(id);
      if (running) return running;
      const started = refreshOrWait(deps, stale).finally(() => inFlight.delete(id));
      inFlight.set(id, started);
      return started;
    },
    async idle() {
      while (inFlight.size > 0) await Promise.allSettled(inFlight.values());
    },
  };
}

/** A thousand calls that became a thousand retries of Temporal would be a storm: a short wait stays here. */
async function refreshOrWait(deps: RefreshDeps, stale: Stale): Promise<Refreshed> {
  const until = performance.now() + deps.timings.shortWaitMs;
  for (;;) {
    const intent = { ...stale, owner: randomUUID() };
    const claim = await claimRefresh(deps.db, { ...intent, leaseMs: deps.timings.single.leaseMs });
    if (claim.state === 'newer' || claim.state === 'dead') return claim;
    if (claim.state === 'claimed') return await exchange(deps, intent, claim);
    if (performance.now() >= until) throw busy('another worker is refreshing this token');
    await delay(Math.min(claim.retryAfterMs, LOOK_MS * (1 + Math.random())));
  }
}

const busy = (message: string): Error => retryLater('Refresh.busy', message, BUSY_MS);

async function exchange(
  deps: RefreshDeps,
  intent: RefreshIntent,
  { lastTry }: { lastTry: boolean },
): Promise<Refreshed> {
  if (lastTry) await lookBeforeLastTry(deps, intent);
  const { leaseMs, httpMs } = deps.timings.single;
  const until = performance.now() + leaseMs; // read before the lease begins, so it is over before the lease's end
  const secret = await markSent(deps, { ...intent, leaseMs });
  if (!secret) throw busy('another worker took over the refresh of this token');
  const deadlineMs = Math.min(httpMs, until - performance.now() - 1);
  if (deadlineMs < httpMs / 2) {
    // Given up after an instant it would be a lost answer.
    await releaseRefresh(deps.db, intent);
    throw busy('the database took too long to leave time for an exchange');
  }
  const pair = await send(deps, intent, { ...secret, deadlineMs });
  return 'state' in pair ? pair : await commit(deps, intent, secret, pair);
}

/** Where the database's answer is lost, the mark may stand there all the same; nothing was sent, so it is taken back. */
async function markSent(
  { db, vault }: RefreshDeps,
  intent: RefreshIntent & { leaseMs: number },
): Promise<RefreshSecret | undefined> {
  try {
    return await markRefreshSent(db, vault, intent);
  } catch (error) {
    await releaseRefresh(db, intent).catch(() => undefined); // what stays marked costs one of the two tries
    throw error;
  }
}

/**
 * An exchange had no answer. A refresh ends the old access token at once, so while Miro still takes it that exchange was not processed; and if Miro
 * cannot be asked, this is not the moment for the last try.
 */
async function lookBeforeLastTry(deps: RefreshDeps, intent: RefreshIntent): Promise<void> {
  const { accessToken } = await readToken(deps.db, deps.vault, intent.grantId);
  try {
    await deps.miro.send(oauth.introspect(), { token: restToken(accessToken), deadlineMs: deps.timings.readMs });
  } catch (error) {
    if (isUnauthorized(error)) return; // used up, or expired: only the exchange can tell
    await releaseRefresh(deps.db, intent);
    throw error;
  }
  await forgiveRefresh(deps.db, intent);
}

/**
 * Only a clean refusal of the token ends the grant. Without an answer there is one more try; an answer like 503, or one
 * that speaks of something else, leaves the token as it is, and the next tells.
 */
async function send(
  { db, dispatcher, apiUrl }: RefreshDeps,
  intent: RefreshIntent,
  secret: RefreshSecret & { deadlineMs: number },
): Promise<TokenPair | Refreshed> {
  try {
    return await refreshToken({ dispatcher, baseUrl: apiUrl, ...secret });
  } catch (error) {
    if (!(error instanceof MiroError)) throw error;
    if (refusesToken(error)) {
      const reason = `Miro refused to refresh the token (${error.status ?? error.kind})`;
      const { state } = await refuseRefresh(db, { ...intent, reason });
      return state === 'newer' ? { state } : { state: 'dead', reason };
    }
    const isKnown = error.written === 'no' || error.status !== undefined;
    await (isKnown ? releaseRefresh : lostRefresh)(db, intent);
    throw REFUSED.has(error.kind) ? refusedForAnotherReason(error) : error;
  }
}

const refusedForAnotherReason = ({ message }: MiroError): Error =>
  retryUntilMended(
    'Refresh.refused',
    `the token could not be refreshed, for a reason that is not its own: ${message}; check MIRO_CLIENT_SECRET and MIRO_API_URL`,
    MEND_MS,
  );

/**
 * The one place that tries the database again by itself: Miro has used the old pair up, so what is not committed here is lost for good, and no later
 * attempt could make up for it.
 */
async function commit(
  deps: RefreshDeps,
  { grantId, generation }: RefreshIntent,
  { clientId, clientSecret }: RefreshSecret,
  pair: TokenPair,
): Promise<Refreshed> {
  const until = performance.now() + COMMIT_MS;
  for (let pauseMs = LOOK_MS; ; pauseMs = Math.min(2 * pauseMs, COMMIT_PAUSE_MS)) {
    try {
      const { state } = await commitRefresh(deps.db, deps.vault, { grantId, generation, pair });
      if (state !== 'revoked') return { state: 'newer' };
      break;
    } catch (error) {
      if (performance.now() > until) throw error;
      await delay(pauseMs);
    }
  }
  // It was revoked while this exchange was under way: nobody will ever know this pair, so it must not stay alive.
  const { dispatcher, apiUrl, timings } = deps;
  const { accessToken } = pair;
  const how = { dispatcher, baseUrl: apiUrl, clientId, clientSecret, deadlineMs: timings.single.httpMs };
  await revoke({ ...how, accessToken }).catch(() => undefined); // it dies by itself after 60 days
  return { state: 'dead', reason: 'it was revoked' };
}
