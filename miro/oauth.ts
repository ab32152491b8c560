import { z } from 'zod';
import type { Dispatcher } from 'undici';
import type { MiroError } from './errors.js';
import { buildCall } from './call.js';
import type { Call } from './call.js';
import { request } from './request.js';
import type { Answer } from './request.js';
import { id, maybe, text } from './readers.js';
import { tokenInfoSchema } from './schemas.js';
import type { TokenInfo } from './schemas.js';

/** An access token with what belongs to it. `refreshToken` and `expiresInMs` only with expiring apps. */
export interface TokenPair {
  accessToken: string;
  refreshToken?: string;
  expiresInMs?: number;
  scopes: string[];
  userId: string;
  teamId: string;
}

export interface OAuthOptions {
  dispatcher: Dispatcher;
  /** https://api.miro.com */
  baseUrl: string;
  clientId: string;
  clientSecret: string;
  deadlineMs: number;
  signal?: AbortSignal;
  onAnswer?: (answer: Answer) => void;
}

export const oauth = {
  /** Whose token it is and what it may do. An invalid token is refused as 'unauthorized'. */
  introspect: (): Call<TokenInfo> => ({
    ...buildCall('token-info', {}, tokenInfoSchema),
    refusals: { 400: 'unauthorized' },
  }),
};

/** Whose token it is and what it may do, as an introspection told it. `teamId` is empty for a token without a team. */
export function accountOf({ user, team, organization, scopes }: TokenInfo) {
  return {
    ...{ userId: user.id, teamId: team?.id ?? '', scopes },
    ...{ userName: user.name, teamName: team?.name },
    ...(organization && { orgId: organization.id, orgName: organization.name }),
  };
}

const tokenPairSchema = z
  .object({
    access_token: z.string().min(1),
    refresh_token: text,
    expires_in: maybe(z.coerce.number().positive()),
    scope: z.string().catch(''),
    user_id: id,
    team_id: id,
  })
  .transform((answer): TokenPair => ({
    accessToken: answer.access_token,
    refreshToken: answer.refresh_token,
    expiresInMs: answer.expires_in === undefined ? undefined : answer.expires_in * 1000,
    scopes: answer.scope.split(/[\s,]+/).filter((scope) => scope !== ''),
    userId: answer.user_id,
    teamId: answer.team_id,
  }));

/** Where a person's browser goes to grant access; scopes are set in the app, a team can be preselected. `miroUrl` is https://miro.com. */
export function authorizeUrl(
  miroUrl: string,
  query: { clientId: string; redirectUri: string; state: string; teamId?: string | undefined },
): string {
  const url = new URL(`${miroUrl.replace(/\/+$/, '')}/oauth/authorize`);
  url.searchParams.set('response_type', 'code');
  url.searchParams.set('client_id', query.clientId);
  url.searchParams.set('redirect_uri', query.redirectUri);
  url.searchParams.set('state', query.state);
  if (query.teamId !== undefined) url.searchParams.set('team_id', query.teamId);
  return url.href;
}

/**
 * Exchanges the code of a redirect, which works once and within 10 minutes.
 * @throws MiroError 'unauthorized' for a used or expired code and for another `redirectUri`
 * @see https://developers.miro.com/reference/ne-exchange-authorization-code-with-access-token
 */
export function exchangeCode(options: OAuthOptions & { code: string; redirectUri: string }): Promise<TokenPair> {
  const { code, redirectUri } = options;
  return exchange(options, [code], { grant_type: 'authorization_code', code, redirect_uri: redirectUri });
}

/**
 * Exchanges a refresh token for a new pair; the old pair dies with it, so an answer that is lost
 * (`written: 'unknown'`) may have cost the grant.
 * @throws MiroError 'unauthorized' for a dead refresh token
 * @see https://developers.miro.com/reference/get-new-access-token-using-refresh-token
 */
export function refreshToken(options: OAuthOptions & { refreshToken: string }): Promise<TokenPair> {
  const token = options.refreshToken;
  return exchange(options, [token], { grant_type: 'refresh_token', refresh_token: token });
}

function exchange(options: OAuthOptions, secrets: string[], fields: Record<string, string>): Promise<TokenPair> {
  const { clientId, clientSecret } = options;
  const body = new URLSearchParams({ ...fields, client_id: clientId, client_secret: clientSecret });
  return request({ ...tokenCall, body, schema: tokenPairSchema }, { ...options, secrets: [clientSecret, ...secrets] });
}

/** Still v1, and in Miro's documentation only: the specification does not have it. */
const tokenCall = {
  surface: 'rest',
  operation: 'oauth-token',
  method: 'POST',
  template: '/v1/oauth/token',
  path: '/v1/oauth/token',
  credits: 0,
  write: true,
  refusals: { 400: 'unauthorized' },
} as const;

/**
 * Whether an exchange was refused because of its token. Miro documents no code for a dead refresh token; RFC 6749 has `invalid_grant`, and its other codes speak of the
 * request. An app whose secret is wrong gets Miro's `oauthError` like a dead token, so the words have to tell. What is
 * in neither shape comes from something before Miro.
 */
export function refusesToken({ kind, code, detail }: MiroError): boolean {
  if (kind !== 'unauthorized' || code === undefined) return false;
  if (code.includes('_')) return code === 'invalid_grant';
  return !/client/i.test(`${code} ${detail}`);
}

/** Kills an access token and its refresh token. 'not_found' means that it was dead. */
export function revoke(options: OAuthOptions & { accessToken: string }): Promise<void> {
  const { accessToken, clientId, clientSecret } = options;
  return request(buildCall('revoke-token-v2', { body: { accessToken, clientId, clientSecret } }, z.unknown()), {
    ...options,
    secrets: [accessToken, clientSecret],
  }).then(() => undefined);
}
