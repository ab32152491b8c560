/** A gateway process: everything from the environment, one JSON line on stdout when it serves, a clean stop on SIGTERM and Ctrl-C. */
import { parseArgs } from 'node:util';
import { gatewayConfig } from '../config.js';
import { runProcess } from '../workers/process.js';
import { StartUpError } from '../workers/start-up-error.js';
import { runGateway } from './run-gateway.js';

await runProcess(async ({ signal, ready, log }) => {
  const { port, host } = readOptions();
  await runGateway({ ...gatewayConfig(), port: Number(port), host }, { signal, onReady: ready, log });
});

/** @throws StartUpError for an option that is not there */
function readOptions(): { port: string; host: string | undefined } {
  try {
    const { values } = parseArgs({ options: { port: { type: 'string', default: '8080' }, host: { type: 'string' } } });
    return { port: values.port, host: values.host };
  } catch (error) {
    throw new StartUpError(2, (error as Error).message, { cause: error });
  }
}
