/** Opening, comparing and closing a job: store only. */
import { NAMED_PROBLEMS } from './report.js';
import type {
  BoardSpec,
  Difference,
  Ending,
  JobKind,
  Problem,
  ProvisionBoardInput,
  ProvisionBoardResult,
} from '../contract.js';
import { keyHash, sha256, workflowId } from '../ids.js';
import type { BoardPlan } from '../jobs/provision-board/plan.js';
import { differences } from '../jobs/provision-board/differences.js';
import { canonicalJson } from '../jobs/provision-board/spec.js';
import { countItems, listItems } from '../store/items.js';
import { closeJob, findJob, markUrlReturned, openJob, setJobSpec, type OpenJob } from '../store/jobs.js';
import { markUnsettled } from '../store/effects.js';
import { ensureTenant } from '../store/tenants.js';
import type { Deps } from './deps.js';
import { checkedInput, episodeFor, jobKeyOf, planHash, requireConnection } from './door.js';
import { refuse } from './failure.js';
import { idsNotToMake } from './revision.js';
import {
  boardOf,
  loadJob,
  marks,
  memberMark,
  planOf,
  refuseCollision,
  workflowIdOfRun,
  workflowRunId,
  type StoredOptions,
  type StoredSpec,
} from './job-context.js';

/** How much there is to do, so that the workflow can call the steps without knowing the plan. */
export interface JobOutline {
  copy: boolean;
  batches: number;
  tags: number;
  connectors: number;
  record: boolean;
  /** Invitations by e-mail: one call each. */
  shares: number;
  memberIds: number;
  /** A copy cannot be made in a project; it is moved there. */
  project: boolean;
  /** Parts in all, for the progress. */
  total: number;
}

export interface OpenedJob {
  jobId: string;
  episode: number;
  /** Ended well before; only the record is re-checked. */
  done: boolean;
  /** The spec is a later one than the board was made by; a run that ended in the middle may not have applied all of it. */
  revised: boolean;
  board?: { boardId: string; url: string };
  /** Between this run's input and the spec that the job has. */
  differences: Difference[];
  outline: JobOutline;
}

export const createJobActivities = (deps: Deps) => ({
  /**
   * Opens the job of the input's key, or finds it: the first step of every run. Writes to the store only.
   * @throws ApplicationFailure Input.refused | Installation.mismatch | Connection.unknown | Job.collision | Job.stillRunning, all final
   */
  async openJob({ input: raw }: { input: ProvisionBoardInput }): Promise<OpenedJob> {
    const { input, spec } = checkedInput(deps, raw);
    const { tenantId } = await ensureTenant(deps.db, input.tenant);
    const stored: StoredSpec = { revision: 0, spec, before: [] };
    const key = { tenantId, kind: 'provisionBoard', keyHash: keyHash(deps.idKey, jobKeyOf(input)) };
    const [known] = await Promise.all([
      findJob(deps.db, { ...key, ...(input.again ? { episode: input.again.after + 1 } : {}) }),
      requireConnection(deps, { tenantId, name: input.connectionId, kind: 'provisionBoard' }),
      requirePlan(deps, tenantId, input, spec),
    ]);
    if (known?.board) refuseCollision(input, known.board.url);
    const opened = await openJob(deps.db, {
      ...key,
      workflowId: workflowIdOfRun(),
      runId: workflowRunId(),
      spec: stored,
      specHash: sha256(canonicalJson(spec)),
      options: optionsOf(input),
      ...(input.again ? { again: input.again.after } : {}),
    });
    if ('refused' in opened) throw notOpened(opened, input);
    const job = await loadJob(deps, opened.jobId);
    return {
      jobId: opened.jobId,
      episode: opened.episode,
      done: opened.state === 'done',
      revised: job.stored.revision > 0,
      ...(opened.board ? { board: opened.board } : {}),
      differences: differences(job.spec, spec),
      outline: outlineOf(job.spec, job.plan),
    };
  },

  /** In what a later call with the same key differs from the job's spec. @throws ApplicationFailure Input.refused | Job.stillRunning | Job.collision */
  async compareSpec({ jobId, input: raw }: { jobId: string; input: ProvisionBoardInput }): Promise<Difference[]> {
    const { input, spec } = checkedInput(deps, raw);
    const job = await loadJob(deps, jobId);
    if (input.again && input.again.after >= job.job.episode) {
      throw refuse(
        'Job.stillRunning',
        `episode ${job.job.episode} of this key is still running; call again when it has ended`,
      );
    }
    refuseCollision(input, boardOf(job).url);
    return differences(job.spec, spec);
  },

  /** Makes a later input the job's spec. What is on the board already is left out of the new plan's batches. */
  async adoptSpec({ jobId, input: raw }: { jobId: string; input: ProvisionBoardInput }): Promise<JobOutline> {
    const { spec } = checkedInput(deps, raw);
    const current = await loadJob(deps, jobId);
    const { stored, job } = current;
    const toHash = sha256(canonicalJson(spec));
    if (toHash !== job.specHash) {
      const before = [
        ...(await idsNotToMake(deps, current)),
        ...(stored.spec.members ?? []).map(memberMark),
        ...stored.before,
      ];
      const next: StoredSpec = {
        revision: stored.revision + 1,
        spec,
        before: [...new Set(before)],
        previous: stored.spec,
      };
      await setJobSpec(deps.db, { jobId, fromHash: job.specHash, spec: next, toHash });
    }
    const adopted = await loadJob(deps, jobId);
    return outlineOf(adopted.spec, adopted.plan);
  },

  /** The last word: counts and problems from the store, unsettled claims named. */
  async closeJob({
    jobId,
    result,
    urlSeen,
  }: {
    jobId: string;
    result: ProvisionBoardResult;
    urlSeen: boolean;
  }): Promise<ProvisionBoardResult> {
    if (urlSeen) await markUrlReturned(deps.db, { jobId });
    const told = await countUp(deps, jobId);
    const { board, episode } = (await loadJob(deps, jobId)).job;
    const closed = { ...result, ...board, episode, ...told };
    const ending: Ending = result.ending === 'deleted' ? 'done' : result.ending;
    const { counts } = told;
    const errorType = result.error?.type;
    await closeJob(deps.db, { jobId, runId: workflowRunId(), ending, result: closed, counts, errorType });
    return closed;
  },

  /** For a host's own workflow, which has neither crypto nor key: the workflow id of the child that it starts. */
  jobId({ tenant, kind, key }: { tenant: string; kind: JobKind; key: string }): Promise<string> {
    return Promise.resolve(workflowId(deps.idKey, { tenant, kind, key }));
  },
});

async function requirePlan(deps: Deps, tenantId: string, input: ProvisionBoardInput, spec: BoardSpec): Promise<void> {
  if (input.planHash === undefined) return;
  const plan = planOf(marks(deps, await episodeFor(deps, tenantId, input)), { spec, before: [] });
  if (planHash(plan) === input.planHash) return;
  throw refuse(
    'Plan.changed',
    'planHash: the plan of this input has another hash now; look at the plan again and give its hash',
  );
}

function notOpened(opened: Extract<OpenJob, { refused: string }>, input: ProvisionBoardInput): Error {
  if (opened.refused === 'unsettled') {
    return refuse(
      'Job.stillRunning',
      `${opened.effects} writes of episode ${opened.episode} are not settled yet; call again in a few minutes`,
    );
  }
  if (opened.refused === 'still_running') {
    return refuse(
      'Job.stillRunning',
      `episode ${opened.episode} of this key is still running; call again when it has ended`,
    );
  }
  const asked = input.again?.after ?? 0;
  return refuse(
    'Input.refused',
    `again.after is ${asked}, but the last episode of this key is ${opened.highest}; use that number`,
  );
}

function optionsOf({
  connectionId,
  collision,
  onChange,
  onFailure,
  deadlineMs,
  planHash,
}: ProvisionBoardInput): StoredOptions {
  return JSON.parse(
    JSON.stringify({ connectionId, collision, onChange, onFailure, deadlineMs, planHash }),
  ) as StoredOptions;
}

export function outlineOf(spec: BoardSpec, plan: BoardPlan): JobOutline {
  const copy = 'copyFrom' in spec.template;
  const items = plan.batches.flat().length;
  const { shares, byId } = plan.members;
  const people = shares.reduce((sum, share) => sum + share.emails.length, byId.length);
  return {
    copy,
    batches: plan.batches.length,
    tags: plan.tags.length,
    connectors: plan.connectors.length,
    record: plan.record !== undefined,
    shares: shares.length,
    memberIds: byId.length,
    project: copy && spec.projectId !== undefined,
    total: items + plan.tags.length + plan.connectors.length + (plan.record ? 1 : 0) + people,
  };
}

/** What a run that ends has to say of its parts: all are counted, the first problems named. Open claims are left to the sweeper. */
export async function countUp(
  deps: Pick<Deps, 'db'>,
  jobId: string,
): Promise<Pick<ProvisionBoardResult, 'counts' | 'problems'>> {
  const unsettled = await markUnsettled(deps.db, { jobId });
  const problems = await problemsOf(deps, jobId, unsettled);
  return { counts: await countItems(deps.db, jobId), problems: problems.slice(0, NAMED_PROBLEMS) };
}

async function problemsOf(deps: Pick<Deps, 'db'>, jobId: string, unsettled: number): Promise<Problem[]> {
  const problems: Problem[] = [];
  for (const { subject, outcome, detail } of await listItems(deps.db, jobId)) {
    if (outcome !== 'skipped' && outcome !== 'refused' && outcome !== 'failed') continue;
    const { reason = 'no reason recorded', remedy } = (detail ?? {}) as { reason?: string; remedy?: string };
    problems.push({ subject, outcome, reason, ...(remedy ? { remedy } : {}) });
  }
  if (unsettled > 0) {
    const reason = `${unsettled} writes had no answer when the run ended; the sweeper finds out what became of them`;
    problems.push({ subject: 'ledger', outcome: 'unsettled', reason });
  }
  return problems;
}
