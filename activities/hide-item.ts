/** Taking one item, or words of it, from the board again. */
import type { Point } from '../jobs/provision-board/geometry.js';
import { items, type Call, type Item } from '../miro/index.js';
import { find } from './calls.js';
import { callerFor, effectId, type CallingDeps } from './job-context.js';
import type { RetroContext } from './retro-context.js';
import { ensureSet } from './set-effect.js';

/** What becomes of an item as it is now. */
export type Verdict =
  | { kind: 'stays' }
  /** It stays, and a person is told why. */
  | { kind: 'kept'; reason: string }
  | { kind: 'deleted' }
  | { kind: 'changed'; by: Call<Item> };

export const STAYS: Verdict = { kind: 'stays' };
export const DELETED: Verdict = { kind: 'deleted' };
export const kept = (reason: string): Verdict => ({ kind: 'kept', reason });

interface Hiding {
  step: string;
  subject: string;
  itemId: string;
  /** Asked again of what a read-back shows. */
  verdictOn: (item: Item) => Verdict;
}

/** Reads, and writes what the verdict says. Effect: set; an item that is gone is gone. @returns why it was kept, if it was. */
export async function hideItem(
  deps: CallingDeps,
  ctx: RetroContext,
  { step, subject, itemId, verdictOn }: Hiding,
): Promise<string | undefined> {
  const { boardId } = ctx;
  const caller = callerFor(deps, ctx, `${step}:${subject}`);
  let last = STAYS;
  await ensureSet(deps.db, caller, {
    id: effectId(ctx, step, subject),
    times: deps.timings.single,
    read: () => find(caller, items.get(boardId, itemId)),
    holds(item) {
      last = item ? verdictOn(item) : STAYS;
      return last.kind === 'stays' || last.kind === 'kept';
    },
    async write(_, ready) {
      if (last.kind === 'deleted') await find(caller, items.delete(boardId, itemId), ready);
      if (last.kind === 'changed') await caller.send(last.by, ready);
    },
  });
  return last.kind === 'kept' ? last.reason : undefined;
}

/** Nobody else's hand, and where we put it: the account that the job writes with may be a person's too. */
export const isWhereWePutIt = ({ modifiedBy, createdBy, position }: Item, place: Point): boolean =>
  modifiedBy?.id === createdBy?.id &&
  Math.abs((position?.x ?? 0) - place.x) < 1 &&
  Math.abs((position?.y ?? 0) - place.y) < 1;
