/** The connection `default` of the tenant `default`, out of the environment: a first Miro account without the OAuth pages. */
import { accountOf, oauth, restToken, MiroError, type Miro } from '../miro/index.js';
import { ensureFirstLink, ensureFirstScim, type GrantFacts, type GrantInfo } from '../store/connections.js';
import type { Db } from '../store/db.js';
import { recordGrantFacts } from '../store/grants.js';
import { ensureTenant } from '../store/tenants.js';
import type { Vault } from '../store/vault.js';

/** A static token, or with `refreshToken` and `app` an expiring pair; a SCIM token beside it or alone; or none. */
export interface FirstToken {
  accessToken?: string;
  refreshToken?: string;
  scimToken?: string;
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
 * Links the tokens unless they, or newer ones that came of them, are linked already; runs that wait for them go on. A token that was linked before and
 * replaced or revoked by a person since stays so: a worker that starts again must not undo it. Miro's absence does not keep a worker from starting: what
 * a token is good for is then found out at the next start.
 */
export async function linkFirstConnection(deps: FirstConnectionDeps, token: FirstToken): Promise<void> {
  const { db, vault, log } = deps;
  const { accessToken, scimToken } = token;
  if (accessToken === undefined && scimToken === undefined) return;
  const { tenantId } = await ensureTenant(db, 'default');
  const grant = accessToken === undefined ? undefined : await linkRest(deps, tenantId, { ...token, accessToken });
  if (scimToken === undefined) return;
  const { replaced } = await ensureFirstScim(db, vault, { tenantId, name: 'default', scimToken, orgId: grant?.orgId });
  if (replaced) log(replacedBy('MIRO_SCIM_TOKEN'));
}

const replacedBy = (variable: string): string =>
  `${variable} was replaced by a later link of default, or revoked; unset it`;

async function linkRest(
  deps: FirstConnectionDeps,
  tenantId: string,
  { accessToken, refreshToken, app }: FirstToken & { accessToken: string },
): Promise<GrantInfo | undefined> {
  const facts = await factsOf(deps, accessToken);
  const linked =
    refreshToken === undefined ? { rest: { accessToken, facts } } : { rest: { accessToken, refreshToken, facts }, app };
  const { connection, replaced } = await ensureFirstLink(deps.db, deps.vault, { tenantId, name: 'default', ...linked });
  const { rest: grant } = connection;
  if (replaced) deps.log(replacedBy(refreshToken === undefined ? 'MIRO_ACCESS_TOKEN' : 'MIRO_REFRESH_TOKEN'));
  else if (facts && grant && grant.miroUserId === undefined)
    await recordGrantFacts(deps.db, { grantId: grant.grantId, generation: grant.generation, ...facts });
  return grant;
}

async function factsOf(
  { miro, readMs, log }: FirstConnectionDeps,
  accessToken: string,
): Promise<GrantFacts | undefined> {
  try {
    return accountOf(await miro.send(oauth.introspect(), { token: restToken(accessToken), deadlineMs: readMs }));
  } catch (error) {
    if (!(error instanceof MiroError)) throw error;
    log(`MIRO_ACCESS_TOKEN could not be checked: ${error.message}`);
    return undefined;
  }
}
