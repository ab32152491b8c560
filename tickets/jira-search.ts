/** Finding issues by their labels. */
import { z } from 'zod';
import { TicketError } from './errors.js';
import { read } from './jira-api.js';
import type { Jira } from './jira-api.js';
import { ISSUE_FIELDS, issueSchema } from './jira-issue.js';
import type { Issue } from './jira-issue.js';

/** Keeps the address of a query under 4 KB. */
const MARKERS_A_QUERY = 50;
/** Far from the minute of an activity, also where each query takes as long as it may. */
const MARKERS_A_CALL = 2 * MARKERS_A_QUERY;
/** Jira may send fewer. */
const PAGE = 100;

/** Many times what the issues of a query fill, with all their copies. */
const MOST_PAGES = 20;

const cloudPage = z.object({ issues: z.array(issueSchema), nextPageToken: z.string().nullish() });
const dataCenterPage = z.object({ issues: z.array(issueSchema), total: z.number() });

/**
 * Issues that have one of the labels, in any project: a person may have moved one.
 * @param next of the portion before: the place of the first label that was not asked for.
 */
export async function findIssues(
  jira: Jira,
  labels: readonly string[],
  next = '0',
): Promise<{ issues: Issue[]; next?: string }> {
  const issues: Issue[] = [];
  const first = Number(next);
  const end = first + MARKERS_A_CALL;
  const asked = labels.slice(first, end);
  for (let from = 0; from < asked.length; from += MARKERS_A_QUERY) {
    const quoted = asked.slice(from, from + MARKERS_A_QUERY).map((label) => `"${label}"`);
    const jql = `labels in (${quoted.join(', ')}) ORDER BY created ASC`;
    issues.push(
      ...(jira.config.deployment === 'cloud' ? await searchCloud(jira, jql) : await searchDataCenter(jira, jql)),
    );
  }
  return { issues, ...(end < labels.length && { next: String(end) }) };
}

async function searchCloud({ api }: Jira, jql: string): Promise<Issue[]> {
  const issues: Issue[] = [];
  const seen = new Set<string | undefined>();
  let nextPageToken: string | undefined;
  do {
    if (seen.has(nextPageToken) || seen.size === MOST_PAGES) throw endless();
    seen.add(nextPageToken);
    const answer = await api.search.searchForIssuesUsingJqlEnhancedSearch<unknown>({
      jql,
      fields: ISSUE_FIELDS,
      expand: 'changelog',
      maxResults: PAGE,
      ...(nextPageToken !== undefined && { nextPageToken }),
    });
    const page = read(cloudPage, answer, 'the search');
    issues.push(...page.issues);
    nextPageToken = page.nextPageToken ?? undefined;
  } while (nextPageToken !== undefined);
  return issues;
}

async function searchDataCenter({ api }: Jira, jql: string): Promise<Issue[]> {
  const issues: Issue[] = [];
  for (let pages = 0; pages < MOST_PAGES; pages++) {
    const answer = await api.search.searchForIssuesUsingJql<unknown>({
      jql,
      fields: ISSUE_FIELDS,
      expand: 'changelog',
      maxResults: PAGE,
      startAt: issues.length,
    });
    const page = read(dataCenterPage, answer, 'the search');
    issues.push(...page.issues);
    if (page.issues.length === 0 || issues.length >= page.total) return issues;
  }
  throw endless();
}

const endless = (): TicketError =>
  new TicketError(`Jira: the search lists page after page: one comes again, or there are more than ${MOST_PAGES}`, {
    kind: 'malformed',
    written: 'no',
  });
