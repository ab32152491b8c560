import type { Simulation } from '../simulation.js';
import { createBoard } from '../state/boards.js';
import type { Org, Team, User } from '../state/organisation.js';
import type { WorldCore } from './fill.js';
import { join, makeOrg, makeTeam, makeUser } from './people.js';

export interface WorldSize {
  members: number;
  teams: number;
  boards: number;
}

const DAY = 24 * 3_600_000;
// shares of the members
const GUESTS = 0.04;
const LEAVERS = 0.04;
const FIRST = ['Ana', 'Bo', 'Cem', 'Dana', 'Eli', 'Fay', 'Gil', 'Hiro', 'Ida', 'Jan', 'Kim', 'Lou', 'Mei', 'Nils'];
const LAST = ['Adler', 'Brown', 'Costa', 'Dubois', 'Evans', 'Fischer', 'Gupta', 'Haas', 'Ito', 'Jansen', 'Kovač'];

/**
 * A company of the given size, the same for the same seed: some leavers and guests, every member in one to three teams,
 * boards of all ages.
 */
export function generatedWorld(sim: Simulation, size: WorldSize): WorldCore {
  const org = makeOrg(sim, 'Generated Inc.');
  org.fullLicensesPurchased = size.members;
  const admin = makeUser(sim, org, 'Ada Admin', 'admin@generated.example', {
    role: 'organization_internal_admin',
    adminRoles: ['Content Admin', 'User Admin'],
  });
  const people = [admin];
  while (people.length < size.members) people.push(generatedPerson(sim, org, people.length));
  const teams = Array.from({ length: Math.max(1, size.teams) }, (_, i) => makeTeam(sim, org, `Team ${i + 1}`));
  for (const team of teams) join(sim, team, admin, 'admin');
  for (const user of people.slice(1)) joinSome(sim, teams, user);
  for (let i = 0; i < size.boards; i++) generatedBoard(sim, people, teams, i);
  return { org, admin, team: teams[0]! };
}

function generatedPerson(sim: Simulation, org: Org, i: number): User {
  const { random, clock } = sim;
  const name = `${random.pick(FIRST)} ${random.pick(LAST)}`;
  const kind = random.next();
  const joined = clock.now() - random.below(1500) * DAY;
  return makeUser(sim, org, name, `p${i}@generated.example`, {
    ...(kind < GUESTS && { role: 'organization_team_guest_user', license: 'free' }),
    active: kind < GUESTS || kind > GUESTS + LEAVERS,
    createdAt: joined,
    licenseAssignedAt: joined,
    lastActivityAt: clock.now() - random.below(400) * DAY,
  });
}

function joinSome(sim: Simulation, teams: Team[], user: User): void {
  const count = 1 + sim.random.below(3);
  for (let i = 0; i < count; i++)
    join(sim, sim.random.pick(teams), user, sim.random.next() < 0.05 ? 'admin' : 'member', user.createdAt);
}

function generatedBoard(sim: Simulation, people: User[], teams: Team[], i: number): void {
  const access = sim.random.next() < 0.02 ? 'view' : 'private';
  createBoard(sim, {
    name: `Board ${i + 1}`,
    teamId: sim.random.pick(teams).id,
    ownerId: sim.random.pick(people).id,
    createdAt: sim.clock.now() - sim.random.below(1200) * DAY,
    policy: { sharingPolicy: { access, teamAccess: sim.random.next() < 0.5 ? 'edit' : 'private' } },
  });
}
