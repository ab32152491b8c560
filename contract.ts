/**
 * Names and shapes that cross processes: task queues, the update, the query, the signals, inputs and results.
 * Everything here is data; nothing here does anything.
 */
import { SearchAttributeType, defineSearchAttributeKey } from '@temporalio/common';
import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';

/** Task queues derive from one base name; the suffixes are permanent. */
export const DEFAULT_TASK_QUEUE = 'temporal-miro';
/** Single calls; see activities on {@link bulkQueue} for batches. */
export const interactiveQueue = (base: string): string => `${base}-interactive`;
/** Batches of up to a minute. */
export const bulkQueue = (base: string): string => `${base}-bulk`;

/** Upper limit of a job's input as JSON, in bytes. Larger parts belong into the store, by reference. */
export const MAX_INPUT_BYTES = 256 * 1024;

export type JobKind = 'provisionBoard' | 'retroToTickets';

/** What credits are spent on: a job, or the daily look at every grant. */
export type CreditUse = JobKind | 'tendGrants';

// ---------------------------------------------------------------- blueprint

/** Numbers are canvas units (px at 100 %). The position is the item's centre, as everywhere in Miro. */
export interface Position {
  x: number;
  y: number;
  /** With a frame: 'frame' (default) measures from the frame's top-left corner, 'canvas' from the board's centre. */
  relativeTo?: 'frame' | 'canvas';
}

export interface BlueprintFrame {
  id: string;
  title: string;
  position: { x: number; y: number };
  geometry: { width: number; height: number };
  style?: Record<string, string>;
}

export interface BlueprintItem {
  /** Unique in the blueprint; connectors and later changes refer to it. */
  id: string;
  type: 'sticky_note' | 'shape' | 'text' | 'card';
  /** Id of the frame that holds the item. */
  frame?: string;
  position: Position;
  geometry?: { width?: number; height?: number; rotation?: number };
  /** Text of sticky notes, shapes and texts: plain text, `\n` for a new line. */
  content?: string;
  /** Cards only. */
  title?: string;
  /** Cards only. */
  description?: string;
  /** Cards only: ISO 8601 date-time in UTC. */
  dueDate?: string;
  /** Sticky notes: 'square' | 'rectangle'; shapes: Miro's shape names. */
  shape?: string;
  style?: Record<string, string>;
  /** Ids of the blueprint's tags; sticky notes and cards only, at most 8. */
  tags?: string[];
}

export interface BlueprintConnector {
  id: string;
  from: string;
  to: string;
  shape?: 'straight' | 'elbowed' | 'curved';
  caption?: string;
  style?: Record<string, string>;
}

export interface BlueprintTag {
  id: string;
  title: string;
  fillColor?: string;
}

/** A board as data. The order of `items` is their z-order, first at the bottom; frames lie below items. */
export interface Blueprint {
  version: 1;
  frames?: BlueprintFrame[];
  items?: BlueprintItem[];
  connectors?: BlueprintConnector[];
  tags?: BlueprintTag[];
}

// ---------------------------------------------------------------- provisionBoard

export type BoardRole = 'viewer' | 'commenter' | 'editor' | 'coowner';

/** Exactly one of `email` and `userId`. */
export interface MemberInput {
  email?: string;
  userId?: string;
  role: BoardRole;
}

export interface BoardPolicy {
  sharingPolicy?: {
    access?: 'private' | 'view' | 'edit' | 'comment';
    organizationAccess?: 'private' | 'view' | 'comment' | 'edit';
    teamAccess?: 'private' | 'view' | 'comment' | 'edit';
    inviteToAccountAndBoardLinkAccess?: 'viewer' | 'commenter' | 'editor' | 'no_access';
  };
  permissionsPolicy?: {
    copyAccess?: 'anyone' | 'team_members' | 'team_editors' | 'board_owner';
    sharingAccess?: 'team_members_with_editing_rights' | 'owner_and_coowners';
    collaborationToolsStartAccess?: 'all_editors' | 'board_owners_and_coowners';
  };
}

/** What the board shall be; two calls with the same key are compared by these fields. */
export interface BoardSpec {
  template: { copyFrom: string } | { blueprint: Blueprint };
  /** 1 to 60 characters after placeholders are filled in. */
  name: string;
  /** At most 260 characters after placeholders are filled in: Miro allows 300, the rest holds the job's marker. */
  description?: string;
  /** Values for `{{name}}`; nested objects are reached with dots. Applied to name, description and every text. */
  placeholders?: Placeholders;
  teamId?: string;
  projectId?: string;
  policy?: BoardPolicy;
  members?: MemberInput[];
  /** http(s) address of the caller's record; a card on the board links to it. */
  recordUrl?: string;
}
export interface Placeholders {
  [name: string]: string | number | Placeholders;
}

/** How a call wants to be treated; not compared between calls. */
export interface ProvisionOptions {
  /** If a board for the key exists already: return it (default), or end the job. */
  collision?: 'reuse' | 'fail';
  /** The key was used with another spec: report the differences (default), or apply them. */
  onChange?: 'report' | 'apply';
  /** Opens episode `after + 1` once that episode has ended. */
  again?: { after: number };
  /** If the job ends without success: keep what was made (default), or remove what provably is ours and untouched. */
  onFailure?: 'keep' | 'remove';
  /** Business deadline of the job, in ms from its start; default 24 h. */
  deadlineMs?: number;
  /** Runs only if the plan still has this hash. */
  planHash?: string;
}

/** Input of the workflow `provisionBoard`. */
export interface ProvisionBoardInput extends BoardSpec, ProvisionOptions {
  tenant: string;
  /** The tenant's name for a Miro account; `default` comes from MIRO_ACCESS_TOKEN. */
  connectionId: string;
  /** The caller's business key, e.g. `project:4711`. */
  key: string;
  /** Eight hex digits that tell installations apart (ids.ts). Absent when a host's own workflow starts the job. */
  idKeyCheck?: string;
  /** The client that wrote this encrypts nothing; workers that encrypt refuse it. Absent when it encrypts. */
  plaintext?: true;
}

/** One field in which two inputs of the same key differ. Texts are shortened. */
export interface Difference {
  field: string;
  before: string;
  after: string;
  /** What became of it; 'reported' unless `onChange: 'apply'`. */
  outcome: 'reported' | 'applied' | 'kept' | 'refused';
  reason?: string;
}

/** Answer of the update: the board as soon as it exists. */
export interface BoardUrl {
  boardId: string;
  url: string;
  episode: number;
  outcome: 'made' | 'existing' | 'deleted';
  differences: Difference[];
}

export type ItemOutcome = 'made' | 'existing' | 'changed' | 'skipped' | 'refused' | 'failed';

export type Counts = Record<ItemOutcome, number>;

/** One part of the job that did not come out as asked. */
export interface Problem {
  subject: string;
  outcome: 'skipped' | 'refused' | 'failed' | 'unsettled';
  reason: string;
  remedy?: string;
}

export type Ending = 'done' | 'failed' | 'cancelled' | 'deadline';

export interface ProvisionBoardResult {
  jobId: string;
  episode: number;
  ending: Ending | 'deleted';
  boardId?: string;
  url?: string;
  counts: Counts;
  /** The first 50; all are in the store (`runs show`). */
  problems: Problem[];
  differences: Difference[];
  /** Why the job ended without success. */
  error?: { type: string; message: string };
}

/** What a run would do, computed without writing. */
export interface ProvisionPlan {
  /** Binds `planHash` to exactly these steps. */
  hash: string;
  board: { name: string; description: string; teamId?: string; from?: string; outcome: 'make' | 'exists' | 'deleted' };
  boardId?: string;
  steps: { step: string; count: number; credits: number; detail?: string }[];
  credits: number;
  /** What stands in the way: missing scopes, a template that the token cannot see, a team without access. */
  missing: { what: string; remedy: string }[];
  differences: Difference[];
}

/** Why a run waits. `until` is an expectation, ISO 8601. */
export interface Waiting {
  for: 'relink' | 'credits' | 'settling' | 'miro_down' | 'tracker' | 'approval' | 'paused' | 'retry';
  detail: string;
  until?: string;
  /** Of a wait for a relink: where a person links the account anew. */
  relinkUrl?: string;
}

/** Answer of the query `status`; the client joins it with the pending activities. */
export interface JobStatus {
  phase:
    | 'opening'
    | 'board'
    | 'content'
    | 'sharing'
    | 'changing'
    | 'reading'
    | 'planning'
    | 'approval'
    | 'tickets'
    | 'linking'
    | 'undoing'
    | 'closing'
    | 'ended';
  board?: { boardId: string; url: string };
  total: number;
  finished: number;
  counts: Counts;
  waiting?: Waiting;
  /** What the run is going to write, where that is planned first. */
  plan?: { planId: string; hash: string; rows: number };
}

export const boardUrl = defineUpdate<BoardUrl, [ProvisionBoardInput]>('boardUrl');
export const status = defineQuery<JobStatus>('status');
/** Sent by the relay when a grant has a newer token; the run re-checks what it waits for. */
export const relinked = defineSignal<[{ grantId: string; generation: number }]>('relinked');

// ---------------------------------------------------------------- events

/** What backends are told of, by webhooks and by the gateway's cursor. */
export const EVENT_TYPES = [
  'connection.linked',
  'connection.needs_relink',
  'connection.scopes_changed',
  'connection.revoked',
  'run.finished',
  'run.failed',
  'run.parked',
] as const;
export type EventType = (typeof EVENT_TYPES)[number];

// ---------------------------------------------------------------- search attributes (plain text on the server: never personal)

export const SEARCH_ATTRIBUTES = { MiroTenant: 'KEYWORD', MiroKind: 'KEYWORD', MiroState: 'KEYWORD' } as const;
export const MIRO_TENANT = defineSearchAttributeKey('MiroTenant', SearchAttributeType.KEYWORD);
export const MIRO_KIND = defineSearchAttributeKey('MiroKind', SearchAttributeType.KEYWORD);
export const MIRO_STATE = defineSearchAttributeKey('MiroState', SearchAttributeType.KEYWORD);
export type MiroState = 'running' | 'parked' | Ending;
