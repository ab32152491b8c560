/** One way to Miro for all activities: token, credits, send; once more with a newer token after a 401. */
import { activityInfo, cancellationSignal } from '@temporalio/activity';
import type { JobKind } from '../contract.js';
import { MiroError, type Answer, type Call } from '../miro/index.js';
import type { Deps } from './deps.js';
import { isUnauthorized } from './failure.js';
import type { ConnectionRef, Grants, GrantToken } from './grants.js';

export interface CallDeps extends Pick<Deps, 'budget' | 'miro' | 'timings'> {
  grants: Grants;
}

/** A call with token and credits in hand; `send` or `release` it. */
export interface Prepared<T> {
  token: GrantToken;
  /** Sends once. `deadlineMs` covers the whole request. Writes are not aborted by a cancellation: their outcome would be unknown. */
  send(deadlineMs: number): Promise<T>;
  release(): void;
}

export interface Caller {
  /** A read, or a write whose repetition is harmless. */
  send<T>(call: Call<T>): Promise<T>;
  prepare<T>(call: Call<T>): Promise<Prepared<T>>;
  /** The same call with the token that follows a refused one. */
  prepareAfter401<T>(call: Call<T>, refused: Prepared<T>): Promise<Prepared<T>>;
  /** The grant in use, without a call to Miro. */
  token(): Promise<GrantToken>;
}

/** Who calls. */
export interface CallerOf extends ConnectionRef {
  jobKind: JobKind;
  /** Names the caller's place in the budget, e.g. `<jobId>:<step>`; the same on every attempt. */
  purpose: string;
}

/** Between Temporal's highest (1) and lowest (5). */
const DEFAULT_PRIORITY = 3;

export function createCaller(deps: CallDeps, { jobKind, purpose, ...ref }: CallerOf): Caller {
  let sends = 0;
  // One step is over long before a token that was fresh at its start; a refused one is replaced below.
  let held: Promise<GrantToken> | undefined;
  const heldToken = (): Promise<GrantToken> => (held ??= deps.grants.getToken(ref));
  const prepare = async <T>(call: Call<T>): Promise<Prepared<T>> => {
    const token = await heldToken();
    const signal = cancellationSignal();
    sends += 1;
    const key = `${purpose}:${sends}`;
    const ticket = await deps.budget.reserve({
      ...{ budget: token.grant.budgetKey, credits: call.credits, key, signal },
      ...{ tenantId: ref.tenantId, jobKind, priority: activityInfo().priority?.priorityKey ?? DEFAULT_PRIORITY },
    });
    return {
      token,
      release: () => ticket.release(),
      async send(deadlineMs) {
        let answer: Answer | undefined;
        const onAnswer = (a: Answer): void => void (answer = a);
        try {
          return await deps.miro.send(call, {
            token: token.token,
            deadlineMs,
            onAnswer,
            ...(call.write ? {} : { signal }),
          });
        } finally {
          ticket.answered(answer);
        }
      },
    };
  };
  const prepareAfter401 = async <T>(call: Call<T>, refused: Prepared<T>): Promise<Prepared<T>> => {
    held = deps.grants.tokenAfter401(ref, refused.token);
    return await prepare(call);
  };

  return {
    prepare,
    prepareAfter401,
    token: heldToken,
    async send(call) {
      const deadlineMs = call.write ? deps.timings.single.httpMs : deps.timings.readMs;
      const first = await prepare(call);
      try {
        return await first.send(deadlineMs);
      } catch (error) {
        if (!isUnauthorized(error)) throw error;
        const second = await prepareAfter401(call, first);
        return await second.send(deadlineMs);
      }
    },
  };
}

/** What the call answers, or undefined where Miro has no such thing (any more). */
export async function find<T>(caller: Caller, call: Call<T>): Promise<T | undefined> {
  try {
    return await caller.send(call);
  } catch (error) {
    if (error instanceof MiroError && error.kind === 'not_found') return undefined;
    throw error;
  }
}
