/** What we read of an issue. */
import { z } from 'zod';
import type { AdfNode } from './jira-adf.js';
import { textOf } from './jira-adf.js';
import type { JiraConfig } from './jira-config.js';
import type { Ticket, TicketState } from './tracker.js';

/** An id is all digits. */
const id = z.string().regex(/^\d+$/);

/** Cloud knows accounts by accountId, Data Center by key. */
export const accountSchema = z.object({
  accountId: z.string().optional(),
  key: z.string().optional(),
  name: z.string().optional(),
});
export type Account = z.infer<typeof accountSchema>;

export const isSameAccount = (a: Account, b: Account): boolean =>
  a.accountId !== undefined ? a.accountId === b.accountId : a.key !== undefined && a.key === b.key;

/** Ends an address. */
const key = z.string().regex(/^[\p{L}\p{N}_]{1,255}-\d{1,18}$/u);

export const createdSchema = z.object({ id, key });

const historySchema = z.object({
  id,
  author: accountSchema.optional(),
  items: z.array(z.object({ field: z.string() })),
});
const commentsSchema = z.object({ total: z.number(), comments: z.array(z.object({ updated: z.string() })) });

/** `changelog` and `comment` tell whether anybody has touched it. */
export const issueSchema = z.object({
  ...createdSchema.shape,
  fields: z.object({
    summary: z.string(),
    /** A document with Cloud, wiki text with Data Center. */
    description: z
      .union([z.string(), z.custom<AdfNode>((value) => typeof value === 'object' && value !== null)])
      .nullish(),
    labels: z.array(z.string()).catch([]),
    status: z.object({ statusCategory: z.object({ key: z.string() }) }),
    creator: accountSchema.nullish(),
    created: z.string(),
    comment: commentsSchema,
  }),
  changelog: z.object({ histories: z.array(historySchema) }),
});
export type Issue = z.infer<typeof issueSchema>;

export const ISSUE_FIELDS = ['summary', 'description', 'labels', 'status', 'creator', 'created', 'comment'];

export const browseUrl = ({ url }: JiraConfig, key: string): string => `${url}/browse/${key}`;

/** Of a ticket that nobody has touched since it was made: creating leaves no entry in the changelog. */
export const UNTOUCHED = revisionOf([], { total: 0, comments: [] });

/** @param us a change of ours that only links tickets does not count */
export function stateOf(config: JiraConfig, { id, key, fields, changelog }: Issue, us: Account): TicketState {
  const counted = changelog.histories.filter(
    ({ author, items }) => !(author && isSameAccount(author, us) && items.every(({ field }) => field === 'Link')),
  );
  return { id, key, url: browseUrl(config, key), revision: revisionOf(counted, fields.comment) };
}

export function ticketOf(config: JiraConfig, issue: Issue, us: Account): Ticket {
  const { summary, description } = issue.fields;
  return {
    ...stateOf(config, issue, us),
    title: summary,
    body: shownText(description ?? ''),
    closed: isDone(issue),
  };
}

/** @param text a document of Cloud's, or wiki text */
export const shownText = (text: AdfNode | string): string => (typeof text === 'string' ? text : textOf(text));

export const isDone = ({ fields }: { fields: Pick<Issue['fields'], 'status'> }): boolean =>
  fields.status.statusCategory.key === 'done';

/** Newest change, number of comments and newest comment: Jira sends a hundred changes at most, the newest among them. */
function revisionOf(changes: readonly { id: string }[], { total, comments }: z.infer<typeof commentsSchema>): string {
  const newest = changes.reduce((most, change) => Math.max(most, Number(change.id)), 0);
  const commented = comments.map(({ updated }) => Date.parse(updated)).reduce((most, at) => Math.max(most, at), 0);
  return `${newest}.${total}.${commented}`;
}
