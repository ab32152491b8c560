/** What the starts of all kinds of jobs share. */
import type { Client } from '@temporalio/client';
import { TypedSearchAttributes } from '@temporalio/common';
import { encrypts } from '../codec.js';
import { MIRO_KIND, MIRO_TENANT, type JobKind } from '../contract.js';
import { idKeyCheck, type IdKey } from '../ids.js';

/** With what a client starts and finds jobs. */
export interface JobClient {
  client: Client;
  idKey: IdKey;
  taskQueue: string;
}

/** What tells the workers that this client is one of theirs. */
export const ownCheck = ({ client, idKey }: JobClient): { idKeyCheck: string; plaintext?: true } => ({
  idKeyCheck: idKeyCheck(idKey),
  ...(!encrypts(client.options.loadedDataConverter) && PLAIN),
});
const PLAIN = { plaintext: true } as const;

/** Tenants take turns, and all that runs for one can be found. A person waits for it. */
export const belongingTo = (tenant: string, kind: JobKind) => ({
  typedSearchAttributes: new TypedSearchAttributes([
    { key: MIRO_TENANT, value: tenant },
    { key: MIRO_KIND, value: kind },
  ]),
  priority: { priorityKey: 2, fairnessKey: tenant },
});

/** A poll lasts a minute at most; the server lists a worker for five after its last one. */
const POLL_MS = 70_000;

export const noWorker = (taskQueue: string): string =>
  `no worker polls the task queue "${taskQueue}"; start one with: temporal-miro worker`;

export async function hasWorker({ client, taskQueue }: Pick<JobClient, 'client' | 'taskQueue'>): Promise<boolean> {
  const { pollers } = await client.workflowService.describeTaskQueue({
    namespace: client.options.namespace,
    taskQueue: { name: taskQueue },
    taskQueueType: 1, // workflow tasks
  });
  return (pollers ?? []).some(({ lastAccessTime }) => Date.now() - Number(lastAccessTime?.seconds) * 1000 < POLL_MS);
}
