import type { Simulation } from '../simulation.js';
import type { Org, Team, TeamRole, User } from '../state/organisation.js';
import type { WorldCore } from './fill.js';
import { join, makeOrg, makeProject, makeTeam, makeUser } from './people.js';
import { addSmallBoards } from './small-boards.js';

const DAY = 24 * 3_600_000;
const DOMAIN = 'nordlicht.example';

// [first part of the e-mail, name, teams; a star marks a team's admin]
const INTERNAL: [string, string, string][] = [
  ['ada', 'Ada Lindqvist', 'Product* Platform* Design'],
  ['ben', 'Ben Okafor', 'Product Platform'],
  ['chie', '田中 千恵', 'Product 東京* Management*'],
  ['dora', 'Dora Weiß', 'Product Vertrieb*'],
  ['emil', 'Emil Sørensen', 'Platform*'],
  ['fatima', 'Fatima El-Sayed', 'Design*'],
  ['goran', 'Goran Đorđević', 'Platform'],
  ['hana', '鈴木 花', '東京'],
  ['ines', 'Inês Araújo', 'Design Product'],
  ['jonas', 'Jonas Müller', 'Vertrieb'],
  ['kofi', 'Kofi Mensah', 'Platform'],
  ['lena', 'Lena Groß', 'Vertrieb Product'],
  ['marek', 'Marek Wójcik', 'Platform'],
  ['noor', 'Noor Haddad', 'Design'],
  ['olga', 'Olga Петрова', 'Product'],
  ['pablo', 'Pablo Núñez', 'Vertrieb'],
  ['quinn', 'Quinn O’Brien', 'Platform'],
  ['rosa', 'Rosa Schäfer', 'Management'],
  ['sami', 'Sami Virtanen', 'Platform'],
  ['taro', '山本 太郎', '東京'],
  ['uma', 'Uma Krishnan', 'Product Design'],
  ['viktor', 'Viktor Lang', 'Vertrieb'],
  ['wiebke', 'Wiebke Hansen', 'Archiv'],
  ['xin', '李 欣', '東京 Platform'],
  ['yara', 'Yara Costa', 'Design'],
  ['zoe', 'Zoë Maréchal', 'Product'],
  ['anton', 'Anton Berger', 'Archiv'],
  ['bianca', 'Bianca Rossi 🎨', 'Design'],
  ['carl', 'Carl Nyström', 'Platform'],
];
const LEAVERS: [string, string, string][] = [
  ['otto', 'Otto Ausgeschieden', 'Product'],
  ['petra', 'Petra Vogel', 'Vertrieb Archiv'],
  ['ravi', 'Ravi Menon', 'Platform'],
];
const OUTSIDERS: [string, string, User['role']][] = [
  ['mia@agentur.example', 'Mia Keller (Agentur)', 'organization_team_guest_user'],
  ['leo@agentur.example', 'Leo Brandt (Agentur)', 'organization_team_guest_user'],
  ['sue@customer.example', 'Sue Walker', 'organization_team_guest_user'],
  ['tom@customer.example', 'Tom Ito', 'organization_external_user'],
  ['ivy@partner.example', 'Ivy Chen', 'organization_external_user'],
];

/** Everyone by the first part of the e-mail address, and the teams by name. */
export interface Cast {
  people: Map<string, User>;
  teams: Map<string, Team>;
}

/** A company of forty people: guests, leavers who own boards, a team without admin, several languages. */
export function smallWorld(sim: Simulation): WorldCore {
  const org = makeOrg(sim, 'Nordlicht AG', ['blocked.example']);
  const cast: Cast = { people: new Map(), teams: new Map() };
  for (const [key, name, teams] of INTERNAL) hire(sim, org, cast, key, name, teams);
  for (const [key, name, teams] of LEAVERS) Object.assign(hire(sim, org, cast, key, name, teams), leaver(sim));
  for (const [email, name, role] of OUTSIDERS)
    cast.people.set(email.split('@')[0]!, makeUser(sim, org, name, email, { role, license: 'free' }));
  const admin = person(cast, 'ada');
  promote(admin, ['Content Admin', 'User Admin']);
  promote(person(cast, 'emil'), []);
  hire(sim, org, cast, 'it-admin', 'IT Service', '');
  promote(person(cast, 'it-admin'), ['Security Admin']);
  join(sim, team(cast, 'Design'), person(cast, 'mia'), 'non_team');
  makeProject(sim, team(cast, 'Product'), 'Launch', admin);
  makeProject(sim, team(cast, 'Product'), 'Zukunftswerkstatt', person(cast, 'ben'));
  makeProject(sim, team(cast, '東京'), '新製品', person(cast, 'chie'));
  addSmallBoards(sim, cast);
  return { org, admin, team: team(cast, 'Product') };
}

export function person(cast: Cast, key: string): User {
  const user = cast.people.get(key);
  if (!user) throw new Error(`The small world has no ${key}.`);
  return user;
}

export function team(cast: Cast, name: string): Team {
  const found = cast.teams.get(name);
  if (!found) throw new Error(`The small world has no team ${name}.`);
  return found;
}

function hire(sim: Simulation, org: Org, cast: Cast, key: string, name: string, teams: string): User {
  const joined = sim.clock.now() - (900 - cast.people.size * 20) * DAY;
  const user = makeUser(sim, org, name, `${key}@${DOMAIN}`, { createdAt: joined, licenseAssignedAt: joined });
  cast.people.set(key, user);
  for (const each of teams.split(' ').filter(Boolean)) {
    const role: TeamRole = each.endsWith('*') ? 'admin' : 'member';
    const teamName = each.replace('*', '');
    const found = cast.teams.get(teamName) ?? makeTeam(sim, org, teamName);
    cast.teams.set(teamName, found);
    join(sim, found, user, role, joined);
  }
  return user;
}

const leaver = (sim: Simulation): Partial<User> => ({
  active: false,
  license: 'free',
  lastActivityAt: sim.clock.now() - 200 * DAY,
  licenseAssignedAt: undefined,
});

function promote(user: User, adminRoles: string[]): void {
  Object.assign(user, { role: 'organization_internal_admin', adminRoles });
}
