/** What scripts rely on: each command's exit code, and what an error means for it. */
import { ServiceError } from '@temporalio/client';
import { CommanderError } from 'commander';
import { ConfigError } from '../../config.js';
import { Refusal } from '../../gateway/refusal.js';
import { UnknownCursor } from '../../store/events.js';
import { IdKeyMismatch } from '../../store/installation.js';
import { TablesInUse } from '../../store/migrate.js';
import { TenantErased } from '../../store/tenants.js';
import { TrackerRefused } from '../../store/trackers.js';
import { VaultError } from '../../store/vault.js';
import { EndpointRefused } from '../../store/webhook-endpoints.js';
import { StartUpError } from '../../workers/start-up-error.js';
import { CodecError, InvalidInput, JobError } from '../index.js';

export const EXIT = {
  done: 0,
  /** The job ended without doing what was asked. */
  notDone: 1,
  badInput: 2,
  /** Waits for a person, is parked, or nobody waited for its end. */
  notFinished: 3,
  unknown: 4,
  /** A service can't be reached. */
  unreachable: 5,
} as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** A command can't go on; the message says what is wrong and what to do. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
  readonly exitCode: ExitCode;

  constructor(exitCode: ExitCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.exitCode = exitCode;
  }
}

export const badInput = (message: string): CommandError => new CommandError(EXIT.badInput, message);

const BAD_INPUT = [
  IdKeyMismatch,
  InvalidInput,
  ConfigError,
  CodecError,
  VaultError,
  TenantErased,
  EndpointRefused,
  TrackerRefused,
  UnknownCursor,
  TablesInUse,
];

/** What is printed and returned for whatever a command threw. Only an error of ours that nobody foresaw shows its stack. */
export function verdictOn(error: unknown): { exitCode: ExitCode; type: string; message: string } {
  if (error instanceof CommandError || error instanceof StartUpError) return told(error.exitCode, error);
  if (BAD_INPUT.some((type) => error instanceof type)) return told(EXIT.badInput, error as Error);
  if (error instanceof Refusal)
    return told(error.status === 502 ? EXIT.unreachable : EXIT.badInput, error, `${error.message} ${error.remedy}`);
  if (error instanceof CommanderError) {
    return { exitCode: error.exitCode === 0 ? EXIT.done : EXIT.badInput, type: 'UsageError', message: error.message };
  }
  if (error instanceof JobError) return { exitCode: codeOfJob(error.type), type: error.type, message: error.message };
  if (error instanceof ServiceError)
    return told(EXIT.unreachable, error, `Temporal: ${(error.cause ?? error).message}`);
  return told(EXIT.notDone, error as Error, (error as Error).stack);
}

function told(exitCode: ExitCode, { name, message }: Error, text = message) {
  return { exitCode, type: name, message: text };
}

const MEANING: Record<string, ExitCode> = {
  'Input.refused': EXIT.badInput,
  'Installation.mismatch': EXIT.badInput,
  'Codec.mismatch': EXIT.badInput,
  // The board, or the tracker, has not what was asked for; nothing was written.
  'Board.refused': EXIT.badInput,
  'Tracker.refused': EXIT.badInput,
  'Connection.unknown': EXIT.unknown,
  'Tracker.unknown': EXIT.unknown,
  'Job.unknown': EXIT.unknown,
  'Run.unknown': EXIT.unknown,
  'Tenant.erased': EXIT.unknown,
  // What a plan that is not there yet waits for: a person, or a service.
  NeedsRelink: EXIT.notFinished,
  'Miro.unauthorized': EXIT.notFinished,
  'Tracker.unauthorized': EXIT.notFinished,
  'Miro.down': EXIT.unreachable,
  'Miro.unavailable': EXIT.unreachable,
  'Miro.timeout': EXIT.unreachable,
  'Tracker.unavailable': EXIT.unreachable,
  'Tracker.timeout': EXIT.unreachable,
  'Tracker.malformed': EXIT.unreachable,
  'Plan.noAnswer': EXIT.unreachable,
};

/** What an ending's error means, e.g. `Input.refused`. */
export const codeOfJob = (type: string): ExitCode => MEANING[type] ?? EXIT.notDone;
