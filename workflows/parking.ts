/** A dead grant does not fail a job: its run waits here for a newer token, for days if need be, and goes on where it stood. */
import {
  ActivityFailure,
  ApplicationFailure,
  CancellationScope,
  condition,
  isCancellation,
  setHandler,
  upsertSearchAttributes,
} from '@temporalio/workflow';
import type { ActivityInterfaceFor } from '@temporalio/workflow';
import type { Activities, DeadGrant } from '../activities/index.js';
import { MIRO_STATE, relinked, type MiroState, type Waiting } from '../contract.js';
import { showWait } from './waiting.js';

interface ParkingState {
  /** The newest generation each grant is known to have. */
  generations: Map<string, number>;
  /** One wait per grant, shared by parallel branches. */
  waits: Map<string, { generation: number; over: Promise<void> }>;
  /** How many relinks the run was told of. */
  signals: number;
}

const state: ParkingState = { generations: new Map(), waits: new Map(), signals: 0 };

/** Set before the first await of every workflow that parks. */
export function listenForRelinks(): void {
  setHandler(relinked, ({ grantId, generation }) => {
    state.signals += 1;
    noteGeneration(grantId, generation);
  });
}

type Async = (...args: unknown[]) => Promise<unknown>;

/** Wraps every activity: on `NeedsRelink` park, then run it again. @param store serves the parking itself. */
export function parking(
  activities: ActivityInterfaceFor<Activities>,
  store: ActivityInterfaceFor<Activities>,
): ActivityInterfaceFor<Activities> {
  return new Proxy(activities, {
    get(target, name) {
      const run = Reflect.get(target, name) as Async;
      return async (...args: unknown[]) => {
        for (;;) {
          try {
            return await run(...args);
          } catch (error) {
            const dead = deadGrant(error);
            if (!dead) throw error;
            await waitForRelink(store, dead);
          }
        }
      };
    },
  });
}

function deadGrant(error: unknown): DeadGrant | undefined {
  if (!(error instanceof ActivityFailure)) return undefined;
  const cause = error.cause;
  return cause instanceof ApplicationFailure && cause.type === 'NeedsRelink'
    ? (cause.details?.[0] as DeadGrant)
    : undefined;
}

function noteGeneration(grantId: string, generation: number): void {
  state.generations.set(grantId, Math.max(generation, state.generations.get(grantId) ?? 0));
}

function waitForRelink(store: ActivityInterfaceFor<Activities>, dead: DeadGrant): Promise<void> {
  const current = state.waits.get(dead.grantId);
  if (current && current.generation >= dead.generation) return current.over;
  const over = park(store, dead).finally(() => state.waits.delete(dead.grantId));
  state.waits.set(dead.grantId, { generation: dead.generation, over });
  return over;
}

async function park(store: ActivityInterfaceFor<Activities>, dead: DeadGrant): Promise<void> {
  const told = state.signals;
  const { parked } = await store.parkRun(dead);
  if (!parked) return;
  showState('parked');
  try {
    await showWait(relinkOf(dead), () => grantMoved(store, dead, told));
  } finally {
    await CancellationScope.nonCancellable(() => store.unparkRun({})).catch(ignoreUnlessCancelled);
    showState('running');
  }
}

/** @param signals how many relinks the run had been told of when it parked */
async function grantMoved(store: ActivityInterfaceFor<Activities>, dead: DeadGrant, signals: number): Promise<void> {
  let told = signals;
  const moved = (): boolean => (state.generations.get(dead.grantId) ?? 0) > dead.generation;
  while (!moved()) {
    // any relink may have pointed the connection to another account; the signal may be lost with the relay, the hourly look needs nobody
    await condition(() => moved() || state.signals > told, '1 hour');
    told = state.signals;
    if (!moved() && (await store.grantMoved(dead))) return;
  }
}

function relinkOf({ reason, remedy, relinkUrl }: DeadGrant): Waiting {
  const detail = remedy === undefined ? reason : `${reason}; ${remedy}`;
  return { for: 'relink', detail, ...(relinkUrl === undefined ? {} : { relinkUrl }) };
}

// The parked row only says whom to wake; a row too many costs one signal.
function ignoreUnlessCancelled(error: unknown): void {
  if (isCancellation(error)) throw error;
}

export function showState(value: MiroState): void {
  upsertSearchAttributes([{ key: MIRO_STATE, value }]);
}
