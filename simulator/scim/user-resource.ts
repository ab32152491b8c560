import type { Simulation } from '../simulation.js';
import type { Profile, Team, User, UserGroup } from '../state/organisation.js';
import { businessConflict, invalidValue, SCIM_BASE } from './errors.js';
import { ENTERPRISE, isResource, scalarText, USER, type Resource, type Value } from './resource.js';

const ROLES: Record<string, User['role']> = {
  ORGANIZATION_INTERNAL_ADMIN: 'organization_internal_admin',
  ORGANIZATION_INTERNAL_USER: 'organization_internal_user',
};
/** From the poorest to the richest: PATCH can't go down. */
export const LICENSES: [string, string][] = [
  ['Free Restricted', 'free_restricted'],
  ['Free', 'free'],
  ['Basic', 'basic'],
  ['Standard', 'standard'],
  ['Advanced', 'advanced'],
  ['Full (Trial)', 'full_trial'],
  ['Full', 'full'],
];

/** SCIM shows members and admins, deactivated ones too; guests and external people are invisible. */
export const isVisible = (user: User | undefined, orgId: string): user is User =>
  user?.orgId === orgId && user.role.startsWith('organization_internal');

/** What SCIM calls groups: teams, or user groups in the newer model. */
const groupsOf = (sim: Simulation): (Team | UserGroup)[] => [
  ...(sim.options.scimGroups === 'team' ? sim.world.teams : sim.world.userGroups).values(),
];

/** The groups of everybody at once, so that a long list need not look through all groups for each person. */
export function groupsByMember(sim: Simulation): Map<string, Resource[]> {
  const found = new Map<string, Resource[]>();
  for (const group of groupsOf(sim)) {
    const entry = groupEntry(group);
    for (const member of group.members.keys()) {
      const known = found.get(member);
      if (known) known.push(entry);
      else found.set(member, [entry]);
    }
  }
  return found;
}

const groupEntry = ({ id, name }: Team | UserGroup): Resource => ({ value: id, display: name });

export function userResource(sim: Simulation, user: User, groups?: Resource[]): Resource {
  const { profile } = user;
  return {
    schemas: [USER, ...(profile.enterprise ? [ENTERPRISE] : [])],
    id: user.id,
    meta: { resourceType: 'User', location: `${sim.baseUrl}${SCIM_BASE}/Users/${user.id}` },
    userName: user.email,
    name: nameOf(user),
    displayName: user.name,
    userType: LICENSES.find(([, license]) => license === user.license)?.[0] ?? 'Free',
    active: user.active,
    emails: [{ value: user.email, type: 'work', primary: true }],
    ...(profile.photo && { photos: [{ type: 'photo', value: profile.photo }] }),
    groups: groups ?? groupsOf(sim).flatMap((group) => (group.members.has(user.id) ? [groupEntry(group)] : [])),
    roles: rolesOf(user),
    ...(profile.preferredLanguage && { preferredLanguage: profile.preferredLanguage }),
    ...(profile.enterprise && { [ENTERPRISE]: profile.enterprise as Resource }),
  };
}

function nameOf({ name, profile }: User): Resource {
  const [givenName = '', ...rest] = name.split(' ');
  return {
    formatted: profile.formatted ?? name,
    givenName: profile.givenName ?? givenName,
    familyName: profile.familyName ?? rest.join(' '),
  };
}

function rolesOf(user: User): Resource[] {
  const admin = user.role === 'organization_internal_admin';
  const value = admin ? 'ORGANIZATION_INTERNAL_ADMIN' : 'ORGANIZATION_INTERNAL_USER';
  const display = admin ? 'Organization Internal Admin' : 'Organization Internal User';
  return [
    { type: 'organization_user_role', value, display, primary: true },
    ...user.adminRoles.map((role) => ({ type: 'organization_admin_role', value: role, display: role, primary: false })),
  ];
}

/** What a resource says about a person, checked; what it doesn't say is undefined. */
export interface UserChanges {
  email?: string;
  name?: string;
  license?: string;
  active?: boolean;
  role?: User['role'];
  adminRoles?: string[];
  profile: Profile;
}

/** @throws ScimError 400 that names the attribute */
export function readUser(resource: Resource): UserChanges {
  const roles = readRoles(resource['roles']);
  const profile = readProfile(resource);
  return {
    email: text(resource, 'userName', 254),
    name: displayName(resource, profile),
    license: readLicense(resource['userType']),
    active: readBoolean(resource['active']),
    ...roles,
    profile,
  };
}

/** displayName, then name.formatted, then given and family name; nothing if none of them is told. */
function displayName(resource: Resource, profile: Profile): string | undefined {
  const joined = [profile.givenName, profile.familyName].filter(Boolean).join(' ');
  const chosen = text(resource, 'displayName', 60) ?? profile.formatted ?? (joined || undefined);
  if (chosen !== undefined && [...chosen].length > 60) throw invalidValue('The name must have at most 60 characters');
  return chosen;
}

/** Only attributes that the resource mentions; null clears them. */
function readProfile(resource: Resource): Profile {
  const { name, photos, preferredLanguage } = resource;
  const profile: Profile = {};
  if (name !== undefined) {
    const parts = isResource(name) ? name : {};
    profile.givenName = text(parts, 'givenName', 60);
    profile.familyName = text(parts, 'familyName', 60);
    profile.formatted = text(parts, 'formatted', 60);
  }
  if (photos !== undefined)
    profile.photo = Array.isArray(photos) && isResource(photos[0]) ? text(photos[0], 'value', 2000) : undefined;
  if (preferredLanguage !== undefined) profile.preferredLanguage = text(resource, 'preferredLanguage', 60);
  if (resource[ENTERPRISE] !== undefined) profile.enterprise = readEnterprise(resource[ENTERPRISE]);
  return profile;
}

function readEnterprise(value: Value): Record<string, unknown> | undefined {
  if (!isResource(value)) return undefined;
  const kept: Record<string, unknown> = {};
  for (const [name, most] of ENTERPRISE_FIELDS) {
    const entry = text(value, name, most);
    if (entry !== undefined) kept[name] = entry;
  }
  const manager = readManager(value['manager']);
  if (manager) kept['manager'] = manager;
  return Object.keys(kept).length > 0 ? kept : undefined;
}

/** Entra sends the bare id. An id that is no number is ignored. */
function readManager(value: Value): Resource | undefined {
  const manager = isResource(value) ? value : { value };
  const id = scalarText(manager['value']);
  const displayName = text(manager, 'displayName', 60);
  const kept = { ...(/^\d+$/.test(id) && { value: id }), ...(displayName !== undefined && { displayName }) };
  return Object.keys(kept).length > 0 ? kept : undefined;
}

const ENTERPRISE_FIELDS: [string, number][] = [
  ['employeeNumber', 20],
  ['costCenter', 120],
  ['organization', 120],
  ['division', 120],
  ['department', 120],
];

/** One of the two roles at most, and any number of admin roles; guest roles are not supported. */
function readRoles(value: Value): Pick<UserChanges, 'role' | 'adminRoles'> {
  if (value === null) return { adminRoles: [] };
  if (!Array.isArray(value)) return {};
  const names = value.map((entry) => scalarText(isResource(entry) ? entry['value'] : entry));
  const main = names.filter((name) => ROLES[name.toUpperCase()]);
  if (main.length > 1) throw invalidValue('roles must hold exactly one organization_user_role');
  const adminRoles = names.filter((name) => !main.includes(name));
  const wrong = adminRoles.find((name) => /^ORGANIZATION_/i.test(name));
  if (wrong) throw invalidValue(`roles: ${wrong} is not supported`);
  const role = ROLES[main[0]?.toUpperCase() ?? ''];
  return { ...(role && { role }), adminRoles };
}

function readLicense(value: Value): string | undefined {
  if (value === undefined || value === null) return undefined;
  const found = LICENSES.find(([name]) => name.toLowerCase() === scalarText(value).toLowerCase());
  if (!found) throw invalidValue(`userType must be one of ${LICENSES.map(([name]) => name).join(', ')}`);
  return found[1];
}

function readBoolean(value: Value): boolean | undefined {
  if (value === undefined || value === null) return undefined;
  const lower = scalarText(value).toLowerCase();
  if (lower === 'true' || lower === 'false') return lower === 'true';
  throw invalidValue('active must be true or false');
}

function text(resource: Resource, name: string, most: number): string | undefined {
  const value = resource[name];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'string') throw invalidValue(`${name} must be a string`);
  if ([...value].length > most) throw invalidValue(`${name} must have at most ${most} characters`);
  return value;
}

const rankOf = (license: string): number => LICENSES.findIndex(([, each]) => each === license);

/** @throws ScimError 409 */
export function requireNoDowngrade(before: string, after: string | undefined): void {
  if (after !== undefined && rankOf(after) < rankOf(before)) throw businessConflict('PATCH cannot downgrade a license');
}
