/** A gateway process: everything from the environment, one JSON line on stdout when it serves, a clean stop on SIGTERM and Ctrl-C. */
import { parseArgs } from 'node:util';
import { ConfigError, gatewayConfig } from '../config.js';
import { StartUpError } from '../workers/start-up-error.js';
import { stopSignals } from '../workers/stop-signals.js';
import { runGateway } from './run-gateway.js';

const { signal, release } = stopSignals();
try {
  const values = readOptions();
  await runGateway(
    { ...gatewayConfig(), port: Number(values.port), host: values.host },
    {
      signal,
      onReady: ({ url }) => process.stdout.write(`${JSON.stringify({ ready: true, url })}\n`),
      log: (line) => process.stderr.write(`${line}\n`),
    },
  );
} catch (error) {
  const known = error instanceof ConfigError || error instanceof StartUpError;
  process.stderr.write(`${known ? error.message : (error as Error).stack}\n`);
  process.exitCode = error instanceof StartUpError ? error.exitCode : error instanceof ConfigError ? 2 : 1;
} finally {
  release();
}

/** @throws StartUpError for an option that is not there */
function readOptions(): { port: string; host: string | undefined } {
  try {
    const { values } = parseArgs({ options: { port: { type: 'string', default: '8080' }, host: { type: 'string' } } });
    return { port: values.port, host: values.host };
  } catch (error) {
    throw new StartUpError(2, (error as Error).message, { cause: error });
  }
}
