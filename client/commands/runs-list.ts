/** `temporal-miro runs list`: from the store, which outlives Temporal's retention; what runs is looked up in Temporal. */
import type { Client } from '@temporalio/client';
import { Command, Option } from 'commander';
import type { Waiting } from '../../contract.js';
import { listApprovalWaits } from '../../store/approval-waits.js';
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
  const { stored, asked } = await withStore(env, async (db) => ({
    stored: await listRuns(db, { state: options.state, limit }),
    asked: new Set((await listApprovalWaits(db, {})).map(({ runId }) => runId)),
  }));
  const runs = stored.map((run) => toLine(run, asked));
  await withTemporal(env, ({ client }) => lookUp(client, runs, output)).catch((error: unknown) => {
    if (!(error instanceof StartUpError)) throw error;
    output.note(`${error.message}. States are the store's last.`);
  });
  output.answer({ runs }, () => listText(runs));
}

/** How many runs are looked up in Temporal at a time, and for how long in all. */
const AT_ONCE = 20;
const LOOK_MS = 10_000;

/** What runs is told as Temporal knows it. */
async function lookUp(client: Client, runs: RunLine[], output: Output): Promise<void> {
  const running = runs.filter(({ state }) => state === 'running' || state === 'parked');
  const until = AbortSignal.timeout(LOOK_MS);
  await client
    .withAbortSignal(until, async () => {
      while (running.length > 0 && !until.aborted)
        await Promise.all(running.splice(0, AT_ONCE).map((run) => lookAt(client, run)));
    })
    .catch((error: unknown) => {
      if (!until.aborted) throw error;
    });
  if (until.aborted) output.note("Temporal answers slowly: some states are the store's last. --limit asks for fewer.");
}

async function lookAt(client: Client, run: RunLine): Promise<void> {
  const live = await liveRun(client, run);
  run.state = live?.state ?? 'gone';
  if (live?.waiting) run.waiting = waitOf(live.waiting);
}

/** What it waits for; of a step that has failed the error's type only, since its words may be a board's. */
function waitOf({ for: what, detail }: Waiting): string {
  const [type] = /^[A-Z]\w+\.\w+(?=: )/.exec(detail) ?? [];
  return type === undefined ? what : `${what} (${type})`;
}

interface RunLine {
  workflowId: string;
  runId: string;
  tenant: string;
  kind: string;
  episode: number;
  /** `gone`: the store waits for its end, but Temporal does not know it. */
  state: string;
  /** Of a run that goes on by itself once that is there, e.g. `approval` or `tracker (Tracker.unauthorized)`. */
  waiting: string | undefined;
  url: string | undefined;
  startedAt: string;
  endedAt: string | undefined;
}

function toLine(
  { workflowId, runId, tenant, kind, episode, state, parked, board, startedAt, endedAt }: Run,
  asked: ReadonlySet<string>,
): RunLine {
  const waiting = parked ? 'relink' : asked.has(runId) ? 'approval' : undefined;
  return {
    ...{ workflowId, runId, tenant, kind, episode, state: parked ? 'parked' : state, waiting, url: board?.url },
    ...{ startedAt: startedAt.toISOString(), endedAt: endedAt?.toISOString() },
  };
}

function listText(runs: RunLine[]): string {
  if (runs.length === 0) return 'No runs. Start one with: temporal-miro provision --help';
  const rows = runs.map(({ startedAt, state, waiting, workflowId, episode, url }) => [
    startedAt.slice(0, 19).replace('T', ' '),
    state,
    waiting,
    workflowId,
    episode,
    url,
  ]);
  return table(['started (UTC)', 'state', 'waits for', 'workflow id', 'episode', 'board'], rows);
}
