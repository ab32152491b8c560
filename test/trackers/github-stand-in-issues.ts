/** What GitHub keeps of issues, and what it refuses. */
import type { Kept } from './kept.js';
import type { Comment, Issue } from './github-views.js';

/** GitHub's refusal, as it words it. */
export class GithubRefusal extends Error {
  readonly status: number;
  readonly body: object;

  constructor(status: number, message: string, more: object = {}) {
    super(message);
    this.status = status;
    this.body = { message, ...more, documentation_url: 'https://docs.github.com/rest', status: String(status) };
  }
}

export type GithubIssues = ReturnType<typeof createGithubIssues>;

type Fields = Record<string, unknown>;

/** To the second, as GitHub's clock shows. */
const now = (): string => new Date().toISOString().replace(/\.\d+Z$/, 'Z');

/** @param people who can be assigned @param push whether our account may set labels and assignees */
export function createGithubIssues(kept: Kept, { people, push }: { people: readonly string[]; push: boolean }) {
  const table = kept.table<Issue>('issues');
  const hasAccess = (login: string): boolean => people.some((known) => known.toLowerCase() === login.toLowerCase());
  const keep = (issue: Issue): Issue => {
    table.set(String(issue.number), issue);
    return issue;
  };
  /** @throws GithubRefusal 404, or 410 for one that was deleted */
  const get = (number: number): Issue => {
    const issue = table.get(String(number));
    if (!issue) throw new GithubRefusal(404, 'Not Found');
    if (issue.deleted) throw new GithubRefusal(410, 'This issue was deleted');
    return issue;
  };
  const checked = (fields: Fields): Fields => {
    requireFields(fields, hasAccess);
    // Without push access, GitHub drops them silently.
    const { labels: _, assignees: __, ...others } = fields;
    return push ? fields : others;
  };
  return {
    hasAccess,
    keep,
    get,
    all: (): Issue[] => table.values().filter((issue) => !issue.deleted),
    create(login: string, given: Fields): Issue {
      const fields = checked(given);
      const at = now();
      return keep({
        number: table.values().length + 1,
        login,
        title: fields['title'] as string,
        body: (fields['body'] as string | undefined) ?? null,
        state: 'open',
        stateReason: null,
        labels: (fields['labels'] as string[] | undefined) ?? [],
        assignees: (fields['assignees'] as string[] | undefined) ?? [],
        comments: [],
        createdAt: at,
        updatedAt: at,
        closedAt: null,
      });
    },
    change(issue: Issue, given: Fields): Issue {
      const { state_reason, ...fields } = checked(given);
      const stateReason = state_reason === undefined ? {} : { stateReason: state_reason as Issue['stateReason'] };
      const closed = fields['state'] === 'closed' ? { closedAt: now() } : {};
      return keep({ ...issue, ...fields, ...stateReason, ...closed, updatedAt: now() });
    },
    comment(issue: Issue, login: string, body: string): Comment {
      const comment = { id: issue.number * 1_000 + issue.comments.length + 1, login, body, createdAt: now() };
      keep({ ...issue, comments: [...issue.comments, comment], updatedAt: now() });
      return comment;
    },
  };
}

function requireFields({ title, body, assignees }: Fields, hasAccess: (login: string) => boolean): void {
  const stranger = ((assignees as string[] | undefined) ?? []).find((login) => !hasAccess(login));
  if (stranger !== undefined)
    throw invalid({ value: stranger, resource: 'Issue', field: 'assignees', code: 'invalid' });
  requireLength('title', title, 256);
  requireLength('body', body, 65_536);
}

function requireLength(field: string, text: unknown, most: number): void {
  if (typeof text !== 'string' || text.length <= most) return;
  const message = `${field} is too long (maximum is ${most} characters)`;
  throw invalid({ resource: 'Issue', code: 'custom', field, message });
}

const invalid = (error: object): GithubRefusal => new GithubRefusal(422, 'Validation Failed', { errors: [error] });
