import { boardFields } from '../rest/board-view.js';
import { connectorFields } from '../rest/connectors.js';
import { groupFields } from '../rest/item-groups.js';
import { itemFields } from '../rest/item-view.js';
import { projectView } from '../rest/projects.js';
import { tagView } from '../rest/tags.js';
import { teamGroups } from '../scim/group-teams.js';
import { userGroupGroups } from '../scim/group-user-groups.js';
import { isVisible, userResource } from '../scim/user-resource.js';
import { isoSeconds } from '../state/clock.js';
import type { Simulation } from '../simulation.js';
import type { Board } from '../state/board.js';
import type { Membership, Team, User } from '../state/organisation.js';

/** Everything the simulator remembers, in Miro's own field names and in the order of creation. */
export function worldState(sim: Simulation): Record<string, unknown> {
  const { world } = sim;
  const boards = [...world.boards.values()];
  return {
    orgs: [...world.orgs.values()].map(({ scimToken: _, ...org }) => ({ ...org, type: 'organization' })),
    teams: [...world.teams.values()].map(teamState),
    users: [...world.users.values()].map(userState),
    projects: [...world.projects.values()].map((p) => ({
      ...projectView(p),
      teamId: p.teamId,
      members: membersState(p.members),
      createdAt: isoSeconds(p.createdAt),
    })),
    boards: boards.filter((b) => b.deletedAt === undefined).map((b) => boardState(sim, b)),
    deletedBoards: boards.filter((b) => b.deletedAt !== undefined).map((b) => boardState(sim, b)),
    scim: scimState(sim),
    grants: [...world.grants.values()].map((grant) => ({
      ...grant,
      createdAt: isoSeconds(grant.createdAt),
      revokedAt: grant.revokedAt === undefined ? null : isoSeconds(grant.revokedAt),
    })),
    apps: [...world.apps.values()],
  };
}

const membersState = <Role>(members: Map<string, Membership<Role>>): unknown[] =>
  [...members].map(([id, { role, createdAt, createdBy, modifiedAt, modifiedBy }]) => ({
    id,
    role,
    createdAt: isoSeconds(createdAt),
    createdBy,
    modifiedAt: isoSeconds(modifiedAt),
    modifiedBy,
  }));

const teamState = (team: Team): Record<string, unknown> => ({
  ...team,
  type: 'team',
  members: membersState(team.members),
  createdAt: isoSeconds(team.createdAt),
});

const userState = (user: User): Record<string, unknown> => ({
  ...user,
  type: 'organization-member',
  createdAt: isoSeconds(user.createdAt),
  ...(user.lastActivityAt !== undefined && { lastActivityAt: isoSeconds(user.lastActivityAt) }),
  ...(user.licenseAssignedAt !== undefined && { licenseAssignedAt: isoSeconds(user.licenseAssignedAt) }),
});

/** Who and when is on each part; `tagIds` and `appId` are the simulator's own additions to an item. */
function boardState(sim: Simulation, board: Board): Record<string, unknown> {
  const { world } = sim;
  return {
    ...boardFields(sim, board),
    ...(board.deletedAt !== undefined && { deletedAt: isoSeconds(board.deletedAt), deletedBy: board.deletedBy }),
    ...(board.copiedFrom && { copiedFrom: board.copiedFrom }),
    members: [...board.members].map(([id, role]) => ({
      id,
      role,
      name: world.users.get(id)?.name,
      email: world.users.get(id)?.email,
    })),
    items: [...board.items.values()].map((item) => ({
      ...itemFields(sim, board, item),
      tagIds: item.tagIds,
      appId: item.appId,
    })),
    connectors: [...board.connectors.values()].map((c) => connectorFields(sim, board, c)),
    tags: [...board.tags.values()].map(tagView),
    groups: [...board.groups.values()].map((g) => groupFields(sim, board, g)),
  };
}

/** What SCIM shows: members and admins only, and groups in the chosen model. */
function scimState(sim: Simulation): Record<string, unknown> {
  const users = [...sim.world.users.values()].filter((user) => isVisible(user, user.orgId));
  const model = sim.options.scimGroups === 'team' ? teamGroups : userGroupGroups;
  return {
    users: users.map((user) => userResource(sim, user)),
    groups: [...sim.world.orgs.values()].flatMap((org) => model.list(sim, org)),
  };
}
