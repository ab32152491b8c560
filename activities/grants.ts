/**
 * Tokens, resolved at the last moment. Refresh is single-flight in this process and guarded by an intent row between processes;
 * the exchange runs outside any transaction and the new pair is committed before it is used (docs/architecture.md, Tokens).
 */
import { randomUUID } from 'node:crypto';
import { accountOf, MiroError, oauth, refreshToken, restToken, type RestToken, type TokenInfo } from '../miro/index.js';
import { findConnection, type GrantInfo } from '../store/connections.js';
import {
  claimRefresh,
  commitRefresh,
  lostRefresh,
  markNeedsRelink,
  markRefreshSent,
  readToken,
  recordGrantFacts,
  refuseRefresh,
  releaseRefresh,
  type RefreshIntent,
  type StoredToken,
} from '../store/grants.js';
import type { Deps } from './deps.js';
import { isUnauthorized, needsRelink, refuse, retryLater } from './failure.js';

export interface ConnectionRef {
  tenantId: string;
  /** The tenant's name for the connection. */
  connection: string;
}

export interface GrantToken {
  token: RestToken;
  generation: number;
  grant: GrantInfo;
  /** The Miro user whose token it is: whatever it makes was created by this user. */
  userId: string;
}

export interface Grants {
  /** The connection's REST token, refreshed early. @throws ApplicationFailure NeedsRelink | Connection.unknown */
  getToken(ref: ConnectionRef): Promise<GrantToken>;
  /** After a 401: the newer token, refreshing only if `refused.generation` is still current. @throws as getToken */
  tokenAfter401(ref: ConnectionRef, refused: GrantToken): Promise<GrantToken>;
}

/** Refresh this long before the end: longer than any one request, its lease and the clocks' difference. */
const EARLY_MS = 120_000;
/** Another process refreshes: its exchange is over soon. */
const REFRESH_WAIT_MS = 250;

type GrantDeps = Pick<Deps, 'db' | 'vault' | 'apiUrl' | 'dispatcher' | 'miro' | 'timings'>;

export function createGrants(deps: GrantDeps): Grants {
  const inFlight = new Map<string, Promise<void>>();

  const refreshOnce = (held: Held): Promise<void> => {
    const id = `${held.grant.grantId}:${held.current.generation}`;
    const running = inFlight.get(id);
    if (running) return running;
    const started = refresh(deps, held).finally(() => inFlight.delete(id));
    inFlight.set(id, started);
    return started;
  };

  return {
    async getToken(ref) {
      const held = await hold(deps, ref);
      if (!isDue(held.current)) return await usable(deps, held);
      await refreshOnce(held);
      return await usable(deps, await hold(deps, ref));
    },
    async tokenAfter401(ref, refused) {
      const held = await hold(deps, ref);
      const moved = held.current.generation > refused.generation || held.grant.grantId !== refused.grant.grantId;
      if (moved) return await usable(deps, held);
      if (held.current.refreshable) await refreshOnce(held);
      else await requireAlive(deps, held);
      return await usable(deps, await hold(deps, ref));
    },
  };
}

/** A live grant and its present token. */
interface Held {
  ref: ConnectionRef;
  grant: GrantInfo;
  current: StoredToken;
}

async function hold(deps: GrantDeps, ref: ConnectionRef): Promise<Held> {
  const grant = (await findConnection(deps.db, { tenantId: ref.tenantId, name: ref.connection }))?.rest;
  if (!grant) {
    const message = `connection "${ref.connection}" has no Miro account; give the worker MIRO_ACCESS_TOKEN or link one`;
    throw refuse('Connection.unknown', message);
  }
  const held = { ref, grant, current: await readToken(deps.db, deps.vault, grant.grantId) };
  if (held.current.state !== 'live') throw dead(held, grant.reason ?? held.current.state);
  return held;
}

/** Whose token it is was told when it was linked; if not, Miro is asked once. */
async function usable(deps: GrantDeps, { ref, grant, current }: Held): Promise<GrantToken> {
  const token = { token: restToken(current.accessToken), generation: current.generation, grant };
  if (grant.miroUserId !== undefined) return { ...token, userId: grant.miroUserId };
  const facts = accountOf(await requireAlive(deps, { ref, grant, current }));
  await recordGrantFacts(deps.db, { grantId: grant.grantId, generation: current.generation, ...facts });
  const known = (await findConnection(deps.db, { tenantId: ref.tenantId, name: ref.connection }))?.rest;
  return { ...token, grant: known ?? grant, userId: facts.userId };
}

const introspect = (deps: GrantDeps, current: StoredToken): Promise<TokenInfo> =>
  deps.miro.send(oauth.introspect(), { token: restToken(current.accessToken), deadlineMs: deps.timings.readMs });

/** One 401 may be a mistake of Miro's; a token that cannot be refreshed is dead only when introspection refuses it too. */
async function requireAlive(deps: GrantDeps, held: Held): Promise<TokenInfo> {
  try {
    return await introspect(deps, held.current);
  } catch (error) {
    if (!isUnauthorized(error)) throw error;
    if (held.current.refreshable) throw error; // a pair is judged by its refresh
    const reason = 'Miro refuses this token, and it cannot be refreshed';
    const { grantId } = held.grant;
    await markNeedsRelink(deps.db, { grantId, generation: held.current.generation, reason });
    throw dead(held, reason);
  }
}

const dead = ({ ref, grant, current }: Held, reason: string): Error =>
  needsRelink({ ...ref, grantId: grant.grantId, generation: current.generation, reason });

function isDue({ refreshable, leftMs, expiresInMs }: StoredToken): boolean {
  if (!refreshable || leftMs === undefined) return false;
  return leftMs < Math.min(EARLY_MS, (expiresInMs ?? EARLY_MS) / 4);
}

async function refresh(deps: GrantDeps, held: Held): Promise<void> {
  const { generation } = held.current;
  const intent = { grantId: held.grant.grantId, generation, owner: randomUUID() };
  const started = performance.now();
  const { leaseMs, httpMs } = deps.timings.single;
  const claim = await claimRefresh(deps.db, { ...intent, leaseMs });
  switch (claim.state) {
    case 'newer':
      return;
    case 'dead':
      throw dead(held, claim.reason);
    case 'busy':
      throw retryLater(
        'Refresh.busy',
        'another worker is refreshing this token',
        Math.min(claim.retryAfterMs, REFRESH_WAIT_MS),
      );
    case 'claimed':
      break;
  }
  const secret = await markRefreshSent(deps.db, deps.vault, intent);
  if (!secret) throw retryLater('Refresh.busy', 'another worker took over the refresh of this token', REFRESH_WAIT_MS);
  const deadlineMs = Math.max(1, Math.min(httpMs, leaseMs - (performance.now() - started) - 1));
  try {
    const pair = await refreshToken({ dispatcher: deps.dispatcher, baseUrl: deps.apiUrl, ...secret, deadlineMs });
    await commitRefresh(deps.db, deps.vault, { grantId: intent.grantId, generation, pair });
  } catch (error) {
    throw await refreshFailed(deps, held, intent, error);
  }
}

/** Only a clean refusal kills the grant; an unknown outcome gets one more try with the old token (docs/architecture.md, Tokens). */
async function refreshFailed(deps: GrantDeps, held: Held, intent: RefreshIntent, error: unknown): Promise<unknown> {
  if (!(error instanceof MiroError)) return error;
  if (REFUSED.has(error.kind)) {
    const reason = `Miro refused to refresh the token (${error.status ?? error.kind})`;
    const verdict = await refuseRefresh(deps.db, { ...intent, reason });
    if (verdict.state === 'newer') return retryLater('Refresh.busy', 'a newer token arrived meanwhile', 1);
    return dead(held, reason);
  }
  if (error.written === 'no') await releaseRefresh(deps.db, intent);
  else await lostRefresh(deps.db, intent);
  return error;
}

const REFUSED: ReadonlySet<MiroError['kind']> = new Set(['unauthorized', 'invalid', 'forbidden', 'not_found']);
