/** One way to Miro for all activities: gate, token, credits, send; once more with a newer token after a 401. */
import { activityInfo, cancellationSignal } from '@temporalio/activity';
import type { CreditUse } from '../contract.js';
import { MiroError, scimKind, type Answer, type Call, type HowToSend, type Surface } from '../miro/index.js';
import type { Deps } from './deps.js';
import { isUnauthorized } from './failure.js';
import type { Gate } from './gate.js';
import type { ConnectionRef, Grants, GrantToken, ScimGrantToken } from './grants.js';

export interface CallDeps extends Pick<Deps, 'budget' | 'miro' | 'scim' | 'timings'> {
  grants: Grants;
  gate: Gate;
}

interface Tokens {
  rest: GrantToken;
  scim: ScimGrantToken;
}

/** A call with token and credits in hand; `send` or `release` it. */
export interface Prepared<T, S extends Surface = 'rest'> {
  token: Tokens[S];
  /** Sends once. `deadlineMs` covers the whole request. Writes are not aborted by a cancellation: their outcome would be unknown. */
  send(deadlineMs: number): Promise<T>;
  release(): void;
}

/** Throws Job.paused, where it would write, or Miro.down: both are to be retried. */
export interface Caller<S extends Surface = 'rest'> {
  /** A read, or a write whose repetition is harmless. @param ready instead of the last look for a pause; what it throws stops the call. */
  send<T>(call: Call<T, S>, ready?: () => Promise<void>): Promise<T>;
  /** The wait for credits may be long: who writes asks for a pause once more right before, as `markSent` does. */
  prepare<T>(call: Call<T, S>): Promise<Prepared<T, S>>;
  /** The same call with the token that follows a refused one; if it is the same token and is refused again, the call is forbidden. */
  prepareAfter401<T>(call: Call<T, S>, refused: Prepared<T, S>): Promise<Prepared<T, S>>;
  /** The grant in use, without a call to Miro. */
  token(): Promise<Tokens[S]>;
  /** To be asked before what leads to a write. @throws ApplicationFailure Job.paused. */
  requireUnpaused(): Promise<void>;
}

/** Who calls. */
export interface CallerOf extends ConnectionRef {
  jobKind: CreditUse;
  /** Names the caller's place in the budget, e.g. `<jobId>:<step>`; the same on every attempt. */
  purpose: string;
}

/** Calls with the connection's REST token. */
export function createCaller(deps: CallDeps, of: CallerOf): Caller {
  const { grants, miro } = deps;
  return callerOn(deps, of, {
    surface: 'rest',
    getToken: (ref) => grants.getToken(ref),
    tokenAfter401: (ref, refused) => grants.tokenAfter401(ref, refused),
    budgetOf: ({ grant }) => grant.budgetKey,
    send: (call, { token }, how) => miro.send(call, { ...how, token }),
  });
}

/** Calls with the SCIM token of the connection's organisation. */
export function createScimCaller(deps: CallDeps, of: CallerOf): Caller<'scim'> {
  const { grants, scim } = deps;
  return callerOn(deps, of, {
    surface: 'scim',
    getToken: (ref) => grants.getScimToken(ref),
    tokenAfter401: (ref, refused) => grants.scimTokenAfter401(ref, refused),
    budgetOf: ({ grant }, call) => `${grant.budgetKey}:${scimKind(call)}`,
    send: (call, { token }, how) => scim.send(call, { ...how, token }),
  });
}

/** What the two surfaces do not share. */
interface Line<S extends Surface> {
  surface: S;
  getToken(ref: ConnectionRef): Promise<Tokens[S]>;
  tokenAfter401(ref: ConnectionRef, refused: Tokens[S]): Promise<Tokens[S]>;
  budgetOf(token: Tokens[S], call: Call<unknown, S>): string;
  send<T>(call: Call<T, S>, token: Tokens[S], how: Omit<HowToSend<string>, 'token'>): Promise<T>;
}

/** One step reads several times within some milliseconds: one look at the gate is enough for them. */
const UP_MS = 250;

/** Between Temporal's highest (1) and lowest (5). */
const DEFAULT_PRIORITY = 3;

function callerOn<S extends Surface>(
  { gate, budget, timings }: CallDeps,
  { jobKind, purpose, ...ref }: CallerOf,
  line: Line<S>,
): Caller<S> {
  let sends = 0;
  let upUntil = -Infinity;
  // One step is over long before a token that was fresh at its start; a refused one is replaced below.
  let held: Promise<Tokens[S]> | undefined;
  const obtain = async (token: Promise<Tokens[S]>): Promise<Tokens[S]> => {
    held = token;
    try {
      return await token;
    } catch (error) {
      await gate.failed(line.surface, error);
      throw error;
    }
  };
  // The gate comes first: what renews a token is a call too.
  const ready = async ({ write }: Pick<Call<unknown, S>, 'write'> = { write: false }): Promise<Tokens[S]> => {
    if (write || performance.now() > upUntil) await gate.requireUp(line.surface);
    upUntil = performance.now() + UP_MS;
    return await obtain(held ?? line.getToken(ref));
  };
  const requireUnpaused = (): Promise<void> => gate.requireUnpaused({ ...ref, jobKind });
  const requireWritable = async (call: Call<unknown, S>): Promise<void> => {
    if (call.write) await requireUnpaused();
  };
  const prepare = async <T>(call: Call<T, S>): Promise<Prepared<T, S>> => {
    const [token] = await Promise.all([ready(call), requireWritable(call)]);
    const signal = cancellationSignal();
    sends += 1;
    const key = `${purpose}:${sends}`;
    const ticket = await budget.reserve({
      ...{ budget: line.budgetOf(token, call), kind: line.surface, credits: call.credits, key, signal },
      ...{ tenantId: ref.tenantId, jobKind, priority: activityInfo().priority?.priorityKey ?? DEFAULT_PRIORITY },
    });
    return {
      token,
      release: () => ticket.release(),
      async send(deadlineMs) {
        let answer: Answer | undefined;
        const onAnswer = (a: Answer): void => void (answer = a);
        try {
          const result = await line.send(call, token, { deadlineMs, onAnswer, ...(call.write ? {} : { signal }) });
          gate.answered(line.surface);
          return result;
        } catch (error) {
          if (!signal.aborted) await gate.failed(line.surface, error);
          throw error;
        } finally {
          ticket.answered(answer);
        }
      },
    };
  };
  const prepareAfter401 = async <T>(call: Call<T, S>, refused: Prepared<T, S>): Promise<Prepared<T, S>> => {
    await obtain(line.tokenAfter401(ref, refused.token));
    const again = await prepare(call);
    if (!isSame(again.token, refused.token)) return again;
    return { ...again, send: (deadlineMs) => again.send(deadlineMs).catch(forbidden(call)) };
  };

  return {
    prepare,
    prepareAfter401,
    token: () => ready(),
    requireUnpaused,
    async send(call, isReady) {
      const deadlineMs = call.write ? timings.single.httpMs : timings.readMs;
      const mayWrite = () => requireWritable(call);
      const sendOnce = async <T>(prepared: Prepared<T, S>, ready: () => Promise<void>): Promise<T> => {
        try {
          await ready();
          return await prepared.send(deadlineMs);
        } finally {
          prepared.release();
        }
      };
      const first = await prepare(call);
      try {
        return await sendOnce(first, isReady ?? mayWrite);
      } catch (error) {
        if (!isUnauthorized(error)) throw error;
        return await sendOnce(await prepareAfter401(call, first), mayWrite);
      }
    },
  };
}

const isSame = (one: GrantToken | ScimGrantToken, other: GrantToken | ScimGrantToken): boolean =>
  one.generation === other.generation && one.grant.grantId === other.grant.grantId;

/** Miro has taken the token elsewhere in between: it is this call that it refuses, and no newer token changes that. */
const forbidden =
  ({ operation }: Call<unknown, Surface>) =>
  (error: unknown): never => {
    if (!isUnauthorized(error)) throw error;
    const { status, code, requestId, written } = error;
    throw new MiroError(
      `${error.message}; Miro takes the same token elsewhere: the account may lack access to this, or the app was removed from the team`,
      { kind: 'forbidden', operation, written, status, code, requestId },
    );
  };

/** What the call answers, or undefined where Miro has no such thing (any more). */
export async function find<T, S extends Surface>(
  caller: Caller<S>,
  call: Call<T, S>,
  ready?: () => Promise<void>,
): Promise<T | undefined> {
  try {
    return await caller.send(call, ready);
  } catch (error) {
    if (error instanceof MiroError && error.kind === 'not_found') return undefined;
    throw error;
  }
}
