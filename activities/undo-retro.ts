/** Taking a run's tickets back: what nobody has touched since is closed or deleted, and what shows it goes from the board. */
import type { UndoRetroInput } from '../contract-retro.js';
import { keyHash, sha256 } from '../ids.js';
import { InvalidInput } from '../jobs/invalid-input.js';
import { canonicalJson } from '../jobs/provision-board/spec.js';
import { parseUndoInput } from '../jobs/retro-to-tickets/input.js';
import { retroKey } from '../jobs/retro-to-tickets/key.js';
import { getEffect } from '../store/effects.js';
import { findJob, openJob } from '../store/jobs.js';
import { doneSubjects, endLinkBack, linkBacksOf, subjectOf as linkSubject } from '../store/link-backs.js';
import { hasRun } from '../store/runs.js';
import {
  boardsSharing,
  halfUndoneRuns,
  linksOf,
  linksOfRun,
  markUndone,
  type StoredLink,
} from '../store/ticket-links.js';
import { ensureTenant } from '../store/tenants.js';
import type { Ticket } from '../tickets/tracker.js';
import { requireConnection, requireSameInstallation } from './door.js';
import type { Deps } from './deps.js';
import { keyOf } from './effects.js';
import { refuse } from './failure.js';
import { effectId, workflowIdOfRun, workflowRunId, type CallingDeps } from './job-context.js';
import type { OpenLinkBack } from './link-back-plan.js';
import { recorded, refused, skipped, type Recorded } from './outcomes.js';
import { inGroups } from './parallel.js';
import { report } from './report.js';
import { loadRetro } from './retro-context.js';
import { ensureSet } from './set-effect.js';
import { BATCH, openTicketStep, subjectOf, type PartReport, type TicketStep } from './tickets.js';
import { askingTracker, createTrackerSender, trackerTimes } from './tracker-calls.js';
import { takenBack } from './taken-back.js';

const KIND = 'retroToTickets' as const;

export const createUndoRetroActivities = (deps: CallingDeps) => ({
  /**
   * Opens the job of that board and tracker for an undo. Writes to the store only.
   * @throws ApplicationFailure Input.refused | Installation.mismatch | Job.unknown | Run.unknown | Job.stillRunning, all final
   */
  async openUndoRetro({ input: raw }: { input: UndoRetroInput }): Promise<{ jobId: string }> {
    const { tenant, boardId, tracker, runId } = checkedUndo(deps, raw);
    const { tenantId } = await ensureTenant(deps.db, tenant);
    const key = {
      ...{ tenantId, kind: KIND },
      keyHash: keyHash(deps.idKey, { tenant, kind: KIND, key: retroKey(boardId, tracker) }),
    };
    const known = await findJob(deps.db, key);
    if (!known) {
      const message = `no run has made tickets from board ${boardId} in tracker "${tracker}"; check both names with: temporal-miro runs list`;
      throw refuse('Job.unknown', message);
    }
    if (runId !== undefined && !(await hasRun(deps.db, { jobId: known.jobId, runId }))) {
      const message = `board ${boardId} has had no run ${runId} with tracker "${tracker}"; look it up with: temporal-miro runs list`;
      throw refuse('Run.unknown', message);
    }
    const { connectionId } = known.options as { connectionId: string };
    await requireConnection(deps, { tenantId, name: connectionId, kind: KIND });
    const opened = await openJob(deps.db, {
      ...{ ...key, repeat: true, workflowId: workflowIdOfRun(), runId: workflowRunId() },
      ...{ spec: known.spec, specHash: sha256(canonicalJson(known.spec)), options: known.options },
    });
    if ('refused' in opened)
      throw refuse('Job.stillRunning', 'another run of this job is still running; call again when it has ended');
    return { jobId: known.jobId };
  },

  /** The run whose tickets are taken back, to be asked once all writes are settled: the one asked for, one whose undo was cut off, or the last that made any. Store only. */
  async runToUndo({ jobId, runId }: { jobId: string; runId?: string | undefined }): Promise<{ undone?: string }> {
    const { job } = await loadRetro(deps, jobId);
    const [halfUndone] = await halfUndoneRuns(deps.db, job);
    const undone = runId ?? halfUndone ?? lastRun(await linksOf(deps.db, job));
    return undone === undefined ? {} : { undone };
  },

  /** Takes back the next tickets that the run has made. Effect: set; what somebody has changed or commented since is kept and told. */
  async takeBackTickets({ jobId, undone, from }: { jobId: string; undone: string; from: number }): Promise<PartReport> {
    const step = await openTicketStep(deps, jobId);
    const links = await linksToUndo(deps, step, undone);
    const outcomes = await inGroups(
      links.slice(from, from + BATCH),
      ({ itemId }) => itemId,
      (link) => recorded(deps, step.retro, subjectOf(link.itemId), () => takeBack(deps, step, link)),
      step.tracker.capabilities.concurrency,
    );
    return { ...report(outcomes), ...(from + BATCH < links.length ? { next: from + BATCH } : {}) };
  },

  /** Which link backs show tickets that were taken back. What was never written will not be. Store only. */
  async linkBacksToHide({ jobId, undone }: { jobId: string; undone: string }): Promise<OpenLinkBack[]> {
    const taken = new Set((await takenBack(deps.db, { jobId, undone })).map(linkSubject));
    const concerned = (await linkBacksOf(deps.db, { jobId })).filter(({ subjects }) =>
      subjects.some((one) => taken.has(one)),
    );
    // What was never written to its end will not be: its tickets that stay are shown by another one.
    const written = new Set([
      ...(await doneSubjects(deps.db, { jobId, step: 'ticket-rows' })),
      ...(await doneSubjects(deps.db, { jobId, step: 'ticket-cards' })),
    ]);
    for (const { number } of concerned)
      await endLinkBack(deps.db, { jobId, number, state: written.has(String(number)) ? 'done' : 'dropped' });
    return concerned.map(({ number, way }) => ({ number, way }));
  },

  /** Their items may have tickets again, in the next episode. Store only. */
  async noteTakenBack({ jobId, undone }: { jobId: string; undone: string }): Promise<void> {
    for (const link of await takenBack(deps.db, { jobId, undone })) await markUndone(deps.db, link);
  },
});

function checkedUndo(deps: Deps, raw: UndoRetroInput): UndoRetroInput {
  const { idKeyCheck, plaintext, ...request } = raw;
  requireSameInstallation(deps, { idKeyCheck, plaintext });
  try {
    return parseUndoInput(request);
  } catch (error) {
    if (error instanceof InvalidInput) throw refuse('Input.refused', error.message);
    throw error;
  }
}

/** The run that has made the newest ticket which is still there. */
function lastRun(links: StoredLink[]): string | undefined {
  const made = links.filter(({ outcome }) => outcome === 'made');
  return made.toSorted((a, b) => b.madeAt.getTime() - a.madeAt.getTime())[0]?.runId;
}

/** In one order, whatever was taken back already: a later attempt goes on where this one stands. */
async function linksToUndo({ db }: CallingDeps, { retro }: TicketStep, undone: string): Promise<StoredLink[]> {
  const { tenantId, keyHash } = retro.job;
  const links = await linksOfRun(db, { tenantId, runId: undone });
  return links.filter((link) => link.keyHash === keyHash && link.outcome === 'made');
}

async function takeBack(deps: CallingDeps, step: TicketStep, link: StoredLink): Promise<Recorded> {
  const { retro, tracker } = step;
  const {
    ticket: { id: ticketId, key, url },
  } = link;
  const named = { objectId: ticketId, detail: { key, ...(url === undefined ? {} : { url }) } };
  const id = effectId(retro, 'untake', linkSubject(link));
  const before = await getEffect(deps.db, { jobId: id.jobId, key: keyOf(id) });
  if (link.undoneAt) return { outcome: 'existing', ...named };
  if (before?.state === 'done') return { outcome: 'changed', ...named };
  const asking = askingTracker(deps);
  const { undo } = tracker.capabilities;
  let tried = before !== undefined;
  // Where we may not delete, it is closed; before an attempt of ours a tracker that deletes has closed nothing.
  const isBack = (now: Ticket | undefined): boolean =>
    now === undefined || (now.closed && (undo === 'close' || (undo === 'delete' && tried)));
  const found = await tracker.get(ticketId, asking);
  // One that is closed after an attempt of ours is closed by us, though its revision is another one now.
  const closedByUs = found !== undefined && isBack(found) && tried;
  if (found && !closedByUs && found.revision !== link.revision) return { ...touched(link), objectId: ticketId };
  const [sharing] = await boardsSharing(deps.db, link);
  if (found && sharing !== undefined) return { ...shared(link, sharing), objectId: ticketId };
  if (found && undo === 'none')
    return refused(`tracker "${retro.options.tracker}" takes no tickets back`, `close ${url ?? key} by hand`);
  try {
    await ensureSet(deps.db, createTrackerSender(deps, retro), {
      id,
      times: trackerTimes(deps, tracker.capabilities),
      read: () => tracker.get(ticketId, asking),
      holds: isBack,
      async write(now, ready) {
        if (now?.revision !== link.revision) throw new Touched();
        await ready();
        tried = true;
        await tracker.takeBack(ticketId, { deadlineMs: deps.timings.tracker.httpMs });
      },
    });
  } catch (error) {
    if (error instanceof Touched) return { ...touched(link), objectId: ticketId };
    throw error;
  }
  return found
    ? { outcome: 'changed', ...named }
    : { ...skipped(`the ticket ${key} was gone already`), objectId: ticketId };
}

/** Somebody was faster than the write. */
class Touched extends Error {
  override readonly name = 'Touched';
}

const touched = ({ ticket: { key, url }, revision }: StoredLink): Recorded =>
  refused(
    revision === undefined
      ? `kept: the answer to the making of ${key} was lost, so nobody can tell whether somebody has changed it since`
      : `kept: somebody has changed or commented ${key} since it was made`,
    `look at ${url ?? key} in the tracker, and close it by hand if nobody needs it`,
  );

const shared = ({ ticket: { key, url } }: StoredLink, boardId: string): Recorded =>
  refused(
    `kept: the board ${boardId}, which was run as a duplicate of this one, has the ticket ${key} too`,
    `close ${url ?? key} by hand if neither board needs it`,
  );
