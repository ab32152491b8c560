/**
 * Finding a bulk again. Sticky notes, shapes and texts carry no marker; what is known of a bulk is that it is made whole
 * or not at all, that ids grow in the order of its array, and who made it. Meanwhile people may have edited, moved,
 * deleted and copied its items, and added others, also with the same user.
 */
import type { Found } from './found.js';
import { byId, isUnaltered, mayBeOurs } from './found.js';
import { isBlank, sameText } from './html.js';
import type { PlannedItem } from './plan.js';

/** The fields of Miro's item that tell items apart. */
export interface FoundItem extends Found {
  type: string;
  data?: { content?: string | undefined; title?: string | undefined; description?: string | undefined } | undefined;
  position?: { x?: number | undefined; y?: number | undefined } | undefined;
  parent?: { id: string } | null | undefined;
}

export interface BulkSearch {
  /** Miro user of the grant. */
  userId: string;
  /** Start of the first attempt whose outcome is unknown. */
  since?: Date | undefined;
  /** Miro ids of the blueprint's frames by their blueprint id; empty while the frames themselves are looked for. */
  frameIds: ReadonlyMap<string, string>;
}

export type BulkMatch =
  | { kind: 'absent' }
  /** `itemIds` in planned order, '' for an item that was deleted or can't be told; `missing` has the plan's ids of those. */
  | { kind: 'made'; itemIds: string[]; missing: string[] }
  | { kind: 'ambiguous'; reason: string };

/**
 * exact: same text, where it was put. text: same text, moved. place: edited, where it was put. altered: may have been it
 * once. copy: reads the same, but was never where ours was put. no: can't be it.
 */
type Likeness = 'exact' | 'text' | 'place' | 'altered' | 'copy' | 'no';
type Compare = (planned: PlannedItem, found: FoundItem) => Likeness;
/** Planned index → index in the sorted candidates. */
type Pairs = Map<number, number>;

// Miro does not say whether the items of a bulk get one time; people need longer to copy something they must see first.
const SAME_BULK_MS = 5_000;

/**
 * The items of a bulk whose outcome is unknown, among `newer`: the items above the watermark that the ledger does not
 * know. One untouched item proves the whole bulk; moved ones do, if at least half of it can be told. Copies have higher
 * ids than all originals, so taking matches by rising id takes no copy while its original is untouched.
 */
export function matchBulk(planned: PlannedItem[], newer: FoundItem[], search: BulkSearch): BulkMatch {
  const candidates = newer.filter((found) => mayBeOurs(found, search.userId, search.since)).sort(byId);
  const compare: Compare = (item, found) => likeness(item, found, search.frameIds);
  const likenesses = new Set(planned.flatMap((item) => candidates.map((found) => compare(item, found))));

  const pairs: Pairs = new Map();
  if (likenesses.has('exact')) pair(planned, candidates, pairs, compare, 'exact');
  else if (!likenesses.has('text')) return withoutProof(likenesses);
  else if (copyMayHideOriginal(planned, candidates, compare)) {
    return { kind: 'ambiguous', reason: 'an item reads like ours, but an older one may be the original, edited' };
  } else pair(planned, candidates, pairs, compare, 'text', 1);

  pair(planned, candidates, pairs, compare, 'place');
  pair(planned, candidates, pairs, compare, 'text');
  pairRuns(planned, candidates, pairs, compare);
  // Without an untouched item, one text alone may be a person's own words, or a copy.
  if (!likenesses.has('exact') && pairs.size * 2 < planned.length) {
    return { kind: 'ambiguous', reason: 'too few items are left that read like ours' };
  }
  const itemIds = planned.map((_, i) => candidates[pairs.get(i) ?? -1]?.id ?? '');
  return { kind: 'made', itemIds, missing: planned.flatMap(({ id }, i) => (itemIds[i] === '' ? [id] : [])) };
}

function withoutProof(likenesses: Set<Likeness>): BulkMatch {
  if (likenesses.has('copy'))
    return { kind: 'ambiguous', reason: 'there is a copy of an item of ours, but not the item' };
  if (likenesses.has('place') || likenesses.has('altered')) {
    return { kind: 'ambiguous', reason: 'items are there that may be ours, but people have changed every one of them' };
  }
  return { kind: 'absent' };
}

function likeness(planned: PlannedItem, found: FoundItem, frameIds: BulkSearch['frameIds']): Likeness {
  if (planned.body.type !== found.type) return 'no';
  const reads = readsLike(planned, found);
  const placed = isPlaced(planned, found, frameIds);
  if (reads && placed === true) return 'exact';
  // As it was made, and not as ours was made. Where its frame is gone or unknown, the place tells nothing.
  if (isUnaltered(found) && placed === false) return reads && !isMute(planned) ? 'copy' : 'no';
  if (isUnaltered(found) && !reads && placed === undefined) return 'no';
  if (reads && !isMute(planned)) return 'text';
  return placed === true ? 'place' : 'altered';
}

/** The texts that an item shows, in one order for planned and found. */
const textsOf = (data: FoundItem['data']): (string | undefined)[] => [data?.content, data?.title, data?.description];

function readsLike(planned: PlannedItem, found: FoundItem): boolean {
  const wanted = textsOf(planned.body.data);
  return textsOf(found.data).every((text, i) => sameText(text, wanted[i]));
}

const isMute = ({ body }: PlannedItem): boolean => textsOf(body.data).every(isBlank);

/** Whether it lies where it was put; undefined where that can't be told. */
function isPlaced(planned: PlannedItem, found: FoundItem, frameIds: BulkSearch['frameIds']): boolean | undefined {
  const frame = planned.frame === undefined ? undefined : frameIds.get(planned.frame);
  const parent = found.parent?.id;
  if (found.position === undefined || (planned.frame !== undefined && (frame === undefined || parent === undefined)))
    return undefined;
  if (parent !== frame) return false;
  const { x = 0, y = 0 } = found.position;
  return Math.abs(x - planned.body.position.x) < 1 && Math.abs(y - planned.body.position.y) < 1;
}

/**
 * Adds the pairs of the wanted likeness, by rising id, where they keep the order of what is paired already and are of the
 * same moment as the first pair.
 */
function pair(
  planned: PlannedItem[],
  candidates: FoundItem[],
  pairs: Pairs,
  compare: Compare,
  wanted: Likeness,
  most = Infinity,
): void {
  const taken = new Set(pairs.values());
  for (const [at, found] of candidates.entries()) {
    if (pairs.size >= most) return;
    if (taken.has(at) || !isSameMoment(candidates, pairs, found)) continue;
    const i = planned.findIndex(
      (item, i) => !pairs.has(i) && keepsOrder(pairs, i, at) && compare(item, found) === wanted,
    );
    if (i >= 0) pairs.set(i, at);
  }
}

const keepsOrder = (pairs: Pairs, i: number, at: number): boolean =>
  [...pairs].every(([otherI, otherAt]) => otherI < i === otherAt < at);

function isSameMoment(candidates: FoundItem[], pairs: Pairs, { createdAt }: FoundItem): boolean {
  const [first] = pairs.values();
  const anchor = first === undefined ? undefined : candidates[first]?.createdAt;
  if (anchor === undefined || createdAt === undefined) return true;
  return Math.abs(Date.parse(createdAt) - Date.parse(anchor)) <= SAME_BULK_MS;
}

/** Between two pairs, changed items are told by their order alone if as many are left as are wanted, of the same types. */
function pairRuns(planned: PlannedItem[], candidates: FoundItem[], pairs: Pairs, compare: Compare): void {
  const ends = [...pairs].sort(([a], [b]) => a - b);
  const gaps = [[-1, -1] as const, ...ends].map(
    (from, n) => [from, ends[n] ?? [planned.length, candidates.length]] as const,
  );
  for (const [[fromI, fromAt], [toI, toAt]] of gaps) {
    const wanted = range(fromI + 1, toI);
    const left = range(fromAt + 1, toAt).filter((at) => {
      const found = candidates[at];
      return (
        found && isSameMoment(candidates, pairs, found) && wanted.some((i) => isAltered(planned[i], found, compare))
      );
    });
    if (
      left.length !== wanted.length ||
      !wanted.every((i, n) => isAltered(planned[i], candidates[left[n] ?? -1], compare))
    )
      continue;
    for (const [n, i] of wanted.entries()) pairs.set(i, left[n] ?? -1);
  }
}

const isAltered = (item: PlannedItem | undefined, found: FoundItem | undefined, compare: Compare): boolean =>
  item !== undefined && found !== undefined && compare(item, found) === 'altered';

const range = (from: number, to: number): number[] =>
  Array.from({ length: Math.max(0, to - from) }, (_, n) => from + n);

/** Without an untouched item, the first that reads alike may be a copy of an older one that was edited since. */
function copyMayHideOriginal(planned: PlannedItem[], candidates: FoundItem[], compare: Compare): boolean {
  const first = candidates.findIndex((found) => planned.some((item) => compare(item, found) === 'text'));
  const same = planned.filter((item) => compare(item, candidates[first] as FoundItem) === 'text');
  return candidates
    .slice(0, first)
    .some((found) => same.some((item) => ['altered', 'place'].includes(compare(item, found))));
}
