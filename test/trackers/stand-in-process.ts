/**
 * A stand-in as a process of its own, for tests that kill it: `stand-in-process.ts <github|webhook|jira> '<options as JSON>'`. Started again with the
 * same `file` and `port`, it goes on where it was killed. Prints one line of JSON when it listens: url, token and config.
 */
import { startGithub, type GithubOptions } from './github-stand-in.js';
import { startJira, type JiraOptions } from './jira-stand-in.js';
import { startReceiver, type WebhookOptions } from './webhook-stand-in.js';

const KINDS = {
  github: (options: unknown) => startGithub(options as GithubOptions),
  jira: (options: unknown) => startJira(options as JiraOptions),
  webhook: (options: unknown) => startReceiver(options as WebhookOptions),
};

const [kind = '', options = '{}'] = process.argv.slice(2);
const { url, token, config } = await KINDS[kind as keyof typeof KINDS](JSON.parse(options));
process.stdout.write(`${JSON.stringify({ url, token, config })}\n`);
