/** Gives a connection up: nobody refreshes it any more, Miro revokes its tokens, the store erases them. */
import { MiroError, oauth, refreshToken, refusesToken, restToken, revoke, type OAuthOptions } from '../miro/index.js';
import { beginRevoke, finishRevoke, type RevokedSecret } from '../store/connections.js';
import type { AccountDeps } from './deps.js';
import { askMiro } from './miro-answers.js';
import { Refusal } from './refusal.js';

export interface Revoked {
  kind: 'rest' | 'scim';
  atMiro: 'revoked' | 'was_dead' | 'not_possible';
  /** What a person has to do at Miro, where we can't. */
  remedy?: string;
}

/**
 * Revokes what only this connection uses. Safe to repeat: what was begun is brought to its end.
 * @throws Refusal 502 while Miro does not answer, 409 where the app's secret is wrong; the tokens are out of use by then, and not yet erased
 */
export async function revokeConnection(
  deps: AccountDeps,
  named: { tenantId: string; name: string },
): Promise<Revoked[]> {
  const secrets = await beginRevoke(deps.db, deps.vault, named);
  const revoked: Revoked[] = [];
  for (const secret of secrets) revoked.push(await revokeSecret(deps, secret));
  return revoked;
}

/** Revokes one secret at Miro and erases it. Safe to repeat. @throws as {@link revokeConnection} */
export async function revokeSecret(deps: AccountDeps, secret: RevokedSecret): Promise<Revoked> {
  const revoked = await revokeAtMiro(deps, secret);
  await finishRevoke(deps.db, secret);
  return revoked;
}

async function revokeAtMiro(
  deps: AccountDeps,
  { kind, app, accessToken, refreshToken }: RevokedSecret,
): Promise<Revoked> {
  if (!app) return { kind, atMiro: 'not_possible', remedy: BY_HAND[kind] };
  // The stored secret is the one of the last link or start; ours is the newer one.
  const ofApp = deps.app?.clientId === app.clientId ? deps.app : app;
  const options = { dispatcher: deps.dispatcher, baseUrl: deps.apiUrl, deadlineMs: deps.deadlineMs, ...ofApp };
  return await askMiro(async () => {
    if (await isRevoked(options, accessToken)) return { kind, atMiro: 'revoked' };
    const newer = refreshToken === undefined ? undefined : await exchanged(options, refreshToken);
    if (newer !== undefined && (await isRevoked(options, newer))) return { kind, atMiro: 'revoked' };
    if (await isAlive(deps, newer ?? accessToken)) throw WRONG_SECRET;
    return { kind, atMiro: 'was_dead' };
  });
}

const BY_HAND = {
  rest: 'This token was attached by hand: in Miro remove the app from the team, under Team settings > Apps.',
  scim: 'Miro revokes no SCIM tokens over its API: make a new one under Company settings > Security > Authentication.',
};

const WRONG_SECRET = new Refusal(409, {
  code: 'wrong_secret',
  message:
    'Miro does not take the app’s secret, so the account could not be revoked there. Its tokens are out of use, and were not erased.',
  remedy: 'Check MIRO_CLIENT_ID and MIRO_CLIENT_SECRET, then revoke again.',
});

async function isAlive({ miro, deadlineMs }: AccountDeps, accessToken: string): Promise<boolean> {
  try {
    await miro.send(oauth.introspect(), { token: restToken(accessToken), deadlineMs });
    return true;
  } catch (error) {
    if (error instanceof MiroError && error.kind === 'unauthorized') return false;
    throw error;
  }
}

/** False for a token that Miro does not know (any more), e.g. one that has expired; Miro says the same to a wrong secret. */
async function isRevoked(options: OAuthOptions, accessToken: string): Promise<boolean> {
  try {
    await revoke({ ...options, accessToken });
    return true;
  } catch (error) {
    if (error instanceof MiroError && (error.kind === 'not_found' || error.kind === 'unauthorized')) return false;
    throw error;
  }
}

/** The access token of the pair that the refresh token is good for; undefined when it is dead. @throws WRONG_SECRET */
async function exchanged(options: OAuthOptions, token: string): Promise<string | undefined> {
  try {
    return (await refreshToken({ ...options, refreshToken: token })).accessToken;
  } catch (error) {
    if (!(error instanceof MiroError) || error.kind !== 'unauthorized') throw error;
    if (refusesToken(error)) return undefined;
    throw WRONG_SECRET;
  }
}
