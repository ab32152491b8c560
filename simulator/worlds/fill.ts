import type { Account, Simulation } from '../simulation.js';
import { issueGrant } from '../state/grants.js';
import type { Org, Team, User } from '../state/organisation.js';
import { makeApp } from './people.js';
import { worldFromFile } from './from-file.js';
import { generatedWorld, type WorldSize } from './generated.js';
import { smallWorld } from './small.js';

/** What every world has: a company, its first admin, and the team in which the first app is installed. */
export interface WorldCore {
  org: Org;
  admin: User;
  team: Team;
}

/** Builds the world that the options name, and installs the first app for its admin. */
export function fillWorld(sim: Simulation): Account {
  const { org, admin, team } = coreOf(sim, sim.options.world);
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

function coreOf(sim: Simulation, world: string): WorldCore {
  if (world === 'small') return smallWorld(sim);
  return world.includes('=') ? generatedWorld(sim, sizeOf(world)) : worldFromFile(sim, world);
}

/** `members=10000,teams=500,boards=50000`; what is left out keeps its default. */
function sizeOf(world: string): WorldSize {
  const size: WorldSize = { members: 100, teams: 5, boards: 200 };
  for (const part of world.split(',')) {
    const [name = '', value] = part.split('=');
    if (!Object.hasOwn(size, name) || !/^\d+$/.test(value ?? ''))
      throw new Error(`--world: "${part}" must be members, teams or boards with a whole number.`);
    size[name as keyof WorldSize] = Number(value);
  }
  return size;
}
