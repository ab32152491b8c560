/** The connection `default` of the tenant `default`, out of the environment: a first Miro account without the OAuth pages. */
import { oauth, restToken, MiroError, type Miro, type TokenInfo } from '../miro/index.js';
import { ensureConnection, type GrantFacts } from '../store/connections.js';
import type { Db } from '../store/db.js';
import { recordGrantFacts } from '../store/grants.js';
import { ensureTenant } from '../store/tenants.js';
import type { Vault } from '../store/vault.js';

/** A static token, or with `refreshToken` and `app` an expiring pair; or none. */
export interface FirstToken {
  accessToken?: string;
  refreshToken?: string;
  app?: { clientId: string; clientSecret: string };
}

export interface FirstConnectionDeps {
  db: Db;
  vault: Vault;
  miro: Miro;
  /** HTTP deadline of the introspection. */
  readMs: number;
  log: (line: string) => void;
}

/**
 * Links the token unless it, or a newer one that came of it, is linked already; runs that wait for it go on. Miro's absence does not keep a worker
 * from starting: what the token is good for is then found out at the next start.
 */
export async function linkFirstConnection(deps: FirstConnectionDeps, token: FirstToken): Promise<void> {
  const { db, vault } = deps;
  const { accessToken, refreshToken, app } = token;
  if (accessToken === undefined) return;
  const facts = await factsOf(deps, accessToken);
  const { tenantId } = await ensureTenant(db, 'default');
  const rest = refreshToken === undefined ? { accessToken, facts } : { accessToken, refreshToken, facts };
  const connection = await ensureConnection(db, vault, {
    tenantId,
    name: 'default',
    rest,
    ...(refreshToken === undefined ? {} : { app }),
  });
  const grant = connection.rest;
  if (facts && grant && grant.miroUserId === undefined)
    await recordGrantFacts(db, { grantId: grant.grantId, ...facts });
}

async function factsOf(
  { miro, readMs, log }: FirstConnectionDeps,
  accessToken: string,
): Promise<GrantFacts | undefined> {
  try {
    const info = await miro.send(oauth.introspect(), { token: restToken(accessToken), deadlineMs: readMs });
    return info.user && info.team && toFacts(info.user.id, info.team.id, info);
  } catch (error) {
    if (!(error instanceof MiroError)) throw error;
    log(`MIRO_ACCESS_TOKEN could not be checked: ${error.message}`);
    return undefined;
  }
}

function toFacts(userId: string, teamId: string, { organization, scopes }: TokenInfo): GrantFacts {
  return { userId, teamId, scopes, ...(organization ? { orgId: organization.id } : {}) };
}
