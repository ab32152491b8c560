/** The only place where our errors become Temporal failures. */
import { activityInfo, heartbeat } from '@temporalio/activity';
import { ApplicationFailure, ApplicationFailureCategory } from '@temporalio/common';
import { MiroError, type MiroErrorKind } from '../miro/errors.js';
import { TenantErased } from '../store/tenants.js';
import { TicketError } from '../tickets/errors.js';

// An 'unauthorized' that gets here was refused with a token that was fresh or alive a moment ago: not ours to give up on.
const RETRYABLE: ReadonlySet<MiroErrorKind> = new Set([
  'rate_limited',
  'timeout',
  'unavailable',
  'malformed',
  'unauthorized',
]);
/** The policy has no jitter; without it the waiters of one window come back together. */
const JITTER = 0.1;

/** The longest wait: Temporal takes no delay without an end. */
const LONGEST_MS = 24 * 60 * 60_000;

const delayOf = (ms: number): number => Math.ceil(Math.min(Math.max(1, ms), LONGEST_MS));

/** A wait that is expected: it frees the slot, and is neither logged nor counted as a failure. */
export function retryLater(type: string, message: string, delayMs: number): ApplicationFailure {
  return retryAfter(type, message, delayMs * (1 + Math.random() * JITTER));
}

/** {@link retryLater} without jitter, for who has a moment of their own. */
export function retryAfter(type: string, message: string, delayMs: number): ApplicationFailure {
  const category = ApplicationFailureCategory.BENIGN;
  return ApplicationFailure.create({ type, message, nextRetryDelay: delayOf(delayMs), category });
}

/** Until somebody has mended what the message names: tried again, and each time logged and counted as a failure. */
export function retryUntilMended(type: string, message: string, delayMs: number): ApplicationFailure {
  return ApplicationFailure.create({
    type,
    message,
    nextRetryDelay: delayOf(delayMs * (1 + Math.random() * JITTER)),
  });
}

/** Ends the job: what failed, on which object, why, and what to do. */
export function refuse(type: string, message: string, ...details: unknown[]): ApplicationFailure {
  return ApplicationFailure.create({ type, message, nonRetryable: true, details });
}

/** What a run that waits for a relink must know. */
export interface DeadGrant {
  grantId: string;
  generation: number;
  tenantId: string;
  connection: string;
  reason: string;
  /** What a person does about it, as an order; runs that parked under the first release do not know it. */
  remedy?: string | undefined;
  /** Where a browser links the account anew. */
  relinkUrl?: string | undefined;
}

/**
 * The grant is dead; the workflow's wrapper parks the run until there is a newer generation. The SDK logs the message of a failure, and whoever has
 * a relink URL may use it: it stands in the details only.
 */
export function needsRelink(dead: DeadGrant): ApplicationFailure {
  const { connection, reason, remedy = 'link the account again', relinkUrl } = dead;
  const link = `link the account again: the job's status has the link, or run temporal-miro connections relink ${connection}`;
  return ApplicationFailure.create({
    type: 'NeedsRelink',
    message: `Miro no longer accepts the token of connection "${connection}" (${reason}); ${relinkUrl === undefined ? remedy : link}`,
    nonRetryable: true,
    details: [dead],
  });
}

/** What a tracker refused for its credentials is tried again this often: somebody has to mend them. */
const UNAUTHORIZED_MS = 60_000;
const RATE_LIMITED_MS = 5_000;

/** A tracker that is slow, down or locked holds a job up; what it refuses ends the step. */
function trackerFailure({ kind, message, retryAfterMs, remedy }: TicketError): ApplicationFailure {
  const type = `Tracker.${kind}`;
  const words = remedy === undefined ? message : `${message}; ${remedy}`;
  switch (kind) {
    case 'rate_limited':
      return retryLater(type, words, retryAfterMs ?? RATE_LIMITED_MS);
    case 'unauthorized':
      return retryUntilMended(type, words, UNAUTHORIZED_MS);
    case 'timeout':
    case 'unavailable':
    case 'malformed':
      return retryAfterMs === undefined
        ? ApplicationFailure.create({ type, message: words })
        : retryLater(type, words, retryAfterMs);
    default:
      return refuse(type, words);
  }
}

/** Rethrows what an activity does not know as it is; the errors of Miro and of trackers get type, retry and delay. */
export function toFailure(error: unknown): unknown {
  if (error instanceof TicketError) return trackerFailure(error);
  if (error instanceof TenantErased) return refuse('Tenant.erased', error.message);
  if (!(error instanceof MiroError)) return error;
  const retryable = RETRYABLE.has(error.kind);
  if (error.kind === 'rate_limited') return retryLater('Miro.rate_limited', error.message, error.retryAfterMs ?? 5_000);
  return ApplicationFailure.create({
    type: `Miro.${error.kind}`,
    message: error.message,
    nonRetryable: !retryable,
    ...(error.retryAfterMs === undefined ? {} : { nextRetryDelay: delayOf(error.retryAfterMs) }),
  });
}

export function isUnauthorized(error: unknown): error is MiroError {
  return error instanceof MiroError && error.kind === 'unauthorized';
}

/** Wraps a group of activities: each gives signs of life while it runs, and none can let one of our errors out unmapped. */
export function mapped<T extends Record<string, (...args: never[]) => Promise<unknown>>>(group: T): T {
  const wrap = (run: (...args: never[]) => Promise<unknown>) =>
    async function (...args: never[]): Promise<unknown> {
      const stopBeating = beat();
      try {
        return await run(...args);
      } catch (error) {
        throw toFailure(error);
      } finally {
        stopBeating();
      }
    };
  return Object.fromEntries(Object.entries(group).map(([name, run]) => [name, wrap(run)])) as T;
}

/**
 * A board copy is one request of up to 45 s, and a long list is many small ones: while this process works on a step, it says so.
 * Every request has a deadline of its own, so a step that beats is not stuck.
 */
function beat(): () => void {
  const { heartbeatTimeoutMs } = activityInfo();
  if (!heartbeatTimeoutMs) return () => undefined;
  const timer = setInterval(heartbeat, heartbeatTimeoutMs / 4);
  return () => clearInterval(timer);
}
