import { pickBoard } from '../jobs/provision-board/recognise.js';
import { placeholdersIn, valueAt } from '../jobs/provision-board/placeholders.js';
import { boards, items, MiroError, pages, type Board, type Call, type Item } from '../miro/index.js';
import type { Db } from '../store/db.js';
import { recordItem } from '../store/items.js';
import { advanceEpisode, setJobBoard } from '../store/jobs.js';
import { find, type Caller } from './calls.js';
import { ensureCreated, type CreateEffect, type Evidence, type Look } from './create-effect.js';
import { ensureSet } from './set-effect.js';
import { refuse } from './failure.js';
import {
  boardOf,
  callerFor,
  effectId,
  loadJob,
  refuseCollision,
  type AnyJob,
  type CallingDeps,
  type JobContext,
  type StoredOptions,
} from './job-context.js';
import { report, type StepReport } from './report.js';

/** Miro's clock and the store's may differ by this much. */
const CLOCK_SKEW_MS = 5 * 60_000;
/** Search finds a board a few seconds after it was made; until then the team's list of newest boards shows it. */
const SEARCH_LAG_MS = 2 * 60_000;

export interface BoardResult {
  url: string;
}

export interface MadeBoard {
  boardId: string;
  url: string;
  outcome: 'made' | 'existing';
}

export const createBoardActivities = (deps: CallingDeps) => ({
  /**
   * Makes the job's board, from nothing or as a copy, or returns the one already made. Effect: create, marked in the description.
   * @throws ApplicationFailure Board.ambiguous | Board.refused | Job.collision, final; Effect.* and Miro.* to be retried.
   */
  async ensureBoard({ jobId }: { jobId: string }): Promise<MadeBoard> {
    const job = await loadJob(deps, jobId);
    if (job.job.board) return { ...job.job.board, outcome: 'existing' };
    const caller = callerFor(deps, job, 'board');
    const ensured = await explained(job, async () =>
      ensureCreated(deps.db, caller, await boardEffect(deps, job, caller)),
    );
    if (ensured.outcome === 'ambiguous') throw refuse('Board.ambiguous', ensured.reason);
    await keepBoard(deps, job, ensured);
    return { boardId: ensured.objectId, url: ensured.result.url, outcome: ensured.outcome };
  },

  /** Whether people have deleted the job's board since. Reads only. */
  async checkBoard({ jobId }: { jobId: string }): Promise<{ exists: boolean }> {
    const job = await loadJob(deps, jobId);
    const board = await findBoard(callerFor(deps, job, 'check'), boardOf(job).boardId);
    return { exists: board !== undefined };
  },

  /**
   * Whether the template can be copied and every placeholder in it has a value. Reads only.
   * @throws ApplicationFailure Template.missing | Input.refused
   */
  async checkTemplate({ jobId }: { jobId: string }): Promise<void> {
    const job = await loadJob(deps, jobId);
    await checkTemplate(callerFor(deps, job, 'template'), job.spec);
  },

  /** Moves a copied board into its project, since a copy cannot be made there. Effect: set. */
  async ensureProject({ jobId }: { jobId: string }): Promise<StepReport> {
    const job = await loadJob(deps, jobId);
    const caller = callerFor(deps, job, 'project');
    const { boardId } = boardOf(job);
    const { projectId } = job.spec;
    const outcome = await ensureSet(deps.db, caller, {
      id: effectId(job, 'project', 'board'),
      times: deps.timings.single,
      read: () => caller.send(boards.get(boardId)),
      holds: (board) => board.project?.id === projectId,
      write: async (_, ready) => void (await caller.send(boards.update(boardId, { projectId }), ready)),
    });
    return report([outcome]);
  },
});

/** Writes down that the job has this board. */
export async function keepBoard(
  { db }: Pick<CallingDeps, 'db'>,
  { job: { jobId, tenantId } }: JobContext,
  { objectId, result, outcome }: { objectId: string; result: BoardResult; outcome: MadeBoard['outcome'] },
): Promise<void> {
  await setJobBoard(db, { jobId, boardId: objectId, url: result.url });
  await recordItem(db, { jobId, tenantId, subject: 'board', kind: 'board', outcome, objectId });
}

/** Also used to settle what an ended run left open. */
export async function boardEffect(
  deps: CallingDeps,
  job: JobContext,
  caller: Caller,
): Promise<CreateEffect<Board, BoardResult>> {
  const { grant, userId } = await caller.token();
  const { copyFrom, ...board } = job.plan.board;
  const teamId = board.teamId ?? grant.teamId;
  const { projectId, ...copyable } = board;
  const call: Call<Board> =
    copyFrom === undefined
      ? boards.create({ ...copyable, teamId, ...(projectId ? { projectId } : {}) })
      : boards.copy({ from: copyFrom, ...copyable, teamId });
  return {
    id: effectId(job, 'board', 'board'),
    times: copyFrom === undefined ? deps.timings.single : deps.timings.copy,
    // A job that the store sees for the first time may be one that a lost store had.
    lookFirst: job.job.episode === 1,
    call: () => call,
    look: (evidence) => lookForBoard(deps.db, caller, job, { sender: userId, ...evidence, teamId }),
    made: (made) => ({ objectId: made.id, result: { url: urlOf(made) } }),
  };
}

interface BoardEvidence extends Evidence {
  teamId: string | undefined;
  sender: string;
}

async function lookForBoard(
  db: Db,
  caller: Caller,
  job: JobContext,
  evidence: BoardEvidence,
): Promise<Look<BoardResult>> {
  const { prefix } = job;
  const oldest = evidence.since ? evidence.since.getTime() - CLOCK_SKEW_MS : Date.now() - SEARCH_LAG_MS - CLOCK_SKEW_MS;
  const [newest, searched] = await Promise.all([
    evidence.teamId === undefined ? [] : newestOfTeam(caller, evidence.teamId, oldest),
    collect(caller, boards.list({ query: prefix.slice('[tm:'.length, -1) })),
  ]);
  const byId = new Map([...searched, ...newest].map((board) => [board.id, board]));
  const { jobId, episode } = job.job;
  const picked = pickBoard([...byId.values()], {
    prefix,
    userId: evidence.sender,
    episode,
    newToStore: evidence.since === undefined && episode === 1,
  });
  switch (picked.kind) {
    case 'absent':
      return picked;
    case 'ambiguous':
      return { kind: 'ambiguous', reason: `${picked.reason}: ${picked.boards.map(urlOf).join(', ')}` };
    case 'ours':
      if (evidence.since === undefined) refuseCollision(job.job.options as StoredOptions, urlOf(picked.board)); // no attempt of this job has made it
      // The store was lost and Miro remembers a later episode than the store's first.
      if (picked.episode !== episode) await advanceEpisode(db, { jobId, episode: picked.episode });
      return { kind: 'found', objectId: picked.board.id, result: { url: urlOf(picked.board) } };
  }
}

/** A team's list is immediate, so what is not on it down to `oldest` does not exist. */
async function newestOfTeam(caller: Caller, teamId: string, oldest: number): Promise<Board[]> {
  const found: Board[] = [];
  for await (const page of pages((call) => caller.send(call), boards.list({ teamId, sort: 'last_created' }))) {
    found.push(...page);
    const last = page.at(-1)?.createdAt;
    if (last !== undefined && Date.parse(last) < oldest) break;
  }
  return found;
}

async function collect(caller: Caller, list: ReturnType<typeof boards.list>): Promise<Board[]> {
  const found: Board[] = [];
  for await (const page of pages((call) => caller.send(call), list)) found.push(...page);
  return found;
}

export async function findBoard(caller: Caller, boardId: string): Promise<Board | undefined> {
  return await find(caller, boards.get(boardId));
}

/**
 * Before a part's refusal is taken for the part's own: was it the board that people deleted?
 * @throws ApplicationFailure Board.deleted
 */
export async function requireBoard(deps: CallingDeps, job: AnyJob): Promise<void> {
  const { boardId, url } = boardOf(job);
  if (await findBoard(callerFor(deps, job, 'check'), boardId)) return;
  throw refuse('Board.deleted', `people deleted the board ${url} while the job was filling it; start anew with again`);
}

/** @throws ApplicationFailure Template.missing | Input.refused */
export async function checkTemplate(caller: Caller, spec: JobContext['spec']): Promise<Board | undefined> {
  if (!('copyFrom' in spec.template)) return undefined;
  const { copyFrom } = spec.template;
  const board = await readTemplate(caller, copyFrom);
  if (!spec.placeholders) return board;
  const missing = new Set<string>();
  for await (const page of pages((call) => caller.send(call), items.list(copyFrom))) {
    for (const name of page.flatMap(textsOf).flatMap(placeholdersIn)) {
      if (valueAt(spec.placeholders, name) === undefined) missing.add(name);
    }
  }
  if (missing.size > 0) {
    const names = [...missing].map((name) => `{{${name}}}`).join(', ');
    throw refuse(
      'Input.refused',
      `placeholders: the template board ${copyFrom} uses ${names} without a value; give these, or leave out placeholders to copy it as it is`,
    );
  }
  return board;
}

async function readTemplate(caller: Caller, boardId: string): Promise<Board> {
  try {
    return await caller.send(boards.get(boardId));
  } catch (error) {
    if (!(error instanceof MiroError) || !['not_found', 'forbidden', 'invalid'].includes(error.kind)) throw error;
    const message = `template.copyFrom: the connection's Miro user cannot see board ${boardId} (${error.status ?? error.kind}); share it with that user, or give another`;
    throw refuse('Template.missing', message);
  }
}

/** Texts of an item that placeholders can stand in. */
export function textsOf({ data }: Item): string[] {
  return [data.content, data.title, data.description].filter((text) => text !== undefined);
}

export const urlOf = (board: Board): string =>
  board.viewLink ?? `https://miro.com/app/board/${encodeURIComponent(board.id)}/`;

/** Turns Miro's refusal of a board into words about the input. */
async function explained<T>({ plan, connection }: JobContext, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (!(error instanceof MiroError) || !['forbidden', 'not_found', 'invalid', 'conflict'].includes(error.kind))
      throw error;
    const { teamId, projectId, copyFrom } = plan.board;
    const asked = [
      copyFrom && `a copy of ${copyFrom}`,
      teamId && `team ${teamId}`,
      projectId && `project ${projectId}`,
    ].filter(Boolean);
    const where = asked.length > 0 ? ` with ${asked.join(', ')}` : '';
    const message = `Miro refused the board${where} for connection "${connection}": ${error.detail ?? error.message}; use a team and project that this Miro user belongs to, and check the scopes boards:read and boards:write`;
    throw refuse('Board.refused', message);
  }
}
