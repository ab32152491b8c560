/** Issues of one repository on GitHub; requests and answers are held against GitHub's own description of its API. */
import type { FaultRule } from '../../simulator/faults/rules.js';
import { startStandIn, type SeenRequest, type StandInAnswer, type StandInRequest } from './faults.js';
import { createGithubIssues, GithubRefusal, type GithubIssues } from './github-stand-in-issues.js';
import { findOperation, type Operation } from './github-spec.js';
import { commentView, foundView, issueView, ownView, repositoryView, type Issue } from './github-views.js';
import { createKept } from './kept.js';

export interface GithubOptions {
  /** Whose the token is; an App (`…[bot]`) may not ask who it is. */
  login?: string;
  push?: boolean;
  archived?: boolean;
  issues?: boolean;
  faults?: FaultRule[];
  seed?: number;
  /** The most that a page has; GitHub's own is 100. */
  pageSize?: number;
  /** Keeps the issues over a SIGKILL. */
  file?: string;
  port?: number;
}

/** What a person does on GitHub. */
export type GithubAct =
  | { do: 'copy'; number: number; by: string; pullRequest?: true }
  | { do: 'edit'; number: number; title?: string; body?: string; labels?: string[] }
  | { do: 'comment'; number: number; by: string; body: string }
  | { do: 'close' | 'delete'; number: number }
  | { do: 'date'; number: number; createdAt: string };

export interface RunningGithub {
  url: string;
  token: string;
  /** Settings of a tracker connection to it. */
  config: Record<string, unknown>;
  /** All issues but those that were deleted. */
  state(): Issue[];
  seen: SeenRequest[];
  /** Replaces the rules in force. */
  fail(...rules: FaultRule[]): void;
  /** @returns the issue acted on; of a copy the new one */
  act(act: GithubAct): Issue;
  close(): Promise<void>;
}

interface Site {
  login: string;
  issues: GithubIssues;
  facts: { push: boolean; archived: boolean; issues: boolean };
  pageSize: number;
}

interface Call {
  operation: Operation;
  query: Record<string, unknown>;
  body: Record<string, unknown>;
  /** Where the stand-in listens. */
  origin: string;
  pageSize: number;
}

const TOKEN = 'github-token-that-must-not-leak';
const REPOSITORY = 'ours/app';
/** Who has access beside us; Anna's e-mail address is public. */
export const GITHUB_PEOPLE = { anna: 'anna@example.org', ben: null };

/** Listens on 127.0.0.1. Controls: `POST /_stand-in/state`, `/_stand-in/act`, `/_stand-in/faults`. */
export async function startGithub(options: GithubOptions = {}): Promise<RunningGithub> {
  const {
    login = 'our-bot',
    push = true,
    archived = false,
    issues: on = true,
    file,
    pageSize = 100,
    ...rest
  } = options;
  const issues = createGithubIssues(createKept(file), { people: [login, ...Object.keys(GITHUB_PEOPLE)], push });
  const site: Site = { login, issues, facts: { push, archived, issues: on }, pageSize };
  const running = await startStandIn(
    {
      answer: (request) => answer(site, request),
      refusal: faulty,
      controls: { state: () => issues.all(), act: (input) => perform(issues, input as GithubAct) },
    },
    rest,
  );
  return {
    url: running.url,
    token: TOKEN,
    config: { repository: REPOSITORY, apiUrl: running.url, ...(login.endsWith('[bot]') && { login }) },
    state: () => issues.all(),
    seen: running.seen,
    fail: (...rules) => running.faults.set(rules),
    act: (input) => perform(issues, input),
    close: () => running.close(),
  };
}

function perform(issues: GithubIssues, act: GithubAct): Issue {
  const issue = issues.get(act.number);
  switch (act.do) {
    case 'copy': {
      const copy = issues.create(act.by, { title: issue.title, body: issue.body ?? '', labels: issue.labels });
      return act.pullRequest ? issues.keep({ ...copy, pullRequest: true }) : copy;
    }
    case 'edit': {
      const { do: _, number: __, ...fields } = act;
      return issues.change(issue, fields);
    }
    case 'comment':
      issues.comment(issue, act.by, act.body);
      return issue;
    case 'close':
      return issues.change(issue, { state: 'closed', state_reason: 'completed' });
    case 'delete':
      return issues.keep({ ...issue, deleted: true });
    case 'date':
      return issues.keep({ ...issue, createdAt: act.createdAt });
  }
}

/** GitHub's words. Its secondary limits come as 403. */
function faulty(status: number): StandInAnswer {
  if (status === 401) return { status, body: { message: 'Bad credentials', status: '401' } };
  if (status !== 429) return { status, body: { message: 'Server Error' } };
  const message = 'You have exceeded a secondary rate limit. Please wait a few minutes before you try again.';
  return { status: 403, headers: { 'retry-after': '1' }, body: { message } };
}

function answer(site: Site, request: StandInRequest): StandInAnswer {
  const operation = findOperation(request.method, request.path);
  if (!operation) return { status: 404, body: { message: 'Not Found', status: '404' } };
  try {
    const given = handle(site, request, operation);
    operation.requireAnswer(given.status, given.body);
    return given;
  } catch (error) {
    if (error instanceof GithubRefusal) return { status: error.status, body: error.body };
    throw error;
  }
}

function handle(site: Site, request: StandInRequest, operation: Operation): StandInAnswer {
  if (request.headers['authorization'] !== `token ${TOKEN}`) throw new GithubRefusal(401, 'Bad credentials');
  const query: Record<string, unknown> = Object.fromEntries(request.query);
  const body = (request.body === '' ? {} : JSON.parse(request.body)) as Record<string, unknown>;
  const problem = operation.checkQuery(query) ?? (request.body === '' ? undefined : operation.checkBody(body));
  if (problem !== undefined) throw new GithubRefusal(422, `Invalid request. ${problem}`);
  const { owner, repo } = operation.params;
  if (owner !== undefined && `${owner}/${repo}` !== REPOSITORY) throw new GithubRefusal(404, 'Not Found');
  const call = { operation, query, body, origin: `http://${request.headers.host}`, pageSize: site.pageSize };
  return HANDLERS[operation.id]?.(site, call) ?? MISSING;
}

const MISSING: StandInAnswer = { status: 404, body: { message: 'Not Found' } };
const json = (status: number, body: unknown): StandInAnswer => ({ status, body });
const shown = (issue: Issue) => issueView(REPOSITORY, issue);
const issueOf = ({ issues }: Site, { operation }: Call): Issue => issues.get(Number(operation.params['issue_number']));

const HANDLERS: Record<string, (site: Site, call: Call) => StandInAnswer> = {
  'users/get-authenticated': ({ login }) => {
    if (login.endsWith('[bot]')) throw new GithubRefusal(403, 'Resource not accessible by integration');
    return json(200, ownView(login));
  },
  'repos/get': ({ facts }) => json(200, repositoryView(REPOSITORY, facts)),
  'issues/check-user-can-be-assigned': ({ issues }, { operation }) =>
    issues.hasAccess(operation.params['assignee'] ?? '') ? { status: 204 } : MISSING,
  'issues/list-for-repo': ({ issues }, call) => {
    const { state = 'open', direction = 'desc' } = call.query;
    const listed = issues.all().filter((issue) => state === 'all' || issue.state === state);
    listed.sort((a, b) => a.createdAt.localeCompare(b.createdAt) || a.number - b.number);
    return paged(call, direction === 'desc' ? listed.reverse() : listed, shown);
  },
  'issues/create': (site, { body }) => {
    if (!site.facts.issues) throw new GithubRefusal(410, 'Issues has been disabled in this repository.');
    if (site.facts.archived) throw new GithubRefusal(403, 'Repository was archived so is read-only.');
    return json(201, shown(site.issues.create(site.login, body)));
  },
  'issues/get': (site, call) => json(200, shown(issueOf(site, call))),
  'issues/update': (site, call) => json(200, shown(site.issues.change(issueOf(site, call), call.body))),
  'issues/list-comments': (site, call) => {
    const issue = issueOf(site, call);
    return paged(call, issue.comments, (comment) => commentView(REPOSITORY, issue, comment));
  },
  'issues/create-comment': (site, call) => {
    const issue = issueOf(site, call);
    return json(201, commentView(REPOSITORY, issue, site.issues.comment(issue, site.login, String(call.body['body']))));
  },
  'search/users': (_, { query }) => {
    const email = /^"(.+)" in:email type:user$/.exec(String(query['q']))?.[1];
    const logins = Object.entries(GITHUB_PEOPLE).flatMap(([login, known]) => (known === email ? [login] : []));
    return json(200, { total_count: logins.length, incomplete_results: false, items: logins.map(foundView) });
  },
};

/** Pages as GitHub cuts them, with its link to the next one. */
function paged<T>({ query, origin, operation, pageSize }: Call, all: T[], view: (one: T) => unknown): StandInAnswer {
  const page = Number(query['page'] ?? 1);
  const size = Math.min(pageSize, Number(query['per_page'] ?? 30));
  const body = all.slice((page - 1) * size, page * size).map(view);
  if (page * size >= all.length) return json(200, body);
  const next = new URLSearchParams({ ...(query as Record<string, string>), page: String(page + 1) });
  return {
    status: 200,
    headers: { link: `<${origin}/repositories/1/${operation.id}?${next.toString()}>; rel="next"` },
    body,
  };
}
