import { json } from '../http/answer.js';
import { ApiError, conflict, invalidField, notFound } from '../http/api-error.js';
import { param, type Call, type Handlers } from '../http/call.js';
import { isoSeconds } from '../state/clock.js';
import type { Board } from '../state/board.js';
import type { ExportJob } from '../state/records.js';
import { boardOf } from './board-access.js';
import { orgOf } from './orgs.js';

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const STARTED_MS = 500;
const FINISHED_MS = 1500;
const LINK_TTL_MS = 15 * 60_000;
const ARTIFACT_TTL_MS = 7 * 24 * 3_600_000;

type Status = 'CREATED' | 'IN_PROGRESS' | 'CANCELLED' | 'FINISHED';

export const boardExports: Handlers = {
  /** `request_id` is the caller's; it becomes the job's id, so the same request twice is one job. */
  'enterprise-create-board-export': (call) => {
    orgOf(call);
    const id = call.query['request_id'] ?? '';
    if (!UUID.test(id)) throw invalidField('request_id', 'Field [request_id] must be a UUID');
    const { boardIds, boardFormat = 'SVG' } = call.body as { boardIds?: string[] | null; boardFormat?: string };
    if (!boardIds || boardIds.length === 0) throw invalidField('boardIds', 'Field [boardIds] is required');
    const { exports } = call.sim.world;
    if (!exports.has(id)) {
      for (const boardId of boardIds) boardOf(call, 'viewer', boardId);
      const tasks = boardIds.map((boardId) => ({ id: uuid(call), boardId }));
      const createdAt = call.sim.clock.now();
      exports.set(id, { id, format: boardFormat, createdAt, createdBy: call.actor.user.id, tasks });
    }
    return json(200, { jobId: id });
  },

  'enterprise-board-export-jobs': (call) => {
    orgOf(call);
    const wanted = call.query['status']?.split(',');
    const creators = call.query['creatorId']?.split(',');
    const found = [...call.sim.world.exports.values()].filter(
      (job) =>
        (!wanted || wanted.includes(`JOB_STATUS_${statusOf(call, job)}`) || wanted.includes(statusOf(call, job))) &&
        (!creators || creators.includes(job.createdBy)),
    );
    return json(
      200,
      uuidPage(call, found, (job) => jobView(call, job)),
    );
  },

  'enterprise-board-export-job-status': (call) => json(200, { jobStatus: statusOf(call, jobOf(call)) }),

  'enterprise-board-export-job-results': (call) => {
    const job = jobOf(call);
    const status = statusOf(call, job);
    if (status === 'CREATED' || status === 'IN_PROGRESS') throw conflict('The job is not finished yet');
    const results = job.tasks.map(({ boardId }) =>
      status === 'FINISHED'
        ? { boardId, status: 'SUCCESS', exportLink: linkTo(call, boardId) }
        : { boardId, status: 'ERROR', errorType: 'FATAL', errorMessage: 'The job was cancelled' },
    );
    return json(200, { jobId: job.id, results });
  },

  'enterprise-update-board-export-job': (call) => {
    const job = jobOf(call);
    if (statusOf(call, job) === 'FINISHED') throw conflict('The job is finished');
    job.cancelledAt ??= call.sim.clock.now();
    return json(200, { status: 'CANCELLED' });
  },

  'enterprise-board-export-job-tasks': (call) => {
    const job = jobOf(call);
    const finished = statusOf(call, job) === 'FINISHED';
    const show = ({ id, boardId }: ExportJob['tasks'][number]): unknown => ({
      id,
      status: finished ? 'TASK_STATUS_SUCCESS' : `TASK_STATUS_${statusOf(call, job)}`,
      ...(finished && { sizeInBytes: 4096, artifactExpiredAt: isoSeconds(job.createdAt + ARTIFACT_TTL_MS) }),
      board: { key: boardId },
    });
    return json(200, uuidPage(call, job.tasks, show));
  },

  'enterprise-create-board-export-task-export-link': (call) => {
    const job = jobOf(call);
    const task = job.tasks.find(({ id }) => id === param(call, 'task_id'));
    if (!task) throw notFound('Export task not found');
    if (statusOf(call, job) !== 'FINISHED') throw new ApiError(425, 'tooEarly', 'The task is not finished yet');
    return json(200, {
      status: 'SUCCESS',
      exportLink: linkTo(call, task.boardId),
      artifactExpiredAt: isoSeconds(job.createdAt + ARTIFACT_TTL_MS),
      linkExpiredAt: isoSeconds(call.sim.clock.now() + LINK_TTL_MS),
    });
  },
};

function jobOf(call: Call): ExportJob {
  orgOf(call);
  const job = call.sim.world.exports.get(param(call, 'job_id'));
  if (!job) throw notFound('Export job not found');
  return job;
}

function statusOf({ sim }: Call, job: ExportJob): Status {
  if (job.cancelledAt !== undefined) return 'CANCELLED';
  const age = sim.clock.now() - job.createdAt;
  return age < STARTED_MS ? 'CREATED' : age < FINISHED_MS ? 'IN_PROGRESS' : 'FINISHED';
}

function jobView(call: Call, job: ExportJob): Record<string, unknown> {
  const status = statusOf(call, job);
  const total = job.tasks.length;
  return {
    id: job.id,
    name: `Export of ${total} boards`,
    boardFormat: job.format,
    status: `JOB_STATUS_${status}`,
    createdAt: isoSeconds(job.createdAt),
    modifiedAt: isoSeconds(job.cancelledAt ?? job.createdAt),
    tasksCount: { total, success: status === 'FINISHED' ? total : 0, error: 0 },
    creator: { id: job.createdBy },
  };
}

/** Export lists have a cursor that is the next entry's UUID. */
function uuidPage<T extends { id: string }>(
  call: Call,
  all: T[],
  show: (entry: T) => unknown,
): Record<string, unknown> {
  const limit = Number(call.query['limit'] ?? 50);
  const cursor = call.query['cursor'];
  const start = cursor === undefined ? 0 : all.findIndex(({ id }) => id === cursor);
  if (start < 0) throw invalidField('cursor', `Invalid cursor [${cursor}]`);
  const next = all[start + limit];
  return { total: all.length, ...(next && { cursor: next.id }), data: all.slice(start, start + limit).map(show) };
}

const linkTo = ({ sim }: Call, boardId: Board['id']): string =>
  `${sim.baseUrl}/_sim/boards/${encodeURIComponent(boardId)}.svg`;

function uuid({ sim }: Call): string {
  const hex = (length: number): string => sim.random.text(length, '0123456789abcdef');
  return `${hex(8)}-${hex(4)}-4${hex(3)}-8${hex(3)}-${hex(12)}`;
}
