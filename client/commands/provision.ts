/** `temporal-miro provision`: plans, asks, starts, follows. */
import { Command, Option } from 'commander';
import { starterConfig } from '../../config.js';
import type { ProvisionPlan } from '../../contract.js';
import type { ProvisionAnswer, ProvisionRequest, TemporalMiro } from '../index.js';
import { parseRequest } from '../provision.js';
import { withTemporal } from './services.js';
import { saysYes } from './ask.js';
import { collect } from './collect.js';
import { badInput, EXIT, type ExitCode } from './exit-codes.js';
import { endText } from './follow.js';
import { followToEnd } from './follow-to-end.js';
import { showingWaits } from './live-line.js';
import { createOutput, type Output } from './output.js';
import { differencesText, planText } from './plan-text.js';
import { toRequest, type RequestOptions } from './provision-request.js';
import { sharedOptions, type SharedOptions } from './shared-options.js';
import { environmentOf } from './state-folder.js';

interface ProvisionOptions extends RequestOptions, SharedOptions {
  plan?: boolean;
  yes?: boolean;
  wait: boolean;
  waitMs?: string;
  plaintext?: boolean;
}

const EXAMPLES = `
Examples:
  $ temporal-miro provision --key project:4711 --name "Kick-off {{project.name}}" --blueprint project-kick-off \\
      --placeholder project.name=Apollo --member anna@example.com:editor
  $ temporal-miro provision --key deal:77 --name "Deal 77" --copy-from https://miro.com/app/board/uXjVOD6LSME=/ --yes --no-wait --json
  $ temporal-miro provision --input request.yaml --plan

Ends with 0 when the board is complete, 1 when the job ended without it, 2 for bad input, 3 when it goes on without us, 5 when Temporal is absent.`;

export function provisionCommand(): Command {
  const list = collect((text: string) => text);
  return sharedOptions(new Command('provision'))
    .summary('make a board once per business key')
    .description('Makes a Miro board once per business key: asked again, it answers with the same board.')
    .option('--key <key>', 'your business key, e.g. project:4711: the same key is the same board')
    .option('--name <name>', 'name of the board; may hold {{placeholders}}')
    .option('--description <text>', 'description of the board')
    .option('--blueprint <file|name>', 'YAML or JSON file, or a shipped blueprint')
    .option('--copy-from <board>', 'id or address of the board to copy instead')
    .option('--placeholder <name=value>', 'a value for {{name}}; repeatable', list, [])
    .option('--placeholders <file>', 'values from a YAML or JSON file')
    .option('--team <id>', 'team of the board; default: the token’s')
    .option('--project <id>', 'project (space) of the board')
    .option('--policy <file>', 'sharing and permissions policy')
    .option('--member <who:role>', 'e-mail or user id, and viewer, commenter, editor or coowner; repeatable', list, [])
    .option('--members <file>', 'members from a YAML or JSON list')
    .option('--record-url <url>', 'a card on the board links back to this record')
    .option('--connection <id>', 'connection to the Miro account (default: default)')
    .option('--tenant <name>', 'tenant (default: default)')
    .option('--input <file|->', 'the whole request as YAML or JSON; single options win')
    .addOption(
      new Option('--collision <what>', 'if the key has a board already: reuse it or fail').choices(['reuse', 'fail']),
    )
    .addOption(new Option('--on-change <what>', 'if the key was used with other values').choices(['report', 'apply']))
    .addOption(
      new Option('--on-failure <what>', 'if the job fails: keep or remove what it made').choices(['keep', 'remove']),
    )
    .option('--again <n>', 'the board of episode n is gone: make episode n + 1')
    .option('--deadline <duration>', 'the job’s own deadline, e.g. 12h')
    .option('--plan', 'show what would be made; write nothing')
    .option('--plan-hash <hash>', 'run only if the plan still is this one')
    .option('--yes', 'do not ask')
    .option('--wait', 'wait for everything (default)', true)
    .option('--no-wait', 'return with the board’s address')
    .option('--wait-ms <ms>', 'how long to wait for the address (default: 10000)')
    .option(
      '--plaintext',
      'hand the input to Temporal unencrypted, without TEMPORAL_MIRO_CODEC_KEYS; the workers do too',
    )
    .addHelpText('after', EXAMPLES)
    .action(async (options: ProvisionOptions) => {
      process.exitCode = await provision(options, createOutput(options));
    });
}

async function provision(options: ProvisionOptions, output: Output): Promise<ExitCode> {
  const waitMs = options.waitMs === undefined ? undefined : wholeNumber('--wait-ms', options.waitMs);
  if (options.again !== undefined) wholeNumber('--again', options.again);
  const isDecided = options.plan || options.yes || options.planHash !== undefined;
  if (!isDecided && (output.json || !process.stdin.isTTY)) {
    throw badInput('nobody can be asked here: give --yes, or --plan-hash with the hash that --plan shows');
  }
  const request = await toRequest(options);
  const env = await environmentOf(options);
  starterConfig(env, options);
  parseRequest(request); // what is wrong with it is better said before anything is looked for
  return withTemporal(env, async ({ miro }) => {
    if (options.plan) return showPlan(await showingWaits((patience) => miro.planBoard(request, patience)), output);
    const decided = isDecided ? request : await askFor(miro, request);
    if (decided === undefined) return EXIT.notDone;
    const answer = await miro.provisionBoard(decided, waitMs === undefined ? {} : { waitMs });
    return report(answer, options.wait, output);
  });
}

function showPlan(plan: ProvisionPlan, output: Output): ExitCode {
  output.answer(plan, () => planText(plan));
  return EXIT.done;
}

/** Shows the plan and asks. What is then run is exactly this plan. @returns undefined for a no */
async function askFor(miro: TemporalMiro, request: ProvisionRequest): Promise<ProvisionRequest | undefined> {
  const plan = await showingWaits((patience) => miro.planBoard(request, patience));
  process.stderr.write(`${planText(plan)}\n\n`);
  return (await saysYes()) ? { ...request, planHash: plan.hash } : undefined;
}

async function report(answer: ProvisionAnswer, wait: boolean, output: Output): Promise<ExitCode> {
  const { handle, ...told } = answer;
  if ('url' in told) output.note(`Board    ${told.url}`);
  else output.note(`${told.state}: ${told.detail}`);
  if ('url' in told && told.differences.length > 0) output.note(differencesText(told.differences));
  const willEnd = told.state === 'ready' || told.state === 'deleted' || (told.state === 'queued' && told.accepted);
  const end = wait && willEnd ? await followToEnd(handle, output) : undefined;
  const document = { workflowId: handle.workflowId, ...told, ...end?.told };
  output.answer(document, () =>
    end ? endText(end.told) : `${told.state}; follow it with: temporal-miro runs watch ${handle.workflowId}`,
  );
  if (told.state === 'deleted') {
    output.note(`People have deleted the board; --again ${told.episode} makes a new one.`);
    return EXIT.notDone;
  }
  return end?.exitCode ?? EXIT.notFinished;
}

function wholeNumber(option: string, text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw badInput(`${option} ${text} is no whole number; write it like 1`);
}
