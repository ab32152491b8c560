/** `temporal-miro up`: everything on this machine, to work with, until Ctrl-C. */
import { join } from 'node:path';
import { Command } from 'commander';
import { gatewayConfig, storeConfig, withDefaults, type Env, type GatewayConfig } from '../../config.js';
import { callbackUrl } from '../../gateway/link.js';
import { stopSignals } from '../../workers/stop-signals.js';
import { EXIT, type ExitCode } from './exit-codes.js';
import { shippedBlueprints } from './documents.js';
import { withGateway } from './link-pages.js';
import { optionalPart } from './optional-part.js';
import { createOutput, type Output } from './output.js';
import { sharedOptions, type SharedOptions } from './shared-options.js';
import { openStateFolder } from './state-folder.js';

interface UpOptions extends SharedOptions {
  simulator?: boolean;
}

/** Where the gateway listens, if nobody else does: a Miro app must know its address beforehand. */
const GATEWAY_PORT = 8484;

export function upCommand(): Command {
  return sharedOptions(new Command('up'))
    .summary('run everything on this machine until Ctrl-C')
    .description(
      'Runs Temporal, PostgreSQL, a worker and a gateway on this machine until Ctrl-C. Data, keys and addresses are in .temporal-miro/, where other commands find them.',
    )
    .option('--simulator', 'a stand-in Miro in place of your account; its boards are gone when it stops')
    .addHelpText('after', '\nExamples:\n  $ temporal-miro up --simulator\n  $ MIRO_ACCESS_TOKEN=… temporal-miro up')
    .action(async (options: UpOptions) => {
      process.exitCode = await up(options, createOutput(options));
    });
}

async function up(options: UpOptions, output: Output): Promise<ExitCode> {
  const { signal, release } = stopSignals();
  const folder = await openStateFolder(options.dir ?? '.');
  const keys = await folder.keys();
  const given = options.simulator ? withoutMiro(withDefaults(keys)) : withDefaults(keys);
  const { startLocalServices } = await optionalPart(() => import('./local-services.js'));
  const { installRuntime, runWorker } = await optionalPart(() => import('../../workers/run-worker.js'));
  const { holdPort } = await optionalPart(() => import('../../workers/dev-server.js'));
  const undo: (() => Promise<void>)[] = [];
  try {
    const { port, release: freeThePort } = await holdPort(GATEWAY_PORT);
    undo.unshift(freeThePort);
    const publicUrl = given['TEMPORAL_MIRO_PUBLIC_URL'] ?? `http://127.0.0.1:${port}`;
    const services = await startLocalServices({
      folder: folder.path,
      durable: true,
      given: { database: storeConfig(given), temporalAddress: given['TEMPORAL_ADDRESS'] },
      // Another seed each time: a board of yesterday's simulator must not be taken for one of today's.
      ...(options.simulator && { simulator: { seed: Date.now(), redirectUri: callbackUrl({ publicUrl }) } }),
      log: output.note,
      signal,
    });
    undo.unshift(services.stop);
    const env: Env = { ...services.env, ...privateAddresses(given, options), TEMPORAL_MIRO_PUBLIC_URL: publicUrl };
    undo.unshift(await folder.announce({ ...keys, ...env }));
    const config = gatewayConfig(withDefaults(env, given));
    const blueprints = await shippedBlueprints();
    installRuntime();
    await freeThePort();
    const { temporalUi, simulatorUrl: simulator } = services;
    const here = { folder: folder.path, temporal: env['TEMPORAL_ADDRESS'], temporalUi, simulator };
    await withGateway({ ...config, port }, output.note, (gateway) => {
      const where = { ...here, gateway };
      const onReady = () => output.answer({ ready: true, ...where }, () => welcome(where, config, blueprints));
      return runWorker(config, { signal, onReady, log: output.note });
    });
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    for (const step of undo) await step();
    release();
  }
  return EXIT.done;
}

/** With the simulator nothing of a real account is used, nor a real gateway. */
function withoutMiro(env: Env): Env {
  const isOurs = (name: string): boolean => !name.startsWith('MIRO_') && name !== 'TEMPORAL_MIRO_PUBLIC_URL';
  return Object.fromEntries(Object.entries(env).filter(([name]) => isOurs(name)));
}

/** Whether trackers and webhooks may be on this machine: the commands must think so too. All of the simulator's world is here. */
const privateAddresses = (given: Env, { simulator }: UpOptions): Env => ({
  TEMPORAL_MIRO_WEBHOOK_PRIVATE: given['TEMPORAL_MIRO_WEBHOOK_PRIVATE'] || (simulator ? 'true' : 'false'),
});

interface Where {
  folder: string;
  temporal?: string | undefined;
  temporalUi?: string | undefined;
  gateway: string;
  simulator?: string | undefined;
}

function welcome(
  { folder, temporal, temporalUi, gateway, simulator }: Where,
  { miro: { app, accessToken } }: GatewayConfig,
  blueprints: string[],
): string {
  const miro =
    simulator ??
    (accessToken === undefined ? 'none: start again with MIRO_ACCESS_TOKEN, or with --simulator' : 'your account');
  const link = app ? '\n  temporal-miro connections link colleague' : '';
  return `
Everything runs; Ctrl-C stops it.

  Temporal   ${temporal}${temporalUi === undefined ? '' : `, web UI ${temporalUi}`}
  Miro       ${miro}
  Gateway    ${gateway}
  Settings   ${join(folder, 'running.env')} (commands in this folder find it; for programs: node --env-file)

Try, in another terminal in this folder:

  temporal-miro provision --key demo:1 --name "My first board" --blueprint ${blueprints[0]} --plan
  temporal-miro runs list${link}

Blueprints: ${blueprints.join(', ')}. In a clone, write "npm run cli -- …" in place of "temporal-miro …".
`;
}
