/** What stays of the items that say something: by the rules, without duplicates, with enough votes. */
import type { RecordKind, RetroRules, RetroWish } from '../../contract-retro.js';
import { duplicatesAmong } from './duplicates.js';
import type { BoardItem, BoardModel, RetroRecord } from './model.js';
import { readPrefix } from './prefix.js';
import { kindFor } from './rules.js';
import type { Structure } from './structure.js';
import { stampTargets, votesInText, votesOfStamp, votesOfTag } from './votes.js';
import { normalisedWords } from './words.js';

/** An item that becomes a record. */
export interface Note {
  item: BoardItem;
  kind: RecordKind;
  reason: string;
  words: string;
  /** Those that are no votes. */
  tags: string[];
  votes: RetroRecord['votes'];
  duplicates: string[];
}

export interface Voices {
  voices: BoardItem[];
  /** Items that are nothing but votes, for what they lie on. */
  stamps: BoardItem[];
}

/** @returns reasons: of all others, by item id. */
export function notesOf(
  board: BoardModel,
  { voices, stamps }: Voices,
  structure: Structure,
  { rules = {}, votes = {} }: Pick<RetroWish, 'rules' | 'votes'>,
): { notes: Note[]; reasons: Map<string, string> } {
  const reasons = new Map<string, string>();
  const titles = new Map(board.tags.map(({ id, title }) => [id, title]));
  const all = voices.map((item) => noteOf(item, titles, structure, rules));
  const chosen = all.flatMap(({ kind, ...note }) => (kind === 'drop' ? [] : [{ ...note, kind }]));
  for (const { item, kind, reason } of all) if (kind === 'drop') reasons.set(item.id, reason);

  const targets = stampTargets(stamps, voices, structure.boxOf);
  for (const { id } of stamps) {
    const target = targets.get(id);
    reasons.set(id, target === undefined ? 'votes, but they lie on no item' : `votes for ${target}`);
  }
  const byId = new Map(chosen.map((note) => [note.item.id, note]));
  for (const { id, text } of stamps) {
    const note = byId.get(targets.get(id) ?? '');
    if (note) note.votes.emoji += votesOfStamp(text);
  }
  const merged = rules.duplicates === 'keep' ? chosen : withoutDuplicates(chosen, reasons);
  addVotesOfFile(merged, votes);
  return { notes: merged.filter((note) => hasEnoughVotes(note, rules, reasons)), reasons };
}

function noteOf(
  item: BoardItem,
  titles: ReadonlyMap<string, string>,
  structure: Structure,
  rules: RetroRules,
): Omit<Note, 'kind'> & { kind: RecordKind | 'drop' } {
  const all = item.tagIds.flatMap((id) => titles.get(id) ?? []);
  const tags = all.filter((title) => votesOfTag(title) === undefined);
  const { prefix } = readPrefix(item.text);
  const { type, text, color } = item;
  const [column, frame] = [structure.columnOf(item)?.title, structure.frameOf(item)?.title];
  const decided = kindFor({ type, text, color, column, frame, tags, prefix }, rules);
  const votes = {
    tags: all.reduce((sum, title) => sum + (votesOfTag(title) ?? 0), 0),
    emoji: votesInText(text),
    stacked: 0,
    file: 0,
  };
  return { item, ...decided, words: normalisedWords(text), tags, votes, duplicates: [] };
}

/** What the others were given counts for the one that stays, and so does each of them. */
function withoutDuplicates(notes: Note[], reasons: Map<string, string>): Note[] {
  const originals = duplicatesAmong(notes.map(({ item, kind, words }) => ({ ...item, kind, words })));
  const byId = new Map(notes.map((note) => [note.item.id, note]));
  return notes.filter(({ item, votes }) => {
    const original = byId.get(originals.get(item.id) ?? '');
    if (!original) return true;
    reasons.set(item.id, `duplicate of ${original.item.id}`);
    original.duplicates.push(item.id);
    original.votes.tags += votes.tags;
    original.votes.emoji += votes.emoji;
    original.votes.stacked += 1;
    return false;
  });
}

/** By item id, or by words. */
function addVotesOfFile(notes: Note[], votes: Record<string, number>): void {
  const byWords = new Map(Object.entries(votes).map(([text, number]) => [normalisedWords(text), number]));
  for (const { item, words, duplicates, votes: counted } of notes) {
    counted.file = byWords.get(words) ?? 0;
    for (const id of [item.id, ...duplicates]) counted.file += votes[id] ?? 0;
  }
}

function hasEnoughVotes({ item, votes }: Note, { minVotes = 0 }: RetroRules, reasons: Map<string, string>): boolean {
  const weight = votes.tags + votes.emoji + votes.stacked + votes.file;
  if (weight >= minVotes) return true;
  reasons.set(item.id, `${weight} ${weight === 1 ? 'vote' : 'votes'}, fewer than ${minVotes}`);
  return false;
}
