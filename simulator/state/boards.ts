import type { Simulation } from '../simulation.js';
import type { Board, Policy, Stamps } from './board.js';

export interface PolicyChanges {
  permissionsPolicy?: Partial<Policy['permissionsPolicy']>;
  sharingPolicy?: Partial<Policy['sharingPolicy']>;
}

export interface NewBoard {
  name?: string;
  description?: string;
  teamId: string;
  projectId?: string;
  policy?: PolicyChanges;
  ownerId: string;
  createdAt?: number;
}

/** Makes a board, its owner the first member. */
export function createBoard(sim: Simulation, input: NewBoard): Board {
  const now = input.createdAt ?? sim.clock.now();
  const { ownerId, teamId, projectId } = input;
  const board: Board = {
    id: sim.ids.board(),
    name: input.name ?? 'Untitled',
    description: input.description ?? '',
    teamId,
    projectId,
    policy: mergePolicy(sim, defaultPolicy(sim), input.policy),
    ownerId,
    ...stamps(now, ownerId),
    lastOpenedAt: now,
    lastOpenedBy: ownerId,
    index: [],
    members: new Map([[ownerId, 'owner']]),
    items: new Map(),
    connectors: new Map(),
    tags: new Map(),
    groups: new Map(),
  };
  sim.world.boards.set(board.id, board);
  indexBoard(sim, board, now + sim.options.lagMs);
  return board;
}

export const stamps = (now: number, userId: string): Stamps => ({
  createdAt: now,
  createdBy: userId,
  modifiedAt: now,
  modifiedBy: userId,
});

/** Records a change by a user on a board or anything on it. */
export function touch(sim: Simulation, userId: string, ...changed: Stamps[]): void {
  const now = sim.clock.now();
  for (const each of changed) {
    each.modifiedAt = now;
    each.modifiedBy = userId;
  }
}

/** Tells the search index; searches see it once `from` has come. */
export function indexBoard(sim: Simulation, board: Board, from = sim.clock.now() + sim.options.lagMs): void {
  const { name, description, ownerId } = board;
  const now = sim.clock.now();
  const current = board.index.findLastIndex((entry) => entry.from <= now);
  board.index = [...board.index.slice(Math.max(0, current)), { from, name, description, ownerId }];
}

export function mergePolicy(sim: Simulation, policy: Policy, changes: PolicyChanges = {}): Policy {
  const merged = {
    permissionsPolicy: { ...policy.permissionsPolicy, ...given(changes.permissionsPolicy) },
    sharingPolicy: { ...policy.sharingPolicy, ...given(changes.sharingPolicy) },
  };
  // Enterprise: always no_access, whatever was asked for
  if (sim.options.plan === 'enterprise') merged.sharingPolicy.inviteToAccountAndBoardLinkAccess = 'no_access';
  return merged;
}

/** Without what is null, which changes nothing. */
const given = <T extends object>(changes?: T): Partial<T> =>
  Object.fromEntries(Object.entries(changes ?? {}).filter(([, value]) => value !== null)) as Partial<T>;

function defaultPolicy(sim: Simulation): Policy {
  return {
    permissionsPolicy: {
      collaborationToolsStartAccess: 'all_editors',
      copyAccess: 'anyone',
      sharingAccess: 'team_members_with_editing_rights',
    },
    sharingPolicy: {
      access: 'private',
      inviteToAccountAndBoardLinkAccess: 'no_access',
      organizationAccess: 'private',
      teamAccess: sim.options.plan === 'free' ? 'edit' : 'private',
    },
  };
}
