/** A worker process: everything but `--plaintext` from the environment, one JSON line on stdout when it polls, a clean stop on SIGTERM and Ctrl-C. */
import { workerConfig } from '../config.js';
import { runProcess } from './process.js';
import { installRuntime, runWorker } from './run-worker.js';

await runProcess(async ({ signal, ready, log }) => {
  const config = workerConfig(undefined, { plaintext: process.argv.includes('--plaintext') });
  installRuntime();
  await runWorker(config, { signal, onReady: ready, log });
});
