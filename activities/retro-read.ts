/** Reads a board whole, each page once: what was read is in the store, so that the next attempt goes on behind it. */
import { boardMembers, boards, connectors, itemGroups, items, MiroError, pages, tags } from '../miro/index.js';
import type { Board, PageCall } from '../miro/index.js';
import { forgetPages, pagesOf, savePage } from '../store/plans.js';
import type { BoardPages } from './board-model.js';
import { createCaller, type Caller } from './calls.js';
import { refuse, retryLater } from './failure.js';
import type { CallingDeps } from './job-context.js';
import { inGroups } from './parallel.js';
import { loadPlan, type PlanContext } from './retro-context.js';

/** How many pages one call reads: far from its minute, also where Miro is slow. */
const PAGES_A_CALL = 40;
/** What was read before a pause of that length is read anew: a board of several days is none that ever was. */
const STALE_MINUTES = 30;
/** So much later that no attempt can still go on from what goes. */
const LEFT_MINUTES = 60;

export const createRetroReadActivities = (deps: CallingDeps) => ({
  /** Reads the next pages of the plan's board into the store. @throws ApplicationFailure Board.refused */
  async readBoard({ planId }: { planId: string }): Promise<{ done: boolean }> {
    const context = await loadPlan(deps, planId);
    if (context.plan.summary) return { done: true };
    return { done: (await readPages(deps, context)) !== undefined };
  },

  /** Forgets boards that nobody reads on: those of runs that ended before their plan. Store only. Safe to repeat. */
  async forgetBoards(_: Record<string, never>): Promise<{ forgotten: number }> {
    return await forgetPages(deps.db, { idleMinutes: LEFT_MINUTES });
  },
});

/** The board as it was read; one that was read too long ago is read anew. @throws ApplicationFailure Board.unread, to be retried until all is read */
export async function boardAsRead(deps: CallingDeps, context: PlanContext): Promise<BoardPages> {
  const read = await readPages(deps, context);
  if (!read) throw retryLater('Board.unread', 'the board is being read anew', 1);
  return read;
}

class EnoughRead extends Error {}

/** @returns undefined when {@link PAGES_A_CALL} were read and there are more. */
async function readPages(deps: CallingDeps, context: PlanContext): Promise<BoardPages | undefined> {
  const { plan, input } = context;
  await forgetPages(deps.db, { planId: plan.planId, idleMinutes: STALE_MINUTES });
  const caller = createCaller(deps, {
    ...{ tenantId: plan.tenantId, connection: input.connectionId, jobKind: 'retroToTickets' },
    purpose: `${plan.planId}:read`,
  });
  let left = PAGES_A_CALL;
  const takeOne = (): void => {
    if (left === 0) throw new EnoughRead();
    left -= 1;
  };
  try {
    return await readParts(input.boardId, createReader(deps, context, caller, takeOne));
  } catch (error) {
    if (error instanceof EnoughRead) return undefined;
    throw explained(error, context);
  }
}

interface Reader {
  board(): Promise<Board>;
  list<T>(part: string, first: PageCall<T>): Promise<T[]>;
}

async function readParts(boardId: string, read: Reader): Promise<BoardPages> {
  const board = await read.board(); // tells whether there is anything to read
  const parts = {
    items: () => read.list('items', items.list(boardId)),
    connectors: () => read.list('connectors', connectors.list(boardId)),
    groups: () => read.list('groups', itemGroups.list(boardId)),
    members: () => read.list('members', boardMembers.list(boardId)),
    tags: () => read.list('tags', tags.list(boardId)),
  };
  const found = await together(parts);
  const tagged = Object.fromEntries(
    await inGroups(
      found.tags,
      ({ id }) => id,
      async ({ id }): Promise<[string, string[]]> => {
        const those = await read.list(`tagged:${id}`, items.list(boardId, { tagId: id }));
        return [id, those.map((item) => item.id)];
      },
    ),
  );
  return { board, ...found, tagged };
}

async function together<P extends Record<string, () => Promise<unknown>>>(
  parts: P,
): Promise<{ [Name in keyof P]: Awaited<ReturnType<P[Name]>> }> {
  const names = Object.keys(parts);
  const read = await inGroups(
    names,
    (name) => name,
    async (name): Promise<[string, unknown]> => [name, await parts[name]?.()],
  );
  return Object.fromEntries(read) as { [Name in keyof P]: Awaited<ReturnType<P[Name]>> };
}

/** A list is followed from its first page each time; pages that the store has are not asked for again. */
function createReader(deps: CallingDeps, { plan, input }: PlanContext, caller: Caller, takeOne: () => void): Reader {
  const { tenantId, planId } = plan;
  const kept = async <T>(part: string, stored: unknown[], number: number, ask: () => Promise<T>): Promise<T> => {
    if (number < stored.length) return stored[number] as T;
    takeOne();
    return (await savePage(deps.db, { tenantId, planId, part, number, content: await ask() })) as T;
  };
  return {
    async board() {
      const stored = await pagesOf(deps.db, { planId, part: 'board' });
      return await kept('board', stored, 0, () => caller.send(boards.get(input.boardId)));
    },
    async list(part, first) {
      const stored = await pagesOf(deps.db, { planId, part });
      let number = -1;
      const send = (call: typeof first) => kept(part, stored, (number += 1), () => caller.send(call));
      const found = [];
      for await (const page of pages(send, first)) found.push(...page);
      return found;
    },
  };
}

function explained(error: unknown, { input }: PlanContext): unknown {
  if (!(error instanceof MiroError) || !['not_found', 'forbidden', 'invalid'].includes(error.kind)) return error;
  return refuse(
    'Board.refused',
    `board ${input.boardId}: the Miro user of connection "${input.connectionId}" cannot read it (${error.status ?? error.kind}); share it with that user, or give another board`,
  );
}
