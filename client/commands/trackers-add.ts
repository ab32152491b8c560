/** `temporal-miro trackers add`: tries a tracker, and stores it under a name. */
import { Command, Option } from 'commander';
import type { Env } from '../../config.js';
import type { TicketMapping } from '../../contract-retro.js';
import { parseMapping } from '../../jobs/retro-to-tickets/input.js';
import { ensureTenant } from '../../store/tenants.js';
import { addTracker, type TrackerRow } from '../../store/trackers.js';
import { TRACKER_KINDS, type TrackerKind, type TrackerProblem } from '../../tickets/tracker.js';
import { withVault } from './accounts.js';
import { readDocument } from './documents.js';
import { badInput, EXIT, type ExitCode } from './exit-codes.js';
import type { TenantOptions } from './find-connection.js';
import { trackerCommand, trackerView } from './find-tracker.js';
import { loadTrackers } from './load-trackers.js';
import { createOutput, type Output } from './output.js';
import { environmentOf } from './state-folder.js';
import { checkTracker } from './tracker-check.js';
import { settingsOf, settingsOptions, trackerSecret, type SettingsOptions } from './tracker-settings.js';
import { problemsText } from './trackers-check.js';

interface AddOptions extends TenantOptions, SettingsOptions {
  kind: TrackerKind;
  mapping?: string;
  replace?: boolean;
  check: boolean;
}

const EXAMPLES = `
Examples:
  $ temporal-miro trackers add jira --kind jira --url https://acme.atlassian.net --project OPS --email bot@acme.example < token.txt
  $ temporal-miro trackers add issues --kind github --repository acme/retro --secret-file /run/secrets/github
  $ temporal-miro trackers add crm --kind webhook --url https://crm.acme.example/tickets --mapping mapping.yaml --tenant acme
  $ temporal-miro trackers add ideas --kind builtin

An address on this machine or in a private network needs TEMPORAL_MIRO_WEBHOOK_PRIVATE=true, here and for the workers; up --simulator sets it.
Ends with 1 when something is wrong with it; then nothing is stored.`;

export function addCommand(): Command {
  return settingsOptions(trackerCommand(new Command('add')))
    .summary('store a tracker under a name')
    .description('Tries address, credentials, project and types first; the secret is stored encrypted.')
    .addOption(new Option('--kind <kind>', 'what it is').choices(TRACKER_KINDS).makeOptionMandatory())
    .option('--mapping <file>', 'how items become tickets there, as YAML or JSON; trackers schema tells its form')
    .option('--replace', 'take the place of the tracker of that name, all of it')
    .option('--no-check', 'store it without trying it')
    .addHelpText('after', EXAMPLES)
    .action(async (name: string, options: AddOptions) => {
      process.exitCode = await add(await environmentOf(options), name, options, createOutput(options));
    });
}

async function add(env: Env, name: string, options: AddOptions, output: Output): Promise<ExitCode> {
  const { kind, tenant, replace } = options;
  const mapping = await readMapping(options.mapping);
  const secret = await trackerSecret(kind, options, env);
  const config = await checkedConfig(kind, options, secret);
  return withVault(env, async (services) => {
    const { db, vault } = services;
    const { tenantId } = await ensureTenant(db, tenant);
    const settings = { kind, name, config, ...(secret !== undefined && { secret }) };
    const problems = options.check ? await checkTracker(services, { tenantId, settings, mapping }) : [];
    const added =
      problems.length > 0 ? undefined : await addTracker(db, vault, { tenantId, ...settings, mapping, replace });
    output.answer({ added: added !== undefined, problems, ...(added && trackerView(tenant, added)) }, () =>
      added ? addedText(tenant, added) : notAddedText(problems),
    );
    return added ? EXIT.done : EXIT.notDone;
  });
}

async function readMapping(file: string | undefined): Promise<TicketMapping | undefined> {
  return file === undefined ? undefined : parseMapping(await readDocument('--mapping', file));
}

async function checkedConfig(
  kind: TrackerKind,
  options: AddOptions,
  secret: string | undefined,
): Promise<Record<string, unknown>> {
  const { checkSettings } = await loadTrackers();
  const checked = checkSettings(kind, settingsOf(kind, options), secret);
  if ('config' in checked) return checked.config;
  throw badInput(
    `the settings of a ${kind} tracker are not right:\n${checked.problems.map((each) => `- ${each}`).join('\n')}`,
  );
}

const addedText = (tenant: string, { name, kind }: TrackerRow): string =>
  `Tenant "${tenant}" has the tracker "${name}" (${kind}) now. Use it with: temporal-miro retro --tracker ${name} --tenant ${tenant}`;

const notAddedText = (problems: TrackerProblem[]): string => `${problemsText(problems)}\nNothing was stored.`;
