/** Tickets of the built-in tracker as a file that people take elsewhere. */
import { toCsv, type Column, type ExportFormat } from './export-format.js';
import { escapeMarkdown, markdownLink } from './markdown.js';

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
      return toCsv(COLUMNS, tickets);
    case 'md':
      return ['# Tickets', ...tickets.map(sectionOf)].join('\n\n') + '\n';
  }
}

const COLUMNS: readonly Column<ExportedTicket>[] = [
  ['key', ({ key }) => key],
  ['tracker', ({ tracker }) => tracker],
  ['title', ({ title }) => title],
  ['body', ({ body }) => body],
  ['type', ({ type }) => type],
  ['status', ({ status }) => status],
  ['priority', ({ priority }) => priority],
  ['labels', ({ labels }) => labels.join(', ')],
  ['assignee', ({ assignee }) => assignee],
  ['parent', ({ parent }) => parent],
  ['fields', ({ fields }) => JSON.stringify(fields)],
  ['sourceUrl', ({ sourceUrl }) => sourceUrl],
  ['createdAt', ({ createdAt }) => createdAt.toISOString()],
  ['updatedAt', ({ updatedAt }) => updatedAt.toISOString()],
];

function sectionOf({ key, title, status, type, priority, assignee, labels, body, sourceUrl }: ExportedTicket): string {
  const facts = [status, type, priority, assignee, ...labels].filter((fact) => fact !== undefined);
  return [
    `## ${escapeMarkdown(`${key} ${title}`)}`,
    facts.map(escapeMarkdown).join(' · '),
    body.trim(),
    markdownLink('On the board', sourceUrl),
  ]
    .filter((part) => part !== '')
    .join('\n\n');
}
