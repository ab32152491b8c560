import { Client, Connection } from '@temporalio/client';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import { dataConverterFor } from '../codec.js';
import { isLocalTemporal } from '../config.js';
import { DEFAULT_TASK_QUEUE, type ProvisionPlan } from '../contract.js';
import type { PlanRow, RetroPlan, RetroToTicketsResult, UndoRetroResult } from '../contract-retro.js';
import { idKey, workflowId, type IdKey } from '../ids.js';
import { jobHandle, type JobHandle } from './job-handle.js';
import type { PlanPatience } from './plan.js';
import { planBoard, provisionBoard, type ProvisionAnswer, type ProvisionRequest } from './provision.js';
import {
  planRetro,
  retroJob,
  retroPlanRows,
  retroToTickets,
  undoRetro,
  type RetroJob,
  type RetroRequest,
  type StartAnswer,
  type UndoRetroRequest,
} from './retro.js';
import type { JobClient } from './start.js';

export interface TemporalMiroOptions {
  /** A Temporal client of yours, made with `codecDataConverter`; without it one is made from TEMPORAL_* and temporal.toml. */
  client?: Client;
  /** Key ring of the payload codec, `name:base64[,…]`, the same as the workers'. For the client that is made here; yours brings its own. */
  codecKeys?: string;
  /** Without keys a Temporal of another machine is given plain text only if this says so. */
  plaintext?: boolean;
  /** The installation key, at least 32 bytes; the same as the workers'. */
  idKey: Uint8Array;
  /** Default `temporal-miro`. */
  taskQueue?: string;
}

export interface TemporalMiro {
  /**
   * Starts the job for `key` if there is none and answers as soon as the board exists, at most after `waitMs` (10 s).
   * Safe to repeat at any time, from any process: the same key is the same board.
   * @throws InvalidInput before anything is started. @throws JobError when the job ended without a board.
   */
  provisionBoard(request: ProvisionRequest, options?: { waitMs?: number }): Promise<ProvisionAnswer>;
  /** What a run would do, without one write; at most after `waitMs` (60 s). @throws InvalidInput | JobError */
  planBoard(request: ProvisionRequest, options?: PlanPatience): Promise<ProvisionPlan>;
  /**
   * Makes tickets of what is new on a board. Safe to repeat at any time: an item has one ticket. Only one run at a time works on a board and tracker.
   * @throws InvalidInput before anything is started.
   */
  retroToTickets(request: RetroRequest): Promise<StartAnswer<RetroToTicketsResult>>;
  /** What a run would do, without one write; at most after `waitMs` (60 s). @throws InvalidInput | JobError */
  planRetro(request: RetroRequest, options?: PlanPatience): Promise<RetroPlan>;
  /** Every row of a plan, in its order. @throws JobError */
  retroPlanRows(plan: { planId: string; tenant?: string }): AsyncGenerator<PlanRow>;
  /** Takes back the tickets of a run that nobody has touched since, and their links on the board. @throws InvalidInput before anything is started. */
  undoRetro(request: UndoRetroRequest): Promise<StartAnswer<UndoRetroResult>>;
  /** The job of a key, of a board and tracker, or a run by its workflow id. */
  job(by: { key: string; tenant?: string } | { workflowId: string }): JobHandle;
  job(by: RetroJob): JobHandle<RetroToTicketsResult>;
  /** Closes the connection if it was made here. */
  close(): Promise<void>;
}

/** @throws RangeError for a short key, or without codec keys where Temporal is on another machine. @throws KeyRingError for codec keys that are none. @throws when Temporal cannot be reached. */
export async function createTemporalMiro(options: TemporalMiroOptions): Promise<TemporalMiro> {
  const key: IdKey = idKey(options.idKey);
  if (options.client && options.codecKeys !== undefined)
    throw new RangeError(
      'codecKeys are for a client made here; make yours with dataConverter: codecDataConverter(keys)',
    );
  const { client, close } = options.client
    ? { client: options.client, close: () => Promise.resolve() }
    : await connect(options);
  const context: JobClient = { client, idKey: key, taskQueue: options.taskQueue ?? DEFAULT_TASK_QUEUE };
  return {
    provisionBoard: (request, wait) => provisionBoard(context, request, wait),
    planBoard: (request, wait) => planBoard(context, request, wait),
    retroToTickets: (request) => retroToTickets(context, request),
    planRetro: (request, wait) => planRetro(context, request, wait),
    retroPlanRows: (plan) => retroPlanRows(context, plan),
    undoRetro: (request) => undoRetro(context, request),
    job: handles(context),
    close,
  };
}

/** The kinds of handles differ in the result only. */
const handles = (context: JobClient): TemporalMiro['job'] =>
  function job(by: RetroJob | { key: string; tenant?: string } | { workflowId: string }) {
    const { client, idKey } = context;
    if ('board' in by) return retroJob(context, by) as JobHandle<never>;
    if ('workflowId' in by) return jobHandle<never>(client, by.workflowId);
    const id = workflowId(idKey, { tenant: by.tenant ?? 'default', kind: 'provisionBoard', key: by.key });
    return jobHandle<never>(client, id);
  };

async function connect({
  codecKeys,
  plaintext,
}: TemporalMiroOptions): Promise<{ client: Client; close: () => Promise<void> }> {
  const config = loadClientConnectConfig();
  const { connectionOptions, namespace } = config;
  if (codecKeys === undefined && !plaintext && !isLocalTemporal(config))
    throw new RangeError(
      "codecKeys are missing: Temporal would keep names, e-mails and texts of boards as plain text; give the workers' key ring, or plaintext: true if they have none",
    );
  const connection = await Connection.connect(connectionOptions);
  const dataConverter = dataConverterFor(codecKeys);
  const client = new Client({ connection, dataConverter, ...(namespace ? { namespace } : {}) });
  return { client, close: () => connection.close() };
}
