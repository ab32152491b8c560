/** Links a Miro account by OAuth: a session's link, Miro's page, and back. Plain functions: the gateway and the CLI serve them. */
import { missingScopes, JOB_KINDS, REQUIREMENTS } from '../jobs/requirements.js';
import {
  accountOf,
  authorizeUrl,
  exchangeCode,
  MiroError,
  oauth,
  organizations,
  orgMembers,
  restToken,
  revoke,
  type OAuthOptions,
  type TokenPair,
} from '../miro/index.js';
import { linkAccount, type Connection, type GrantFacts } from '../store/connections.js';
import {
  completeLinkSession,
  refuseLinkSession,
  startLinkSession,
  takeLinkSession,
  type LinkRefusal,
  type LinkSession,
} from '../store/link-sessions.js';
import type { AccountDeps, LinkDeps } from './deps.js';
import { Refusal } from './refusal.js';

/** How a link ended. `missing`: scopes, where they are the reason. */
export type LinkEnd =
  | { session: LinkSession; state: 'linked'; connection: Connection; result: string }
  | { session: LinkSession; state: 'refused'; reason: LinkRefusal; missing: string[] };

/** Miro sends browsers back here; registered with the app exactly so. */
export const callbackUrl = ({ publicUrl }: Pick<LinkDeps, 'publicUrl'>): string => `${publicUrl}/oauth/callback`;

/** The address that starts the session in a person's browser. */
export const startUrl = ({ publicUrl }: Pick<LinkDeps, 'publicUrl'>, startToken: string): string =>
  `${publicUrl}/link/${startToken}`;

/** @throws Refusal 503 where the installation has no Miro app */
export function requireApp({ app }: Pick<AccountDeps, 'app'>): { clientId: string; clientSecret: string } {
  if (app) return app;
  throw new Refusal(503, {
    code: 'no_app',
    message: 'No account can be linked: this installation has no Miro app.',
    remedy: 'Set MIRO_CLIENT_ID and MIRO_CLIENT_SECRET of the gateway.',
  });
}

/** Where the browser goes to allow the app. @returns undefined for a link that can't be used (any more, or by this browser) */
export async function startLink(
  deps: LinkDeps,
  given: { startToken: string; browser: string },
): Promise<string | undefined> {
  const { clientId } = requireApp(deps);
  const started = await startLinkSession(deps.db, given);
  if (!started) return undefined;
  const { state, session } = started;
  return authorizeUrl(deps.miroUrl, { clientId, state, redirectUri: session.redirectUri, teamId: session.teamId });
}

/**
 * Takes what Miro sent the browser back with. Whoever dies in here has used up Miro's code: the session then counts as failed.
 * @returns undefined when the state is unknown, used, expired, or another browser's
 */
export async function finishLink(
  deps: LinkDeps,
  given: { state: string; browser: string; code?: string | undefined },
): Promise<LinkEnd | undefined> {
  const { db } = deps;
  const session = await takeLinkSession(db, given);
  if (!session) return undefined;
  const verdict = given.code === undefined ? refused('denied') : await exchange(deps, session, given.code);
  if (verdict.state === 'linked') {
    const result = await completeLinkSession(db, session.id);
    return { ...verdict, session, result };
  }
  const { reason, missing } = verdict;
  await refuseLinkSession(db, session.id, missing.length > 0 ? { reason, missing } : { reason });
  return { ...verdict, session };
}

type Verdict =
  { state: 'linked'; connection: Connection } | { state: 'refused'; reason: LinkRefusal; missing: string[] };

const refused = (reason: LinkRefusal, missing: string[] = []): Verdict => ({ state: 'refused', reason, missing });

async function exchange(deps: LinkDeps, session: LinkSession, code: string): Promise<Verdict> {
  const options = oauthOptions(deps);
  let pair: TokenPair | undefined;
  let verdict: Verdict | undefined;
  try {
    pair = await exchangeCode({ ...options, code, redirectUri: session.redirectUri });
    verdict = await judge(deps, session, pair);
  } catch (error) {
    if (!(error instanceof MiroError)) throw error;
    deps.log(`link session ${session.id} failed: ${error.message}`);
    verdict = refused('failed');
  } finally {
    // What is not linked must not live on at Miro.
    if (pair && verdict?.state !== 'linked') await revokeQuietly(deps, options, pair.accessToken);
  }
  return verdict;
}

async function judge(deps: LinkDeps, session: LinkSession, pair: TokenPair): Promise<Verdict> {
  const { db, vault } = deps;
  const { tenantId, connection: name, teamId, accept } = session;
  const facts = await factsOf(deps, pair.accessToken);
  if (teamId !== undefined && facts.teamId !== teamId) return refused('wrong_team');
  const missing = missingForAll(facts.scopes);
  if (missing.length > 0) return refused('missing_scopes', missing);
  const linked = await linkAccount(db, vault, {
    ...{ tenantId, name, accept, app: requireApp(deps) },
    rest: { ...secretsOf(pair), facts },
  });
  return linked.state === 'linked' ? linked : refused(linked.reason, linked.missing);
}

/** The scopes that are missing where no kind of job could run; otherwise the account is worth having. */
function missingForAll(scopes: string[]): string[] {
  const canRun = JOB_KINDS.some((kind) => missingScopes(REQUIREMENTS[kind].scopes, scopes).length === 0);
  return canRun ? [] : [...new Set(JOB_KINDS.flatMap((kind) => missingScopes(REQUIREMENTS[kind].scopes, scopes)))];
}

const secretsOf = ({ accessToken, refreshToken, expiresInMs }: TokenPair) =>
  refreshToken === undefined ? { accessToken } : { accessToken, refreshToken, expiresInMs };

/** Whose token it is and what it may do, asked now; plan and role, which cost credits, only where they are not known. @throws MiroError 'unauthorized' for a dead token, 'malformed' where Miro does not say whose it is */
export async function factsOf(
  { miro, deadlineMs }: AccountDeps,
  accessToken: string,
  known: Pick<GrantFacts, 'plan' | 'role'> = {},
): Promise<GrantFacts> {
  const how = { token: restToken(accessToken), deadlineMs };
  const account = accountOf(await miro.send(oauth.introspect(), how));
  if (account.teamId === '')
    throw new MiroError('GET /v1/oauth-token answered without a team', {
      ...{ kind: 'malformed', written: 'no', operation: 'token-info' },
    });
  const { userId, orgId, scopes } = account;
  const isKnown = known.plan !== undefined && known.role !== undefined;
  if (isKnown || orgId === undefined || !scopes.includes('organizations:read')) return account;
  try {
    const organization = await miro.send(organizations.get(orgId), how);
    const { role } = await miro.send(orgMembers.get(orgId, userId), how);
    return { ...account, plan: organization.plan, role };
  } catch (error) {
    if (error instanceof MiroError) return account; // plan and role are hints: an account is worth having without them
    throw error;
  }
}

const oauthOptions = (deps: AccountDeps): OAuthOptions => ({
  ...{ dispatcher: deps.dispatcher, baseUrl: deps.apiUrl, deadlineMs: deps.deadlineMs },
  ...requireApp(deps),
});

async function revokeQuietly(deps: AccountDeps, options: OAuthOptions, accessToken: string): Promise<void> {
  await revoke({ ...options, accessToken }).catch((error: unknown) => {
    deps.log(`a token that was not linked could not be revoked: ${(error as Error).message}`);
  });
}
