import { json, noContent } from '../http/answer.js';
import { conflict, notFound } from '../http/api-error.js';
import { param, type Call, type Handlers } from '../http/call.js';
import { userByEmail } from '../state/invite.js';
import { makeUserGroup } from '../state/user-groups.js';
import type { User, UserGroup } from '../state/organisation.js';
import { orgOf } from './orgs.js';
import { enterprisePage } from './pages.js';

export const userGroups: Handlers = {
  'enterprise-create-group': (call) => {
    const { name, description } = call.body as { name: string; description?: string };
    return json(201, groupView(makeUserGroup(call.sim, orgOf(call), name, description)));
  },

  'enterprise-get-groups': (call) => {
    const org = orgOf(call);
    const found = [...call.sim.world.userGroups.values()].filter((group) => group.orgId === org.id);
    return json(
      200,
      enterprisePage(call, found, (group) => group.id, groupView),
    );
  },

  'enterprise-get-group': (call) => json(200, groupView(userGroupOf(call))),

  'enterprise-update-group': (call) => {
    const group = userGroupOf(call);
    const { name = group.name, description = group.description } = call.body as Partial<UserGroup>;
    return json(200, groupView(Object.assign(group, { name, description })));
  },

  'enterprise-delete-group': (call) => {
    call.sim.world.userGroups.delete(userGroupOf(call).id);
    return noContent;
  },

  'enterprise-get-group-members': (call) => {
    const group = userGroupOf(call);
    return json(
      200,
      enterprisePage(
        call,
        [...group.members.keys()],
        (id) => id,
        (id) => memberView(call, id),
      ),
    );
  },

  'enterprise-create-group-member': (call) => {
    const group = userGroupOf(call);
    const user = userByEmail(call.sim, (call.body as { email: string }).email);
    if (user?.orgId !== group.orgId) throw notFound('User not found');
    if (group.members.has(user.id)) throw conflict('The user is already a member of the group');
    group.members.set(user.id, { addedAt: call.sim.clock.now() });
    return json(201, memberView(call, user.id));
  },

  /** One result per operation and outcome; additions may succeed in part. */
  'enterprise-update-group-members': (call) => {
    const group = userGroupOf(call);
    const { membersToAdd = [], membersToRemove = [] } = call.body as Record<string, string[] | undefined>;
    const results = [
      ...results207(call, 'addMembers', membersToAdd, (user) =>
        group.members.set(user.id, { addedAt: call.sim.clock.now() }),
      ),
      ...results207(call, 'removeMembers', membersToRemove, (user) => group.members.delete(user.id)),
    ];
    return json(207, results);
  },

  'enterprise-get-group-member': (call) => json(200, memberView(call, memberIdOf(call))),

  'enterprise-delete-group-member': (call) => {
    userGroupOf(call).members.delete(memberIdOf(call));
    return noContent;
  },
};

/** The group that the path or `id` names, in the caller's organisation. */
export function userGroupOf(call: Call, id = param(call, 'group_id')): UserGroup {
  const org = orgOf(call);
  const group = call.sim.world.userGroups.get(id);
  if (group?.orgId !== org.id) throw notFound('User group not found');
  return group;
}

function memberIdOf(call: Call): string {
  const id = param(call, 'member_id');
  if (!userGroupOf(call).members.has(id)) throw notFound('User group member not found');
  return id;
}

/** People are named by id or e-mail. */
function results207(call: Call, operation: string, names: string[], apply: (user: User) => unknown): unknown[] {
  const { world } = call.sim;
  const { id: orgId } = orgOf(call);
  const found = names.map((name) => world.users.get(name) ?? userByEmail(call.sim, name));
  const known = found.filter((user): user is User => user?.orgId === orgId);
  for (const user of known) apply(user);
  const unknown = names.filter((_, i) => found[i]?.orgId !== orgId);
  const error = { status: 404, code: 'notFound', message: `Users not found: ${unknown.join(', ')}`, type: 'error' };
  return [
    ...(known.length > 0
      ? [{ operation, status: 200, affectedUsers: known.map((user) => memberView(call, user.id)) }]
      : []),
    ...(unknown.length > 0 ? [{ operation, status: 404, error }] : []),
  ];
}

const groupView = ({ id, name, description }: UserGroup): Record<string, unknown> => ({
  id,
  name,
  description,
  type: 'user-group',
});

const memberView = ({ sim }: Call, id: string): Record<string, unknown> => ({
  id,
  email: sim.world.users.get(id)?.email ?? '',
  type: 'user-group-member',
});
