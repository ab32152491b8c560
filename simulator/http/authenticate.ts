import type { Simulation } from '../simulation.js';
import type { Actor, Incoming } from './call.js';

/** The bearer token of a request; a query parameter works too, as at Miro. */
export function bearerToken({ headers, query }: Incoming): string | undefined {
  const match = /^Bearer\s+(.+)$/i.exec(String(headers['authorization'] ?? ''));
  return match?.[1]?.trim() ?? query['access_token'];
}

/** @returns undefined where the token is absent, unknown, expired or revoked: Miro doesn't tell them apart */
export function authenticate(sim: Simulation, incoming: Incoming): Actor | undefined {
  const grant = sim.world.grants.get(bearerToken(incoming) ?? '');
  if (!grant || grant.revokedAt !== undefined) return undefined;
  if (grant.accessExpiresAt !== undefined && grant.accessExpiresAt <= sim.clock.now()) return undefined;
  const user = sim.world.users.get(grant.userId);
  const app = sim.world.apps.get(grant.appId);
  return user?.active && app ? { user, app, grant } : undefined;
}

/** Credits belong to one user of one app. */
export const budgetKey = ({ app, user }: Actor): string => `${app.id}:${user.id}`;
