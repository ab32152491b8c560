import type { Account, Simulation } from '../simulation.js';
import { issueGrant } from '../state/grants.js';
import type { Org, Team, User } from '../state/world.js';
import { makeApp } from './people.js';
import { smallWorld } from './small.js';

/** What every world has: a company, its first admin, and the team in which the first app is installed. */
export interface WorldCore {
  org: Org;
  admin: User;
  team: Team;
}

/** Builds the world that the options name, and installs the first app for its admin. */
export function fillWorld(sim: Simulation): Account {
  const { org, admin, team } = smallWorld(sim);
  const app = makeApp(sim, 'Temporal Miro');
  const grant = issueGrant(sim, app, admin, team.id);
  return {
    accessToken: grant.accessToken,
    refreshToken: grant.refreshToken ?? '',
    scimToken: org.scimToken,
    clientId: app.clientId,
    clientSecret: app.clientSecret,
    orgId: org.id,
    teamId: team.id,
  };
}
