/** The issues of the stand-in's Jira, and what it refuses. */
import { problemsOf } from './jira-stand-in-rules.js';
import { account, FIRST_STATUS, ISSUE_TYPES, LINK_TYPES, PROJECT, TRANSITIONS } from './jira-stand-in-site.js';
import type { Kept } from './kept.js';

export type Deployment = 'cloud' | 'datacenter';

interface Change {
  id: string;
  author: Record<string, unknown>;
  items: { field: string }[];
}
interface Comment {
  id: string;
  author: Record<string, unknown>;
  body: unknown;
  updated: string;
}
export interface StoredIssue {
  id: string;
  key: string;
  /** Who made it, by the ids of the site's people. */
  creator: string;
  created: string;
  status: { name: string; statusCategory: { key: string } };
  fields: Record<string, unknown> & { labels: string[] };
  changes: Change[];
  comments: Comment[];
  /** Ids of the issues it is linked with. */
  links: { direction: 'inward' | 'outward'; otherId: string }[];
}

/** What Jira refuses, field by field. */
export class JiraRefusal extends Error {
  readonly status: number;
  readonly body: { errorMessages: string[]; errors: Record<string, string> };

  constructor(status: number, errors: Record<string, string>, ...errorMessages: string[]) {
    super(`refused with ${status}`);
    this.status = status;
    this.body = { errorMessages, errors };
  }
}

export type JiraIssues = ReturnType<typeof createJiraIssues>;

export function createJiraIssues({
  deployment,
  kept,
  searchLagMs,
}: {
  deployment: Deployment;
  kept: Kept;
  searchLagMs: number;
}) {
  const issues = kept.table<StoredIssue>('issues');
  const counters = kept.table<number>('counters');
  const nextId = (): string => {
    const next = (counters.get('id') ?? 10_100) + 1;
    counters.set('id', next);
    return String(next);
  };
  const find = (idOrKey: string): StoredIssue => {
    const found = issues.get(idOrKey) ?? issues.values().find(({ key }) => key === idOrKey);
    if (!found) throw new JiraRefusal(404, {}, 'Issue does not exist or you do not have permission to see it.');
    return found;
  };
  const person = (id: string): Record<string, unknown> => account(deployment, id);
  const exists = (idOrKey: string): boolean => issues.values().some(({ id, key }) => id === idOrKey || key === idOrKey);
  const require = (fields: Record<string, unknown>, typeId: string, isNew: boolean): void => {
    const problems = problemsOf({ deployment, fields, typeId, isNew, exists });
    if (Object.keys(problems).length > 0) throw new JiraRefusal(400, problems);
  };
  const note = (issue: StoredIssue, by: string, field: string): StoredIssue => {
    issue.changes.push({ id: nextId(), author: person(by), items: [{ field }] });
    issues.set(issue.id, issue);
    return issue;
  };
  const store = (fields: StoredIssue['fields'], creator: string): StoredIssue => {
    const id = nextId();
    const issue: StoredIssue = {
      ...{
        id,
        key: `${PROJECT}-${Number(id) - 10_100}`,
        creator,
        created: new Date().toISOString(),
        status: FIRST_STATUS,
        fields,
      },
      ...{ changes: [], comments: [], links: [] },
    };
    issues.set(id, issue);
    return issue;
  };

  return {
    all: () => issues.values(),
    find,
    /** @returns what Jira answers to a create */
    create(body: Record<string, unknown>, by: string) {
      const fields = (body['fields'] ?? {}) as Record<string, unknown>;
      require(fields, typeIdOf(fields), true);
      const { id, key } = store({ ...fields, labels: (fields['labels'] ?? []) as string[] }, by);
      return { id, key };
    },
    clone(id: string, by: string): StoredIssue {
      const { fields } = find(id);
      return store({ ...fields, labels: [...fields.labels], summary: `CLONE - ${String(fields['summary'])}` }, by);
    },
    edit(id: string, body: Record<string, unknown>, by: string): StoredIssue {
      const issue = find(id);
      const fields = (body['fields'] ?? {}) as Record<string, unknown>;
      const { labels = [] } = (body['update'] ?? {}) as { labels?: { add: string }[] };
      const changed = {
        ...fields,
        ...(labels.length > 0 && { labels: [...new Set([...issue.fields.labels, ...labels.map(({ add }) => add)])] }),
      };
      require(changed, typeIdOf({ ...issue.fields, ...changed }), false);
      // What is set to what it was leaves no entry.
      const news = Object.entries(changed).filter(
        ([name, value]) => JSON.stringify(issue.fields[name]) !== JSON.stringify(value),
      );
      for (const [name, value] of news) issue.fields[name] = value;
      return news.length === 0 ? issue : note(issue, by, news.map(([name]) => name).join());
    },
    comment(id: string, body: unknown, by: string): Comment {
      const issue = find(id);
      require({ description: body }, typeIdOf(issue.fields), false);
      const comment = { id: nextId(), author: person(by), body, updated: new Date().toISOString() };
      issue.comments.push(comment);
      issues.set(issue.id, issue);
      return comment;
    },
    transition(id: string, body: Record<string, unknown>, by: string): StoredIssue {
      const issue = find(id);
      const transition = TRANSITIONS.find(
        (each) => each.id === (body['transition'] as { id?: string } | undefined)?.id,
      );
      if (!transition)
        throw new JiraRefusal(400, {}, 'It seems that you have tried to perform an illegal workflow operation.');
      issue.status = transition.to;
      return note(issue, by, 'status');
    },
    link(body: Record<string, unknown>, by: string): void {
      const { type, inwardIssue, outwardIssue } = body as Record<string, { id?: string; name?: string } | undefined>;
      if (!LINK_TYPES.some(({ name }) => name === type?.name))
        throw new JiraRefusal(404, {}, `No issue link type with name '${type?.name}' found.`);
      const [inward, outward] = [find(inwardIssue?.id ?? ''), find(outwardIssue?.id ?? '')];
      inward.links.push({ direction: 'outward', otherId: outward.id });
      outward.links.push({ direction: 'inward', otherId: inward.id });
      note(inward, by, 'Link');
      note(outward, by, 'Link');
    },
    remove: (id: string) => issues.delete(find(id).id),
    /** The index knows an issue only after its lag; it knows labels, and no properties that no app declares. */
    search(jql: string): StoredIssue[] {
      const match = /^labels in \(("[\w.-]+"(?:, "[\w.-]+")*)\) ORDER BY created ASC$/.exec(jql);
      if (!match) throw new JiraRefusal(400, {}, jqlProblem(jql));
      const labels = (match[1] ?? '').split(', ').map((quoted) => quoted.slice(1, -1));
      return issues
        .values()
        .filter(({ created }) => Date.parse(created) + searchLagMs <= Date.now())
        .filter(({ fields }) => fields.labels.some((label) => labels.includes(label)));
    },
    /** The fields asked for; the changelog only if it is asked for. Newest changes first, a hundred at most. */
    show(idOrKey: string, query: URLSearchParams): unknown {
      const issue = find(idOrKey);
      const { id, key, changes } = issue;
      const all: Record<string, unknown> = {
        ...{ ...issue.fields, status: issue.status, created: issue.created, creator: person(issue.creator) },
        comment: { comments: issue.comments, total: issue.comments.length },
        issuelinks: issue.links.map(({ direction, otherId }) => ({
          type: LINK_TYPES[0],
          [`${direction}Issue`]: { id: otherId },
        })),
      };
      const asked = (query.get('fields') ?? Object.keys(all).join()).split(',');
      const fields = Object.fromEntries(asked.filter((name) => name in all).map((name) => [name, all[name]]));
      const histories = changes.toReversed().slice(0, 100);
      const hasChangelog = query.get('expand') === 'changelog';
      return { id, key, fields, ...(hasChangelog && { changelog: { total: changes.length, histories } }) };
    },
    /** What a person typed, in the deployment's own form of text. */
    plainText: (text: string): unknown =>
      deployment === 'datacenter'
        ? text
        : { type: 'doc', version: 1, content: [{ type: 'paragraph', content: [{ type: 'text', text }] }] },
  };
}

function typeIdOf(fields: Record<string, unknown>): string {
  const { name } = (fields['issuetype'] ?? {}) as { name?: string };
  return ISSUE_TYPES.find((type) => type.name === name)?.id ?? '';
}

const jqlProblem = (jql: string): string =>
  jql.includes('issue.property')
    ? "Field 'issue.property' does not exist or you do not have permission to view it."
    : `Error in the JQL Query: '${jql.slice(0, 40)}' is not understood.`;
