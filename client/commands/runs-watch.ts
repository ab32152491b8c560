/** `temporal-miro runs watch`: live progress until the run ends. */
import { Command } from 'commander';
import { stopSignals } from '../../workers/stop-signals.js';
import { withTemporal } from './services.js';
import { EXIT, type ExitCode } from './exit-codes.js';
import { findRun, runCommand, type FoundRun, type RunOptions } from './find-run.js';
import { endOf, endText, isOver, progressLine, progressOf } from './follow.js';
import { createLiveLine } from './live-line.js';
import { createOutput, type Output } from './output.js';
import { environmentOf } from './state-folder.js';

export function watchCommand(): Command {
  return runCommand(new Command('watch'))
    .summary('live progress; with --json one document a line')
    .addHelpText(
      'after',
      '\nExample:\n  $ temporal-miro runs watch project:4711\n\nCtrl-C ends the watching, not the job.',
    )
    .action(async (id: string, options: RunOptions) => {
      const env = await environmentOf(options);
      const output = createOutput(options);
      process.exitCode = await withTemporal(env, async (services) =>
        watch(await findRun(env, services, id, options), output),
      );
    });
}

async function watch({ handle, stored, live }: FoundRun, output: Output): Promise<ExitCode> {
  if (!live) {
    output.answer(
      { ...stored },
      () => `The run ended: ${stored?.state}. Its parts: temporal-miro runs show ${handle.workflowId}`,
    );
    return stored?.state === 'done' ? EXIT.done : EXIT.notDone;
  }
  const line = createLiveLine();
  const { signal, release } = stopSignals();
  try {
    for await (const progress of progressOf(handle, signal)) {
      if (output.json) output.answer(progress, () => '');
      else line.show(`${new Date().toISOString().slice(11, 19)}  ${progressLine(progress)}`);
      if (!isOver(progress)) continue;
      line.close();
      const end = await endOf(handle);
      output.answer({ workflowId: handle.workflowId, ...end.told }, () => endText(end.told));
      return end.exitCode;
    }
  } finally {
    release();
    line.close();
  }
  output.note('Not watching any longer; the job goes on.');
  return EXIT.notFinished;
}
