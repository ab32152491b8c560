/** Tokens, resolved at the last moment; how a pair is refreshed is in refresh.ts. */
import { relinkUrl } from '../ids.js';
import {
  accountOf,
  oauth,
  restToken,
  scimToken,
  scimUsers,
  type RestToken,
  type ScimToken,
  type TokenInfo,
} from '../miro/index.js';
import type { GrantInfo } from '../store/connections.js';
import { holdGrant, markNeedsRelink, recordGrantFacts, type HeldGrant, type StoredToken } from '../store/grants.js';
import type { Deps } from './deps.js';
import { isUnauthorized, needsRelink, refuse } from './failure.js';
import { createRefresher, type RefreshDeps } from './refresh.js';

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

/** Organisation-wide and static: it is no user's, and is never refreshed. */
export interface ScimGrantToken {
  token: ScimToken;
  generation: number;
  grant: GrantInfo;
}

export interface Grants {
  /** The connection's REST token, refreshed early. @throws ApplicationFailure NeedsRelink | Connection.unknown */
  getToken(ref: ConnectionRef): Promise<GrantToken>;
  /**
   * After a 401: the newer token, refreshing only if `refused.generation` is still current; or the same one, if Miro
   * takes it elsewhere and it is static, or so new that another exchange would hardly help. @throws as getToken
   */
  tokenAfter401(ref: ConnectionRef, refused: GrantToken): Promise<GrantToken>;
  /** A newer pair than this generation, however long it would still live; a token that cannot be refreshed stays. @throws as getToken */
  renew(ref: ConnectionRef, generation: number): Promise<void>;
  /** The connection's SCIM token. @throws ApplicationFailure NeedsRelink | Connection.unknown */
  getScimToken(ref: ConnectionRef): Promise<ScimGrantToken>;
  /** After a 401: the newer token, or the same one if Miro still takes it. @throws as getScimToken */
  scimTokenAfter401(ref: ConnectionRef, refused: ScimGrantToken): Promise<ScimGrantToken>;
  /** Ends when no refresh of this process is under way; to be awaited before the process ends. */
  idle(): Promise<void>;
}

/** Refresh this long before the end: longer than any one request, its lease and the clocks' difference. */
const EARLY_MS = 120_000;
/** A pair that is refused although it is younger may be fine: where Miro answers 401 for good, exchanges would never end. */
const YOUNG_MS = 60_000;
type GrantDeps = RefreshDeps & Pick<Deps, 'scim' | 'idKey' | 'publicUrl'>;

export function createGrants(deps: GrantDeps): Grants {
  const refresher = createRefresher(deps);
  const refreshed = async (held: Held): Promise<Held> => {
    const { grantId } = held.grant;
    const outcome = await refresher.refresh({ grantId, generation: held.current.generation });
    if (outcome.state === 'dead') throw dead(deps, held, outcome.reason);
    return await hold(deps, held.ref);
  };

  return {
    async getToken(ref) {
      const held = await hold(deps, ref);
      return await usable(deps, isDue(held.current) ? await refreshed(held) : held);
    },
    async tokenAfter401(ref, refused) {
      const held = await hold(deps, ref);
      if (isNewer(held, refused)) return await usable(deps, held);
      if (held.current.refreshable && !(await isYoungAndAlive(deps, held)))
        return await usable(deps, await refreshed(held));
      if (!held.current.refreshable) await requireAlive(deps, held);
      return await usable(deps, held);
    },
    async renew(ref, generation) {
      const held = await hold(deps, ref);
      if (held.current.refreshable && held.current.generation === generation) await refreshed(held);
    },
    getScimToken: async (ref) => toScimToken(await hold(deps, ref, 'scim')),
    async scimTokenAfter401(ref, refused) {
      const held = await hold(deps, ref, 'scim');
      if (!isNewer(held, refused)) await requireScimAlive(deps, held);
      return toScimToken(held);
    },
    idle: () => refresher.idle(),
  };
}

const isNewer = ({ current, grant }: Held, refused: GrantToken | ScimGrantToken): boolean =>
  current.generation > refused.generation || grant.grantId !== refused.grant.grantId;

const toScimToken = ({ current, grant }: Held): ScimGrantToken => ({
  ...{ token: scimToken(current.accessToken), generation: current.generation, grant },
});

/** A live grant and its present token. */
interface Held extends HeldGrant {
  ref: ConnectionRef;
}

const MISSING = {
  rest: 'has no Miro account; give the worker MIRO_ACCESS_TOKEN or link one',
  scim: 'has no SCIM token; give the worker MIRO_SCIM_TOKEN or attach one',
};

async function hold(deps: GrantDeps, ref: ConnectionRef, kind: GrantInfo['kind'] = 'rest'): Promise<Held> {
  const { tenantId, connection: name } = ref;
  const found = await holdGrant(deps.db, deps.vault, { tenantId, name, kind });
  if (!found) throw refuse('Connection.unknown', `connection "${name}" ${MISSING[kind]}`);
  const held = { ref, ...found };
  if (held.grant.state !== 'live') throw dead(deps, held, held.grant.reason ?? held.grant.state);
  return held;
}

/** Whose token it is was told when it was linked; if not, Miro is asked once. */
async function usable(deps: GrantDeps, held: Held): Promise<GrantToken> {
  const { grant, current } = held;
  const token = { token: restToken(current.accessToken), generation: current.generation, grant };
  if (grant.miroUserId !== undefined) return { ...token, userId: grant.miroUserId };
  const facts = accountOf(await requireAlive(deps, held));
  await recordGrantFacts(deps.db, { grantId: grant.grantId, generation: current.generation, ...facts });
  const known = await hold(deps, held.ref);
  return { ...token, grant: known.grant, userId: facts.userId };
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
    throw await refusedForGood(deps, held, 'Miro refuses this token, and it cannot be refreshed');
  }
}

async function isYoungAndAlive(deps: GrantDeps, { current }: Held): Promise<boolean> {
  if (current.ageMs > YOUNG_MS) return false;
  try {
    await introspect(deps, current);
    return true;
  } catch (error) {
    if (isUnauthorized(error)) return false;
    throw error;
  }
}

/** The cheapest call that surely wants a token: a service may tell everybody what it can do. */
async function requireScimAlive(deps: GrantDeps, held: Held): Promise<void> {
  const how = { token: scimToken(held.current.accessToken), deadlineMs: deps.timings.readMs };
  try {
    await deps.scim.send(scimUsers.list({ count: 1 }), how);
  } catch (error) {
    if (!isUnauthorized(error)) throw error;
    throw await refusedForGood(deps, held, 'Miro refuses this SCIM token');
  }
}

async function refusedForGood(deps: GrantDeps, held: Held, reason: string): Promise<Error> {
  const { generation } = held.current;
  await markNeedsRelink(deps.db, { grantId: held.grant.grantId, generation, reason });
  return dead(deps, held, reason);
}

function dead({ idKey, publicUrl }: GrantDeps, { ref, connectionId, grant, current }: Held, reason: string): Error {
  const { grantId, kind } = grant;
  const { generation } = current;
  const { tenantId, connection } = ref; // callers pass more
  const common = { tenantId, connection, grantId, generation, reason };
  if (kind === 'scim')
    return needsRelink({ ...common, remedy: `give the connection "${connection}" a new SCIM token` });
  if (publicUrl === undefined)
    return needsRelink({ ...common, remedy: `run: temporal-miro connections relink ${connection}` });
  const url = relinkUrl(idKey, publicUrl, { connectionId, grantId, generation });
  return needsRelink({ ...common, remedy: `open ${url}`, relinkUrl: url });
}

function isDue({ refreshable, leftMs, expiresInMs }: StoredToken): boolean {
  if (!refreshable || leftMs === undefined) return false;
  return leftMs < Math.min(EARLY_MS, (expiresInMs ?? EARLY_MS) / 4);
}
