/** Stand-ins of trackers as processes of their own, each with the official client for it. */
import { randomBytes } from 'node:crypto';
import { Version3Client } from 'jira.js';
import { Octokit } from 'octokit';
import type { FaultRule } from '../../simulator/faults/rules.js';
import { ensureTenant } from '../../store/tenants.js';
import { addTracker } from '../../store/trackers.js';
import type { Issue } from '../../test/trackers/github-views.js';
import type { StoredIssue } from '../../test/trackers/jira-stand-in-issues.js';
import { startProgram } from '../program.js';
import type { Stack } from '../stack.js';

/** A ticket as a row of the board shows it. */
export interface PlainTicket {
  key: string;
  url: string;
}

export interface BenchTracker {
  kind: 'github' | 'jira';
  /** The tenant's name for it. */
  name: string;
  /** Makes one ticket with the official client, once. */
  create(title: string, body: string): Promise<PlainTicket>;
  /** Titles of all its tickets. */
  titles(): Promise<string[]>;
  /** Replaces the rules in force; the latency stays. */
  fail(rules: FaultRule[]): Promise<void>;
  stop(): Promise<void>;
}

interface StandIn {
  url: string;
  token: string;
  config: Record<string, unknown>;
}

/** About what a call to a tracker's cloud takes from a server in the same region. */
export const LATENCY_MS = 20;

const LATENCY: FaultRule = { match: {}, fault: 'slow', delayMs: LATENCY_MS };

/** Starts one with nothing in it and adds it for the stack's tenant. */
export async function startTracker({ store: { db, vault } }: Stack, kind: BenchTracker['kind']): Promise<BenchTracker> {
  const program = await startProgram('test/trackers/stand-in-process.ts', [kind]);
  const standIn = program.ready as StandIn;
  const { url, token: secret, config } = standIn;
  const name = `${kind}-${randomBytes(4).toString('hex')}`;
  const { tenantId } = await ensureTenant(db, 'default');
  await addTracker(db, vault, { tenantId, name, kind, config, secret });
  const control = async (what: string, input: unknown): Promise<unknown> => {
    const answer = await fetch(`${url}/_stand-in/${what}`, { method: 'POST', body: JSON.stringify(input) });
    return await answer.json();
  };
  const fail = async (rules: FaultRule[]): Promise<void> => void (await control('faults', [...rules, LATENCY]));
  await fail([]);
  return {
    ...{ kind, name, fail },
    create: kind === 'github' ? githubIssues(standIn) : jiraIssues(standIn),
    titles: async () => titlesIn(kind, await control('state', {})),
    stop: program.stop,
  };
}

function githubIssues({ url, token, config }: StandIn): BenchTracker['create'] {
  const [owner = '', repo = ''] = String(config['repository']).split('/');
  // Both would wait or send again by themselves: a script gets an answer to each call.
  const octokit = new Octokit({ auth: token, baseUrl: url, throttle: { enabled: false }, retry: { enabled: false } });
  octokit.log = { ...octokit.log, warn: () => undefined, error: () => undefined };
  return async (title, body) => {
    const { data } = await octokit.rest.issues.create({ owner, repo, title, body });
    return { key: `#${data.number}`, url: data.html_url };
  };
}

function jiraIssues({ url, token: apiToken, config }: StandIn): BenchTracker['create'] {
  const client = new Version3Client({
    host: url,
    authentication: { basic: { email: String(config['email']), apiToken } },
  });
  const project = { key: String(config['project']) };
  return async (summary, description) => {
    const fields = { project, summary, description, issuetype: { name: 'Task' } };
    const { key } = await client.issues.createIssue({ fields });
    return { key, url: `${url}/browse/${key}` };
  };
}

const titlesIn = (kind: BenchTracker['kind'], state: unknown): string[] =>
  kind === 'github'
    ? (state as Issue[]).map(({ title }) => title)
    : (state as StoredIssue[]).map(({ fields }) => String(fields['summary']));
