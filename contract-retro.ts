/** Names and shapes of `retroToTickets` that cross processes. Data only, like contract.ts. */
import { defineUpdate } from '@temporalio/workflow';
import type { Counts, Ending, Problem } from './contract.js';

export type RecordKind = 'task' | 'feature_request' | 'insight' | 'decision';

/** Items that can become a record; app cards are read only. */
export type RecordType = 'sticky_note' | 'card' | 'text' | 'shape' | 'app_card';

// ---------------------------------------------------------------- what is asked

/** Which part of the board. Without any of them: the whole board. Several kinds narrow each other; several of one kind are joined. */
export interface RetroSource {
  /** Frames by title, id or link (`…?moveToWidget=<id>`). What lies on a frame counts, its child or not. */
  frames?: string[];
  /** Titles of tags. */
  tags?: string[];
  /** Miro's names of fill colors (`light_yellow`), or hex (`#ffcc00`). */
  colors?: string[];
}

/** All that is given must hold; of a list one. Titles are compared without case, and may hold `*`. */
export interface RetroCondition {
  tag?: string | string[];
  color?: string | string[];
  column?: string | string[];
  frame?: string | string[];
  type?: RecordType | RecordType[];
  /** A regular expression on the plain text, without case. */
  text?: string;
  /** checkbox: `[ ]`, `☐`; done: `[x]`, `☑`; todo: `TODO`, `Action:`; mention: `@name` at the start. */
  prefix?: 'checkbox' | 'done' | 'todo' | 'mention';
}

export interface RetroRule {
  when: RetroCondition;
  /** What such an item becomes; `drop`: nothing. */
  kind: RecordKind | 'drop';
}

/** How items become records. The first rule that matches decides. */
export interface RetroRules {
  rules?: RetroRule[];
  /** What an item becomes that no rule matches; default `task`. */
  otherwise?: RecordKind | 'drop';
  /** Items with fewer votes are dropped; default 0. */
  minVotes?: number;
  /** Items of the same normalised text become one record (default), the others votes for it; or each its own. */
  duplicates?: 'merge' | 'keep';
}

/** How a record becomes a ticket. Texts may hold `{{title}}`, `{{body}}`, `{{column}}` …: docs/retro.md lists all. */
export interface TicketMapping {
  version: 1;
  title?: string;
  /** Markdown. */
  body?: string;
  /** The tracker's name of the type. */
  type?: string;
  labels?: string[];
  status?: string;
  priority?: string;
  /** Key of the ticket above, such as an epic. */
  parent?: string;
  /** `author`: who wrote it; `mention`: whom its text names first (`@anna`); default `none`. */
  assignee?: 'author' | 'mention' | 'none';
  /** E-mail address or Miro's name of a person → the tracker's id or name of their account. */
  people?: Record<string, string>;
  /** By kind, column title or fill color; what is given there wins over the fields above, in this order. */
  kinds?: Partial<Record<RecordKind, TicketFields>>;
  columns?: Record<string, TicketFields>;
  colors?: Record<string, TicketFields>;
  /** The tracker's own fields, e.g. `customfield_10010`. */
  fields?: Record<string, unknown>;
}

/** Labels are added; everything else replaces. */
export interface TicketFields {
  type?: string;
  labels?: string[];
  status?: string;
  priority?: string;
  parent?: string;
  fields?: Record<string, unknown>;
}

export type LinkBack = 'list' | 'card' | 'text' | 'none';

/** A person's changes of a plan, by item id. */
export interface RetroEdits {
  /** Not to be made. */
  drop?: string[];
  set?: Record<string, RowEdit>;
}
/** null: none. */
export interface RowEdit {
  title?: string;
  body?: string;
  labels?: string[];
  type?: string | null;
  status?: string | null;
  priority?: string | null;
  parent?: string | null;
  /** The tracker's id or name of an account. */
  assignee?: string | null;
}

/** What decides which tickets are planned; with the board, the plan's hash binds it. */
export interface RetroWish {
  source?: RetroSource;
  rules?: RetroRules;
  mapping?: TicketMapping;
  /** Votes from a file, by item id or plain text: Miro's API tells none. */
  votes?: Record<string, number>;
  /** How the tickets show on the board; default `list`. */
  linkBack?: LinkBack;
  /** What becomes of a ticket whose item has changed since; default `ignore`. */
  onChange?: 'ignore' | 'comment' | 'update';
  /** Id of a board of which this one is a duplicate: its tickets are this one's too. */
  sameAs?: string;
}

/** Input of the workflows `retroToTickets` and `planRetroToTickets`. */
export interface RetroToTicketsInput extends RetroWish {
  tenant: string;
  /** The tenant's name for a Miro account. */
  connectionId: string;
  /** Miro's id of the board. With the tracker's name it is the job's business key. */
  boardId: string;
  /** The tenant's name for a tracker; `builtin` is always there. */
  tracker: string;
  /** A person must approve the plan first; a connection's policy may ask for it too. */
  approval?: boolean;
  /** Runs only if the plan, without the edits, still has this hash. */
  planHash?: string;
  /** Needs `planHash`. */
  edits?: RetroEdits;
  /** Business deadline of the job, in ms from its start; default 24 h, where people are asked to approve 30 days. */
  deadlineMs?: number;
  idKeyCheck?: string;
  plaintext?: true;
}

/** Input of the workflow `undoRetroToTickets`; it has the workflow id of the job, so that the two exclude each other. */
export interface UndoRetroInput {
  tenant: string;
  boardId: string;
  tracker: string;
  /** Temporal's id of the run whose tickets are taken back; default: the last one that made any. */
  runId?: string;
  deadlineMs?: number;
  idKeyCheck?: string;
  plaintext?: true;
}

// ---------------------------------------------------------------- what is answered

/** create: a ticket is made. existing: it has one. changed: it has one, and reads otherwise now. dropped: none is made. deleted: its ticket is there, the item is gone. */
export type RowDecision = 'create' | 'existing' | 'changed' | 'dropped' | 'deleted';

/** A ticket as callers see it; `url` is absent where the tracker has none. */
export interface TicketRef {
  id: string;
  key: string;
  url?: string;
}

/** One item of the board and what is planned for it. */
export interface PlanRow {
  itemId: string;
  type: string;
  decision: RowDecision;
  /** Why chosen, why dropped. */
  reason: string;
  kind?: RecordKind;
  title: string;
  /** Markdown. */
  body: string;
  labels: string[];
  ticketType?: string;
  status?: string;
  priority?: string;
  parent?: string;
  /** The tracker's id or name of an account. */
  assignee?: string;
  fields?: Record<string, unknown>;
  ticket?: TicketRef;
  /** The item on the board. */
  url: string;
  /** Of the item's words; what `changed` compares. */
  fingerprint: string;
  /** How the item stands on the board; absent for what is dropped or deleted. */
  record?: RecordFacts;
}

/** Coordinates in canvas units, of the item's centre; times in ISO 8601. */
export interface RecordFacts {
  column?: string;
  /** Title. */
  frame?: string;
  group?: string;
  cluster?: string;
  /** Place in reading order, from 0. */
  order: number;
  /** Sum of `votes`. */
  weight: number;
  votes: { tags: number; emoji: number; stacked: number; file: number };
  /** Item ids that connectors join it with. */
  relations: string[];
  /** Item ids with the same words. */
  duplicates: string[];
  color?: string;
  tags: string[];
  mention?: string;
  author?: string;
  createdAt?: string;
  modifiedAt?: string;
  absolute: { x: number; y: number };
  relative: { x: number; y: number };
}

/** What a run would do, computed without writing. Its rows are read by pages. */
export interface RetroPlan {
  planId: string;
  /** Binds `planHash` to exactly these tickets. */
  hash: string;
  board: { boardId: string; name: string; url: string };
  tracker: string;
  counts: Record<RowDecision, number>;
  /** Rows in all. */
  rows: number;
  /** Of the writes on the board; reading is done. */
  credits: number;
}

export interface PlanPage {
  /** In the order of the plan. */
  rows: PlanRow[];
  /** Where the next page begins; absent on the last. */
  next?: number;
}

export interface RetroToTicketsResult {
  jobId: string;
  ending: Ending;
  boardId: string;
  tracker: string;
  plan?: RetroPlan;
  /** Tickets and link backs, item by item in the store. */
  counts: Counts;
  /** The first 50; all are in the store (`runs show`). */
  problems: Problem[];
  error?: { type: string; message: string };
}

export interface UndoRetroResult {
  jobId: string;
  ending: Ending;
  /** The run that was taken back. */
  runId?: string;
  counts: Counts;
  problems: Problem[];
  error?: { type: string; message: string };
}

/** A person's decision on one part of a plan; delivered by the relay, its update id is the approval's. */
export interface Decision {
  approvalId: string;
  part: string;
  hash: string;
  decision: 'approved' | 'rejected';
}
export const decide = defineUpdate<void, [Decision]>('decide');
