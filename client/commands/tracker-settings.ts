/** What `trackers add` takes of a tracker, and how options become its settings. */
import { Option, type Command } from 'commander';
import { trackerSecretIn, type Env } from '../../config.js';
import type { TrackerKind } from '../../tickets/tracker.js';
import { collect } from './collect.js';
import { badInput } from './exit-codes.js';
import { readSecretInput } from './secret-input.js';

export interface SettingsOptions {
  url?: string;
  deployment?: string;
  project?: string;
  type?: string;
  email?: string;
  linkType?: string;
  doneTransition?: string;
  repository?: string;
  login?: string;
  label: string[];
  supports: string[];
  secretFile?: string;
}

/** Which of them a kind of tracker takes is decided by its schema. */
export function settingsOptions(command: Command): Command {
  const list = collect((text: string) => text);
  return command
    .option('--url <url>', 'jira: its address; webhook: where tickets are posted; github: API of an Enterprise Server')
    .addOption(new Option('--deployment <which>', 'jira (default: cloud)').choices(['cloud', 'datacenter']))
    .option('--project <key>', 'jira: project of the tickets')
    .option('--type <name>', 'jira: type of tickets that the mapping gives none')
    .option('--email <address>', 'jira cloud: whose API token it is')
    .option('--link-type <name>', 'jira: how related tickets are linked')
    .option('--done-transition <name>', 'jira: what closes a ticket that is taken back')
    .option('--repository <owner/name>', 'github: where issues are made')
    .option('--label <name>', 'github: on every issue; repeatable', list, [])
    .option('--login <name>', 'github: whom issues are by, for tokens of an app: <app>[bot]')
    .option('--supports <what>', 'webhook: what the receiver does beside making tickets; repeatable', list, [])
    .option(
      '--secret-file <path>',
      'token or signing secret (default: TEMPORAL_MIRO_TRACKER_SECRET, or standard input)',
    );
}

/** As the tracker's schema reads them; what was not given is left out. */
export function settingsOf(kind: TrackerKind, options: SettingsOptions): Record<string, unknown> {
  const { url, deployment, project, type, email, linkType, doneTransition, repository, login } = options;
  const { label: labels, supports } = options;
  const given = {
    ...(kind === 'github' ? { apiUrl: url } : { url }),
    ...(kind === 'jira' ? { deployment: deployment ?? 'cloud' } : { deployment }),
    ...{ project, type, email, linkType, doneTransition, repository, login },
    ...(labels.length > 0 && { labels }),
    ...(supports.length > 0 && { supports }),
  };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}

/** @returns undefined for the built-in tracker, which has none. @throws CommandError when none is given */
export async function trackerSecret(
  kind: TrackerKind,
  { secretFile }: Pick<SettingsOptions, 'secretFile'>,
  env: Env,
): Promise<string | undefined> {
  if (kind === 'builtin') {
    if (secretFile !== undefined) throw badInput('the built-in tracker has no secret; leave --secret-file out');
    return undefined;
  }
  return secretFile === undefined
    ? (trackerSecretIn(env) ?? (await readSecretInput('secret', undefined)))
    : readSecretInput('secret', secretFile);
}
