import type { Simulation } from '../simulation.js';
import type { App, AuthorizationCode } from '../state/app.js';
import type { User } from '../state/organisation.js';

const CODE_TTL_MS = 10 * 60_000;

/** A code that can be exchanged once, within ten minutes, with exactly this redirect address. */
export function issueCode(
  sim: Simulation,
  app: App,
  user: User,
  teamId: string,
  redirectUri: string,
): AuthorizationCode {
  const code: AuthorizationCode = {
    code: sim.ids.secret(27),
    appId: app.id,
    userId: user.id,
    teamId,
    redirectUri,
    expiresAt: sim.clock.now() + CODE_TTL_MS,
    used: false,
  };
  sim.world.codes.set(code.code, code);
  return code;
}
