/** A product of a caller's that makes its own tickets: the receiver of docs/trackers.md, with what a test asks of it. */
import { Webhook } from 'standardwebhooks';
import type { FaultRule } from '../../simulator/faults/rules.js';
import { startStandIn, type SeenRequest, type StandInAnswer, type StandInRequest } from './faults.js';
import { createKept, type KeptTable } from './kept.js';

export interface ReceivedTicket {
  id: string;
  title: string;
  body: string;
  closed: boolean;
  /** Counts changes. */
  revision: number;
  comments: { marker: string; body: string }[];
  links: string[];
  /** As it was sent. */
  draft: Record<string, unknown>;
}

export interface WebhookOptions {
  supports?: string[];
  faults?: FaultRule[];
  seed?: number;
  /** Keeps the tickets over a SIGKILL. */
  file?: string;
  port?: number;
}

/** What a person does in that product. */
export type WebhookAct = { do: 'edit'; id: string; title: string } | { do: 'delete'; id: string };

export interface RunningReceiver {
  url: string;
  token: string;
  /** Settings of a tracker connection to it. */
  config: Record<string, unknown>;
  state(): ReceivedTicket[];
  seen: SeenRequest[];
  /** Replaces the rules in force. */
  fail(...rules: FaultRule[]): void;
  act(act: WebhookAct): void;
  close(): Promise<void>;
}

interface Site {
  supports: string[];
  tickets: KeptTable<ReceivedTicket>;
  /** webhook-id → the ticket that it made. */
  made: KeptTable<string>;
}

const SECRET = `whsec_${Buffer.from('a secret of the receiver, 32 b.!').toString('base64')}`;
const ALL = ['get', 'update', 'comment', 'link', 'take_back'];

/** Listens on 127.0.0.1. Controls: `POST /_stand-in/state`, `/_stand-in/act`, `/_stand-in/faults`. */
export async function startReceiver({ supports = ALL, file, ...rest }: WebhookOptions = {}): Promise<RunningReceiver> {
  const kept = createKept(file);
  const site: Site = { supports, tickets: kept.table('tickets'), made: kept.table('made') };
  const running = await startStandIn(
    {
      answer: (request) => answer(site, request),
      controls: { state: () => site.tickets.values(), act: (input) => perform(site, input as WebhookAct) },
    },
    rest,
  );
  const url = `${running.url}/tickets`;
  return {
    url,
    token: SECRET,
    config: { url, supports },
    state: () => site.tickets.values(),
    seen: running.seen,
    fail: (...rules) => running.faults.set(rules),
    act: (input) => perform(site, input),
    close: () => running.close(),
  };
}

function perform({ tickets }: Site, act: WebhookAct): void {
  const ticket = tickets.get(act.id);
  if (act.do === 'delete') tickets.delete(act.id);
  else if (ticket) tickets.set(act.id, { ...ticket, title: act.title, revision: ticket.revision + 1 });
}

function answer(site: Site, { path, body, headers }: StandInRequest): StandInAnswer {
  if (path !== '/tickets') return { status: 404, body: { message: 'no such address' } };
  try {
    new Webhook(SECRET).verify(body, headers as Record<string, string>);
  } catch {
    return { status: 401, body: { message: 'the signature is wrong' } };
  }
  const { type, data } = JSON.parse(body) as { type: string; data: Record<string, unknown> };
  if (type === 'ticket.check') return { status: 200, body: { supports: site.supports } };
  if (type === 'ticket.create')
    return { status: 200, body: stateOf(create(site, String(headers['webhook-id']), data)) };
  const ticket = site.tickets.get(String(data['id']));
  if (!ticket) return { status: 404, body: { message: 'there is no such ticket' } };
  return { status: 200, body: change(site, ticket, type, data) };
}

/** The same message is the same ticket, whether it is there any more or not. */
function create({ tickets, made }: Site, messageId: string, draft: Record<string, unknown>): ReceivedTicket {
  const id = made.get(messageId) ?? `T-${made.values().length + 1}`;
  const { title, body } = draft as { title: string; body: string };
  const fresh: ReceivedTicket = { id, title, body, closed: false, revision: 1, comments: [], links: [], draft };
  if (made.get(messageId) !== undefined) return tickets.get(id) ?? fresh;
  // The ticket first: a kill between the two finds it under the same id when the message comes again.
  tickets.set(id, fresh);
  made.set(messageId, id);
  return fresh;
}

function change({ tickets }: Site, ticket: ReceivedTicket, type: string, data: Record<string, unknown>): unknown {
  const keep = (changed: Partial<ReceivedTicket>): ReceivedTicket => {
    const next = { ...ticket, ...changed };
    tickets.set(ticket.id, next);
    return next;
  };
  const revision = ticket.revision + 1;
  switch (type) {
    case 'ticket.get':
      return { ...stateOf(ticket), title: ticket.title, body: ticket.body, closed: ticket.closed };
    case 'ticket.update':
      return stateOf(keep({ ...(data['change'] as Partial<ReceivedTicket>), revision }));
    case 'ticket.comment': {
      const { marker, body } = data as { marker: string; body: string };
      if (ticket.comments.some((comment) => comment.marker === marker)) return stateOf(ticket);
      return stateOf(keep({ comments: [...ticket.comments, { marker, body }], revision }));
    }
    case 'ticket.link':
      keep({ links: [...new Set([...ticket.links, String(data['otherId'])])] });
      return {};
    case 'ticket.take_back':
      keep({ closed: true, revision });
      return {};
    default:
      throw new Error(`the receiver knows no ${type}`);
  }
}

const stateOf = ({ id, revision }: ReceivedTicket) => ({
  id,
  key: id,
  url: `https://product.example/tickets/${id}`,
  revision: String(revision),
});
