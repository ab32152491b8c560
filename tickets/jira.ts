/** Tickets as issues of Jira Cloud or Data Center. */
import { TicketError } from './errors.js';
import { findAccount } from './jira-accounts.js';
import { createJiraApi, read } from './jira-api.js';
import type { Jira } from './jira-api.js';
import { checkJira } from './jira-check.js';
import { jiraConfigSchema } from './jira-config.js';
import type { JiraConfig } from './jira-config.js';
import { addCommentOnce, linkOnce, removeOrClose } from './jira-effects.js';
import { changeOf, createFields, richText, summaryOf } from './jira-fields.js';
import {
  accountSchema,
  browseUrl,
  createdSchema,
  isSameAccount,
  ISSUE_FIELDS,
  issueSchema,
  shownText,
  stateOf,
  ticketOf,
  UNTOUCHED,
} from './jira-issue.js';
import type { Account, Issue } from './jira-issue.js';
import { findIssues } from './jira-search.js';
import type { TrackerLine, TrackerSettings } from './settings.js';
import type { Capabilities, HowToAsk, MarkedTicket, TicketDraft, TicketState, Tracker } from './tracker.js';

/**
 * `status` is none of the fields: an issue is made in the first status of its workflow, and a transition would be a second write, lost when the worker
 * dies between the two.
 */
export const jiraCapabilities: Capabilities = {
  createdOnce: 'marker',
  // The search index follows within seconds as a rule, and a create that was aborted runs on for seconds.
  settleMs: 60_000,
  // Cloud refuses bursts on one endpoint: https://developer.atlassian.com/cloud/jira/platform/rate-limiting/ (read 2026-11)
  concurrency: 4,
  fields: ['labels', 'type', 'priority', 'parent', 'assignee'],
  ownFields: true,
  reads: true,
  comments: true,
  updates: true,
  links: true,
  // Where the account may not, it closes: jira-effects.ts.
  undo: 'delete',
};

/**
 * The marker is one of the labels in the request that creates an issue, and is found by JQL: JQL cannot search an issue property that no app declares.
 * @throws ZodError for settings that {@link jiraConfigSchema} refuses
 */
export function createJira(settings: TrackerSettings, line: TrackerLine): Tracker {
  const config = jiraConfigSchema.parse(settings.config);
  const token = settings.secret ?? '';
  const ask = (how: HowToAsk): Jira => ({ config, api: createJiraApi(config, token, line, how) });
  const us = createOwnAccount();

  /** After a write: what goes wrong now says nothing against it. */
  const stateAfter = async (id: string, jira: Jira): Promise<TicketState> => {
    try {
      return stateOf(config, await getIssue(jira, id), await us(jira));
    } catch (error) {
      throw error instanceof TicketError ? new TicketError(error.message, { ...error, written: 'unknown' }) : error;
    }
  };

  return {
    kind: 'jira',
    capabilities: jiraCapabilities,
    check: (wanted, how) => checkJira(ask(how), wanted),
    create: (draft, how) => create(ask(how), draft),
    async findByMarker(markers, _since, how, from) {
      const jira = ask(how);
      const account = await us(jira);
      const { issues, next } = await findIssues(jira, markers, from);
      const found = issues.flatMap((issue) => markedTickets(config, issue, account, markers));
      return { found, ...(next !== undefined && { next }) };
    },
    async update(id, change, how) {
      const jira = ask(how);
      await jira.api.issues.editIssue<unknown>({ issueIdOrKey: id, ...changeOf(config, change) });
      return stateAfter(id, jira);
    },
    async comment(id, comment, how) {
      const jira = ask(how);
      await addCommentOnce(jira, id, comment);
      return stateAfter(id, jira);
    },
    link: (id, otherId, how) => linkOnce(ask(how), id, otherId),
    shown: ({ title, body }) => ({ title: summaryOf(title), body: shownText(richText(config, body)) }),
    async get(id, how) {
      const jira = ask(how);
      const issue = await orGone(() => getIssue(jira, id));
      return issue && ticketOf(config, issue, await us(jira));
    },
    takeBack: async (id, how) => orGone(() => removeOrClose(ask(how), id)),
    findAccount: (person, how) => findAccount(ask(how), person),
  };
}

async function getIssue({ api }: Jira, id: string): Promise<Issue> {
  const answer = await api.issues.getIssue<unknown>({ issueIdOrKey: id, fields: ISSUE_FIELDS, expand: 'changelog' });
  return read(issueSchema, answer, 'issue');
}

async function create({ config, api }: Jira, draft: TicketDraft): Promise<TicketState> {
  const fields = createFields(config, draft);
  const answer = await api.issues.createIssue<unknown>({ fields });
  const { id, key } = read(createdSchema, answer, 'issue', 'POST');
  return { id, key, url: browseUrl(config, key), revision: UNTOUCHED };
}

/** An issue may carry several markers: a person has copied labels. When it was made is left to the caller, who knows how far clocks differ. */
function markedTickets(config: JiraConfig, issue: Issue, us: Account, markers: readonly string[]): MarkedTicket[] {
  const { labels, creator, created } = issue.fields;
  const state = stateOf(config, issue, us);
  return markers
    .filter((marker) => labels.includes(marker))
    .map((marker) => ({
      ...state,
      marker,
      untouched: state.revision === UNTOUCHED,
      createdAt: new Date(created),
      byUs: creator != null && isSameAccount(creator, us),
    }));
}

/** Asked once; a failure is not kept. */
function createOwnAccount(): (jira: Jira) => Promise<Account> {
  let known: Account | undefined;
  return async ({ api }) => {
    known ??= read(accountSchema, await api.myself.getCurrentUser<unknown>(), 'myself');
    return known;
  };
}

async function orGone<T>(act: () => Promise<T>): Promise<T | undefined> {
  try {
    return await act();
  } catch (error) {
    if (error instanceof TicketError && error.kind === 'not_found') return undefined;
    throw error;
  }
}
