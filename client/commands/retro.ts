/** `temporal-miro retro`: plans, asks, starts, follows. */
import { writeFile } from 'node:fs/promises';
import { Command, Option } from 'commander';
import { starterConfig } from '../../config.js';
import { exportRows } from '../../jobs/retro-to-tickets/export.js';
import { EXPORT_FORMATS, type ExportFormat } from '../../jobs/retro-to-tickets/export-format.js';
import { planFileOf } from '../../jobs/retro-to-tickets/plan-file.js';
import type { RetroRequest, TemporalMiro } from '../index.js';
import { parseRequest } from '../retro.js';
import { saysYes } from './ask.js';
import { collect } from './collect.js';
import { badInput, EXIT, type ExitCode } from './exit-codes.js';
import { createOutput, type Output } from './output.js';
import { appliedPlan } from './retro-apply.js';
import { followRetro } from './retro-follow.js';
import { toRetroRequest, type RetroRequestOptions } from './retro-request.js';
import { planned } from './retro-planned.js';
import { retroPlanText } from './retro-text.js';
import { undoCommand } from './retro-undo.js';
import { withTemporal } from './services.js';
import { sharedOptions, type SharedOptions } from './shared-options.js';
import { environmentOf } from './state-folder.js';

interface RetroOptions extends RetroRequestOptions, SharedOptions {
  plan?: boolean;
  out?: string;
  apply?: string;
  acceptChanges?: boolean;
  export?: ExportFormat;
  yes?: boolean;
  wait: boolean;
  plaintext?: boolean;
}

const EXAMPLES = `
Examples:
  $ temporal-miro retro https://miro.com/app/board/uXjVOD6LSME=/ --frame "Action items" --plan
  $ temporal-miro retro uXjVOD6LSME= --tag "Action item" --tracker jira --mapping mapping.yaml --yes
  $ temporal-miro retro uXjVOD6LSME= --tracker jira --plan --out plan.json     # edit plan.json: drop rows, change titles
  $ temporal-miro retro --apply plan.json
  $ temporal-miro retro uXjVOD6LSME= --export md --out retro.md                # no tracker needed
  $ temporal-miro retro undo uXjVOD6LSME= --tracker jira --yes

Ends with 0 when every ticket is there, 1 when the run ended without that, some were refused, or the board is not as it was planned,
2 for bad input, 3 when it goes on without us or waits for a person, 5 when Temporal, Miro or the tracker does not answer.`;

export function retroCommand(): Command {
  const list = collect((text: string) => text);
  return sharedOptions(new Command('retro'))
    .summary('make tickets of the items of a board, once each')
    .description(
      'Makes a ticket of every sticky note, card, text and shape of a board, or of a part of it, once each, and shows them on the board. Run again, only what is new becomes a ticket.',
    )
    .argument('[board]', 'address or id of the board')
    .option('--frame <title|id|link>', 'only what lies on this frame; repeatable', list, [])
    .option('--tag <title>', 'only what has this tag; repeatable', list, [])
    .option('--color <name>', 'only what is filled with this color, e.g. light_yellow or #ffcc00; repeatable', list, [])
    .option('--tracker <name>', 'where the tickets go: see temporal-miro trackers list (default: builtin)')
    .option('--rules <file>', 'what becomes which kind of record')
    .option('--mapping <file>', 'how records become tickets; default: the tracker’s own')
    .option('--votes <file.csv>', 'votes by item or text, since Miro’s API tells none')
    .addOption(
      new Option('--link-back <how>', 'how the tickets show on the board (default: list)').choices([
        'list',
        'card',
        'text',
        'none',
      ]),
    )
    .addOption(
      new Option(
        '--on-change <what>',
        'what becomes of a ticket whose item reads otherwise now (default: ignore)',
      ).choices(['ignore', 'comment', 'update']),
    )
    .option('--same-as <board>', 'this board is a duplicate of that one: its tickets are this one’s too')
    .option('--plan', 'show what would be made; write nothing')
    .option('--out <file>', 'with --plan: write it to a file that can be edited and applied; with --export: there')
    .option('--apply <plan.json>', 'do what the edited plan says, if the board is as it was')
    .option('--accept-changes', 'with --apply: the board may have changed; what is new on it is left out')
    .addOption(new Option('--export <format>', 'the records alone, without a tracker').choices(EXPORT_FORMATS))
    .option('--approval', 'wait for a person to approve the plan: see temporal-miro approvals')
    .option('--connection <id>', 'connection to the Miro account (default: default)')
    .option('--tenant <name>', 'tenant (default: default)')
    .option('--input <file|->', 'the whole request as YAML or JSON; single options win')
    .option('--deadline <duration>', 'the job’s own deadline, e.g. 12h')
    .option('--plan-hash <hash>', 'run only if the plan still is this one')
    .option('--yes', 'do not ask')
    .option('--wait', 'wait for the end (default)', true)
    .option('--no-wait', 'return when it is started')
    .option(
      '--plaintext',
      'hand the input to Temporal unencrypted, without TEMPORAL_MIRO_CODEC_KEYS; the workers do too',
    )
    .addHelpText('after', EXAMPLES)
    .addCommand(undoCommand())
    .action(async (board: string | undefined, options: RetroOptions) => {
      process.exitCode = await retro(board, options, createOutput(options));
    });
}

async function retro(board: string | undefined, options: RetroOptions, output: Output): Promise<ExitCode> {
  refuseContradictions(board, options);
  const isDecided = options.yes || options.planHash !== undefined || options.apply !== undefined;
  const writes = !options.plan && options.export === undefined;
  if (writes && !isDecided && (output.json || !process.stdin.isTTY)) {
    throw badInput('nobody can be asked here: give --yes, or --plan-hash with the hash that --plan shows');
  }
  const request = options.apply === undefined ? await toRetroRequest(board, options) : undefined;
  const env = await environmentOf(options);
  starterConfig(env, options);
  if (request) parseRequest(request); // what is wrong with it is better said before anything is looked for
  return withTemporal(env, async ({ miro }) => {
    if (options.apply !== undefined) {
      const from = { path: options.apply, acceptChanges: options.acceptChanges ?? false };
      const applied = await appliedPlan(miro, from, output);
      return followRetro(await miro.retroToTickets(applied), options.wait, output);
    }
    if (!request) throw badInput('which board?');
    if (options.export !== undefined) return await exportRecords(miro, request, options.export, options.out, output);
    if (options.plan) return await showPlan(miro, request, options.out, output);
    const decided = isDecided ? request : await askFor(miro, request);
    if (decided === undefined) return EXIT.notDone;
    return followRetro(await miro.retroToTickets(decided), options.wait, output);
  });
}

function refuseContradictions(board: string | undefined, options: RetroOptions): void {
  if (board === undefined && options.input === undefined && options.apply === undefined)
    throw badInput('which board? give its address or id: temporal-miro retro <board>');
  const ways = (['plan', 'apply', 'export'] as const).filter((way) => options[way] !== undefined);
  if (ways.length > 1) throw badInput(`${ways.map((way) => `--${way}`).join(' and ')} exclude each other; give one`);
  if (options.apply !== undefined && (board !== undefined || options.input !== undefined))
    throw badInput('--apply takes board and options from the plan; give it alone');
  if (options.acceptChanges && options.apply === undefined)
    throw badInput('--accept-changes goes with --apply; without a plan the board is taken as it is');
  if (options.out !== undefined && !options.plan && options.export === undefined)
    throw badInput('--out goes with --plan or --export');
}

async function showPlan(
  miro: TemporalMiro,
  request: RetroRequest,
  out: string | undefined,
  output: Output,
): Promise<ExitCode> {
  const { plan, rows } = await planned(miro, request);
  if (out !== undefined) {
    await write(out, `${JSON.stringify(planFileOf(plan, request, rows), undefined, 2)}\n`);
    output.note(`The plan is in ${out}: take rows out, change titles, then run temporal-miro retro --apply ${out}`);
  }
  output.answer({ plan, rows, ...(out === undefined ? {} : { file: out }) }, () => retroPlanText(plan, rows));
  return EXIT.done;
}

async function exportRecords(
  miro: TemporalMiro,
  request: RetroRequest,
  format: ExportFormat,
  out: string | undefined,
  output: Output,
): Promise<ExitCode> {
  const { plan, rows } = await planned(miro, request);
  const text = exportRows({ board: plan.board, rows }, format);
  if (out === undefined) output.answer({ format, content: text }, () => text);
  else {
    await write(out, text);
    output.answer({ format, file: out, rows: rows.length }, () => `${rows.length} rows in ${out}`);
  }
  return EXIT.done;
}

async function write(path: string, text: string): Promise<void> {
  await writeFile(path, text).catch((error: Error) => {
    throw badInput(`--out ${path} can't be written: ${error.message}`);
  });
}

/** Shows the plan and asks. What is then run is exactly this plan. @returns undefined for a no */
async function askFor(miro: TemporalMiro, request: RetroRequest): Promise<RetroRequest | undefined> {
  const { plan, rows } = await planned(miro, request);
  process.stderr.write(`${retroPlanText(plan, rows)}\n\n`);
  return (await saysYes()) ? { ...request, planHash: plan.hash } : undefined;
}
