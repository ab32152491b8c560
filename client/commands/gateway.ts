/** `temporal-miro gateway`: the gateway in this process. */
import { Command } from 'commander';
import { gatewayConfig } from '../../config.js';
import { stopSignals } from '../../workers/stop-signals.js';
import { readPort } from './connections-link.js';
import { optionalPart } from './optional-part.js';
import { createOutput } from './output.js';
import { sharedOptions, type SharedOptions } from './shared-options.js';
import { environmentOf } from './state-folder.js';

interface GatewayOptions extends SharedOptions {
  port: number;
  host: string;
}

export function gatewayCommand(): Command {
  return sharedOptions(new Command('gateway'))
    .summary('run the gateway until Ctrl-C')
    .description(
      'Serves the pages that link Miro accounts, and the API for backends, until Ctrl-C or SIGTERM. Start as many as you like.',
    )
    .option('--port <n>', 'where it listens; 0 takes a free one', readPort, 8080)
    .option('--host <address>', 'where it listens', '127.0.0.1')
    .addHelpText(
      'after',
      '\nExample:\n  $ TEMPORAL_MIRO_PUBLIC_URL=https://miro-jobs.example.com temporal-miro gateway --host 0.0.0.0\n\nAll settings come from the environment: see .env.example.',
    )
    .action(async (options: GatewayOptions) => {
      const output = createOutput(options);
      const { port, host } = options;
      const settings = { ...gatewayConfig(await environmentOf(options)), port, host };
      const { runGateway } = await optionalPart(() => import('../../gateway/run-gateway.js'));
      const { signal, release } = stopSignals();
      await runGateway(settings, {
        signal,
        onReady: ({ url }) =>
          output.answer({ ready: true, url }, () => `The gateway listens on ${url}; Ctrl-C stops it.`),
        log: output.note,
      }).finally(release);
    });
}
