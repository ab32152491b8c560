/** Tickets of the built-in tracker as a file that people take elsewhere. */
import { stringify } from 'csv-stringify/sync';

export const EXPORT_FORMATS = ['json', 'csv', 'md'] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];

export interface ExportedTicket {
  key: string;
  tracker: string;
  title: string;
  /** Markdown. */
  body: string;
  type?: string;
  status: string;
  priority?: string;
  labels: string[];
  assignee?: string;
  parent?: string;
  fields: Record<string, unknown>;
  /** The item on the board. */
  sourceUrl: string;
  createdAt: Date;
  updatedAt: Date;
}

/** All of them as one text. JSON is `{ tickets }`; CSV has a row each and is safe to open in a spreadsheet; Markdown is for reading. */
export function exportTickets(tickets: readonly ExportedTicket[], format: ExportFormat): string {
  switch (format) {
    case 'json':
      return `${JSON.stringify({ tickets }, undefined, 2)}\n`;
    case 'csv':
      return csvOf(tickets);
    case 'md':
      return ['# Tickets', ...tickets.map(sectionOf)].join('\n\n') + '\n';
  }
}

const COLUMNS = [
  ...['key', 'tracker', 'title', 'body', 'type', 'status', 'priority', 'labels', 'assignee', 'parent', 'fields'],
  ...['sourceUrl', 'createdAt', 'updatedAt'],
];

// What a person wrote on a board may begin like a formula, which a spreadsheet would run.
const csvOf = (tickets: readonly ExportedTicket[]): string =>
  stringify(
    tickets.map((ticket) => ({
      ...ticket,
      labels: ticket.labels.join(', '),
      fields: JSON.stringify(ticket.fields),
      createdAt: ticket.createdAt.toISOString(),
      updatedAt: ticket.updatedAt.toISOString(),
    })),
    { header: true, columns: COLUMNS, escape_formulas: true, record_delimiter: 'windows' },
  );

function sectionOf({ key, title, status, type, priority, assignee, labels, body, sourceUrl }: ExportedTicket): string {
  const facts = [status, type, priority, assignee, ...labels].filter((fact) => fact !== undefined).join(' · ');
  return [`## ${key} ${title.replace(/\s+/g, ' ')}`, facts, body.trim(), `[On the board](${sourceUrl})`]
    .filter((part) => part !== '')
    .join('\n\n');
}
