import { json, noContent } from '../http/answer.js';
import { ApiError, invalid, tokenNotProvided } from '../http/api-error.js';
import { authenticate, bearerToken } from '../http/authenticate.js';
import type { OpenHandler } from '../http/call.js';
import { checkBody } from '../spec/check.js';
import { operations } from '../spec/operations.js';
import { revoke } from '../state/grants.js';
import type { Grant } from '../state/app.js';
import type { Simulation } from '../simulation.js';

const revokeBody = operations.find((op) => op.id === 'revoke-token-v2')?.body ?? {};

/** Introspection and revocation: they look at tokens instead of being protected by them. */
export const tokenOperations: Record<string, OpenHandler> = {
  'token-info': (sim, incoming) => {
    if (!bearerToken(incoming)) throw tokenNotProvided();
    const actor = authenticate(sim, incoming);
    if (!actor) throw new ApiError(400, 'invalidParameters', 'Invalid token provided');
    const { user, grant } = actor;
    const person = { type: 'user', id: user.id, name: user.name };
    const team = sim.world.teams.get(grant.teamId);
    const org = sim.world.orgs.get(user.orgId);
    return json(200, {
      type: 'oauth-token',
      organization: { type: 'organization', id: user.orgId, name: org?.name ?? '' },
      team: { type: 'team', id: grant.teamId, name: team?.name ?? '' },
      createdBy: person,
      user: person,
      scopes: grant.scopes,
    });
  },

  'revoke-token-v2': (sim, incoming) => {
    const body = parse(incoming.body);
    const fields = checkBody(revokeBody, body);
    if (fields.length > 0) throw invalid(fields);
    const { accessToken, clientId, clientSecret } = body as Record<string, string>;
    const grant = livingGrant(sim, accessToken);
    const app = grant && sim.world.apps.get(grant.appId);
    if (!grant || app?.clientId !== clientId || app?.clientSecret !== clientSecret) throw unknownToken();
    revoke(sim, grant);
    return noContent;
  },

  'revoke-token': (sim, incoming) => {
    const grant = livingGrant(sim, incoming.query['access_token']);
    if (!grant) throw unknownToken();
    revoke(sim, grant);
    return noContent;
  },
};

const unknownToken = (): ApiError => new ApiError(404, 'notFound', 'Token not found');

function livingGrant(sim: Simulation, token: string | undefined): Grant | undefined {
  const grant = sim.world.grants.get(token ?? '');
  return grant?.revokedAt === undefined ? grant : undefined;
}

function parse(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8') || '{}') as unknown;
  } catch {
    throw new ApiError(400, '2.0700', 'Malformed JSON in the request body');
  }
}
