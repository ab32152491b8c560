import { noContent } from '../http/answer.js';
import type { OpenHandler } from '../http/call.js';
import { deleteUser, isLastOrgAdmin, teamsLedOnlyBy } from '../state/offboarding.js';
import { isEmail, userByEmail } from '../state/invite.js';
import type { User } from '../state/organisation.js';
import { join, makeUser } from '../worlds/people.js';
import { scim, type ScimCall } from './endpoint.js';
import { businessConflict, invalidValue, noResource } from './errors.js';
import { listAnswer, scimJson, select } from './lists.js';
import { applyPatch, readPatch, refuseUnwritable } from './patch.js';
import { ENTERPRISE, isResource, keyOf, type Resource, type Value } from './resource.js';
import {
  groupsByMember,
  isVisible,
  readUser,
  requireNoDowngrade,
  userResource,
  type UserChanges,
} from './user-resource.js';

const READ_OR_CREATE = { kind: 'users:read-create', credits: 50 };
const CHANGE = { kind: 'users:change', credits: 100 };
const DELETE = { kind: 'users:delete', credits: 500 };

export const scimUsers: Record<string, OpenHandler> = {
  listUsers: scim(READ_OR_CREATE, ({ sim, org, query }) => {
    const visible = [...sim.world.users.values()].filter((user) => isVisible(user, org.id));
    const groups = groupsByMember(sim);
    return listAnswer(
      visible.map((user) => userResource(sim, user, groups.get(user.id) ?? [])),
      query,
    );
  }),

  createUser: scim(READ_OR_CREATE, (call) => {
    const { sim, org, query } = call;
    const changes = readUser(bodyOf(call));
    const email = requireNewEmail(call, changes.email);
    const { license, active, role, adminRoles, profile, name = email } = changes;
    const now = sim.clock.now();
    const given = { license: license ?? 'full', active: active ?? true, profile, lastActivityAt: undefined };
    const user = makeUser(sim, org, name, email, { ...given, ...(role && { role }), adminRoles: adminRoles ?? [] });
    // new people join the default team
    const first = [...sim.world.teams.values()].find((team) => team.orgId === org.id);
    if (first) join(sim, first, user, 'member', now);
    const resource = userResource(sim, user);
    return scimJson(201, select(resource, query), { location: (resource['meta'] as { location: string }).location });
  }),

  getUser: scim(READ_OR_CREATE, (call) => userAnswer(call, userOf(call))),

  /** Replaces what is supplied and keeps the rest; e-mail addresses are ignored. */
  replaceUser: scim(CHANGE, (call) => {
    const user = userOf(call);
    const body = bodyOf(call);
    if (body['userName'] === undefined) throw invalidValue('userName is missing');
    update(call, user, readUser({ ...body, emails: undefined }));
    return userAnswer(call, user);
  }),

  patchUser: scim(CHANGE, (call) => {
    const { sim } = call;
    const user = userOf(call);
    const before = userResource(sim, user);
    const operations = readPatch(call.body, sim.options.scimPatch === 'strict');
    refuseUnwritable(operations, 'userName');
    const changes = readUser(differences(before, applyPatch(before, operations)));
    requireNoDowngrade(user.license, changes.license);
    update(call, user, changes);
    return userAnswer(call, user);
  }),

  deleteUser: scim(DELETE, (call) => {
    const { sim } = call;
    const user = userOf(call);
    if (isLastOrgAdmin(sim, user)) throw businessConflict('The last admin of the organization cannot be deleted');
    const [led] = teamsLedOnlyBy(sim, user);
    if (led) throw businessConflict(`The last admin of the team ${led.name} cannot be deleted`);
    deleteUser(sim, user);
    return noContent;
  }),
};

const userAnswer = ({ sim, query }: ScimCall, user: User): ReturnType<typeof scimJson> =>
  scimJson(200, select(userResource(sim, user), query));

function userOf({ sim, org, params }: ScimCall): User {
  const id = params['id'] ?? '';
  const user = sim.world.users.get(id);
  if (!isVisible(user, org.id)) throw noResource(id);
  return user;
}

const SPELLED = [
  ...['userName', 'displayName', 'name', 'userType', 'active', 'roles', 'photos', 'preferredLanguage'],
  ENTERPRISE,
];

/** The body with the attributes' published spelling, whatever case they came in. */
function bodyOf({ body }: ScimCall): Resource {
  if (!isResource(body as Value)) throw invalidValue('The request body must be an object');
  const resource = { ...(body as Resource) };
  for (const name of SPELLED) {
    const key = keyOf(resource, name);
    if (key !== undefined && key !== name) resource[name] = resource[key];
  }
  return resource;
}

/** What a PATCH changed, null where it removed. A full name that was put together of older parts goes with them. */
function differences(before: Resource, after: Resource): Resource {
  const same = (name: string): boolean => JSON.stringify(before[name]) === JSON.stringify(after[name]);
  const names = Object.keys({ ...before, ...after }).filter((name) => !same(name));
  const changed: Resource = Object.fromEntries(names.map((name) => [name, after[name] ?? null]));
  const [old, name] = [before['name'], changed['name']];
  if (isResource(old) && isResource(name) && old['formatted'] === name['formatted'])
    changed['name'] = { ...name, formatted: null };
  return changed;
}

function requireNewEmail({ sim, org }: ScimCall, email: string | undefined, self?: User): string {
  if (email === undefined) throw invalidValue('userName is missing');
  if (!isEmail(email)) throw invalidValue(`User name '${email}' is invalid: 'not an email'`);
  const other = userByEmail(sim, email);
  if (other && other !== self) throw invalidValue(`User name '${email}' is invalid: 'not unique'`);
  if (org.blockedDomains.includes(email.split('@')[1]!.toLowerCase()))
    throw businessConflict(`${email} is not whitelisted`);
  return email;
}

/** Writes checked changes. A deactivated person's name, license and roles can't be changed. */
function update(call: ScimCall, user: User, changes: UserChanges): void {
  const { email, name, license, role, adminRoles, profile } = changes;
  const active = changes.active ?? user.active;
  if (email !== undefined && email !== user.email) requireNewEmail(call, email, user);
  if (!user.active && !active) requireUntouched(user, changes);
  const demoted = role !== undefined && role !== 'organization_internal_admin';
  if ((demoted || !active) && user.active && isLastOrgAdmin(call.sim, user))
    throw businessConflict('The last admin of the organization cannot be deactivated or lose the role');
  user.email = email ?? user.email;
  user.name = name ?? user.name;
  user.role = role ?? user.role;
  user.adminRoles = adminRoles ?? user.adminRoles;
  user.profile = { ...user.profile, ...profile };
  activate(call, user, active);
  user.license = license ?? user.license;
}

function requireUntouched(user: User, { email, license, role, adminRoles }: UserChanges): void {
  const changed =
    (email !== undefined && email !== user.email) ||
    (license !== undefined && license !== user.license) ||
    (role !== undefined && role !== user.role) ||
    (adminRoles !== undefined && adminRoles.join() !== user.adminRoles.join());
  if (changed) throw businessConflict('userName, userType and roles of a deactivated user cannot be updated');
}

/** Boards stay with a deactivated person; only the account is closed. */
function activate({ sim }: ScimCall, user: User, active: boolean): void {
  if (user.active !== active) user.licenseAssignedAt = active ? sim.clock.now() : undefined;
  user.active = active;
}
