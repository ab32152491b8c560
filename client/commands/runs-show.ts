/** `temporal-miro runs show`: one run with what became of each part. */
import { Command } from 'commander';
import type { ProvisionBoardResult } from '../../contract.js';
import type { RunDetails } from '../../store/runs.js';
import { withTemporal } from './services.js';
import { findRun, runCommand, type FoundRun, type RunOptions } from './find-run.js';
import { countsText, endOf, isOver, progressLine } from './follow.js';
import { createOutput, table } from './output.js';
import { environmentOf } from './state-folder.js';

export function showCommand(): Command {
  return runCommand(new Command('show'))
    .summary('one run, item by item')
    .addHelpText(
      'after',
      '\nExamples:\n  $ temporal-miro runs show project:4711\n  $ temporal-miro runs show 0193f0c2-7d5e-7c1e-9a51-5b1f5f8c1a2b --json',
    )
    .action(async (id: string, options: RunOptions) => {
      const env = await environmentOf(options);
      const found = await withTemporal(env, async (services) => {
        const run = await findRun(env, services, id, options);
        return { ...run, error: await errorOf(run) };
      });
      createOutput(options).answer(toDocument(found), () => showText(found));
    });
}

interface ShownRun extends FoundRun {
  error: ProvisionBoardResult['error'];
}

/** Why the run ended without success: from the store, or from Temporal where the run ended before the store had heard of it. */
async function errorOf({ stored, live, handle }: FoundRun): Promise<ShownRun['error']> {
  const isSame = live === undefined || live.runId === stored?.runId;
  const kept = isSame ? (stored?.result as Partial<ProvisionBoardResult> | undefined)?.error : undefined;
  if (kept || live === undefined || !isOver(live) || live.state === 'done') return kept;
  const { error, result } = (await endOf(handle)).told;
  return error ?? result?.error;
}

function toDocument({ stored, live, handle, error }: ShownRun): object {
  const state = live?.state ?? stored?.state;
  return { workflowId: handle.workflowId, ...stored, ...live, state, ...(error && { error }) };
}

function showText({ stored, live, handle, error }: ShownRun): string {
  const board = stored?.board?.url ?? live?.board?.url;
  const lines = [
    `Run      ${handle.workflowId} ${stored?.runId ?? live?.runId ?? ''}`,
    `State    ${live ? progressLine(live) : `${stored?.state ?? 'unknown'} (Temporal does not keep it any more)`}`,
    error && `Reason   ${error.type}: ${error.message}`,
    board && `Board    ${board}`,
    stored &&
      `Episode  ${stored.episode}, started ${stored.startedAt.toISOString()}${stored.endedAt ? `, ended ${stored.endedAt.toISOString()}` : ''}`,
    ...(live?.pending ?? []).map(
      ({ step, attempt, lastFailure }) =>
        `Step     ${step}, attempt ${attempt}${lastFailure ? `: ${lastFailure}` : ''}`,
    ),
    ...(stored ? recordLines(stored) : []),
  ];
  return lines.filter(Boolean).join('\n');
}

function recordLines({ counts, items, open, surplus }: RunDetails): string[] {
  const rows = items.map(({ subject, kind, outcome, objectId, detail }) => [
    subject,
    kind,
    outcome,
    objectId,
    wordsIn(detail),
  ]);
  return [
    countsText(counts) && `Outcome  ${countsText(counts)}`,
    open.length > 0 ? `Unknown  ${open.length} writes are under way, or had no answer yet` : '',
    surplus.length > 0 ? `Surplus  ${surplus.length} objects were made beside the ones that count` : '',
    rows.length > 0 ? `\n${table(['part', 'kind', 'outcome', 'id', ''], rows)}` : '',
  ];
}

/** Why a part came out so; key and address of a ticket. */
function wordsIn(detail: unknown): string {
  const { reason, key, url } = (detail ?? {}) as { reason?: unknown; key?: unknown; url?: unknown };
  return [reason, key, url].filter((word) => typeof word === 'string').join('  ');
}
