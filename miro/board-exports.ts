import { z } from 'zod';
import type { Call, PageCall } from './call.js';
import { buildCall } from './call.js';
import { buildList } from './pages.js';
import { exportJobSchema, exportLinkSchema, exportResultSchema, exportTaskSchema } from './organization-schemas.js';
import type { ExportJob, ExportLink, ExportResult, ExportTask } from './organization-schemas.js';
import { id, nothing } from './readers.js';

const jobPath = (orgId: string, jobId: string) => ({ org_id: orgId, job_id: jobId });

/** eDiscovery's export of boards; Enterprise, must be switched on. @see docs/miro-api.md#exports */
export const boardExports = {
  list: (orgId: string): PageCall<ExportJob> =>
    buildList('enterprise-board-export-jobs', { path: { org_id: orgId }, query: { limit: 500 } }, exportJobSchema),

  /**
   * 1 to 1000 boards. `requestId` is a UUID and becomes the job's id: the one place in Miro's API where the
   * caller names what it makes, so the same id twice makes one job.
   */
  create: (
    orgId: string,
    { requestId, ...boards }: { requestId: string; boardIds: string[]; boardFormat: 'SVG' | 'HTML' | 'PDF' },
  ): Call<{ jobId: string }> =>
    buildCall(
      'enterprise-create-board-export',
      { path: { org_id: orgId }, query: { request_id: requestId }, body: boards },
      z.object({ jobId: id }),
    ),

  /** 'CREATED', 'IN_PROGRESS', 'CANCELLED', 'FINISHED' or what is new. */
  status: (orgId: string, jobId: string): Call<{ jobStatus: string }> =>
    buildCall(
      'enterprise-board-export-job-status',
      { path: jobPath(orgId, jobId) },
      z.object({ jobStatus: z.string() }),
    ),

  cancel: (orgId: string, jobId: string): Call<void> =>
    buildCall(
      'enterprise-update-board-export-job',
      { path: jobPath(orgId, jobId), body: { status: 'CANCELLED' } },
      nothing,
    ),

  results: (orgId: string, jobId: string): Call<{ results: ExportResult[] }> =>
    buildCall(
      'enterprise-board-export-job-results',
      { path: jobPath(orgId, jobId) },
      z.object({ results: z.array(exportResultSchema).default([]) }),
    ),

  tasks: (orgId: string, jobId: string): PageCall<ExportTask> =>
    buildList(
      'enterprise-board-export-job-tasks',
      { path: jobPath(orgId, jobId), query: { limit: 500 } },
      exportTaskSchema,
    ),

  /** Refused as 'unavailable' (425) while the task is not ready. */
  createLink: (orgId: string, jobId: string, taskId: string): Call<ExportLink> =>
    buildCall(
      'enterprise-create-board-export-task-export-link',
      { path: { ...jobPath(orgId, jobId), task_id: taskId } },
      exportLinkSchema,
    ),
};
