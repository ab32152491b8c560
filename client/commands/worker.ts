/** `temporal-miro worker`: a worker in this process. */
import { Command } from 'commander';
import { workerConfig } from '../../config.js';
import { stopSignals } from '../../workers/stop-signals.js';
import { optionalPart } from './optional-part.js';
import { createOutput } from './output.js';
import { sharedOptions, type SharedOptions } from './shared-options.js';
import { environmentOf } from './state-folder.js';

interface WorkerOptions extends SharedOptions {
  plaintext?: boolean;
}

export function workerCommand(): Command {
  return sharedOptions(new Command('worker'))
    .summary('run a worker until Ctrl-C')
    .description(
      'Runs jobs until Ctrl-C or SIGTERM: what runs then is finished, or goes on elsewhere. Start as many as you like.',
    )
    .option('--plaintext', 'let Temporal keep inputs, results and errors unencrypted, without TEMPORAL_MIRO_CODEC_KEYS')
    .addHelpText(
      'after',
      '\nExample:\n  $ temporal-miro migrate && temporal-miro worker\n\nAll settings come from the environment: see .env.example.',
    )
    .action(async (options: WorkerOptions) => {
      const output = createOutput(options);
      const config = workerConfig(await environmentOf(options), options);
      const { installRuntime, runWorker } = await optionalPart(() => import('../../workers/run-worker.js'));
      const { signal, release } = stopSignals();
      installRuntime();
      await runWorker(config, {
        signal,
        onReady: ({ taskQueue }) =>
          output.answer({ ready: true, taskQueue }, () => `The worker polls "${taskQueue}"; Ctrl-C stops it.`),
        log: output.note,
      }).finally(release);
    });
}
