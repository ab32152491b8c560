/**
 * What a tracker is to the rest of the product: nothing outside this folder knows which one it is. Every method sends each of its requests once and
 * throws a TicketError; nothing is retried here.
 */
export const TRACKER_KINDS = ['builtin', 'jira', 'github', 'webhook'] as const;
export type TrackerKind = (typeof TRACKER_KINDS)[number];

/** What the tracker knows; a mapping to anything else is refused before the first ticket. */
export interface Capabilities {
  /**
   * How a create that was sent and not answered is found out: `marker`: by {@link Tracker.findByMarker}; `idempotent`: the same marker sent again is
   * the same ticket, so it is just sent again.
   */
  createdOnce: 'marker' | 'idempotent';
  /** Longest that a create may still be processed after an abort, plus the lag of the index that findByMarker reads, in ms. */
  settleMs: number;
  /** How many requests at a time the tracker likes. */
  concurrency: number;
  /** Fields of a draft that it takes. */
  fields: readonly DraftField[];
  /** Whether it takes fields of its own names beside those. */
  ownFields: boolean;
  /** Whether a ticket can be read; without it nobody knows whether somebody has changed one. */
  reads: boolean;
  comments: boolean;
  updates: boolean;
  /** Relations between tickets. */
  links: boolean;
  /** What undo does with a ticket. */
  undo: 'delete' | 'close' | 'none';
}

export type DraftField = 'labels' | 'type' | 'status' | 'priority' | 'parent' | 'assignee';

/** A ticket to be made. */
export interface TicketDraft {
  /** Letters, digits, `-` and `.`: fits a label, an HTML comment, an id. The same on every attempt. */
  marker: string;
  title: string;
  /** Markdown. */
  body: string;
  labels: string[];
  type?: string;
  status?: string;
  priority?: string;
  parent?: string;
  /** The tracker's id or name of an account. */
  assignee?: string;
  fields?: Record<string, unknown>;
  /** The item on the board. */
  sourceUrl: string;
}

/** `revision` is opaque: it is another one after anybody has changed or commented the ticket, and the same after `link`. */
export interface TicketState {
  id: string;
  key: string;
  /** Where people see it; absent where there is no such page. */
  url?: string;
  revision: string;
}

export interface Ticket extends TicketState {
  title: string;
  body: string;
  closed: boolean;
}

/** A ticket that carries a marker. A person's copy carries it too: `byUs` and `createdAt` tell. */
export interface MarkedTicket extends TicketState {
  marker: string;
  /** By the tracker's clock. */
  createdAt: Date;
  /** Made by the account whose credentials we have. */
  byUs: boolean;
  /** Whether surely nobody has changed or commented it since it was made. */
  untouched: boolean;
}

/** One portion of a search, short enough for a call of its own. */
export interface FoundTickets {
  found: MarkedTicket[];
  /** Where the search goes on; opaque. Absent at its end. */
  next?: string;
}

/** What a draft may change in a ticket that is there. */
export type TicketChange = Partial<Pick<TicketDraft, 'title' | 'body' | 'labels' | 'type' | 'priority' | 'assignee'>>;

/** What is wrong with a tracker's settings, in one sentence, and what to do. */
export interface TrackerProblem {
  what: string;
  remedy: string;
}

/** What a run is going to ask for, to be tried before the first ticket. */
export interface Wanted {
  types: string[];
  statuses: string[];
  priorities: string[];
  parents: string[];
  assignees: string[];
  fields: string[];
}

/** A whole request, body included, is aborted after `deadlineMs`. */
export interface HowToAsk {
  deadlineMs: number;
  signal?: AbortSignal | undefined;
}

export interface Tracker {
  readonly kind: TrackerKind;
  readonly capabilities: Capabilities;
  /** Tries address, credentials, project, types and required fields; writes nothing. @returns what is wrong; empty: all is well. */
  check(wanted: Wanted, how: HowToAsk): Promise<TrackerProblem[]>;
  /**
   * Reads. Tickets with one of the markers, made since then or ever; copies too. Empty where creates are idempotent.
   * @param from `next` of the portion before, of the same search.
   */
  findByMarker(
    markers: readonly string[],
    since: Date | undefined,
    how: HowToAsk,
    from?: string,
  ): Promise<FoundTickets>;
  /** Effect: create. How a lost answer is found out: {@link Capabilities.createdOnce}. */
  create(draft: TicketDraft, how: HowToAsk): Promise<TicketState>;
  /** Effect: set. */
  update(id: string, change: TicketChange, how: HowToAsk): Promise<TicketState>;
  /** Effect: create; `marker` stands in the comment as in a ticket, and a comment that has it already is not made again. */
  comment(id: string, comment: { marker: string; body: string }, how: HowToAsk): Promise<TicketState>;
  /** Effect: set. Two tickets have to do with each other; one that is there already stays. */
  link(id: string, otherId: string, how: HowToAsk): Promise<void>;
  /** How {@link get} shows a title and a body that were written so. Asks nobody. */
  shown(written: Pick<TicketDraft, 'title' | 'body'>): Pick<Ticket, 'title' | 'body'>;
  /** @returns undefined where the ticket is gone. */
  get(id: string, how: HowToAsk): Promise<Ticket | undefined>;
  /** Effect: set. Deletes or closes, as `capabilities.undo` says; one that is gone or closed already stays so. */
  takeBack(id: string, how: HowToAsk): Promise<void>;
  /** Reads. The tracker's account of a person. @returns undefined where it knows none or several. */
  findAccount(person: { email?: string; name?: string }, how: HowToAsk): Promise<string | undefined>;
}
