/** GitHub Issues, on github.com or a GitHub Enterprise Server. */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import { addressSchema } from './address.js';
import { TicketError } from './errors.js';
import { createGithubApi, type GithubApi } from './github-api.js';
import { checkGithub } from './github-check.js';
import { markerOf, withMarker, withoutMarker } from './github-marker.js';
import { findGithubAccount, ownLogin } from './github-people.js';
import { commentSchema, issueSchema, listedPages, type Issue } from './github-issues.js';
import { quiet } from './github-text.js';
import type { TrackerLine, TrackerSettings } from './settings.js';
import type {
  Capabilities,
  FoundTickets,
  HowToAsk,
  MarkedTicket,
  Ticket,
  TicketDraft,
  TicketState,
  Tracker,
} from './tracker.js';

export const githubConfigSchema = z.strictObject({
  repository: z.string().regex(/^[\w.-]+\/[\w.-]+$/, 'must be owner/name'),
  apiUrl: addressSchema
    .default('https://api.github.com')
    .describe('Of a GitHub Enterprise Server: https://<host>/api/v3'),
  labels: z.array(z.string().min(1).max(50)).default([]).describe('On every issue'),
  login: z.string().min(1).optional().describe('Whom issues are by; only for tokens of a GitHub App: <app>[bot]'),
});
export type GithubConfig = z.infer<typeof githubConfigSchema>;

/** What a method of this tracker works with. */
export interface Github {
  api: GithubApi;
  config: GithubConfig;
  /** Of the repository's routes. */
  repo: { owner: string; repo: string };
  /** Read once. */
  login(how: HowToAsk): Promise<string>;
}

/** Types, statuses and priorities are no fields of an issue that a token without more rights could set; none is offered. */
const CAPABILITIES: Capabilities = {
  createdOnce: 'marker',
  // Listings show an issue at once; a create that was given up may still be worked on for some seconds.
  settleMs: 20_000,
  // "Make requests serially": https://docs.github.com/en/rest/using-the-rest-api/best-practices-for-using-the-rest-api
  concurrency: 1,
  fields: ['labels', 'assignee'],
  ownFields: false,
  reads: true,
  comments: true,
  updates: true,
  links: false,
  undo: 'close',
};
/** Between GitHub's clock and ours. */
const CLOCK_SKEW_MS = 5 * 60_000;
/** How many pages one portion has: GitHub gives up on a page after 10 s, and an activity has a minute. */
const PAGES_A_CALL = 5;

const ISSUES = '/repos/{owner}/{repo}/issues';
const ISSUE = `${ISSUES}/{issue_number}`;
const COMMENTS = `${ISSUE}/comments`;

/** @param settings whose secret is a token that may read and write issues */
export function createGithub(settings: TrackerSettings, line: TrackerLine): Tracker {
  const config = githubConfigSchema.parse(settings.config);
  const [owner = '', repo = ''] = config.repository.split('/');
  const api = createGithubApi(config.apiUrl, settings.secret ?? '', line);
  const github: Github = { api, config, repo: { owner, repo }, login: ownLogin(api, config.login) };
  return {
    kind: 'github',
    capabilities: CAPABILITIES,
    check: (wanted, how) => checkGithub(github, wanted, how),
    findByMarker: (markers, since, how, from) => findByMarker(github, { markers, since, from }, how),
    create: (draft, how) => create(github, draft, how),
    async update(id, { title, body, labels, assignee }, how) {
      const marker = body === undefined ? undefined : markerOf((await getIssue(github, id, how)).body);
      return await change(github, id, how, {
        title: title === undefined ? undefined : quiet(title),
        body: body === undefined ? undefined : withMarker(body, marker),
        labels: labels === undefined ? undefined : labelsOf(github, labels),
        assignees: assignee === undefined ? undefined : [assignee],
      });
    },
    comment: (id, comment, how) => addComment(github, id, comment, how),
    link: () =>
      Promise.reject(
        new TicketError('GitHub: issues have no relations that its REST API can set', {
          kind: 'invalid',
          written: 'no',
        }),
      ),
    shown: ({ title, body }) => ({ title: quiet(title), body: withMarker(body, undefined) }),
    get: (id, how) => unlessGone(async () => ticketOf(await getIssue(github, id, how))),
    async takeBack(id, how) {
      const issue = await unlessGone(() => getIssue(github, id, how));
      if (issue?.state !== 'open') return;
      await unlessGone(() => change(github, id, how, { state: 'closed', state_reason: 'not_planned' }));
    },
    findAccount: (person, how) => findGithubAccount(github, person, how),
  };
}

/**
 * Reads the repository's issues, newest first, until they are older than `since`, less 5 minutes for its clock. The search would be shorter, and
 * lags. An issue that moves to the next page while this reads is seen twice, and counted once.
 */
async function findByMarker(
  github: Github,
  { markers, since, from }: { markers: readonly string[]; since: Date | undefined; from: string | undefined },
  how: HowToAsk,
): Promise<FoundTickets> {
  if (markers.length === 0) return { found: [] };
  const wanted = new Set(markers);
  const oldest = since === undefined ? -Infinity : since.getTime() - CLOCK_SKEW_MS;
  const login = await github.login(how);
  const found = new Map<string, MarkedTicket>();
  const newest = { ...github.repo, state: 'all', sort: 'created', direction: 'desc' };
  let pages = 0;
  let goOn: string | undefined;
  for await (const { data: issues, next } of listedPages(github.api, ISSUES, newest, z.array(issueSchema), how, from)) {
    for (const issue of issues) {
      const marker = markerOf(issue.body);
      const createdAt = new Date(issue.created_at);
      if (marker === undefined || !wanted.has(marker) || issue.pull_request || createdAt.getTime() < oldest) continue;
      const byUs = issue.user?.login.toLowerCase() === login.toLowerCase();
      // A comment, too, is a change by this time.
      const untouched = issue.updated_at === issue.created_at;
      found.set(String(issue.number), { ...stateOf(issue), marker, createdAt, byUs, untouched });
    }
    const last = issues.at(-1);
    if (last && new Date(last.created_at).getTime() < oldest) break;
    if (++pages === PAGES_A_CALL) {
      goOn = next;
      break;
    }
  }
  return { found: [...found.values()], ...(goOn !== undefined && { next: goOn }) };
}

async function create(github: Github, draft: TicketDraft, how: HowToAsk): Promise<TicketState> {
  const { data } = await github.api(
    {
      method: 'POST',
      route: ISSUES,
      parameters: {
        ...github.repo,
        title: quiet(draft.title),
        body: withMarker(draft.body, draft.marker),
        labels: labelsOf(github, draft.labels),
        ...(draft.assignee !== undefined && { assignees: [draft.assignee] }),
      },
      answer: issueSchema,
    },
    how,
  );
  return stateOf(data);
}

async function addComment(
  github: Github,
  id: string,
  { marker, body }: { marker: string; body: string },
  how: HowToAsk,
): Promise<TicketState> {
  const parameters = { ...github.repo, issue_number: id };
  if (!(await hasComment(github, parameters, marker, how)))
    await github.api(
      {
        method: 'POST',
        route: COMMENTS,
        parameters: { ...parameters, body: withMarker(body, marker) },
        answer: commentSchema,
      },
      how,
    );
  return stateOf(await getIssue(github, id, how));
}

async function hasComment(
  github: Github,
  parameters: Record<string, unknown>,
  marker: string,
  how: HowToAsk,
): Promise<boolean> {
  const login = await github.login(how);
  for await (const { data: comments } of listedPages(github.api, COMMENTS, parameters, z.array(commentSchema), how))
    if (comments.some(({ body, user }) => markerOf(body) === marker && user?.login === login)) return true;
  return false;
}

async function getIssue({ api, repo }: Github, id: string, how: HowToAsk): Promise<Issue> {
  const call = { method: 'GET', route: ISSUE, parameters: { ...repo, issue_number: id }, answer: issueSchema } as const;
  return (await api(call, how)).data;
}

async function change(
  { api, repo }: Github,
  id: string,
  how: HowToAsk,
  fields: Record<string, unknown>,
): Promise<TicketState> {
  const parameters = { ...repo, issue_number: id, ...fields };
  const { data } = await api({ method: 'PATCH', route: ISSUE, parameters, answer: issueSchema }, how);
  return stateOf(data);
}

/** 404 and 410 say that an issue is not there (any more). */
async function unlessGone<T>(work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof TicketError && error.kind === 'not_found') return undefined;
    throw error;
  }
}

const labelsOf = ({ config }: Github, labels: readonly string[]): string[] => [
  ...new Set([...config.labels, ...labels]),
];

const ticketOf = (issue: Issue): Ticket => ({
  ...stateOf(issue),
  title: issue.title,
  body: withoutMarker(issue.body),
  closed: issue.state === 'closed',
});

function stateOf(issue: Issue): TicketState {
  const { number, html_url, title, body, state, labels, assignees, milestone, comments } = issue;
  const names = labels.map((label) => (typeof label === 'string' ? label : label.name)).sort();
  const people = (assignees ?? []).map(({ login }) => login).sort();
  const facts = [title, body ?? '', state, names, people, milestone?.number ?? null, comments];
  const revision = createHash('sha256').update(JSON.stringify(facts)).digest('hex').slice(0, 32);
  return { id: String(number), key: `#${number}`, url: html_url, revision };
}
