/** The built-in tracker: tickets in a table of ours, to list and export. The demo's default. */
import type { Ticket, TicketChange, TicketDraft, TicketState } from './tracker.js';

/** The table, as store/tickets.ts serves it. Each call is one transaction. */
export interface BuiltinTable {
  /** The ticket of that marker, made if there is none: the same marker is the same ticket. */
  create(draft: TicketDraft): Promise<TicketState>;
  update(id: string, change: TicketChange): Promise<TicketState | undefined>;
  comment(id: string, comment: { marker: string; body: string }): Promise<TicketState | undefined>;
  link(id: string, otherId: string): Promise<void>;
  get(id: string): Promise<Ticket | undefined>;
  /** Takes the content away; the row stays. */
  remove(id: string): Promise<void>;
}
