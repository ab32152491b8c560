/** jira.js as the form of Jira's requests, sent through our own line. */
import type { Client } from 'jira.js/clients/client';
import { IssueComments } from 'jira.js/version2/issueComments';
import { IssueLinks } from 'jira.js/version2/issueLinks';
import { IssueLinkTypes } from 'jira.js/version2/issueLinkTypes';
import { Issues } from 'jira.js/version2/issues';
import { IssueSearch } from 'jira.js/version2/issueSearch';
import { Myself } from 'jira.js/version2/myself';
import { Permissions } from 'jira.js/version2/permissions';
import { Projects } from 'jira.js/version2/projects';
import { UserSearch } from 'jira.js/version2/userSearch';
import type { z } from 'zod';
import { TicketError } from './errors.js';
import type { JiraConfig } from './jira-config.js';
import { parseJson, refusal } from './jira-errors.js';
import { sendOnce, writtenBy } from './request.js';
import type { TrackerAnswer, TrackerRequest } from './request.js';
import type { TrackerLine } from './settings.js';
import type { HowToAsk } from './tracker.js';

/** What one request, or several, of a method are made with. */
export interface Jira {
  config: JiraConfig;
  api: ReturnType<typeof createJiraApi>;
}

/** A page of 100 issues with their changelogs. */
const MAX_ANSWER = 32 * 1024 * 1024;

type RequestConfig = Parameters<Client['sendRequest']>[0];

/**
 * jira.js' classes one by one, without its client: the whole package takes 40 MB and 0.2 s to load, these next to nothing, and its client would bring
 * axios, which knows nothing of our dispatcher. Both versions of the API differ in the form of texts only, so the classes of version 2 do for both.
 */
export function createJiraApi(config: JiraConfig, token: string, line: TrackerLine, how: HowToAsk) {
  const credentials = authorization(config, token);
  const secrets = [token, ...credentials.split(' ').slice(1)].filter((secret) => secret !== '');
  const send = async (request: RequestConfig): Promise<unknown> => {
    await line.requirePublic(config.url);
    const asked = trackerRequest(config, credentials, request);
    const answer = await sendOnce(line.dispatcher, asked, how);
    return readAnswer(asked, answer, secrets);
  };
  const client = { sendRequest: send } as Client;
  return {
    issues: new Issues(client),
    search: new IssueSearch(client),
    comments: new IssueComments(client),
    links: new IssueLinks(client),
    linkTypes: new IssueLinkTypes(client),
    myself: new Myself(client),
    projects: new Projects(client),
    permissions: new Permissions(client),
    users: new UserSearch(client),
  };
}

/** Reads what the answer to `method what` must have. @throws TicketError malformed */
export function read<T>(schema: z.ZodType<T>, answer: unknown, what: string, method = 'GET'): T {
  const result = schema.safeParse(answer);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  const place = issue?.path.join('.') || 'the answer';
  throw new TicketError(`Jira answered ${method} ${what}, but ${place} is missing or not as expected`, {
    kind: 'malformed',
    written: writtenBy(method),
  });
}

function trackerRequest(config: JiraConfig, credentials: string, request: RequestConfig): TrackerRequest {
  const method = (request.method ?? 'GET') as TrackerRequest['method'];
  const path = pathOf(config, request.url ?? '');
  return {
    name: `Jira: ${method} ${path}`,
    method,
    url: `${config.url}${path}${queryOf(request.params as Record<string, unknown> | undefined)}`,
    headers: {
      accept: 'application/json',
      'user-agent': 'temporal-miro',
      authorization: credentials,
      ...(request.data !== undefined && { 'content-type': 'application/json' }),
    },
    ...(request.data !== undefined && { body: JSON.stringify(request.data) }),
    maxBytes: MAX_ANSWER,
  };
}

function authorization(config: JiraConfig, token: string): string {
  if (config.deployment === 'datacenter') return `Bearer ${token}`;
  return `Basic ${Buffer.from(`${config.email}:${token}`).toString('base64')}`;
}

/** jira.js puts keys and ids into the path as they are. @throws TicketError for one that would make it another path */
function pathOf({ deployment }: JiraConfig, path: string): string {
  if (!/^(?:\/[\w.-]*\w[\w.-]*)+$/.test(path))
    throw new TicketError('a key or id of Jira may hold letters, digits, "_" and "-" only', {
      kind: 'invalid',
      written: 'no',
    });
  return deployment === 'cloud' ? path.replace('/rest/api/2/', '/rest/api/3/') : path;
}

function queryOf(params: Record<string, unknown> = {}): string {
  const pairs = Object.entries(params)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(String(value))}`);
  return pairs.length === 0 ? '' : `?${pairs.join('&')}`;
}

function readAnswer(asked: TrackerRequest, answer: TrackerAnswer, secrets: readonly string[]): unknown {
  const { status, text } = answer;
  if (status < 200 || status > 299) throw refusal(asked, answer, secrets);
  if (text === '') return undefined;
  const value = parseJson(text);
  if (value !== undefined) return value;
  throw new TicketError(`${asked.name} answered ${status} with something that is not JSON`, {
    kind: 'malformed',
    written: writtenBy(asked.method),
    status,
  });
}
