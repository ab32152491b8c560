import { makeApp } from '../../worlds/people.js';
import { revoke } from '../../state/grants.js';
import type { App } from '../../state/app.js';
import { appOf, teamOf, text, type Act, type Scene } from '../scene.js';

export const appActs: Record<string, Act> = {
  /** A new app with credentials of its own; `expiring: false` gives tokens without end. */
  'create-app': (scene) => makeApp(scene.sim, text(scene.input, 'name') ?? 'Another app', settings(scene)),

  /** `redirectUris`, `scopes` of later grants. Whether tokens expire can't be changed, as at Miro. */
  'edit-app': (scene) => {
    const { expiring: _, ...changes } = settings(scene);
    return Object.assign(appOf(scene), changes);
  },

  /** A team admin removes the app: every grant in the team ends. */
  'uninstall-app': (scene) => {
    const app = appOf(scene);
    const team = teamOf(scene);
    const found = [...scene.sim.world.grants.values()].filter((g) => g.appId === app.id && g.teamId === team.id);
    for (const grant of found) revoke(scene.sim, grant);
    return { revoked: found.length };
  },
};

function settings({ input }: Scene): Partial<App> {
  const { redirectUris, scopes, expiring } = input;
  return {
    ...(Array.isArray(redirectUris) && { redirectUris: redirectUris.map(String) }),
    ...(Array.isArray(scopes) && { scopes: scopes.map(String) }),
    ...(typeof expiring === 'boolean' && { expiring }),
  };
}
