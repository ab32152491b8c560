/** A board as the records that people meant: what each item says, how it stands, and why others are left out. */
import type { RetroWish } from '../../contract-retro.js';
import { clustersOf } from './clusters.js';
import { itemUrl } from './item-url.js';
import type { BoardItem, BoardModel, DroppedItem, RetroRecord } from './model.js';
import type { Note } from './notes.js';
import { notesOf } from './notes.js';
import type { OwnMarks } from './own-marks.js';
import { withCopies, withoutOwn } from './own-marks.js';
import { readPrefix } from './prefix.js';
import { inReadingOrder } from './reading-order.js';
import { relationsOf } from './relations.js';
import { chosenItems, isReadable } from './source.js';
import { structureOf } from './structure.js';
import type { Structure } from './structure.js';
import { surfacesOf } from './surfaces.js';
import { titleOf } from './title.js';
import { votesOnly } from './votes.js';

type Wish = Pick<RetroWish, 'source' | 'rules' | 'votes'>;

/** Letters or digits of any script. */
const SAYS = /[\p{L}\p{N}]/u;

/**
 * Records in reading order, and all other items that could have been one, each with the reason why it is none.
 * @throws RetroRefused if the source cannot be found, means two things, or holds nothing.
 */
export function recordsOf(
  whole: BoardModel,
  wish: Wish,
  marks: OwnMarks,
): { records: RetroRecord[]; dropped: DroppedItem[] } {
  const own = withCopies(whole, marks);
  const board = withoutOwn(whole, own);
  const reasons = new Map<string, string>();
  const drop = (items: BoardItem[], reason: string): void => items.forEach(({ id }) => reasons.set(id, reason));
  drop(
    whole.items.filter(({ id }) => own.itemIds.has(id)),
    'ours: it shows tickets',
  );

  const frames = board.items.filter(({ type }) => type === 'frame');
  const { items, others } = chosenItems(board, wish.source ?? {}, surfacesOf(frames));
  drop(others, 'not in the source');
  const stamps = items.filter(({ text }) => votesOnly(text));
  const telling = items.filter(({ text }) => SAYS.test(text) && !votesOnly(text));
  drop(
    items.filter(({ text }) => !SAYS.test(text) && !votesOnly(text)),
    'empty: it has no words',
  );
  const structure = structureOf(frames, telling);
  drop(
    telling.filter(({ id }) => structure.headings.has(id)),
    'heading: it names what stands there',
  );

  const voices = telling.filter(({ id }) => !structure.headings.has(id));
  const { notes, ...left } = notesOf(board, { voices, stamps }, structure, wish);
  for (const [id, reason] of left.reasons) reasons.set(id, reason);
  const dropped = whole.items.flatMap((item) => droppedItem(board, item, reasons.get(item.id)));
  return { records: recordsFrom(board, notes, structure), dropped };
}

function droppedItem(board: BoardModel, item: BoardItem, reason: string | undefined): DroppedItem[] {
  const { id: itemId, type, text } = item;
  if (reason === undefined || !isReadable(item)) return [];
  return [{ itemId, type, text: titleOf(text), reason, url: itemUrl(board, itemId) }];
}

// ---------------------------------------------------------------- records

function recordsFrom(board: BoardModel, notes: Note[], structure: Structure): RetroRecord[] {
  const boxed = notes.map((note) => {
    const { item } = note;
    const column = structure.columnOf(item)?.box;
    return { note, id: item.id, box: structure.boxOf(item), place: structure.placeOf(item), ...(column && { column }) };
  });
  const ordered = inReadingOrder(boxed, structure.side);
  const clusters = numbered(ordered, clustersOf(boxed, structure.side));
  const groups = new Map(board.groups.flatMap(({ id, itemIds }) => itemIds.map((itemId) => [itemId, id] as const)));
  const shownBy = new Map(notes.flatMap(({ item, duplicates }) => [item.id, ...duplicates].map((id) => [id, item.id])));
  const relations = relationsOf(board.connectors, (id) => shownBy.get(id));
  return ordered.map(({ note, id }, order) => ({
    ...facts(board, note, structure),
    order,
    relations: relations.get(id) ?? [],
    ...(groups.has(id) && { group: groups.get(id) }),
    ...(clusters.has(id) && { cluster: clusters.get(id) }),
  }));
}

function numbered(ordered: { id: string }[], clusters: ReadonlyMap<string, number>): Map<string, string> {
  const names = new Map<number, string>();
  const named = new Map<string, string>();
  for (const { id } of ordered) {
    const cluster = clusters.get(id);
    if (cluster === undefined) continue;
    const name = names.get(cluster) ?? `cluster-${names.size + 1}`;
    names.set(cluster, name);
    named.set(id, name);
  }
  return named;
}

type Facts = Omit<RetroRecord, 'order' | 'relations' | 'group' | 'cluster'>;

function facts(board: BoardModel, { item, ...note }: Note, structure: Structure): Facts {
  const { rest: text, mention } = readPrefix(item.text);
  const column = structure.columnOf(item);
  const frame = structure.frameOf(item);
  const { createdBy, color, createdAt, modifiedAt, absolute, relative } = item;
  return {
    ...{ itemId: item.id, type: item.type, title: titleOf(text), body: item.markdown, text },
    ...note,
    ...(column && { column: column.title }),
    ...(frame && { frame: { id: frame.id, title: frame.title ?? '' } }),
    weight: note.votes.tags + note.votes.emoji + note.votes.stacked + note.votes.file,
    ...(color !== undefined && { color }),
    ...(mention !== undefined && { mention }),
    ...(createdBy !== undefined && { author: board.people[createdBy] ?? { id: createdBy } }),
    ...(createdAt !== undefined && { createdAt }),
    ...(modifiedAt !== undefined && { modifiedAt }),
    ...{ absolute, relative, url: itemUrl(board, item.id) },
  };
}
