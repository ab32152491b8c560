/** A record as the ticket that it becomes. */
import type { PlanRow, RecordKind, TicketFields, TicketMapping } from '../../contract-retro.js';
import { assigneeOf, type Assignee } from './assignees.js';
import { fitsGlob } from './glob.js';
import { escapeMarkdown, markdownLink } from './markdown.js';
import type { RetroRecord } from './model.js';
import { fillTemplate, type TemplateValues } from './template.js';
import { titleOf } from './title.js';

export type RowFields = Pick<
  PlanRow,
  'title' | 'body' | 'labels' | 'ticketType' | 'status' | 'priority' | 'parent' | 'assignee' | 'fields'
>;

export interface DraftContext {
  mapping: TicketMapping;
  /** The tracker's account of a person. */
  accountOf(person: Assignee): string | undefined;
  /** Other records, by item id, for what is related. */
  records: ReadonlyMap<string, Pick<RetroRecord, 'title' | 'url'>>;
}

const KIND_NAMES: Record<RecordKind, string> = {
  task: 'task',
  feature_request: 'feature request',
  insight: 'insight',
  decision: 'decision',
};

/** Title, text and fields; a person without an account is named in the text. */
export function draftOf(record: RetroRecord, context: DraftContext): RowFields {
  const { mapping } = context;
  const person = assigneeOf(record, mapping);
  const account = person && context.accountOf(person);
  const unknown = person && account === undefined ? (person.name ?? person.email) : undefined;
  const body =
    mapping.body === undefined
      ? defaultBody(record, context)
      : fillTemplate(mapping.body, valuesOf(record, escapeMarkdown));
  const missing = unknown === undefined ? [] : [`Assigned to: ${escapeMarkdown(unknown)} (no account found)`];
  return {
    title:
      mapping.title === undefined
        ? record.title
        : titleOf(fillTemplate(mapping.title, valuesOf(record))) || record.title,
    body: [body, ...missing].join('\n\n'),
    ...fieldsOf(record, mapping),
    ...(account !== undefined && { assignee: account }),
  };
}

function fieldsOf(
  record: RetroRecord,
  mapping: TicketMapping,
): Pick<RowFields, 'labels' | 'ticketType' | 'status' | 'priority' | 'parent' | 'fields'> {
  const parts: TicketFields[] = [
    mapping,
    mapping.kinds?.[record.kind] ?? {},
    ...fitting(mapping.columns, record.column),
    ...fitting(mapping.colors, record.color),
  ];
  const last = (name: 'type' | 'status' | 'priority' | 'parent'): string | undefined =>
    parts.findLast((part) => part[name] !== undefined)?.[name];
  const [type, status, priority, parent] = [last('type'), last('status'), last('priority'), last('parent')];
  const fields = Object.assign({}, ...parts.map((part) => part.fields)) as Record<string, unknown>;
  return {
    labels: [...new Set(parts.flatMap(({ labels = [] }) => labels))],
    ...(type !== undefined && { ticketType: type }),
    ...(status !== undefined && { status }),
    ...(priority !== undefined && { priority }),
    ...(parent !== undefined && { parent }),
    ...(Object.keys(fields).length > 0 && { fields }),
  };
}

const fitting = (by: Record<string, TicketFields> = {}, title: string | undefined): TicketFields[] =>
  title === undefined
    ? []
    : Object.entries(by).flatMap(([pattern, fields]) => (fitsGlob(pattern, title) ? [fields] : []));

/** @param encode of plain text; the body is Markdown already. */
function valuesOf(record: RetroRecord, encode: (text: string) => string = String): TemplateValues {
  const plain = (text: string | undefined): string => encode(text ?? '');
  return {
    title: plain(record.title),
    body: record.body,
    column: plain(record.column),
    frame: plain(record.frame?.title),
    cluster: plain(record.cluster),
    group: plain(record.group),
    kind: KIND_NAMES[record.kind],
    votes: String(record.weight),
    author: plain(record.author?.name),
    url: record.url,
    color: plain(record.color),
    tags: plain(record.tags.join(', ')),
    created: record.createdAt?.slice(0, 10) ?? '',
  };
}

function defaultBody(record: RetroRecord, { records }: DraftContext): string {
  const { author, weight, duplicates, relations } = record;
  const same = duplicates.length;
  const related = relations.flatMap(({ itemId }) => {
    const other = records.get(itemId);
    return other ? [markdownLink(titleOf(other.title, 60), other.url)] : [];
  });
  const facts = [
    ...(author?.name === undefined ? [] : [`By ${escapeMarkdown(author.name)}`]),
    ...(weight === 0 ? [] : [`${weight} ${weight === 1 ? 'vote' : 'votes'}`]),
    ...(same === 0 ? [] : [`merged with ${same} ${same === 1 ? 'item' : 'items'} of the same words`]),
    ...(related.length === 0 ? [] : [`related: ${related.join(', ')}`]),
    markdownLink('on the board', record.url),
  ];
  return [record.body, facts.join(' · ')].filter((part) => part !== '').join('\n\n');
}
