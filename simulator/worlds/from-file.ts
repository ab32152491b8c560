import { readFileSync } from 'node:fs';
import type { Simulation } from '../simulation.js';
import { createBoard, type PolicyChanges } from '../state/boards.js';
import { addItem, buildItem, type ItemInput } from '../state/items.js';
import type { BoardRole } from '../state/board.js';
import type { TeamRole, User } from '../state/organisation.js';
import type { WorldCore } from './fill.js';
import { join, makeOrg, makeTeam, makeUser } from './people.js';

/** A world as a JSON file; people are named by their e-mail, teams by their name. The first person is the admin. */
interface WorldFile {
  org: string;
  people: {
    name: string;
    email: string;
    role?: User['role'];
    active?: boolean;
    license?: string;
    adminRoles?: string[];
  }[];
  teams: { name: string; members: Record<string, TeamRole> }[];
  boards?: {
    name: string;
    description?: string;
    team: string;
    owner: string;
    policy?: PolicyChanges;
    members?: Record<string, BoardRole>;
    items?: (ItemInput & { type: string })[];
  }[];
}

/** @throws Error that names the file where it can't be read, or the person or team that it doesn't have */
export function worldFromFile(sim: Simulation, path: string): WorldCore {
  const file = read(path);
  const org = makeOrg(sim, file.org);
  const people = new Map(
    file.people.map(({ name, email, ...more }, i) => {
      const role: User['role'] = i === 0 ? 'organization_internal_admin' : 'organization_internal_user';
      return [email, makeUser(sim, org, name, email, { role, ...more })];
    }),
  );
  const teams = new Map(file.teams.map(({ name }) => [name, makeTeam(sim, org, name)]));
  for (const { name, members } of file.teams)
    for (const [email, role] of Object.entries(members)) join(sim, known(teams, name), known(people, email), role);
  for (const each of file.boards ?? []) {
    const owner = known(people, each.owner);
    const board = createBoard(sim, { ...each, teamId: known(teams, each.team).id, ownerId: owner.id });
    for (const [email, role] of Object.entries(each.members ?? {})) board.members.set(known(people, email).id, role);
    for (const { type, ...input } of each.items ?? [])
      addItem(sim, board, buildItem(sim, board, type, input, { userId: owner.id, appId: '' }));
  }
  const [admin] = people.values();
  const [team] = teams.values();
  if (!admin || !team) throw new Error(`The world in ${path} needs at least one person and one team.`);
  return { org, admin, team };
}

function read(path: string): WorldFile {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as WorldFile;
  } catch (err) {
    throw new Error(`The world "${path}" is neither "small", nor members=…,teams=…,boards=…, nor a JSON file.`, {
      cause: err,
    });
  }
}

function known<T>(all: Map<string, T>, name: string): T {
  const found = all.get(name);
  if (found === undefined) throw new Error(`The world names ${name}, which it does not have.`);
  return found;
}
