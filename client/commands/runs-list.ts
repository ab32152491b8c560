/** `temporal-miro runs list`: from the store, which outlives Temporal's retention; what runs is looked up in Temporal. */
import { Command, Option } from 'commander';
import { listRuns, type Run } from '../../store/runs.js';
import { StartUpError } from '../../workers/start-up-error.js';
import { withStore, withTemporal } from './services.js';
import { badInput } from './exit-codes.js';
import { liveRun } from './find-run.js';
import { createOutput, table, type Output } from './output.js';
import { sharedOptions, type SharedOptions } from './shared-options.js';
import { environmentOf } from './state-folder.js';

const STATES = ['running', 'done', 'failed', 'cancelled', 'deadline'] as const;

interface ListOptions extends SharedOptions {
  state?: (typeof STATES)[number];
  limit: string;
}

export function listCommand(): Command {
  return sharedOptions(new Command('list'))
    .summary('the newest runs')
    .addOption(new Option('--state <state>', 'only these').choices(STATES))
    .option('--limit <n>', 'how many', '20')
    .addHelpText(
      'after',
      '\nExamples:\n  $ temporal-miro runs list --state running\n  $ temporal-miro runs list --json | jq -r ".runs[].url"',
    )
    .action((options: ListOptions) => list(options, createOutput(options)));
}

async function list(options: ListOptions, output: Output): Promise<void> {
  const limit = Number(options.limit);
  if (!Number.isInteger(limit) || limit < 1 || limit > 1000)
    throw badInput('--limit must be a whole number from 1 to 1000');
  const env = await environmentOf(options);
  const stored = await withStore(env, (db) => listRuns(db, { state: options.state, limit }));
  const runs = stored.map(toLine);
  await withTemporal(env, async ({ client }) => {
    const running = runs.filter(({ state }) => state === 'running' || state === 'parked');
    await Promise.all(running.map(async (run) => (run.state = (await liveRun(client, run))?.state ?? 'gone')));
  }).catch((error: unknown) => {
    if (!(error instanceof StartUpError)) throw error;
    output.note(`${error.message}. States are the store's last.`);
  });
  output.answer({ runs }, () => listText(runs));
}

interface RunLine {
  workflowId: string;
  runId: string;
  tenant: string;
  kind: string;
  episode: number;
  /** `gone`: the store waits for its end, but Temporal does not know it. */
  state: string;
  url: string | undefined;
  startedAt: string;
  endedAt: string | undefined;
}

function toLine({ workflowId, runId, tenant, kind, episode, state, parked, board, startedAt, endedAt }: Run): RunLine {
  const times = { startedAt: startedAt.toISOString(), endedAt: endedAt?.toISOString() };
  return { workflowId, runId, tenant, kind, episode, state: parked ? 'parked' : state, url: board?.url, ...times };
}

function listText(runs: RunLine[]): string {
  if (runs.length === 0) return 'No runs. Start one with: temporal-miro provision --help';
  const rows = runs.map(({ startedAt, state, workflowId, episode, url }) => [
    startedAt.slice(0, 19).replace('T', ' '),
    state,
    workflowId,
    episode,
    url,
  ]);
  return table(['started (UTC)', 'state', 'workflow id', 'episode', 'board'], rows);
}
