/** A board as data: what the rest of this folder reads. Made from Miro's answers by activities/board-model.ts. */
import type { RecordKind } from '../../contract-retro.js';

export interface Point {
  x: number;
  y: number;
}

export interface BoardItem {
  id: string;
  /** Miro's, open-ended: `sticky_note`, `frame`, `image` … */
  type: string;
  /** What a person reads: plain text, new lines kept. Of cards title and description. */
  text: string;
  /** The same as Markdown. */
  markdown: string;
  /** Cards, app cards and frames. */
  title?: string;
  /** Miro's name of a sticky note's color, or `#rrggbb` in lower case. */
  color?: string;
  /** Texts and shapes, in px. */
  fontSize?: number;
  /** Shapes: Miro's name. */
  shape?: string;
  /** Centre on the canvas. */
  absolute: Point;
  /** Centre from the corner of the frame that is its parent; of an item without parent the same as `absolute`. */
  relative: Point;
  /** Before turning; 0 where Miro tells none. */
  width: number;
  height: number;
  /** Degrees. */
  rotation: number;
  parentId?: string;
  tagIds: string[];
  createdBy?: string;
  /** ISO 8601. */
  createdAt?: string;
  modifiedBy?: string;
  modifiedAt?: string;
}

export interface BoardTag {
  id: string;
  title: string;
}

export interface BoardConnector {
  from: string;
  to: string;
  caption?: string;
}

export interface BoardGroup {
  id: string;
  itemIds: string[];
}

export interface Person {
  id: string;
  name?: string;
  email?: string;
}

export interface BoardModel {
  boardId: string;
  name: string;
  /** Address of the board, ends with `/`. */
  url: string;
  /** In the order of ids: a later one lies on top. */
  items: BoardItem[];
  tags: BoardTag[];
  connectors: BoardConnector[];
  groups: BoardGroup[];
  /** Who is known of those who wrote something, by id. */
  people: Record<string, Person>;
}

/** What an item says, and how it stands among the others. */
export interface RetroRecord {
  itemId: string;
  type: string;
  kind: RecordKind;
  /** Why it was chosen, for people: the rule, or the source. */
  reason: string;
  /** One line of plain text, at most 200 characters, cut at a word; the full text is in `body`. */
  title: string;
  /** Markdown: all that the item says. */
  body: string;
  /** Plain, new lines kept; without the checkbox or TODO at its start. */
  text: string;
  column?: string;
  frame?: { id: string; title: string };
  /** Miro's id of the group. */
  group?: string;
  /** Name of the proximity cluster: `cluster-1` … in reading order; absent for an item that stands alone. */
  cluster?: string;
  /** Sum of the votes. */
  weight: number;
  votes: { tags: number; emoji: number; stacked: number; file: number };
  /** By connectors, in both directions. */
  relations: { itemId: string; caption?: string }[];
  /** Place in reading order, from 0. */
  order: number;
  color?: string;
  /** Titles, without those that are votes or ours. */
  tags: string[];
  /** First `@name` of the text. */
  mention?: string;
  author?: Person;
  createdAt?: string;
  modifiedAt?: string;
  absolute: Point;
  relative: Point;
  /** The item on the board. */
  url: string;
  /** Ids of items with the same words that were merged into this one. */
  duplicates: string[];
  /** The normalised words: what counts as changed, and as a duplicate. */
  words: string;
}

export interface DroppedItem {
  itemId: string;
  type: string;
  /** Plain, shortened to 200 characters. */
  text: string;
  reason: string;
  url: string;
}
