/** `temporal-miro runs cancel`: stops a job at its next safe point, and tells what exists. */
import { WorkflowNotFoundError } from '@temporalio/client';
import { Command } from 'commander';
import { stopSignals } from '../../workers/stop-signals.js';
import { withTemporal } from './services.js';
import { CommandError, EXIT, type ExitCode } from './exit-codes.js';
import { findRun, runCommand, type FoundRun, type RunOptions } from './find-run.js';
import { endOf, endText, isOver, progressOf } from './follow.js';
import { createOutput, type Output } from './output.js';
import { environmentOf } from './state-folder.js';

interface CancelOptions extends RunOptions {
  wait: boolean;
}

export function cancelCommand(): Command {
  return runCommand(new Command('cancel'))
    .summary('stop a job at its next safe point')
    .option('--wait', 'wait for the end and tell what exists (default)', true)
    .option('--no-wait', 'only ask it to stop')
    .addHelpText(
      'after',
      '\nExample:\n  $ temporal-miro runs cancel project:4711\n\nWhat was made is kept, unless the job was started with --on-failure remove.',
    )
    .action(async (id: string, options: CancelOptions) => {
      const env = await environmentOf(options);
      const output = createOutput(options);
      process.exitCode = await withTemporal(env, async (services) =>
        cancel(await findRun(env, services, id, options), options.wait, output),
      );
    });
}

async function cancel({ handle, live }: FoundRun, wait: boolean, output: Output): Promise<ExitCode> {
  if (!live || isOver(live))
    throw new CommandError(
      EXIT.notDone,
      `the run has ended already; see: temporal-miro runs show ${handle.workflowId}`,
    );
  await handle.cancel().catch((error: unknown) => {
    if (!(error instanceof WorkflowNotFoundError)) throw error; // it ended a moment ago: the end below tells how
  });
  output.note('Asked to stop at the next safe point.');
  const { signal, release } = stopSignals();
  try {
    for await (const progress of wait ? progressOf(handle, signal) : []) {
      if (!isOver(progress)) continue;
      const end = await endOf(handle);
      output.answer({ workflowId: handle.workflowId, ...end.told }, () => endText(end.told));
      return end.told.result?.ending === 'cancelled' ? EXIT.done : EXIT.notDone;
    }
  } finally {
    release();
  }
  output.answer(
    { workflowId: handle.workflowId, state: 'cancelling' },
    () => `It stops by itself; follow it with: temporal-miro runs watch ${handle.workflowId}`,
  );
  return EXIT.notFinished;
}
