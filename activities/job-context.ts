/** What every step of a job needs to know, read anew by each activity: only ids travel through Temporal. */
import { activityInfo } from '@temporalio/activity';
import type { BoardSpec, JobKind, MemberInput, ProvisionOptions } from '../contract.js';
import { marker, markerPrefix } from '../ids.js';
import { planBoard, type BoardPlan } from '../jobs/provision-board/plan.js';
import { memberName } from '../jobs/provision-board/spec.js';
import { getJob, type Job } from '../store/jobs.js';
import { createCaller, type CallDeps, type Caller } from './calls.js';
import { PLAN_CREDITS } from './credits.js';
import type { Deps } from './deps.js';
import type { EffectId } from './effects.js';
import { refuse } from './failure.js';
import type { Grants } from './grants.js';

/** Dependencies of the activities that call Miro. */
export type CallingDeps = Deps & { grants: Grants } & CallDeps;

/** How the store keeps a job's wish. */
export interface StoredSpec {
  revision: number;
  spec: BoardSpec;
  /** Ids of blueprint parts that an earlier revision has brought onto the board; they are not made again. */
  before: string[];
  /** The spec of the revision before; changes are applied only where the board still shows it. */
  previous?: BoardSpec;
}

export type StoredOptions = ProvisionOptions & { connectionId: string };

export interface JobContext {
  job: Job;
  spec: BoardSpec;
  stored: StoredSpec;
  connection: string;
  /** Of the current revision, without what earlier ones made. */
  plan: BoardPlan;
  /** Of the board's marker: `[tm:…` up to the episode. */
  prefix: string;
  /** The marker of one subject in this episode. */
  mark: Mark;
  runId: string;
}
type Mark = (step: string, subject?: string) => string;

/** What is known of a run of any kind of job. */
export type AnyJob = Pick<JobContext, 'job' | 'connection' | 'runId'>;

/** @throws ApplicationFailure Job.unknown when the store was emptied under a running job. */
export async function loadJob(deps: Pick<Deps, 'db' | 'idKey'>, jobId: string): Promise<JobContext> {
  const job = await knownJob(deps, jobId);
  const stored = job.spec as StoredSpec;
  const { connectionId } = job.options as StoredOptions;
  const mark = marks(deps, job);
  return {
    job,
    stored,
    spec: stored.spec,
    connection: connectionId,
    plan: planOf(mark, stored),
    prefix: markerPrefix(deps.idKey, { keyHash: job.keyHash, step: 'board' }),
    mark,
    runId: workflowRunId(),
  };
}

/** @throws ApplicationFailure Job.unknown */
export async function knownJob({ db }: Pick<Deps, 'db'>, jobId: string): Promise<Job> {
  const job = await getJob(db, jobId);
  if (job) return job;
  const message = `the store does not know job ${jobId}: it was emptied or restored; call again with the same key`;
  throw refuse('Job.unknown', message);
}

/** The markers of one job's episode. */
export function marks({ idKey }: Pick<Deps, 'idKey'>, { keyHash, episode }: Pick<Job, 'keyHash' | 'episode'>): Mark {
  return (step, subject) =>
    marker(markerPrefix(idKey, { keyHash, step, ...(subject === undefined ? {} : { subject }) }), episode);
}

/** The plan of one revision. Batches keep their order and their limits; what is on the board already is left out. */
export function planOf(mark: Mark, { spec, before }: Pick<StoredSpec, 'spec' | 'before'>): BoardPlan {
  const plan = planBoard(spec, { marker: mark('board'), cardMarker: (id) => mark('card', id), credits: PLAN_CREDITS });
  const made = new Set(before);
  const batches = plan.batches
    .map((batch) => batch.filter(({ id }) => !made.has(id)))
    .filter((batch) => batch.length > 0);
  const shares = plan.members.shares
    .map(({ role, emails }) => ({ role, emails: emails.filter((email) => !made.has(memberMark({ email, role }))) }))
    .filter(({ emails }) => emails.length > 0);
  return { ...plan, batches, members: { shares, byId: plan.members.byId } };
}

/** How `before` names a member: who was invited with which role is not invited again. */
export const memberMark = (member: MemberInput): string => `member:${memberName(member)}:${member.role}`;
export const isMemberMark = (before: string): boolean => before.startsWith('member:'); // no blueprint id has a colon

/** The board that the job has; every step after the first needs it. */
export function boardOf({ job }: Pick<AnyJob, 'job'>): { boardId: string; url: string } {
  if (!job.board) throw refuse('Job.noBoard', `job ${job.jobId} has no board yet`);
  return job.board;
}

/** @throws ApplicationFailure Job.collision if the caller wants no board that was there before. */
export function refuseCollision({ collision }: Pick<ProvisionOptions, 'collision'>, url: string): void {
  if (collision !== 'fail') return;
  throw refuse('Job.collision', `a board for this key exists already: ${url}; leave out collision to get it`);
}

export function effectId({ job, runId }: Pick<AnyJob, 'job' | 'runId'>, step: string, subject: string): EffectId {
  return { tenantId: job.tenantId, jobId: job.jobId, runId, step, subject };
}

/** @param purpose names the caller's places in the budget; the same on every attempt. */
export function callerFor(
  deps: CallDeps,
  { job, connection }: Pick<AnyJob, 'job' | 'connection'>,
  purpose: string,
): Caller {
  return createCaller(deps, {
    ...{ tenantId: job.tenantId, connection, jobKind: job.kind as JobKind },
    purpose: `${job.jobId}:${purpose}`,
  });
}

export function workflowIdOfRun(): string {
  return activityInfo().workflowExecution?.workflowId ?? activityInfo().activityId;
}

/** Inside a workflow's activity there always is one; a standalone activity has none. */
export function workflowRunId(): string {
  return activityInfo().workflowExecution?.runId ?? activityInfo().activityId;
}
