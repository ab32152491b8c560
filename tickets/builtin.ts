/** The built-in tracker: tickets in a table of ours, to list and export. The demo's default. */
import { TicketError } from './errors.js';
import type { TrackerLine, TrackerSettings } from './settings.js';
import type { Capabilities, MarkedTicket, Ticket, TicketChange, TicketDraft, TicketState, Tracker } from './tracker.js';

/** The table, as store/tickets.ts serves it. Each call is one transaction. */
export interface BuiltinTable {
  /** The ticket of that marker, made if there is none: the same marker is the same ticket. */
  create(draft: TicketDraft): Promise<TicketState>;
  update(id: string, change: TicketChange): Promise<TicketState | undefined>;
  comment(id: string, comment: { marker: string; body: string }): Promise<TicketState | undefined>;
  link(id: string, otherId: string): Promise<void>;
  get(id: string): Promise<Ticket | undefined>;
  /** Those of the markers that are there. */
  findByMarker(markers: readonly string[]): Promise<MarkedTicket[]>;
  /** Takes the content away; the row stays. */
  remove(id: string): Promise<void>;
}

const CAPABILITIES: Capabilities = {
  createdOnce: 'marker',
  // A transaction is over or was never there.
  settleMs: 0,
  // Numbers are given one after the other.
  concurrency: 4,
  fields: ['labels', 'type', 'status', 'priority', 'parent', 'assignee'],
  ownFields: true,
  reads: true,
  comments: true,
  updates: true,
  links: true,
  undo: 'delete',
};

/** The built-in tracker over its table. Nothing can be wrong with its settings, and it knows no accounts: an assignee is a text. */
export function createBuiltin({ name }: TrackerSettings, { builtin: table }: Pick<TrackerLine, 'builtin'>): Tracker {
  const found = (id: string, state: TicketState | undefined): TicketState => {
    if (state) return state;
    throw new TicketError(`the tracker "${name}" has no ticket with the id ${id}: it was deleted`, {
      kind: 'not_found',
      written: 'no',
    });
  };
  return {
    kind: 'builtin',
    capabilities: CAPABILITIES,
    check: () => Promise.resolve([]),
    findByMarker: async (markers) => ({ found: await table.findByMarker(markers) }),
    create: (draft) => table.create(draft),
    update: async (id, change) => found(id, await table.update(id, change)),
    comment: async (id, comment) => found(id, await table.comment(id, comment)),
    link: (id, otherId) => table.link(id, otherId),
    shown: ({ title, body }) => ({ title, body }),
    get: (id) => table.get(id),
    takeBack: (id) => table.remove(id),
    findAccount: () => Promise.resolve(undefined),
  };
}
