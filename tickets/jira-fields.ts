/** What a ticket is in Jira's fields. */
import { adfOf } from './jira-adf.js';
import type { AdfDocument, AdfNode } from './jira-adf.js';
import type { JiraConfig } from './jira-config.js';
import { wikiOf } from './jira-wiki.js';
import type { TicketChange, TicketDraft } from './tracker.js';

/** Jira's limit of a summary, in UTF-16 units. */
const MAX_SUMMARY = 255;

export interface IssueFields extends Record<string, unknown> {
  project: { key: string };
  issuetype: { name: string };
  summary: string;
}

/** Of one request: with all fields and the marker among the labels. The mapping's own fields never replace those. */
export function createFields(config: JiraConfig, draft: TicketDraft): IssueFields {
  return {
    ...draft.fields,
    ...sharedFields(config, draft),
    project: { key: config.project },
    issuetype: { name: draft.type ?? config.type },
    summary: summaryOf(draft.title),
    labels: [...new Set([...draft.labels.map(labelOf), draft.marker])].filter((label) => label !== ''),
    ...(draft.parent !== undefined && { parent: { key: draft.parent } }),
  };
}

/** Labels are only added: the marker and those of people stay. */
export function changeOf(
  config: JiraConfig,
  change: TicketChange,
): { fields: Record<string, unknown>; update: Record<string, unknown> } {
  return {
    fields: {
      ...sharedFields(config, change),
      ...(change.title !== undefined && { summary: summaryOf(change.title) }),
      ...(change.type !== undefined && { issuetype: { name: change.type } }),
    },
    update: change.labels === undefined ? {} : { labels: change.labels.map((label) => ({ add: labelOf(label) })) },
  };
}

function sharedFields(config: JiraConfig, { body, priority, assignee }: TicketChange): Record<string, unknown> {
  return {
    ...(body !== undefined && { description: richText(config, body) }),
    ...(priority !== undefined && { priority: { name: priority } }),
    ...(assignee !== undefined && {
      assignee: config.deployment === 'cloud' ? { accountId: assignee } : { name: assignee },
    }),
  };
}

/** Markdown as the deployment's own form of text. */
export function richText({ deployment }: JiraConfig, markdown: string): AdfDocument | string {
  const document = adfOf(markdown);
  return deployment === 'cloud' ? document : wikiOf(document);
}

/** A comment, its marker in small letters at the end: one that is there is found by it. */
export function commentText(
  { deployment }: JiraConfig,
  { marker, body }: { marker: string; body: string },
): AdfDocument | string {
  const document = adfOf(body);
  if (deployment === 'datacenter') return `${wikiOf(document)}\n\n~${marker}~`;
  const small: AdfNode = { type: 'text', text: marker, marks: [{ type: 'subsup', attrs: { type: 'sub' } }] };
  return { ...document, content: [...document.content, { type: 'paragraph', content: [small] }] };
}

/** One line. Cut between characters, never within one. */
export function summaryOf(title: string): string {
  const line = title.replace(/\s+/g, ' ').trim();
  let summary = '';
  for (const character of line) {
    if (summary.length + character.length > MAX_SUMMARY) break;
    summary += character;
  }
  return summary;
}

/** Jira's labels hold no spaces. */
export const labelOf = (label: string): string => label.trim().replace(/\s+/g, '-').slice(0, MAX_SUMMARY);
