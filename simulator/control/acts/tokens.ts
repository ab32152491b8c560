import { budgetKey } from '../../http/authenticate.js';
import { issueCode } from '../../oauth/codes.js';
import { issueGrant, revoke } from '../../state/grants.js';
import type { Grant } from '../../state/app.js';
import { appOf, refused, teamOf, text, type Act, type Scene } from '../scene.js';

export const tokenActs: Record<string, Act> = {
  /** Installs the app for the person without the browser; `scopes` may narrow what the app asks for. */
  'link-app': (scene) => {
    const { sim, input, user } = scene;
    const grant = issueGrant(sim, appOf(scene), user, teamOf(scene).id);
    if (Array.isArray(input['scopes'])) grant.scopes = input['scopes'].map(String);
    return grant;
  },

  /** What clicking "Allow" gives. */
  authorize: (scene) => {
    const app = appOf(scene);
    const redirectUri = text(scene.input, 'redirectUri') ?? app.redirectUris[0] ?? '';
    return issueCode(scene.sim, app, scene.user, teamOf(scene).id, redirectUri);
  },

  'revoke-app': (scene) => {
    const found = grantsOf(scene);
    for (const grant of found) revoke(scene.sim, grant);
    return { revoked: found.length };
  },

  /** `which: "access"` or `"refresh"` ends only that half of the pair. */
  'kill-token': (scene) => {
    const { sim, input } = scene;
    const found = grantsOf(scene);
    for (const grant of found) {
      if (input['which'] === 'access') grant.accessExpiresAt = sim.clock.now();
      else if (input['which'] === 'refresh') grant.refreshExpiresAt = sim.clock.now();
      else revoke(sim, grant);
    }
    return { killed: found.length };
  },

  /** As if another program had used up the window: leaves `leave` credits, none by default. */
  'drain-credits': (scene) => {
    const { sim, input, user } = scene;
    const grant = grantsOf(scene)[0];
    if (!grant) throw refused('The person has not installed the app');
    const key = budgetKey({ app: appOf(scene), user, grant });
    sim.credits.drain(key, typeof input['leave'] === 'number' ? input['leave'] : 0);
    return sim.credits.budget(key);
  },
};

function grantsOf(scene: Scene): Grant[] {
  const app = appOf(scene);
  return [...scene.sim.world.grants.values()].filter((g) => g.appId === app.id && g.userId === scene.user.id);
}
