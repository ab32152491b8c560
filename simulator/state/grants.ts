import type { Simulation } from '../simulation.js';
import type { App, Grant } from './app.js';
import type { User } from './organisation.js';

/** Refresh tokens of expiring apps live this long, unless they are used before. */
export const REFRESH_TTL_MS = 60 * 24 * 3_600_000;

/** Installs an app for a user in a team: a new pair of tokens; an earlier one of the same three dies. */
export function issueGrant(sim: Simulation, app: App, user: User, teamId: string): Grant {
  for (const old of sim.world.grants.values())
    if (old.appId === app.id && old.userId === user.id && old.teamId === teamId) old.revokedAt ??= sim.clock.now();
  const grant: Grant = {
    id: sim.ids.next(),
    appId: app.id,
    userId: user.id,
    teamId,
    scopes: [...app.scopes],
    createdAt: sim.clock.now(),
    ...newTokens(sim, app),
  };
  sim.world.grants.set(grant.accessToken, grant);
  return grant;
}

/** A refresh: both old tokens stop being valid at once, there is no grace period. */
export function rotateGrant(sim: Simulation, grant: Grant): void {
  const app = sim.world.apps.get(grant.appId);
  if (!app) throw new Error('A grant must have an app.');
  sim.world.grants.delete(grant.accessToken);
  Object.assign(grant, newTokens(sim, app));
  sim.world.grants.set(grant.accessToken, grant);
}

function newTokens(
  sim: Simulation,
  app: App,
): Pick<Grant, 'accessToken' | 'accessExpiresAt' | 'refreshToken' | 'refreshExpiresAt'> {
  const accessToken = `eyJtaXJvLm9yaWdpbiI6InNpbSJ9_${sim.ids.secret(27)}`;
  if (!app.expiring) return { accessToken };
  const now = sim.clock.now();
  return {
    accessToken,
    accessExpiresAt: now + sim.options.tokenTtlMs,
    refreshToken: `eyJtaXJvLm9yaWdpbiI6InNpbSJ9_${sim.ids.secret(27)}`,
    refreshExpiresAt: now + REFRESH_TTL_MS,
  };
}

export const revoke = (sim: Simulation, grant: Grant): void => {
  grant.revokedAt ??= sim.clock.now();
};
