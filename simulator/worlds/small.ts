import type { Simulation } from '../simulation.js';
import { createBoard } from '../state/boards.js';
import type { WorldCore } from './fill.js';
import { join, makeOrg, makeProject, makeTeam, makeUser } from './people.js';

/** A company of forty people, told with care. */
export function smallWorld(sim: Simulation): WorldCore {
  const org = makeOrg(sim, 'Nordlicht AG', ['blocked.example']);
  const admin = makeUser(sim, org, 'Ada Lindqvist', 'ada@nordlicht.example', {
    role: 'organization_internal_admin',
    adminRoles: ['Content Admin', 'User Admin'],
  });
  const ben = makeUser(sim, org, 'Ben Okafor', 'ben@nordlicht.example');
  const chie = makeUser(sim, org, '田中 千恵', 'chie@nordlicht.example');
  makeUser(sim, org, 'Otto Ausgeschieden', 'otto@nordlicht.example', { active: false });
  const team = makeTeam(sim, org, 'Product');
  for (const person of [admin, ben, chie]) join(sim, team, person, person === admin ? 'admin' : 'member');
  const platform = makeTeam(sim, org, 'Platform');
  join(sim, platform, admin, 'admin');
  join(sim, platform, ben);
  join(sim, makeTeam(sim, org, 'Management'), chie, 'admin');
  makeProject(sim, team, 'Launch', admin);
  createBoard(sim, { name: 'Roadmap', teamId: team.id, ownerId: ben.id });
  return { org, admin, team };
}
