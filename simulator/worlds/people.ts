import type { Simulation } from '../simulation.js';
import type { App } from '../state/app.js';
import type { Label, Membership, Org, Project, ProjectRole, Team, TeamRole, User } from '../state/organisation.js';

/** Makers that worlds are built from. `at` is epoch milliseconds. */
export function makeOrg(sim: Simulation, name: string, blockedDomains: string[] = []): Org {
  const org: Org = {
    id: sim.ids.next(),
    name,
    plan: sim.options.plan,
    fullLicensesPurchased: 50,
    scimToken: `scim_${sim.ids.secret(32)}`,
    blockedDomains,
    labels: ['Public', 'Internal', 'Confidential'].map((label, i) => makeLabel(sim, label, i)),
  };
  sim.world.orgs.set(org.id, org);
  return org;
}

function makeLabel(sim: Simulation, name: string, i: number): Label {
  return {
    id: sim.ids.next(),
    name,
    color: ['#8fd14f', '#fac710', '#f24726'][i] ?? '#808080',
    description: `${name} content`,
    sharingRecommendation: 'NO_RESTRICTIONS',
    guidelineUrl: 'https://nordlicht.example/classification',
  };
}

export function makeUser(sim: Simulation, org: Org, name: string, email: string, more: Partial<User> = {}): User {
  const now = sim.clock.now();
  const user: User = {
    id: sim.ids.next(),
    orgId: org.id,
    email,
    name,
    role: 'organization_internal_user',
    license: 'full',
    active: true,
    adminRoles: [],
    createdAt: now,
    lastActivityAt: now,
    licenseAssignedAt: now,
    profile: {},
    ...more,
  };
  sim.world.users.set(user.id, user);
  return user;
}

export function makeTeam(sim: Simulation, org: Org, name: string): Team {
  const team: Team = {
    id: sim.ids.next(),
    orgId: org.id,
    name,
    full: false,
    classified: true,
    members: new Map(),
    createdAt: sim.clock.now(),
  };
  sim.world.teams.set(team.id, team);
  return team;
}

export function membership<Role>(role: Role, at: number, by: string): Membership<Role> {
  return { role, createdAt: at, createdBy: by, modifiedAt: at, modifiedBy: by };
}

export function join(sim: Simulation, team: Team, user: User, role: TeamRole = 'member', at = sim.clock.now()): void {
  team.members.set(user.id, membership(role, at, user.id));
}

export function makeProject(
  sim: Simulation,
  team: Team,
  name: string,
  owner: User,
  role: ProjectRole = 'owner',
): Project {
  const now = sim.clock.now();
  const project: Project = {
    id: sim.ids.next(),
    teamId: team.id,
    name,
    teamAccess: 'private',
    members: new Map([[owner.id, membership(role, now, owner.id)]]),
    createdAt: now,
  };
  sim.world.projects.set(project.id, project);
  return project;
}

export const ALL_SCOPES = [
  'boards:read',
  'boards:write',
  'auditlogs:read',
  'organizations:read',
  'organizations:teams:read',
  'organizations:teams:write',
  'organizations:groups:read',
  'organizations:groups:write',
  'projects:read',
  'projects:write',
  'sessions:delete',
  'boards:export',
  'contentlogs:export',
  'aiinteractionlogs:read',
  'organization:cases:management',
];

export function makeApp(sim: Simulation, name: string, more: Partial<App> = {}): App {
  const app: App = {
    id: sim.ids.next(),
    name,
    clientId: sim.ids.next(),
    clientSecret: sim.ids.secret(32),
    redirectUris: [
      ...(sim.options.redirectUri === undefined ? [] : [sim.options.redirectUri]),
      'http://127.0.0.1:3000/callback',
      'http://localhost:3000/callback',
    ],
    scopes: ALL_SCOPES,
    expiring: true,
    ...more,
  };
  sim.world.apps.set(app.id, app);
  return app;
}
