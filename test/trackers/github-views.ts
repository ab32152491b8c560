/** Issues, comments, people and the repository as GitHub's answers show them. */

export interface Comment {
  id: number;
  login: string;
  body: string;
  createdAt: string;
}

export interface Issue {
  number: number;
  login: string;
  title: string;
  body: string | null;
  state: 'open' | 'closed';
  stateReason: 'completed' | 'not_planned' | 'reopened' | null;
  labels: string[];
  assignees: string[];
  comments: Comment[];
  createdAt: string;
  updatedAt: string;
  closedAt: string | null;
  deleted?: true;
  pullRequest?: true;
}

const API = 'https://api.github.com';
const SITE = 'https://github.com';

export function userView(login: string) {
  const path = encodeURIComponent(login);
  const url = `${API}/users/${path}`;
  return {
    login,
    id: idOf(login),
    node_id: `U_${idOf(login)}`,
    avatar_url: `${SITE}/${path}.png`,
    gravatar_id: '',
    url,
    html_url: `${SITE}/${path}`,
    followers_url: `${url}/followers`,
    following_url: `${url}/following{/other_user}`,
    gists_url: `${url}/gists{/gist_id}`,
    starred_url: `${url}/starred{/owner}{/repo}`,
    subscriptions_url: `${url}/subscriptions`,
    organizations_url: `${url}/orgs`,
    repos_url: `${url}/repos`,
    events_url: `${url}/events{/privacy}`,
    received_events_url: `${url}/received_events`,
    type: login.endsWith('[bot]') ? 'Bot' : 'User',
    site_admin: false,
  };
}

/** What GET /user tells beside that. */
export const ownView = (login: string) => ({
  ...userView(login),
  name: null,
  company: null,
  blog: null,
  location: null,
  email: null,
  hireable: null,
  bio: null,
  public_repos: 0,
  public_gists: 0,
  followers: 0,
  following: 0,
  created_at: '2020-01-01T00:00:00Z',
  updated_at: '2020-01-01T00:00:00Z',
});

export const foundView = (login: string) => ({ ...userView(login), score: 1 });

export function issueView(repository: string, issue: Issue) {
  const repo = `${API}/repos/${repository}`;
  const url = `${repo}/issues/${issue.number}`;
  const html_url = `${SITE}/${repository}/issues/${issue.number}`;
  const [assignee] = issue.assignees;
  return {
    id: 1_000_000 + issue.number,
    node_id: `I_${issue.number}`,
    url,
    repository_url: repo,
    labels_url: `${url}/labels{/name}`,
    comments_url: `${url}/comments`,
    events_url: `${url}/events`,
    html_url,
    number: issue.number,
    state: issue.state,
    state_reason: issue.stateReason,
    title: issue.title,
    body: issue.body,
    user: userView(issue.login),
    labels: issue.labels.map((name) => ({ name })),
    assignee: assignee === undefined ? null : userView(assignee),
    assignees: issue.assignees.map(userView),
    milestone: null,
    locked: false,
    comments: issue.comments.length,
    created_at: issue.createdAt,
    updated_at: issue.updatedAt,
    closed_at: issue.closedAt,
    ...(issue.pullRequest && {
      pull_request: {
        url: `${repo}/pulls/${issue.number}`,
        html_url,
        diff_url: `${html_url}.diff`,
        patch_url: `${html_url}.patch`,
      },
    }),
  };
}

export function commentView(repository: string, issue: Issue, { id, login, body, createdAt }: Comment) {
  const issue_url = `${API}/repos/${repository}/issues/${issue.number}`;
  return {
    id,
    node_id: `IC_${id}`,
    url: `${issue_url}/comments/${id}`,
    html_url: `${SITE}/${repository}/issues/${issue.number}#issuecomment-${id}`,
    issue_url,
    user: userView(login),
    body,
    created_at: createdAt,
    updated_at: createdAt,
  };
}

/** Only what a client that looks for issues reads; the rest of a repository is addresses and counts. */
export function repositoryView(repository: string, facts: { push: boolean; archived: boolean; issues: boolean }) {
  return {
    full_name: repository,
    archived: facts.archived,
    has_issues: facts.issues,
    permissions: { admin: false, maintain: false, push: facts.push, triage: facts.push, pull: true },
  };
}

/** The same for the same name. */
const idOf = (login: string): number =>
  [...login].reduce((sum, char) => (sum * 31 + char.charCodeAt(0)) % 1_000_003, 7);
