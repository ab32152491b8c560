/** A plan's rows, or records alone, as a file for other programs and for people. Columns and fields stand in one order. */
import type { PlanRow, RecordFacts, RetroPlan } from '../../contract-retro.js';
import { documentOf } from './export-document.js';
import { toCsv, type Column, type ExportFormat } from './export-format.js';

const COLUMNS: readonly Column<PlanRow>[] = [
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

/** JSON: an array of rows. CSV: a row each, nothing in it is a formula to a spreadsheet. md: a document for people, column by column. */
export function exportRows(
  { board, rows }: { board: RetroPlan['board']; rows: readonly PlanRow[] },
  format: ExportFormat,
): string {
  switch (format) {
    case 'json':
      return `${JSON.stringify(rows.map(inOrder), null, 2)}\n`;
    case 'csv':
      return toCsv(COLUMNS, rows);
    case 'md':
      return documentOf(board, rows);
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
