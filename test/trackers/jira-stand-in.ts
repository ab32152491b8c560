/**
 * A stand-in for Jira, Cloud or Data Center, as jira.js' types and Atlassian's reference have them:
 * https://developer.atlassian.com/cloud/jira/platform/rest/v3/ and https://docs.atlassian.com/software/jira/docs/api/REST/9.12.0/ (read 2026-11).
 */
import type { FaultRule } from '../../simulator/faults/rules.js';
import { startStandIn, type SeenRequest, type StandInAnswer, type StandInRequest } from './faults.js';
import {
  createJiraIssues,
  JiraRefusal,
  type Deployment,
  type JiraIssues,
  type StoredIssue,
} from './jira-stand-in-issues.js';
import { account, ISSUE_TYPES, LINK_TYPES, PEOPLE, PROJECT, screenOf, TRANSITIONS } from './jira-stand-in-site.js';
import { createKept } from './kept.js';

export interface JiraOptions {
  deployment?: Deployment;
  /** How long a new issue cannot be found by a search; default 0. */
  searchLagMs?: number;
  /** Most issues or comments of a page; default 100. */
  pageSize?: number;
  /** Permissions that the account of the token lacks. */
  lacks?: string[];
  faults?: FaultRule[];
  seed?: number;
  /** Keeps the issues over a SIGKILL. */
  file?: string;
  port?: number;
}

/** What a person does in Jira. */
export type JiraAct =
  | { do: 'clone' | 'delete' | 'close'; id: string; by?: string }
  | { do: 'edit'; id: string; fields: Record<string, unknown>; by?: string }
  | { do: 'comment'; id: string; text: string; by?: string };

export interface RunningJira {
  url: string;
  token: string;
  /** Settings of a tracker connection to it. */
  config: Record<string, unknown>;
  state(): StoredIssue[];
  seen: SeenRequest[];
  /** Replaces the rules in force. */
  fail(...rules: FaultRule[]): void;
  /** @returns the issue acted on; of a clone the new one */
  act(act: JiraAct): StoredIssue;
  close(): Promise<void>;
}

const TOKEN = 'jira-token-that-must-not-leak';
const EMAIL = 'bot@example.org';

/** Listens on 127.0.0.1. Controls: `POST /_stand-in/state`, `/_stand-in/act`, `/_stand-in/faults`. */
export async function startJira(options: JiraOptions = {}): Promise<RunningJira> {
  const { deployment = 'cloud', searchLagMs = 0, pageSize = 100, lacks = [], file, ...rest } = options;
  const issues = createJiraIssues({ deployment, kept: createKept(file), searchLagMs });
  const site: Site = { deployment, issues, pageSize, lacks };
  const act = (input: JiraAct): StoredIssue => perform(issues, input);
  const server = await startStandIn(
    {
      answer: (request) => answer(site, request),
      refusal,
      controls: { state: () => issues.all(), act: (input) => act(input as JiraAct) },
    },
    rest,
  );
  return {
    url: server.url,
    token: TOKEN,
    config: { deployment, url: server.url, project: PROJECT, ...(deployment === 'cloud' && { email: EMAIL }) },
    state: () => issues.all(),
    seen: server.seen,
    fail: (...rules) => server.faults.set(rules),
    act,
    close: () => server.close(),
  };
}

interface Site {
  deployment: Deployment;
  issues: JiraIssues;
  pageSize: number;
  lacks: string[];
}

interface Call extends Site {
  request: StandInRequest;
  body: Record<string, unknown>;
  /** What the pattern of the route caught. */
  caught: string[];
}
type Route = [method: string, path: RegExp, handle: (call: Call) => StandInAnswer];

const ok = (body: unknown): StandInAnswer => ({ status: 200, body });
const NO_CONTENT: StandInAnswer = { status: 204 };
const refused = (status: number, ...errorMessages: string[]): StandInAnswer => ({
  status,
  body: { errorMessages, errors: {} },
});

/** How Jira words a fault. Cloud answers a 429 with the time of reset too. */
function refusal(status: number): StandInAnswer {
  if (status === 401) return refused(401, 'Client must be authenticated to access this resource.');
  if (status === 429) return { ...refused(429, 'Rate limit exceeded.'), headers: { 'retry-after': '2' } };
  return refused(status, 'Internal server error');
}

const bot = ({ deployment }: Site): Record<string, unknown> => account(deployment, 'bot');

const ROUTES: Route[] = [
  ['GET', /^\/myself$/, (call) => ok(bot(call))],
  [
    'GET',
    /^\/project\/([^/]+)$/,
    ({ caught: [key] }) => (key === PROJECT ? ok({ id: '10000', key, name: 'Retro' }) : noProject(key)),
  ],
  ['GET', /^\/mypermissions$/, permissions],
  ['GET', /^\/issueLinkType$/, () => ok({ issueLinkTypes: LINK_TYPES })],
  ['GET', /^\/issue\/createmeta\/([^/]+)\/issuetypes$/, (call) => page(call, 'issueTypes', ISSUE_TYPES)],
  [
    'GET',
    /^\/issue\/createmeta\/([^/]+)\/issuetypes\/(\d+)$/,
    (call) => page(call, 'fields', screenOf(call.caught[1] ?? '')),
  ],
  ['GET', /^\/user\/search$/, (call) => ok(people(call))],
  ['GET', /^\/user\/assignable\/search$/, (call) => ok(people(call))],
  ['POST', /^\/issue$/, (call) => ({ status: 201, body: call.issues.create(call.body, 'bot') })],
  ['GET', /^\/issue\/([\w-]+)$/, (call) => ok(call.issues.show(call.caught[0] ?? '', call.request.query))],
  ['PUT', /^\/issue\/([\w-]+)$/, ({ issues, caught: [id = ''], body }) => (issues.edit(id, body, 'bot'), NO_CONTENT)],
  ['DELETE', /^\/issue\/([\w-]+)$/, remove],
  [
    'GET',
    /^\/issue\/([\w-]+)\/comment$/,
    (call) => page(call, 'comments', call.issues.find(call.caught[0] ?? '').comments),
  ],
  [
    'POST',
    /^\/issue\/([\w-]+)\/comment$/,
    (call) => ({ status: 201, body: call.issues.comment(call.caught[0] ?? '', call.body['body'], 'bot') }),
  ],
  ['GET', /^\/issue\/([\w-]+)\/transitions$/, () => ok({ transitions: TRANSITIONS })],
  [
    'POST',
    /^\/issue\/([\w-]+)\/transitions$/,
    ({ issues, caught: [id = ''], body }) => (issues.transition(id, body, 'bot'), NO_CONTENT),
  ],
  ['POST', /^\/issueLink$/, ({ issues, body }) => (issues.link(body, 'bot'), { status: 201 })],
  ['GET', /^\/search(\/jql)?$/, search],
];

function answer(site: Site, request: StandInRequest): StandInAnswer {
  const base = site.deployment === 'cloud' ? '/rest/api/3' : '/rest/api/2';
  if (!request.path.startsWith(`${base}/`)) return refused(404, 'dead link');
  if (request.headers.authorization !== authorization(site)) return refusal(401);
  const path = request.path.slice(base.length);
  for (const [method, pattern, handle] of ROUTES) {
    const match = pattern.exec(path);
    if (!match || method !== request.method) continue;
    try {
      const body = request.body === '' ? {} : (JSON.parse(request.body) as Record<string, unknown>);
      return handle({ ...site, request, body, caught: match.slice(1) });
    } catch (error) {
      if (error instanceof JiraRefusal) return { status: error.status, body: error.body };
      throw error;
    }
  }
  return refused(405, 'Method not allowed');
}

const authorization = ({ deployment }: Site): string =>
  deployment === 'cloud' ? `Basic ${Buffer.from(`${EMAIL}:${TOKEN}`).toString('base64')}` : `Bearer ${TOKEN}`;

const noProject = (key = ''): StandInAnswer => refused(404, `No project could be found with key '${key}'.`);

function permissions({ lacks }: Call): StandInAnswer {
  const keys = ['BROWSE_PROJECTS', 'CREATE_ISSUES', 'EDIT_ISSUES', 'ADD_COMMENTS', 'LINK_ISSUES', 'DELETE_ISSUES'];
  return ok({
    permissions: Object.fromEntries(keys.map((key) => [key, { key, havePermission: !lacks.includes(key) }])),
  });
}

/** Cloud names the list of a page, Data Center calls it values, comments apart. */
function page(
  { deployment, request: { query }, caught, pageSize }: Call,
  name: string,
  all: readonly unknown[],
): StandInAnswer {
  if (name !== 'comments' && caught[0] !== PROJECT) return noProject(caught[0]);
  const startAt = Number(query.get('startAt') ?? 0);
  const maxResults = Math.min(Number(query.get('maxResults') ?? 50), pageSize);
  const list = deployment === 'cloud' || name === 'comments' ? name : 'values';
  return ok({ startAt, maxResults, total: all.length, [list]: all.slice(startAt, startAt + maxResults) });
}

/** Cloud searches by `query` or `accountId`, Data Center by `username`. */
function people({ deployment, request: { query } }: Call): unknown[] {
  const asked = (
    deployment === 'cloud' ? (query.get('query') ?? query.get('accountId')) : query.get('username')
  )?.toLowerCase();
  if (!asked) throw new JiraRefusal(400, {}, 'The query parameter is missing.');
  return Object.entries(PEOPLE)
    .filter(([id, { email, name }]) =>
      [id, `account-${id}`, email, name.toLowerCase()].some((text) => text.startsWith(asked)),
    )
    .map(([id]) => account(deployment, id));
}

function remove({ issues, lacks, caught: [id = ''] }: Call): StandInAnswer {
  issues.find(id);
  if (lacks.includes('DELETE_ISSUES'))
    return refused(403, 'You do not have permission to delete issues in this project.');
  issues.remove(id);
  return NO_CONTENT;
}

/** Cloud: tokens, no total. The old search is gone there. */
function search({ deployment, issues, request: { query }, caught: [jqlPath], pageSize }: Call): StandInAnswer {
  if ((deployment === 'cloud') !== (jqlPath !== undefined))
    return deployment === 'cloud'
      ? refused(410, 'The requested API has been removed. Please migrate to the /rest/api/3/search/jql API.')
      : refused(404, 'dead link');
  const found = issues.search(query.get('jql') ?? '');
  const startAt = Number(query.get(deployment === 'cloud' ? 'nextPageToken' : 'startAt') ?? 0);
  const maxResults = Math.min(Number(query.get('maxResults') ?? 50), pageSize);
  const shown = found.slice(startAt, startAt + maxResults).map(({ id }) => issues.show(id, query));
  const isLast = startAt + shown.length >= found.length;
  if (deployment === 'datacenter') return ok({ startAt, maxResults, total: found.length, issues: shown });
  return ok({ issues: shown, isLast, ...(!isLast && { nextPageToken: String(startAt + shown.length) }) });
}

function perform(issues: JiraIssues, act: JiraAct): StoredIssue {
  const { id, by = 'anna' } = act;
  const issue = issues.find(id);
  switch (act.do) {
    case 'clone':
      return issues.clone(id, by);
    case 'delete':
      issues.remove(id);
      return issue;
    case 'close':
      return issues.transition(id, { transition: { id: '31' } }, by);
    case 'edit':
      return issues.edit(id, { fields: act.fields }, by);
    case 'comment':
      issues.comment(id, issues.plainText(act.text), by);
      return issues.find(id);
  }
}
