/** A retro as a document for people: what was said, column by column, and what was left out. Markdown. */
import type { PlanRow, RetroPlan } from '../../contract-retro.js';
import { escapeMarkdown, markdownLink } from './markdown.js';
import { normalisedWords } from './words.js';

/** In the order of the rows. */
export function documentOf({ name, url }: RetroPlan['board'], rows: readonly PlanRow[]): string {
  const gone = rows.filter(({ decision }) => decision === 'deleted');
  const dropped = rows.filter(({ decision }) => decision === 'dropped');
  return [
    `# ${markdownLink(name, url)}`,
    ...columnsOf(rows.filter(({ decision }) => decision !== 'deleted' && decision !== 'dropped')),
    ...section('Gone from the board', gone.map(withReason)),
    ...section('Left out', dropped.map(withReason)),
  ]
    .map((part) => `${part}\n`)
    .join('\n');
}

/** A heading for each column, where there is any. */
function columnsOf(rows: readonly PlanRow[]): string[] {
  const columns = new Map<string | undefined, string[]>();
  for (const row of rows) {
    const title = row.record?.column;
    columns.set(title, [...(columns.get(title) ?? []), entryOf(row)]);
  }
  if (!columns.has(undefined) || columns.size > 1)
    return [...columns].flatMap(([title, entries]) => section(title ?? 'Beside the columns', entries));
  return [...columns.values()].map((entries) => entries.join('\n'));
}

const section = (title: string, entries: string[]): string[] =>
  entries.length === 0 ? [] : [`## ${escapeMarkdown(title)}\n\n${entries.join('\n')}`];

function entryOf(row: PlanRow): string {
  const { kind, labels, assignee, ticket, record } = row;
  const weight = record?.weight ?? 0;
  const facts = [
    weight > 0 && `${weight} ${weight === 1 ? 'vote' : 'votes'}`,
    record?.author && `by ${escapeMarkdown(record.author)}`,
    kind !== undefined && kind !== 'task' && kind.replace('_', ' '),
    labels.length > 0 && labels.map(escapeMarkdown).join(', '),
    assignee !== undefined && `for ${escapeMarkdown(assignee)}`,
    ticket && linked(ticket.key, ticket.url),
  ].filter(Boolean);
  return [`- ${[linked(row.title, row.url), ...facts].join(' · ')}`, ...textOf(row)].join('\n');
}

/** Below its title, what else the ticket would say: nothing if that is the title and a line of facts about it. */
function textOf({ title, body }: PlanRow): string[] {
  const [first = '', ...more] = body.trim().split(/\n{2,}/);
  const isSaid = more.length <= 1 && normalisedWords(first) === normalisedWords(title);
  return isSaid
    ? []
    : [
        '',
        ...body
          .trim()
          .split('\n')
          .map((line) => `  ${line}`.trimEnd()),
        '',
      ];
}

const withReason = ({ title, url, ticket, reason }: PlanRow): string =>
  `- ${[linked(title, url), ...(ticket ? [linked(ticket.key, ticket.url)] : []), escapeMarkdown(reason)].join(' · ')}`;

const linked = (text: string, url: string | undefined): string =>
  url === undefined || url === '' ? escapeMarkdown(text) : markdownLink(text, url);
