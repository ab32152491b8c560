/** What a run would do with each item, in the order in which people read the board. */
import type { PlanRow, RecordFacts, RetroWish, RowDecision, TicketMapping, TicketRef } from '../../contract-retro.js';
import { canonicalJson } from '../provision-board/spec.js';
import { mappedAccounts, type Assignee } from './assignees.js';
import { draftOf, type RowFields } from './draft.js';
import type { DroppedItem, RetroRecord } from './model.js';
import { withTickets } from './stand-ins.js';
import { titleOf } from './title.js';
import { requireMappable, type TrackerFacts } from './tracker-facts.js';

/** Which ticket an item has; `fingerprint`, `words` and `title` are those that the ticket last had from us. */
export interface LinkFacts {
  itemId: string;
  ticket: TicketRef;
  fingerprint: string;
  words: string;
  /** Of the item's centre, in canvas units, when the ticket was made. */
  x: number;
  y: number;
  title: string;
  /** Ids of items that said the same when the board was last planned. */
  merged: readonly string[];
}

export interface PlanFacts {
  records: readonly RetroRecord[];
  dropped: readonly DroppedItem[];
  links: readonly LinkFacts[];
  mapping: TicketMapping;
  tracker: TrackerFacts;
  /** The tracker's accounts of those whom the mapping does not name, by their key (assignees.ts). */
  accounts: ReadonlyMap<string, string>;
  /** Of normalised words. */
  fingerprintOf(words: string): string;
}

/**
 * Records in reading order, then what is dropped, then what is deleted.
 * @throws RetroRefused if the mapping sets what the tracker does not have.
 */
export function planRows(facts: PlanFacts): PlanRow[] {
  requireMappable(facts.mapping, facts.tracker);
  const links = new Map(facts.links.map((link) => [link.itemId, link]));
  const { records, dropped } = withTickets(facts, links);
  const byId = new Map(records.map((record) => [record.itemId, record]));
  const mapped = mappedAccounts(facts.mapping);
  const accountOf = (person: Assignee): string | undefined => mapped(person) ?? facts.accounts.get(person.key);
  const context = { mapping: facts.mapping, accountOf, records: byId };
  const rows = [...records]
    .sort((a, b) => a.order - b.order)
    .map((record) => ({
      itemId: record.itemId,
      type: record.type,
      kind: record.kind,
      ...draftOf(record, context),
      ...decided(record, links.get(record.itemId), facts.fingerprintOf(record.words)),
      url: record.url,
      record: recordFacts(record),
    }));
  const seen = new Set([...byId.keys(), ...dropped.map(({ itemId }) => itemId)]);
  const gone = facts.links
    .filter(({ itemId }) => !seen.has(itemId))
    .sort((a, b) => a.y - b.y || a.x - b.x || (a.itemId < b.itemId ? -1 : 1));
  return [...rows, ...dropped.map((item) => droppedRow(item, links.get(item.itemId))), ...gone.map(deletedRow)];
}

function decided(
  record: RetroRecord,
  link: LinkFacts | undefined,
  fingerprint: string,
): Pick<PlanRow, 'decision' | 'reason' | 'fingerprint' | 'ticket'> {
  if (!link) return { decision: 'create', reason: record.reason, fingerprint };
  const { ticket } = link;
  if (link.fingerprint === fingerprint)
    return { decision: 'existing', reason: `it has ticket ${ticket.key}`, fingerprint, ticket };
  return { decision: 'changed', reason: `it has ticket ${ticket.key}, made of other words`, fingerprint, ticket };
}

function droppedRow({ itemId, type, text, reason, url }: DroppedItem, link: LinkFacts | undefined): PlanRow {
  const own = link ? { ticket: link.ticket, reason: `${reason}; its ticket ${link.ticket.key} stays` } : { reason };
  return {
    itemId,
    type,
    decision: 'dropped',
    ...own,
    title: titleOf(text),
    body: '',
    labels: [],
    url,
    fingerprint: link?.fingerprint ?? '',
  };
}

function deletedRow({ itemId, ticket, title, fingerprint }: LinkFacts): PlanRow {
  const reason = `it is no longer on the board; its ticket ${ticket.key} stays`;
  return { itemId, type: '', decision: 'deleted', reason, title, body: '', labels: [], ticket, url: '', fingerprint };
}

function recordFacts(record: RetroRecord): RecordFacts {
  const { column, frame, group, cluster, order, weight, votes, color, tags, mention, author, createdAt, modifiedAt } =
    record;
  const facts: RecordFacts = {
    column,
    frame: frame?.title,
    group,
    cluster,
    order,
    weight,
    votes,
    relations: record.relations.map(({ itemId }) => itemId),
    duplicates: record.duplicates,
    color,
    tags,
    mention,
    author: author?.name,
    createdAt,
    modifiedAt,
    absolute: record.absolute,
    relative: record.relative,
  };
  return Object.fromEntries(Object.entries(facts).filter(([, fact]) => fact !== undefined)) as unknown as RecordFacts;
}

/** How many rows there are of each decision. */
export function countRows(rows: readonly Pick<PlanRow, 'decision'>[]): Record<RowDecision, number> {
  const counts = { create: 0, existing: 0, changed: 0, dropped: 0, deleted: 0 };
  for (const { decision } of rows) counts[decision]++;
  return counts;
}

/**
 * What the plan's hash is made of: exactly what is written and where, in one text for equal plans, wherever the items lie.
 * Of rows that have changed only where `onChange` says that something becomes of them.
 */
export function planText(
  rows: readonly PlanRow[],
  { tracker, linkBack = 'list', onChange = 'ignore' }: Pick<RetroWish, 'linkBack' | 'onChange'> & { tracker: string },
  { settings, unshown }: Standing = {},
): string {
  const sorted = ticketsWritten(rows, onChange).sort((a, b) => (a.itemId < b.itemId ? -1 : 1));
  const shows = rowsToShow(rows, unshown).map(({ ticket }) => ticket?.id ?? '');
  return canonicalJson({ tracker, settings, linkBack, onChange, rows: sorted.map(writes), shows: shows.sort() });
}

/** What a plan meets, beside the board. */
export interface Standing {
  /** The tracker's kind and config, since another one may have taken its name; never its secret. */
  settings?: { kind: string; config: Record<string, unknown> };
  /** Ids of items with a ticket that has no place on the board yet. */
  unshown?: ReadonlySet<string>;
}

/** Whether anything at all is written, in the tracker or on the board. */
export const isWriting = (
  rows: readonly PlanRow[],
  { onChange = 'ignore' }: Pick<RetroWish, 'onChange'>,
  { unshown }: Standing,
): boolean => ticketsWritten(rows, onChange).length + rowsToShow(rows, unshown).length > 0;

const ticketsWritten = (rows: readonly PlanRow[], onChange: RetroWish['onChange']): PlanRow[] =>
  rows.filter(({ decision }) => decision === 'create' || (decision === 'changed' && onChange !== 'ignore'));

/** Rows of earlier tickets that this run is to show; an item that is gone has no place. */
export const rowsToShow = (rows: readonly PlanRow[], unshown: Standing['unshown']): PlanRow[] =>
  rows.filter(({ itemId, decision }) => unshown?.has(itemId) && decision !== 'deleted');

function writes(row: PlanRow): RowFields & Pick<PlanRow, 'itemId' | 'decision'> & { ticket?: string } {
  const { itemId, decision, title, body, labels, ticketType, status, priority, parent, assignee, fields, ticket } = row;
  return {
    itemId,
    decision,
    title,
    body,
    labels,
    ticketType,
    status,
    priority,
    parent,
    assignee,
    fields,
    ticket: ticket?.id,
  };
}

/** What the rows that are written ask of a tracker, each once: to be tried before the first. */
export function wantedBy(
  rows: readonly PlanRow[],
): Record<'types' | 'statuses' | 'priorities' | 'parents' | 'assignees' | 'fields', string[]> {
  const written = rows.filter(({ decision }) => decision === 'create' || decision === 'changed');
  const all = (of: (row: PlanRow) => string | undefined): string[] =>
    [...new Set(written.map(of))].filter((name) => name !== undefined).sort();
  return {
    types: all((row) => row.ticketType),
    statuses: all((row) => row.status),
    priorities: all((row) => row.priority),
    parents: all((row) => row.parent),
    assignees: all((row) => row.assignee),
    fields: [...new Set(written.flatMap(({ fields = {} }) => Object.keys(fields)))].sort(),
  };
}
