/** A plan's rows, or records alone, as a file for other programs and for people. Columns and fields stand in one order. */
import { stringify } from 'csv-stringify/sync';
import type { PlanRow, RecordFacts } from '../../contract-retro.js';
import { escapeMarkdown, markdownLink } from './markdown.js';

export type ExportFormat = 'json' | 'csv' | 'md';

type Cell = string | number | undefined;

const COLUMNS: readonly [string, (row: PlanRow) => Cell][] = [
  ['item', (row) => row.itemId],
  ['item_type', (row) => row.type],
  ['decision', (row) => row.decision],
  ['reason', (row) => row.reason],
  ['kind', (row) => row.kind],
  ['title', (row) => row.title],
  ['body', (row) => row.body],
  ['labels', (row) => row.labels.join(', ')],
  ['type', (row) => row.ticketType],
  ['status', (row) => row.status],
  ['priority', (row) => row.priority],
  ['parent', (row) => row.parent],
  ['assignee', (row) => row.assignee],
  ['ticket', (row) => row.ticket?.key],
  ['ticket_url', (row) => row.ticket?.url],
  ['column', ({ record }) => record?.column],
  ['frame', ({ record }) => record?.frame],
  ['group', ({ record }) => record?.group],
  ['cluster', ({ record }) => record?.cluster],
  ['order', ({ record }) => record?.order],
  ['votes', ({ record }) => record?.weight],
  ['tags', ({ record }) => record?.tags.join(', ')],
  ['color', ({ record }) => record?.color],
  ['author', ({ record }) => record?.author],
  ['created', ({ record }) => record?.createdAt],
  ['modified', ({ record }) => record?.modifiedAt],
  ['x', ({ record }) => record?.absolute.x],
  ['y', ({ record }) => record?.absolute.y],
  ['related', ({ record }) => record?.relations.join(', ')],
  ['duplicates', ({ record }) => record?.duplicates.join(', ')],
  ['url', (row) => row.url],
];

const ROW_FIELDS = [
  ...(['itemId', 'type', 'decision', 'reason', 'kind', 'title', 'body', 'labels', 'ticketType', 'status'] as const),
  ...(['priority', 'parent', 'assignee', 'fields', 'ticket', 'url', 'fingerprint', 'record'] as const),
] as const satisfies readonly (keyof PlanRow)[];
const RECORD_FIELDS = [
  ...(['column', 'frame', 'group', 'cluster', 'order', 'weight', 'votes', 'relations', 'duplicates', 'color'] as const),
  ...(['tags', 'mention', 'author', 'createdAt', 'modifiedAt', 'absolute', 'relative'] as const),
] as const satisfies readonly (keyof RecordFacts)[];

/** JSON: an array of rows. CSV: RFC 4180, UTF-8, nothing in it is a formula to a spreadsheet. md: one table of Markdown. */
export function exportRows(rows: readonly PlanRow[], format: ExportFormat): string {
  switch (format) {
    case 'json':
      return `${JSON.stringify(rows.map(inOrder), null, 2)}\n`;
    case 'csv':
      return toCsv(rows);
    case 'md':
      return toMarkdown(rows);
  }
}

// The store keeps the fields of an object in an order of its own.
function inOrder(row: PlanRow): Partial<PlanRow> {
  const { record } = row;
  return picked({ ...row, ...(record && { record: picked(record, RECORD_FIELDS) as RecordFacts }) }, ROW_FIELDS);
}

const picked = <T extends object>(value: T, fields: readonly (keyof T)[]): Partial<T> =>
  Object.fromEntries(
    fields.filter((name) => value[name] !== undefined).map((name) => [name, value[name]]),
  ) as Partial<T>;

function toCsv(rows: readonly PlanRow[]): string {
  const cells = rows.map((row) => COLUMNS.map(([, of]) => of(row)));
  // A spreadsheet that takes another delimiter still sees quoted cells.
  return stringify([COLUMNS.map(([name]) => name), ...cells], {
    escape_formulas: true,
    quoted_string: true,
    record_delimiter: 'windows',
  });
}

const TABLE = [
  'order',
  'decision',
  'kind',
  'title',
  'text',
  'column',
  'votes',
  'author',
  'labels',
  'assignee',
  'ticket',
  'reason',
];

function toMarkdown(rows: readonly PlanRow[]): string {
  const lines = rows.map((row) => {
    const { record, ticket, title } = row;
    const plain = [record?.column, record?.weight, record?.author, row.labels.join(', '), row.assignee];
    return [
      cell(record && record.order + 1),
      row.decision,
      cell(row.kind),
      row.url === '' ? cell(title) : markdownLink(title, row.url),
      row.body
        .replace(/\\*\|/g, '\\|')
        .trim()
        .replace(/\s*\n\s*/g, '<br>'),
      ...plain.map(cell),
      ticket?.url === undefined ? cell(ticket?.key) : markdownLink(ticket.key, ticket.url),
      cell(row.reason),
    ];
  });
  return [TABLE, TABLE.map(() => '---'), ...lines].map((line) => `| ${line.join(' | ')} |\n`).join('');
}

const cell = (value: Cell): string => escapeMarkdown(String(value ?? ''));
