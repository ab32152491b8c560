import { json, type Answer } from '../http/answer.js';
import { ApiError, oauthError } from '../http/api-error.js';
import type { Incoming } from '../http/call.js';
import { issueGrant, rotateGrant } from '../state/grants.js';
import type { Simulation } from '../simulation.js';
import type { App, AuthorizationCode, Grant } from '../state/app.js';

type Fields = Record<string, string | undefined>;

/**
 * `POST /v1/oauth/token`: exchanges a code (once, within ten minutes, exact redirect) or a refresh token (once).
 * Takes a form or query parameters.
 */
export function tokenEndpoint(sim: Simulation, incoming: Incoming): Answer {
  const fields: Fields = { ...incoming.query, ...formOf(incoming) };
  const app = clientOf(sim, fields);
  switch (fields['grant_type']) {
    case 'authorization_code':
      return tokenAnswer(sim, app, exchangeCode(sim, app, fields));
    case 'refresh_token':
      return tokenAnswer(sim, app, refresh(sim, app, fields));
    default:
      throw new ApiError(400, 'invalidParameters', 'Unsupported grant_type');
  }
}

function formOf({ body, headers }: Incoming): Fields {
  if (!String(headers['content-type'] ?? '').startsWith('application/x-www-form-urlencoded')) return {};
  return Object.fromEntries(new URLSearchParams(body.toString('utf8')));
}

function clientOf(sim: Simulation, fields: Fields): App {
  const app = [...sim.world.apps.values()].find((each) => each.clientId === fields['client_id']);
  if (!app || app.clientSecret !== fields['client_secret']) throw oauthError('Invalid client credentials.');
  return app;
}

function exchangeCode(sim: Simulation, app: App, fields: Fields): Grant {
  const code = sim.world.codes.get(fields['code'] ?? '');
  if (!code || !isUsable(sim, app, code)) throw oauthError('Invalid authorization code.');
  if (code.redirectUri !== fields['redirect_uri']) throw oauthError('Redirect URI mismatch.');
  const user = sim.world.users.get(code.userId);
  if (!user?.active) throw oauthError('Invalid authorization code.');
  code.used = true;
  return issueGrant(sim, app, user, code.teamId);
}

const isUsable = (sim: Simulation, app: App, code: AuthorizationCode): boolean =>
  code.appId === app.id && !code.used && code.expiresAt > sim.clock.now();

function refresh(sim: Simulation, app: App, fields: Fields): Grant {
  const token = fields['refresh_token'];
  for (const grant of sim.world.grants.values()) {
    if (grant.refreshToken !== token || token === undefined || grant.appId !== app.id) continue;
    if (grant.revokedAt !== undefined || (grant.refreshExpiresAt ?? 0) <= sim.clock.now()) break;
    rotateGrant(sim, grant);
    return grant;
  }
  throw oauthError('Refresh token is invalid or expired.');
}

function tokenAnswer(sim: Simulation, app: App, grant: Grant): Answer {
  return json(200, {
    user_id: grant.userId,
    team_id: grant.teamId,
    scope: grant.scopes.join(' '),
    token_type: 'bearer',
    access_token: grant.accessToken,
    ...(app.expiring && { refresh_token: grant.refreshToken, expires_in: Math.floor(sim.options.tokenTtlMs / 1000) }),
  });
}
