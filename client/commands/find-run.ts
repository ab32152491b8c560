/** One run by whatever people have of it, from the store and from Temporal: either may know what the other has forgotten. */
import { WorkflowNotFoundError, type Client } from '@temporalio/client';
import { Argument, type Command } from 'commander';
import { storeConfig, type Env } from '../../config.js';
import { workflowId, type IdKey } from '../../ids.js';
import { showRun, type RunDetails } from '../../store/runs.js';
import { JobError, type JobHandle, type JobProgress } from '../index.js';
import { jobHandle } from '../job-handle.js';
import { withStore, type JobServices } from './services.js';
import { CommandError, EXIT } from './exit-codes.js';
import { sharedOptions, type SharedOptions } from './shared-options.js';

export interface RunOptions extends SharedOptions {
  tenant: string;
}

export interface FoundRun {
  handle: JobHandle;
  /** Absent when the store is out of reach, or no worker has begun yet. */
  stored?: RunDetails;
  /** Absent when Temporal's retention is over. */
  live?: JobProgress;
}

/** A command about one run. */
export function runCommand(command: Command): Command {
  const id = new Argument('<run>', 'workflow id, run id, or the business key, e.g. project:4711');
  return sharedOptions(command.addArgument(id)).option('--tenant <name>', 'tenant of the business key', 'default');
}

/** @throws CommandError (exit 4) when neither knows it */
export async function findRun(
  env: Env,
  { client, config }: JobServices,
  id: string,
  { tenant }: RunOptions,
): Promise<FoundRun> {
  const byKey = workflowIdOf(config.idKey, tenant, id);
  const stored =
    storeConfig(env).url === undefined
      ? undefined
      : await withStore(env, async (db) => (await showRun(db, id)) ?? showRun(db, byKey));
  const handle = jobHandle(client, stored?.workflowId ?? byKey, stored?.runId === id ? id : undefined);
  const live = await statusIfThere(handle);
  if (!stored && !live) {
    throw new CommandError(
      EXIT.unknown,
      `there is no run "${id}" in tenant "${tenant}"; list them with: temporal-miro runs list`,
    );
  }
  return { handle, ...(stored ? { stored } : {}), ...(live ? { live } : {}) };
}

/** What Temporal says of a run that the store knows; undefined when its retention is over. */
export async function liveRun(
  client: Client,
  { workflowId: id, runId }: { workflowId: string; runId: string },
): Promise<JobProgress | undefined> {
  return statusIfThere(jobHandle(client, id, runId));
}

function workflowIdOf(idKey: IdKey, tenant: string, id: string): string {
  return /^provisionBoard:[a-z0-9_-]+:[0-9a-f]{32}$/.test(id)
    ? id
    : workflowId(idKey, { tenant, kind: 'provisionBoard', key: id });
}

async function statusIfThere(handle: JobHandle): Promise<JobProgress | undefined> {
  try {
    return await handle.status();
  } catch (error) {
    if (error instanceof WorkflowNotFoundError || (error instanceof JobError && error.type === 'Job.unknown'))
      return undefined;
    throw error;
  }
}
