/** A worker process: everything but `--plaintext` from the environment, one JSON line on stdout when it polls, a clean stop on SIGTERM and Ctrl-C. */
import { ConfigError, workerConfig } from '../config.js';
import { installRuntime, runWorker } from './run-worker.js';
import { StartUpError } from './start-up-error.js';
import { stopSignals } from './stop-signals.js';

const { signal, release } = stopSignals();
try {
  const config = workerConfig(undefined, { plaintext: process.argv.includes('--plaintext') });
  installRuntime();
  await runWorker(config, {
    signal,
    onReady: ({ taskQueue }) => process.stdout.write(`${JSON.stringify({ ready: true, taskQueue })}\n`),
    log: (line) => process.stderr.write(`${line}\n`),
  });
} catch (error) {
  const known = error instanceof ConfigError || error instanceof StartUpError;
  process.stderr.write(`${known ? error.message : (error as Error).stack}\n`);
  process.exitCode = error instanceof StartUpError ? error.exitCode : error instanceof ConfigError ? 2 : 1;
} finally {
  release();
}
